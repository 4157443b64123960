// The models of a run as clients before MLflow 3 tell them: a tag that lists what was logged, and when.

public import RoostCore

/// A model as such a client describes it: what MLflow keeps of its `MLmodel`.
public struct RecordedModel: Equatable, Sendable {
    private let members: [JSON.Member]

    /// For documentation.
    public static let none = RecordedModel(members: [])

    private init(members: [JSON.Member]) { self.members = members }

    /// - Parameter text: the model as JSON.
    /// - Throws: 400 for what is no JSON object, or lacks one of the fields that every model has.
    public init(_ text: String) throws(APIError) {
        guard let json = try? JSONReader.parse(Array(text.utf8)) else {
            throw .invalid("Malformed model info. \n \(text) \n is not a valid JSON.")
        }
        guard case .object(let given) = json else { throw .invalid("Model json must be an object.") }
        let needed = ["artifact_path", "flavors", "utc_time_created", "run_id"]
        let missing = needed.filter { name in !given.contains { $0.name == name } }.sorted()
        guard missing.isEmpty else {
            throw .invalid(
                "Model json is missing mandatory fields: {\(missing.map { pythonRepr($0) }.joined(separator: ", "))}")
        }
        let kept = ["run_id", "artifact_path", "utc_time_created", "model_uuid"]
        members = kept.map { JSON.Member($0, json[$0] ?? .null) } + [JSON.Member("flavors", try Self.flavors(json))]
    }

    /// What is in the tag: not the settings of a flavor.
    private static func flavors(_ model: JSON) throws(APIError) -> JSON {
        switch model["flavors"] {
        case nil, .null: return .object([])
        case .object(let flavors):
            return .object(
                flavors.map { flavor in
                    guard case .object(let settings) = flavor.value else { return flavor }
                    return JSON.Member(flavor.name, .object(settings.filter { $0.name != "config" }))
                })
        default: throw .invalid("'flavors' of the model json must be an object.")
        }
    }

    fileprivate var json: JSON { .object(members) }
}

/// The tag that lists the models of a run.
private let historyTag = "mlflow.log-model.history"

extension Transaction {
    /// Adds a model to the list of those that a run has logged.
    public func recordModel(_ runID: String, _ model: RecordedModel) throws {
        let run = try activeRun(runID)
        var models: [JSON] = []
        if let text = try snapshot.tag(historyTag, of: run.id) {
            guard let json = try? JSONReader.parse(Array(text.utf8)), case .array(let earlier) = json else {
                throw APIError.invalid("The tag '\(historyTag)' of run '\(runID)' is not a list in JSON.")
            }
            models = earlier
        }
        let text = JSON.array(models + [model.json]).pythonDump
        // Not cut like other tags: half a list is none.
        try Check.length(text, Limits.modelHistory, historyTag)
        try setTag(of: run, KeyValue(historyTag, text))
    }
}

extension Snapshot {
    fileprivate func tag(_ key: String, of run: Int64) throws -> String? {
        guard let keyID = try keyID(key) else { return nil }
        return try db.first("SELECT value FROM run_tags WHERE run = ?1 AND key = ?2", run, keyID) { $0.text(0) }
    }
}
