// Versions as they are answered.

public import RoostCore

/// Where a version is stored.
struct ModelVersionRow {
    let model: Int64
    let version: Int64
}

extension Snapshot {
    /// A version with its tags and aliases.
    /// - Throws: 404 when there is none.
    public func modelVersion(_ name: String, _ version: ModelVersionNumber) throws -> ModelVersion {
        let row = try modelVersionRow(name, version)
        let found = try db.first(
            """
            SELECT m.name, v.version, v.creation_time, v.last_updated_time, v.description, v.stage, v.source,
                v.storage_location, v.run_id, v.run_link, v.model
            FROM model_versions v JOIN registered_models m ON m.id = v.model WHERE v.model = ?1 AND v.version = ?2
            """, row.model, row.version, row: modelVersion(from:))
        guard let found else { throw unknown(name, version) }
        return try withAliases(try withTags(found, of: row.model), of: row.model)
    }

    func modelVersionRow(_ name: String, _ version: ModelVersionNumber) throws -> ModelVersionRow {
        guard let number = version.number else { throw unknown(name, version) }
        let model = try db.first(
            """
            SELECT v.model FROM registered_models m JOIN model_versions v ON v.model = m.id
            WHERE m.name = ?1 AND v.version = ?2
            """, name, number
        ) { $0.int64(0) }
        guard let model else { throw unknown(name, version) }
        return ModelVersionRow(model: model, version: number)
    }

    /// The columns name, version, creation_time, last_updated_time, description, stage, source, storage_location, run_id,
    /// run_link; tags and aliases come later.
    func modelVersion(from row: Row) -> ModelVersion {
        ModelVersion(
            name: row.text(0), version: row.int64(1), creationTime: row.int64(2), lastUpdatedTime: row.int64(3),
            description: row.optionalText(4), stage: ModelStage(rawValue: row.text(5)) ?? .none, source: row.text(6),
            storageLocation: row.text(7), runID: row.text(8), runLink: row.text(9))
    }

    func withTags(_ version: ModelVersion, of model: Int64) throws -> ModelVersion {
        var version = version
        try db.query(
            "SELECT key, value FROM model_version_tags WHERE model = ?1 AND version = ?2 ORDER BY key", model,
            version.version
        ) { row in version.tags.append(KeyValue(row.text(0), row.text(1))) }
        return version
    }

    func withAliases(_ version: ModelVersion, of model: Int64) throws -> ModelVersion {
        var version = version
        try db.query(
            "SELECT alias FROM registered_model_aliases WHERE model = ?1 AND version = ?2 ORDER BY alias", model,
            version.version
        ) { row in version.aliases.append(row.text(0)) }
        return version
    }

    private func unknown(_ name: String, _ version: ModelVersionNumber) -> APIError {
        .missing("Model Version (name=\(name), version=\(version.text)) not found")
    }
}
