// Registered models on their way from MLflow's database to this one.

public import RoostCore

/// A registered model with its versions and aliases.
public struct ImportedRegisteredModel: Sendable {
    /// A version of it.
    public struct Version: Sendable {
        public let number: Int64
        public let creationTime: Int64
        public let lastUpdatedTime: Int64
        public let description: String?
        public let stage: String
        public let source: String
        public let storageLocation: String
        public let runID: String
        public let runLink: String
        public let tags: [KeyValue]

        /// The logged model that it was made of; empty for none.
        var modelID: String { source.hasPrefix("models:/m-") ? String(source.dropFirst("models:/".count)) : "" }
    }

    public let name: String
    public let creationTime: Int64
    public let lastUpdatedTime: Int64
    public let description: String?
    public let tags: [KeyValue]
    public let versions: [Version]
    public let aliases: [(alias: String, version: Int64)]
}

extension MLflowDatabase {
    public func registeredModels() throws -> [ImportedRegisteredModel] {
        var models: [ImportedRegisteredModel] = []
        try db.query(
            """
            SELECT name, workspace, creation_time, last_updated_time, description FROM registered_models
            ORDER BY workspace, name
            """
        ) { row in
            let (name, workspace) = (row.text(0), row.text(1))
            var tags: [KeyValue] = []
            try db.query(
                "SELECT key, value FROM registered_model_tags WHERE name = ?1 AND workspace = ?2 ORDER BY key", name,
                workspace
            ) { tags.append(KeyValue($0.text(0), $0.text(1))) }
            var aliases: [(alias: String, version: Int64)] = []
            try db.query(
                "SELECT alias, version FROM registered_model_aliases WHERE name = ?1 AND workspace = ?2 ORDER BY alias",
                name, workspace
            ) { aliases.append(($0.text(0), $0.int64(1))) }
            models.append(
                ImportedRegisteredModel(
                    name: workspace == "default" ? name : "\(workspace)/\(name)", creationTime: row.int64(2),
                    lastUpdatedTime: row.int64(3), description: row.optionalText(4), tags: tags,
                    versions: try versions(name, workspace), aliases: aliases))
        }
        return models
    }

    private func versions(_ name: String, _ workspace: String) throws -> [ImportedRegisteredModel.Version] {
        var versions: [ImportedRegisteredModel.Version] = []
        try db.query(
            """
            SELECT version, creation_time, last_updated_time, description, current_stage, source, storage_location, run_id,
            run_link FROM model_versions WHERE name = ?1 AND workspace = ?2 ORDER BY version
            """, name, workspace
        ) { row in
            let number = row.int64(0)
            var tags: [KeyValue] = []
            try db.query(
                """
                SELECT key, value FROM model_version_tags WHERE name = ?1 AND workspace = ?2 AND version = ?3 ORDER BY key
                """, name, workspace, number
            ) { tags.append(KeyValue($0.text(0), $0.text(1))) }
            let stage = row.text(4)
            versions.append(
                ImportedRegisteredModel.Version(
                    number: number, creationTime: row.int64(1), lastUpdatedTime: row.int64(2),
                    description: row.optionalText(3),
                    stage: ["Staging", "Production", "Archived"].contains(stage) ? stage : "None", source: row.text(5),
                    storageLocation: row.optionalText(6) ?? row.text(5), runID: row.text(7), runLink: row.text(8),
                    tags: tags))
        }
        return versions
    }
}

extension Transaction {
    /// A registered model with what it lacks here; versions, tags and aliases that are here stay as they are.
    /// - Parameter moved: where a place of the source is here, given what its URI says; the same where it did not move.
    /// - Returns: whether it is new, and how many versions are.
    public func takeRegisteredModel(
        _ given: ImportedRegisteredModel, moved: (String) -> String
    ) throws -> (isNew: Bool, versions: Int) {
        try db.run(
            """
            INSERT INTO registered_models (name, creation_time, last_updated_time, description, last_version)
            VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (name) DO NOTHING
            """, given.name, given.creationTime, given.lastUpdatedTime, given.description)
        let isNew = db.changes > 0
        guard
            let id = try db.first("SELECT id FROM registered_models WHERE name = ?1", given.name, row: { $0.int64(0) })
        else { return (false, 0) }
        for tag in given.tags {
            try db.run(
                "INSERT INTO registered_model_tags (model, key, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", id,
                tag.key, tag.value)
        }
        var versions = 0
        for version in given.versions {
            try db.run(
                """
                INSERT INTO model_versions (model, version, creation_time, last_updated_time, description, stage, source,
                    storage_location, run_id, run_link, model_id)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (model, version) DO NOTHING
                """, id, version.number, version.creationTime, version.lastUpdatedTime, version.description,
                version.stage, moved(version.source), moved(version.storageLocation), version.runID, version.runLink,
                version.modelID)
            guard db.changes > 0 else { continue }
            versions += 1
            for tag in version.tags {
                try db.run(
                    """
                    INSERT INTO model_version_tags (model, version, key, value) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT DO NOTHING
                    """, id, version.number, tag.key, tag.value)
            }
        }
        for (alias, version) in given.aliases {
            try db.run(
                """
                INSERT INTO registered_model_aliases (model, alias, version) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING
                """, id, alias, version)
        }
        try db.run(
            "UPDATE registered_models SET last_version = max(last_version, ?1) WHERE id = ?2",
            given.versions.map(\.number).max() ?? 0, id)
        return (isNew, versions)
    }
}
