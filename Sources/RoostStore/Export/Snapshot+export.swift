// Everything of runs as it is taken elsewhere: in the words of an import, whole histories included.

public import RoostCore

extension DatabaseReader {
    /// - Throws: ``StoreOpeningError`` when the database has another schema than this program writes.
    public func requireOwnSchema() throws {
        let found = try schema()
        guard found != Migrator.files.count else { return }
        throw StoreOpeningError(
            found < Migrator.files.count
                ? "The database \(path) has schema \(found): start this Roost on it once, or run `roost db upgrade`."
                : "The database \(path) has schema \(found) and this Roost knows schemas up to \(Migrator.files.count): it"
                    + " was written by a newer Roost.")
    }
}

extension Snapshot {
    /// All experiments, those of the trash too, in the order of their ids.
    public func allExperiments() throws -> [Experiment] {
        var found: [Experiment] = []
        try db.query(
            """
            SELECT id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments ORDER BY id
            """
        ) { found.append(experiment(from: $0)) }
        return try found.map(withTags)
    }

    /// All runs of an experiment, in the order in which they were made.
    public func allRunIDs(ofExperiment id: Int64) throws -> [String] {
        try texts("SELECT run_id FROM runs WHERE experiment = ?1 ORDER BY id", id)
    }

    /// The ids of the direct children of a run.
    public func childIDs(of runID: String) throws -> [String] {
        try texts(
            """
            SELECT r.run_id FROM run_tags t JOIN runs r ON r.id = t.run WHERE t.key = 1 AND t.value = ?1 ORDER BY r.id
            """, runID)
    }

    /// A run as an import takes it.
    public func exportedRun(_ runID: String) throws -> ImportedRun {
        let row = try runRow(runID)
        let deleted = try db.first("SELECT deleted_time FROM runs WHERE id = ?1", row.id) { $0.optionalInt64(0) }
        return ImportedRun(
            run: try run(runID), deletedTime: deleted ?? nil,
            keys: try texts("SELECT key FROM run_keys WHERE run = ?1 ORDER BY key", row.id))
    }

    /// All points of a run, metric by metric, a piece at a time.
    public func eachPiece(ofRun runID: String, points size: Int, _ body: ([Metric]) throws -> Void) throws {
        var series: [(id: Int64, key: String)] = []
        try db.query(
            """
            SELECT s.id, k.name FROM metric_series s JOIN keys k ON k.id = s.key JOIN runs r ON r.id = s.run
            WHERE r.run_id = ?1 ORDER BY k.name
            """, runID
        ) { series.append(($0.int64(0), $0.text(1))) }
        var piece: [Metric] = []
        for (id, key) in series {
            var position: MetricPoint?
            while true {
                let wanted = size - piece.count
                let points = try points(of: id, after: position, limit: wanted)
                piece += points.map { Metric(key: key, point: $0) }
                if piece.count >= size {
                    try body(piece)
                    piece = []
                }
                guard points.count == wanted else { break }
                position = points.last
            }
        }
        if !piece.isEmpty { try body(piece) }
    }

    /// All logged models of an experiment, in the order in which they were made.
    public func allModelIDs(ofExperiment id: Int64) throws -> [String] {
        try texts("SELECT model_id FROM logged_models WHERE experiment = ?1 ORDER BY id", id)
    }

    /// The logged models that a run has made or read.
    public func modelIDs(ofRun runID: String) throws -> [String] {
        try texts(
            """
            SELECT m.model_id FROM logged_models m WHERE m.source_run_id = ?1 OR m.model_id IN (
                SELECT i.model_id FROM run_models i JOIN runs r ON r.id = i.run WHERE r.run_id = ?1
            ) ORDER BY m.id
            """, runID)
    }

    /// A logged model as an import takes it.
    public func exportedModel(_ modelID: String) throws -> ImportedModel {
        let stage = try db.first("SELECT lifecycle_stage FROM logged_models WHERE model_id = ?1", modelID) {
            $0.text(0)
        }
        return ImportedModel(
            model: try loggedModel(modelID, allowDeleted: true),
            stage: stage.flatMap { LifecycleStage(rawValue: $0) } ?? .active)
    }

    /// The names of all registered models.
    public func registeredModelNames() throws -> [String] {
        var names: [String] = []
        try db.query("SELECT name FROM registered_models ORDER BY name") { names.append($0.text(0)) }
        return names
    }

    /// A registered model as an import takes it.
    public func exportedRegisteredModel(_ name: String) throws -> ImportedRegisteredModel {
        let found = try db.first(
            """
            SELECT id, creation_time, last_updated_time, description, last_version FROM registered_models WHERE name = ?1
            """, name
        ) { row in
            let id = row.int64(0)
            var aliases: [(alias: String, version: Int64)] = []
            try db.query(
                "SELECT alias, version FROM registered_model_aliases WHERE model = ?1 ORDER BY alias", id
            ) { aliases.append(($0.text(0), $0.int64(1))) }
            return ImportedRegisteredModel(
                name: name, creationTime: row.int64(1), lastUpdatedTime: row.int64(2), description: row.optionalText(3),
                lastVersion: row.int64(4),
                tags: try pairs("SELECT key, value FROM registered_model_tags WHERE model = ?1 ORDER BY key", id),
                versions: try exportedVersions(id), aliases: aliases)
        }
        guard let found else { throw APIError.missing("Registered Model with name=\(name) not found") }
        return found
    }

    private func exportedVersions(_ model: Int64) throws -> [ImportedRegisteredModel.Version] {
        var versions: [ImportedRegisteredModel.Version] = []
        try db.query(
            """
            SELECT version, creation_time, last_updated_time, description, stage, source, storage_location, run_id, run_link,
            model_id FROM model_versions WHERE model = ?1 ORDER BY version
            """, model
        ) { row in
            versions.append(
                ImportedRegisteredModel.Version(
                    number: row.int64(0), creationTime: row.int64(1), lastUpdatedTime: row.int64(2),
                    description: row.optionalText(3), stage: row.text(4), source: row.text(5),
                    storageLocation: row.text(6), runID: row.text(7), runLink: row.text(8), modelID: row.text(9),
                    tags: []))
        }
        return try versions.map { version in
            var tags: [KeyValue] = []
            try db.query(
                "SELECT key, value FROM model_version_tags WHERE model = ?1 AND version = ?2 ORDER BY key", model,
                version.number
            ) { tags.append(KeyValue($0.text(0), $0.text(1))) }
            return version.with(tags: tags)
        }
    }

    private func texts(_ sql: StaticString, _ id: some SQLBindable) throws -> [String] {
        var texts: [String] = []
        try db.query(sql, id) { texts.append($0.text(0)) }
        return texts
    }

    private func pairs(_ sql: StaticString, _ id: Int64) throws -> [KeyValue] {
        var pairs: [KeyValue] = []
        try db.query(sql, id) { pairs.append(KeyValue($0.text(0), $0.text(1))) }
        return pairs
    }
}

extension ImportedRegisteredModel.Version {
    fileprivate func with(tags: [KeyValue]) -> Self {
        Self(
            number: number, creationTime: creationTime, lastUpdatedTime: lastUpdatedTime, description: description,
            stage: stage, source: source, storageLocation: storageLocation, runID: runID, runLink: runLink,
            modelID: modelID, tags: tags)
    }
}
