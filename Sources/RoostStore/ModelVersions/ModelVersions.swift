// Versions of registered models: made, described, moved between stages, tagged, deleted.

internal import CSQLite
public import RoostCore

/// A version that is to be.
public struct NewModelVersion: Sendable {
    public let name: String
    /// As the client wrote it.
    public let source: String
    public let parsedSource: ModelSource
    /// Nil when the request does not say.
    public let runID: String?
    /// Nil when the request does not say.
    public let modelID: String?
    public let runLink: String
    public let description: String
    public let tags: [KeyValue]

    public init(
        name: String, source: String, parsedSource: ModelSource, runID: String?, modelID: String?, runLink: String,
        description: String, tags: [KeyValue]
    ) {
        self.name = name
        self.source = source
        self.parsedSource = parsedSource
        self.runID = runID
        self.modelID = modelID
        self.runLink = runLink
        self.description = description
        self.tags = tags
    }
}

extension Transaction {
    /// Makes the next version of a model.
    /// - Throws: 400 for a source that the request may not name, 404 for a model or a source that is not there.
    public func createModelVersion(_ new: NewModelVersion) throws -> ModelVersion {
        let lineage = try snapshot.lineage(of: new)
        let model = try snapshot.registeredModelRow(new.name)
        let now = world.now()
        // Numbers are given here, in the one lane of writes, so that they follow each other and none is given twice.
        let version = try db.first(
            """
            UPDATE registered_models SET last_version = last_version + 1, last_updated_time = ?1 WHERE id = ?2
            RETURNING last_version
            """, now, model.id
        ) { $0.int64(0) }
        guard let version else { throw APIError.missing("Registered Model with name=\(new.name) not found") }
        try db.run(
            """
            INSERT INTO model_versions (model, version, creation_time, last_updated_time, description, stage, source,
                storage_location, run_id, run_link, model_id)
            VALUES (?1, ?2, ?3, ?3, ?4, 'None', ?5, ?6, ?7, ?8, ?9)
            """, model.id, version, now, new.description, lineage.source, lineage.storageLocation, lineage.runID,
            new.runLink, lineage.modelID)
        for tag in new.tags { try putModelVersionTag(model.id, version, tag) }
        if !lineage.modelID.isEmpty, new.parsedSource != .prompt {
            try noteVersion(of: new.name, version, onLoggedModel: lineage.modelID)
        }
        return try snapshot.modelVersion(new.name, ModelVersionNumber(version))
    }

    /// Sets or, with nil, removes the description.
    public func updateModelVersion(
        _ name: String, _ version: ModelVersionNumber, description: String?
    ) throws -> ModelVersion {
        let row = try snapshot.modelVersionRow(name, version)
        try db.run(
            "UPDATE model_versions SET description = ?1, last_updated_time = ?2 WHERE model = ?3 AND version = ?4",
            description, world.now(), row.model, row.version)
        return try snapshot.modelVersion(name, version)
    }

    /// Moves a version to a stage, and if asked to the others that are there to the archive.
    public func transitionModelVersion(
        _ name: String, _ version: ModelVersionNumber, to stage: ModelStage, archivingOthers: Bool
    ) throws -> ModelVersion {
        let row = try snapshot.modelVersionRow(name, version)
        let now = world.now()
        if archivingOthers {
            try db.run(
                """
                UPDATE model_versions SET stage = 'Archived', last_updated_time = ?1
                WHERE model = ?2 AND stage = ?3 AND version <> ?4
                """, now, row.model, stage.rawValue, row.version)
        }
        try db.run(
            "UPDATE model_versions SET stage = ?1, last_updated_time = ?2 WHERE model = ?3 AND version = ?4",
            stage.rawValue, now, row.model, row.version)
        try touch(row.model, now)
        return try snapshot.modelVersion(name, version)
    }

    /// Deletes a version with its tags and aliases. Its number is never given again.
    public func deleteModelVersion(_ name: String, _ version: ModelVersionNumber) throws {
        let row = try snapshot.modelVersionRow(name, version)
        try db.run("DELETE FROM model_versions WHERE model = ?1 AND version = ?2", row.model, row.version)
        try touch(row.model, world.now())
    }

    public func setModelVersionTag(_ name: String, _ version: ModelVersionNumber, _ tag: KeyValue) throws {
        let row = try snapshot.modelVersionRow(name, version)
        try putModelVersionTag(row.model, row.version, tag)
    }

    /// Removes a tag; as in MLflow it need not be there.
    public func deleteModelVersionTag(_ name: String, _ version: ModelVersionNumber, key: String) throws {
        let row = try snapshot.modelVersionRow(name, version)
        try db.run(
            "DELETE FROM model_version_tags WHERE model = ?1 AND version = ?2 AND key = ?3", row.model, row.version, key
        )
    }

    private func putModelVersionTag(_ model: Int64, _ version: Int64, _ tag: KeyValue) throws {
        try db.run(
            """
            INSERT INTO model_version_tags (model, version, key, value) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (model, version, key) DO UPDATE SET value = excluded.value
            """, model, version, tag.key, tag.value)
    }

    private func touch(_ model: Int64, _ now: Int64) throws {
        try db.run("UPDATE registered_models SET last_updated_time = ?1 WHERE id = ?2", now, model)
    }
}
