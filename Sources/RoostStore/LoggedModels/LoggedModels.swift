// Logged models: made, finalized, deleted, given tags, params and metrics.

public import RoostCore

/// What a logged model is made of.
public struct NewLoggedModel: Sendable {
    public let experimentID: ExperimentID
    /// Empty for a random one.
    public let name: String
    public let type: String
    public let sourceRunID: String
    public let params: [KeyValue]
    public let tags: [KeyValue]

    public init(
        experimentID: ExperimentID, name: String, type: String, sourceRunID: String, params: [KeyValue],
        tags: [KeyValue]
    ) {
        self.experimentID = experimentID
        self.name = name
        self.type = type
        self.sourceRunID = sourceRunID
        self.params = params
        self.tags = tags
    }

    /// About how many rows it writes.
    public var weight: Int { 1 + params.count + tags.count }
}

extension Transaction {
    /// Makes a logged model, pending until it is finalized.
    public func createLoggedModel(_ new: NewLoggedModel) throws -> LoggedModel {
        let experiment = try snapshot.activeExperiment(new.experimentID)
        let modelID = "m-" + world.newID()
        let name = new.name.isEmpty ? world.newRunName() : new.name
        let location = ArtifactURI.appending("models/\(modelID)/artifacts", to: experiment.artifactLocation)
        try db.run(
            """
            INSERT INTO logged_models (model_id, experiment, name, artifact_location, creation_time, last_update_time,
            status, model_type, source_run_id, lifecycle_stage) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?6, ?7, 'active')
            """, modelID, experiment.id, name, location, world.now(), new.type, new.sourceRunID)
        let id = db.lastInsertID
        for param in new.params { _ = try putModelParam(id, param) }
        for tag in new.tags { try putModelTag(id, tag) }
        return try snapshot.loggedModel(modelID)
    }

    /// Says how the upload of a model ended. A deleted model may be finalized too, as in MLflow.
    public func finalizeLoggedModel(_ modelID: String, _ status: LoggedModelStatus) throws -> LoggedModel {
        let id = try snapshot.loggedModelRow(modelID)
        try db.run(
            "UPDATE logged_models SET status = ?1, last_update_time = ?2 WHERE id = ?3", status.number, world.now(), id)
        return try snapshot.loggedModel(modelID, allowDeleted: true)
    }

    /// Puts a model in the trash. A deleted one stays deleted.
    public func deleteLoggedModel(_ modelID: String) throws {
        let id = try snapshot.loggedModelRow(modelID)
        try db.run(
            "UPDATE logged_models SET lifecycle_stage = 'deleted', last_update_time = ?1 WHERE id = ?2", world.now(), id
        )
    }

    /// Sets tags of a model; of one key the last counts.
    public func setLoggedModelTags(_ modelID: String, _ tags: [KeyValue]) throws {
        let id = try snapshot.loggedModelRow(modelID)
        for tag in tags { try putModelTag(id, tag) }
    }

    /// Removes a tag.
    /// - Throws: 404 when there is no such tag.
    public func deleteLoggedModelTag(_ modelID: String, key: String) throws {
        let id = try snapshot.loggedModelRow(modelID)
        if let keyID = try snapshot.keyID(key) {
            try db.run("DELETE FROM logged_model_tags WHERE model = ?1 AND key = ?2", id, keyID)
            if db.changes > 0 { return }
        }
        throw APIError.missing("No tag with key \(pythonRepr(key)) found for model with ID \(pythonRepr(modelID)).")
    }

    /// Logs params of a model. The same value again is fine.
    /// - Throws: 400 when one has another value already; then none of them is kept.
    public func logLoggedModelParams(_ modelID: String, _ params: [KeyValue]) throws {
        let id = try snapshot.loggedModelRow(modelID)
        for param in params {
            guard let old = try putModelParam(id, param), old != param.value else { continue }
            throw APIError.invalid(
                "Changing param values is not allowed. Param with key='\(param.key)' was already logged with value='\(old)'"
                    + " for model ID='\(modelID)'. Attempted logging new value '\(param.value)'.")
        }
    }

    /// Keeps a point of a run's metric for the model it was measured on.
    func logModelMetric(_ metric: Metric, _ link: MetricLink, _ run: RunRow) throws {
        let model = try snapshot.loggedModelRow(link.modelID)
        let key = try internKey(metric.key)
        let point = metric.point.storable
        try db.run(
            """
            INSERT INTO logged_model_metrics (model, key, run, timestamp, step, value, is_nan, dataset_name, dataset_digest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
            """, model, key, run.id, point.timestamp, point.step, point.storedValue, point.storedIsNaN,
            link.dataset?.name, link.dataset?.digest)
        guard db.changes == 0 else { return }
        // The same point again is fine; another one in its place is not.
        let isSame =
            try db.first(
                """
                SELECT value = ?6 AND is_nan = ?7 AND dataset_name IS ?8 AND dataset_digest IS ?9 FROM logged_model_metrics
                WHERE model = ?1 AND key = ?2 AND run = ?3 AND timestamp = ?4 AND step = ?5
                """, model, key, run.id, point.timestamp, point.step, point.storedValue, point.storedIsNaN,
                link.dataset?.name, link.dataset?.digest
            ) { $0.int64(0) == 1 } ?? false
        guard isSame else {
            throw APIError.invalid(
                "Metric '\(metric.key)' of model '\(link.modelID)' was already logged by run '\(run.runID)' at timestamp"
                    + " \(point.timestamp) and step \(point.step) with another value or dataset.")
        }
    }

    private func putModelTag(_ model: Int64, _ tag: KeyValue) throws {
        try db.run(
            """
            INSERT INTO logged_model_tags (model, key, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (model, key) DO UPDATE SET value = excluded.value
            """, model, try internKey(tag.key), tag.value)
    }

    /// - Returns: the value that the param has had, or nil.
    func putModelParam(_ model: Int64, _ param: KeyValue) throws -> String? {
        let key = try internKey(param.key)
        try db.run(
            "INSERT INTO logged_model_params (model, key, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", model,
            key, param.value)
        if db.changes > 0 { return nil }
        return try db.first("SELECT value FROM logged_model_params WHERE model = ?1 AND key = ?2", model, key) {
            $0.text(0)
        }
    }
}

extension Snapshot {
    /// A logged model with everything that belongs to it.
    /// - Throws: 404 when there is none, or a deleted one that is not allowed.
    public func loggedModel(_ modelID: String, allowDeleted: Bool = false) throws -> LoggedModel {
        let row = try db.first("SELECT id, lifecycle_stage FROM logged_models WHERE model_id = ?1", modelID) {
            (id: $0.int64(0), isDeleted: $0.text(1) == LifecycleStage.deleted.rawValue)
        }
        guard let row, allowDeleted || !row.isDeleted, let model = try loggedModels([row.id]).first else {
            throw Self.unknownModel(modelID)
        }
        return model
    }

    /// Where the files of a model are that is not deleted.
    public func loggedModelLocation(_ modelID: String) throws -> String {
        let found = try db.first(
            "SELECT artifact_location FROM logged_models WHERE model_id = ?1 AND lifecycle_stage = 'active'", modelID
        ) { $0.text(0) }
        guard let found else { throw Self.unknownModel(modelID) }
        return found
    }

    /// The same of any model; nil when there is none.
    public func modelLocation(_ modelID: String) throws -> String? {
        try db.first("SELECT artifact_location FROM logged_models WHERE model_id = ?1", modelID) { $0.text(0) }
    }

    /// The internal id of a model, deleted ones included.
    func loggedModelRow(_ modelID: String) throws -> Int64 {
        let id = try db.first("SELECT id FROM logged_models WHERE model_id = ?1", modelID) { $0.int64(0) }
        guard let id else { throw Self.unknownModel(modelID) }
        return id
    }

    /// Models by their internal ids, in the same order.
    func loggedModels(_ ids: [Int64]) throws -> [LoggedModel] {
        var models: [LoggedModel] = []
        models.reserveCapacity(ids.count)
        for id in ids {
            let params = try keyValues(
                """
                SELECT k.name, p.value FROM logged_model_params p JOIN keys k ON k.id = p.key WHERE p.model = ?1
                ORDER BY k.name
                """, id)
            let tags = try keyValues(
                """
                SELECT k.name, t.value FROM logged_model_tags t JOIN keys k ON k.id = t.key WHERE t.model = ?1
                ORDER BY k.name
                """, id)
            let model = try db.first(
                """
                SELECT model_id, experiment, name, artifact_location, creation_time, last_update_time, status, model_type,
                source_run_id FROM logged_models WHERE id = ?1
                """, id
            ) { row in
                LoggedModel(
                    modelID: row.text(0), experimentID: row.int64(1), name: row.text(2), artifactLocation: row.text(3),
                    creationTime: row.int64(4), lastUpdateTime: row.int64(5),
                    status: LoggedModelStatus(number: row.int64(6)), type: row.text(7), sourceRunID: row.text(8),
                    tags: tags, params: params, metrics: try modelMetrics(id, row.text(0)))
            }
            if let model { models.append(model) }
        }
        return models
    }

    private static func unknownModel(_ modelID: String) -> APIError {
        .missing("Logged model with ID '\(modelID)' not found.")
    }

    private func keyValues(_ sql: StaticString, _ model: Int64) throws -> [KeyValue] {
        var pairs: [KeyValue] = []
        try db.query(sql, model) { pairs.append(KeyValue($0.text(0), $0.text(1))) }
        return pairs
    }

    private func modelMetrics(_ model: Int64, _ modelID: String) throws -> [ModelMetric] {
        var metrics: [ModelMetric] = []
        try db.query(
            """
            SELECT k.name, m.value, m.is_nan, m.timestamp, m.step, m.dataset_name, m.dataset_digest, r.run_id
            FROM logged_model_metrics m JOIN keys k ON k.id = m.key JOIN runs r ON r.id = m.run
            WHERE m.model = ?1 ORDER BY m.id
            """, model
        ) { row in
            metrics.append(
                ModelMetric(
                    key: row.text(0),
                    point: MetricPoint(
                        value: row.int64(2) == 1 ? .nan : row.double(1), timestamp: row.int64(3), step: row.int64(4)),
                    dataset: row.optionalText(5).map { DatasetName(name: $0, digest: row.optionalText(6)) },
                    modelID: modelID, runID: row.text(7)))
        }
        return metrics
    }
}
