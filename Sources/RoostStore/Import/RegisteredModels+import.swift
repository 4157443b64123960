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
        /// The logged model that it was made of; empty for none.
        public let modelID: String
        public let tags: [KeyValue]

        /// - Parameter modelID: nil to find it in the source.
        public init(
            number: Int64, creationTime: Int64, lastUpdatedTime: Int64, description: String?, stage: String,
            source: String, storageLocation: String, runID: String, runLink: String, modelID: String? = nil,
            tags: [KeyValue]
        ) {
            self.number = number
            self.creationTime = creationTime
            self.lastUpdatedTime = lastUpdatedTime
            self.description = description
            self.stage = ["Staging", "Production", "Archived"].contains(stage) ? stage : "None"
            self.source = source
            self.storageLocation = storageLocation
            self.runID = runID
            self.runLink = runLink
            self.modelID =
                modelID ?? (source.hasPrefix("models:/m-") ? String(source.dropFirst("models:/".count)) : "")
            self.tags = tags
        }
    }

    public let name: String
    public let creationTime: Int64
    public let lastUpdatedTime: Int64
    public let description: String?
    /// The greatest number that a version ever had.
    public let lastVersion: Int64
    public let tags: [KeyValue]
    public let versions: [Version]
    public let aliases: [(alias: String, version: Int64)]

    /// - Parameter lastVersion: at least the greatest number of the versions.
    public init(
        name: String, creationTime: Int64, lastUpdatedTime: Int64, description: String?, lastVersion: Int64 = 0,
        tags: [KeyValue], versions: [Version], aliases: [(alias: String, version: Int64)]
    ) {
        self.name = name
        self.creationTime = creationTime
        self.lastUpdatedTime = lastUpdatedTime
        self.description = description
        self.lastVersion = max(lastVersion, versions.map(\.number).max() ?? 0)
        self.tags = tags
        self.versions = versions
        self.aliases = aliases
    }
}

/// What became of a registered model that was brought in.
public struct TakenRegisteredModel: Sendable {
    public let isNew: Bool
    /// How many versions are.
    public let versions: Int
    /// Versions and aliases whose numbers and names mean something else here, which stays.
    public let conflicts: [String]
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
            versions.append(
                ImportedRegisteredModel.Version(
                    number: number, creationTime: row.int64(1), lastUpdatedTime: row.int64(2),
                    description: row.optionalText(3),
                    stage: row.text(4), source: row.text(5),
                    storageLocation: row.optionalText(6) ?? row.text(5), runID: row.text(7), runLink: row.text(8),
                    tags: tags))
        }
        return versions
    }
}

extension Transaction {
    /// A registered model with what it lacks here; versions, tags and aliases that are here stay as they are.
    /// - Parameter moved: where a place of the source is here, given what its URI says; the same where it did not move.
    public func takeRegisteredModel(
        _ given: ImportedRegisteredModel, moved: (String) -> String
    ) throws -> TakenRegisteredModel {
        try db.run(
            """
            INSERT INTO registered_models (name, creation_time, last_updated_time, description, last_version)
            VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (name) DO NOTHING
            """, given.name, given.creationTime, given.lastUpdatedTime, given.description)
        let isNew = db.changes > 0
        guard
            let id = try db.first("SELECT id FROM registered_models WHERE name = ?1", given.name, row: { $0.int64(0) })
        else { return TakenRegisteredModel(isNew: false, versions: 0, conflicts: []) }
        for tag in given.tags {
            try db.run(
                "INSERT INTO registered_model_tags (model, key, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", id,
                tag.key, tag.value)
        }
        var versions = 0
        var conflicts: [String] = []
        var others: Set<Int64> = []
        for version in given.versions {
            try db.run(
                """
                INSERT INTO model_versions (model, version, creation_time, last_updated_time, description, stage, source,
                    storage_location, run_id, run_link, model_id)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (model, version) DO NOTHING
                """, id, version.number, version.creationTime, version.lastUpdatedTime, version.description,
                version.stage, moved(version.source), moved(version.storageLocation), version.runID, version.runLink,
                version.modelID)
            guard db.changes > 0 else {
                // Another server gave the same number to another model.
                let isSame =
                    try db.first(
                        "SELECT run_id = ?3 AND creation_time = ?4 FROM model_versions WHERE model = ?1 AND version = ?2",
                        id, version.number, version.runID, version.creationTime
                    ) { $0.int64(0) == 1 } ?? false
                if !isSame {
                    others.insert(version.number)
                    conflicts.append("version \(version.number)")
                }
                continue
            }
            versions += 1
            for tag in version.tags {
                try db.run(
                    """
                    INSERT INTO model_version_tags (model, version, key, value) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT DO NOTHING
                    """, id, version.number, tag.key, tag.value)
            }
        }
        for (alias, version) in given.aliases where !others.contains(version) {
            try db.run(
                """
                INSERT INTO registered_model_aliases (model, alias, version) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING
                """, id, alias, version)
            let here = try db.first(
                "SELECT version FROM registered_model_aliases WHERE model = ?1 AND alias = ?2", id, alias
            ) { $0.int64(0) }
            if here != version { conflicts.append("alias \(alias)") }
        }
        try db.run(
            "UPDATE registered_models SET last_version = max(last_version, ?1) WHERE id = ?2", given.lastVersion, id)
        return TakenRegisteredModel(isNew: isNew, versions: versions, conflicts: conflicts)
    }
}
