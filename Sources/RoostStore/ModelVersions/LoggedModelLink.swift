// What the registry asks of logged models: where one lies, and to remember the versions made of it.

internal import RoostCore

/// What a version needs of the logged model it is made of.
struct LoggedModelSource {
    let artifactLocation: String
    /// Empty when no run has made it.
    let sourceRunID: String
}

extension Snapshot {
    /// A logged model that is not deleted; nil when there is none.
    func loggedModelSource(_ id: String) throws -> LoggedModelSource? {
        try db.first(
            """
            SELECT artifact_location, source_run_id FROM logged_models
            WHERE model_id = ?1 AND lifecycle_stage = 'active'
            """, id
        ) { LoggedModelSource(artifactLocation: $0.text(0), sourceRunID: $0.text(1)) }
    }

    func requiredLoggedModel(_ id: String) throws -> LoggedModelSource {
        guard let model = try loggedModelSource(id) else {
            throw APIError.missing("Logged model with ID '\(id)' not found.")
        }
        return model
    }
}

extension Transaction {
    private static let versionsTag = "mlflow.modelVersions"

    /// Notes on a logged model that a version was made of it, in the tag from which MLflow's page and client know.
    /// - Throws: 404 when there is no such model.
    func noteVersion(of name: String, _ version: Int64, onLoggedModel id: String) throws {
        _ = try snapshot.requiredLoggedModel(id)
        let before = try db.first(
            """
            SELECT t.value FROM logged_models m JOIN logged_model_tags t ON t.model = m.id JOIN keys k ON k.id = t.key
            WHERE m.model_id = ?1 AND k.name = ?2
            """, id, Self.versionsTag
        ) { $0.text(0) }
        var versions: [JSON] = []
        // A client may have written something else there: that is replaced.
        if let before, let json = try? JSONReader.parse(Array(before.utf8)), case .array(let items) = json {
            versions = items
        }
        versions.append(.object([JSON.Member("name", .string(name)), JSON.Member("version", .integer(version))]))
        let text = JSON.array(versions).pythonDump
        try Check.length(text, Limits.modelHistory, Self.versionsTag)
        try setLoggedModelTags(id, [KeyValue(Self.versionsTag, text)])
    }
}
