// Registered models as they are answered: with their tags, aliases and the latest version of each stage.

public import RoostCore

/// The columns of a registered model.
struct RegisteredModelRow {
    let id: Int64
    let name: String
    let creationTime: Int64
    let lastUpdatedTime: Int64
    let description: String?
}

extension Snapshot {
    /// A registered model by its name.
    /// - Throws: 404 when there is none.
    public func registeredModel(named name: String) throws -> RegisteredModel {
        let row = try registeredModelRow(name)
        return try registeredModel(row, latest: try latestVersions(row))
    }

    /// The latest version of each of these stages, or of all stages if none is named; with aliases.
    public func latestVersions(of name: String, stages: [ModelStage]) throws -> [ModelVersion] {
        let row = try registeredModelRow(name)
        return try latestVersions(row).filter { stages.isEmpty || stages.contains($0.stage) }
            .map { try withAliases($0, of: row.id) }
    }

    /// The version that an alias names; `latest` in any case is the greatest of all.
    /// - Throws: 404 when there is no such model or, for `latest`, no version; 400 when there is no such alias.
    public func modelVersion(_ name: String, alias: String) throws -> ModelVersion {
        let row = try registeredModelRow(name)
        if alias.lowercased() == "latest" {
            guard let latest = try latestVersions(row).max(by: { $0.version < $1.version }) else {
                throw APIError.missing("Latest version not found for model \(name).")
            }
            return try withAliases(latest, of: row.id)
        }
        let version = try db.first(
            "SELECT version FROM registered_model_aliases WHERE model = ?1 AND alias = ?2", row.id, alias
        ) { $0.int64(0) }
        guard let version else { throw APIError.invalid("Registered model alias \(alias) not found.") }
        return try modelVersion(name, ModelVersionNumber(version))
    }

    func registeredModelRow(_ name: String) throws -> RegisteredModelRow {
        guard let found = try registeredModelRow(named: name) else {
            throw APIError.missing("Registered Model with name=\(name) not found")
        }
        return found
    }

    func registeredModelRow(named name: String) throws -> RegisteredModelRow? {
        try db.first(
            """
            SELECT id, name, creation_time, last_updated_time, description FROM registered_models WHERE name = ?1
            """, name, row: registeredModelRow(from:))
    }

    /// The columns id, name, creation_time, last_updated_time, description.
    func registeredModelRow(from row: Row) -> RegisteredModelRow {
        RegisteredModelRow(
            id: row.int64(0), name: row.text(1), creationTime: row.int64(2), lastUpdatedTime: row.int64(3),
            description: row.optionalText(4))
    }

    func registeredModelTag(_ model: Int64, _ key: String) throws -> String? {
        try db.first("SELECT value FROM registered_model_tags WHERE model = ?1 AND key = ?2", model, key) {
            $0.text(0)
        }
    }

    func registeredModel(_ row: RegisteredModelRow, latest: [ModelVersion]) throws -> RegisteredModel {
        var tags: [KeyValue] = []
        try db.query("SELECT key, value FROM registered_model_tags WHERE model = ?1 ORDER BY key", row.id) { row in
            tags.append(KeyValue(row.text(0), row.text(1)))
        }
        var aliases: [ModelAlias] = []
        try db.query("SELECT alias, version FROM registered_model_aliases WHERE model = ?1 ORDER BY alias", row.id) {
            row in
            aliases.append(ModelAlias(row.text(0), version: row.int64(1)))
        }
        return RegisteredModel(
            name: row.name, creationTime: row.creationTime, lastUpdatedTime: row.lastUpdatedTime,
            description: row.description, latestVersions: latest, tags: tags, aliases: aliases)
    }

    /// The latest version of each stage that has one. MLflow shows the stages in the order of their first versions.
    private func latestVersions(_ row: RegisteredModelRow) throws -> [ModelVersion] {
        let found = try latestVersions(inOrderOfStages: row)
        guard found.count > 1 else { return found }
        var ranked: [(first: Int64, version: ModelVersion)] = []
        for version in found {
            let first = try db.first(
                "SELECT min(version) FROM model_versions WHERE model = ?1 AND stage = ?2", row.id,
                version.stage.rawValue
            ) { $0.int64(0) }
            ranked.append((first ?? 0, version))
        }
        return ranked.sorted { $0.first < $1.first }.map(\.version)
    }

    /// The same with the stages in alphabetical order, as MLflow's search shows them.
    func latestVersions(inOrderOfStages row: RegisteredModelRow) throws -> [ModelVersion] {
        var versions: [ModelVersion] = []
        for stage in ModelStage.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
            let latest = try db.first(
                """
                SELECT m.name, v.version, v.creation_time, v.last_updated_time, v.description, v.stage, v.source,
                    v.storage_location, v.run_id, v.run_link, v.model
                FROM model_versions v JOIN registered_models m ON m.id = v.model
                WHERE v.model = ?1 AND v.stage = ?2 ORDER BY v.version DESC LIMIT 1
                """, row.id, stage.rawValue, row: modelVersion(from:))
            if let latest { versions.append(try withTags(latest, of: row.id)) }
        }
        return versions
    }
}
