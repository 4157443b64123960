// A SQLite database that MLflow 3.17.2 wrote, read through its own schema. It is opened for reading alone.

public import RoostCore

/// MLflow's database as a source of runs.
public final class MLflowDatabase: RunSource {
    let db: SQLiteConnection

    /// - Throws: ``StoreOpeningError`` when there is none, or it lacks what an import needs.
    public init(_ path: String) throws {
        guard fileSize(path) > 0 else { throw StoreOpeningError("There is no database at \(path).") }
        db = try Damage.naming(path) {
            let db = try SQLiteConnection(reading: path)
            try db.leaveCheckpointsToTheWriter()
            try db.execute(script: "PRAGMA query_only = ON")
            return db
        }
        try Damage.naming(path) {
            guard try has("alembic_version") else {
                throw StoreOpeningError("The file \(path) is no database of MLflow: it has no table alembic_version.")
            }
            // The last additions to the tables that are read here.
            for (table, column) in [
                ("metrics", "is_nan"), ("runs", "deleted_time"), ("experiments", "workspace"), ("inputs", "step"),
                ("logged_models", "model_id"), ("logged_model_metrics", "dataset_digest"),
            ] where try !has(table, column: column) {
                throw StoreOpeningError(
                    "The database \(path) is of an older MLflow: it has no column \(table).\(column). Upgrade a copy of it with"
                        + " `mlflow db upgrade` of MLflow 3.17.2 first.")
            }
        }
    }

    private func has(_ table: String, column: String? = nil) throws -> Bool {
        if let column {
            return try db.first("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", table, column) { _ in true }
                ?? false
        }
        return try db.first("SELECT 1 FROM sqlite_schema WHERE name = ?1", table) { _ in true } ?? false
    }

    public func experiments() throws -> [Experiment] {
        var experiments: [Experiment] = []
        try db.query(
            """
            SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace
            FROM experiments ORDER BY experiment_id
            """
        ) { row in
            let workspace = row.text(6)
            experiments.append(
                Experiment(
                    id: row.int64(0), name: workspace == "default" ? row.text(1) : "\(workspace)/\(row.text(1))",
                    artifactLocation: row.text(2), stage: LifecycleStage(rawValue: row.text(3)) ?? .active,
                    creationTime: row.int64(4), lastUpdateTime: row.int64(5), tags: []))
        }
        return try experiments.map { experiment in
            Experiment(
                id: experiment.id, name: experiment.name, artifactLocation: experiment.artifactLocation,
                stage: experiment.stage, creationTime: experiment.creationTime,
                lastUpdateTime: experiment.lastUpdateTime,
                tags: try pairs(
                    "SELECT key, value FROM experiment_tags WHERE experiment_id = ?1 ORDER BY key", experiment.id))
        }
    }

    public func runIDs(ofExperiment id: Int64) throws -> [String] {
        var ids: [String] = []
        try db.query("SELECT run_uuid FROM runs WHERE experiment_id = ?1 ORDER BY start_time, run_uuid", id) {
            ids.append($0.text(0))
        }
        return ids
    }

    public func run(_ runID: String) throws -> ImportedRun {
        let found = try db.first(
            """
            SELECT run_uuid, experiment_id, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage,
            deleted_time FROM runs WHERE run_uuid = ?1
            """, runID
        ) { row in
            (
                info: RunInfo(
                    runID: row.text(0), experimentID: row.int64(1), name: row.text(2), userID: row.text(3),
                    status: RunStatus(rawValue: row.text(4)) ?? .running, startTime: row.int64(5),
                    endTime: row.optionalInt64(6), artifactURI: row.text(7),
                    stage: LifecycleStage(rawValue: row.text(8)) ?? .active),
                deleted: row.optionalInt64(9)
            )
        }
        guard let found else { throw APIError.missing("Run with id=\(runID) not found") }
        let run = Run(
            info: found.info, metrics: [],
            params: try pairs("SELECT key, value FROM params WHERE run_uuid = ?1 ORDER BY key", runID),
            tags: try pairs("SELECT key, value FROM tags WHERE run_uuid = ?1 ORDER BY key", runID),
            datasets: try datasets(runID), modelInputs: try modelInputs(runID), modelOutputs: try modelOutputs(runID))
        return ImportedRun(run: run, deletedTime: found.deleted)
    }

    public func points(_ runID: String, after position: String?) throws -> (points: [Metric], next: String?) {
        var points: [Metric] = []
        var last: Int64 = 0
        let size = 2000
        // The table has row numbers, and its index on the run is in their order.
        try db.query(
            """
            SELECT rowid, key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ?1 AND rowid > ?2
            ORDER BY rowid LIMIT ?3
            """, runID, position.flatMap { Int64($0) } ?? 0, size
        ) { row in
            last = row.int64(0)
            points.append(
                Metric(
                    key: row.text(1),
                    point: MetricPoint(
                        value: row.int64(5) == 1 ? .nan : row.double(2), timestamp: row.int64(3), step: row.int64(4))))
        }
        return (points, points.count == size ? String(last) : nil)
    }

    public func modelIDs(ofExperiment id: Int64) throws -> [String] {
        var ids: [String] = []
        try db.query(
            "SELECT model_id FROM logged_models WHERE experiment_id = ?1 ORDER BY creation_timestamp_ms, model_id", id
        ) { ids.append($0.text(0)) }
        return ids
    }

    public func model(_ modelID: String) throws -> ImportedModel {
        let found = try db.first(
            """
            SELECT experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status,
            model_type, source_run_id, lifecycle_stage FROM logged_models WHERE model_id = ?1
            """, modelID
        ) { row in
            ImportedModel(
                model: LoggedModel(
                    modelID: modelID, experimentID: row.int64(0), name: row.text(1), artifactLocation: row.text(2),
                    creationTime: row.int64(3), lastUpdateTime: row.int64(4),
                    status: LoggedModelStatus(number: row.int64(5)), type: row.text(6), sourceRunID: row.text(7),
                    tags: try pairs(
                        "SELECT tag_key, tag_value FROM logged_model_tags WHERE model_id = ?1 ORDER BY tag_key", modelID
                    ),
                    params: try pairs(
                        "SELECT param_key, param_value FROM logged_model_params WHERE model_id = ?1 ORDER BY param_key",
                        modelID),
                    metrics: try modelMetrics(modelID)),
                stage: LifecycleStage(rawValue: row.text(8)) ?? .active)
        }
        guard let found else { throw SourceDamage("logged model \(modelID) went away meanwhile") }
        return found
    }

    public func leftOut() throws -> [(what: String, count: Int64)] {
        var tables: [String] = []
        let taken: Set<String> = [
            "alembic_version", "experiments", "experiment_tags", "runs", "params", "tags", "metrics", "latest_metrics",
            "datasets", "inputs", "input_tags", "logged_models", "logged_model_params", "logged_model_tags",
            "logged_model_metrics", "registered_models", "registered_model_tags", "registered_model_aliases",
            "model_versions", "model_version_tags",
            // Always there, and about the server rather than about anybody's data.
            "workspaces", "scheduler_leases", "job_locks",
        ]
        try db.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name") {
            if !taken.contains($0.text(0)) { tables.append($0.text(0)) }
        }
        return try tables.compactMap { table in
            var count: Int64 = 0
            let quoted = table.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            try db.query(compiled: "SELECT count(*) FROM \"\(quoted)\"", []) { count = $0.int64(0) }
            return count > 0 ? (table, count) : nil
        }
    }

    // MARK: Parts of a run

    private func pairs(_ sql: StaticString, _ id: some SQLBindable) throws -> [KeyValue] {
        var pairs: [KeyValue] = []
        try db.query(sql, id) { pairs.append(KeyValue($0.text(0), $0.text(1))) }
        return pairs
    }

    private func datasets(_ runID: String) throws -> [DatasetInput] {
        var inputs: [DatasetInput] = []
        try db.query(
            """
            SELECT i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema,
            d.dataset_profile FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
            WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id = ?1 ORDER BY d.name, d.digest
            """, runID
        ) { row in
            inputs.append(
                DatasetInput(
                    tags: try pairs(
                        "SELECT name, value FROM input_tags WHERE input_uuid = ?1 ORDER BY name", row.text(0)),
                    dataset: Dataset(
                        name: row.text(1), digest: row.text(2), sourceType: row.text(3), source: row.text(4),
                        schema: row.optionalText(5), profile: row.optionalText(6))))
        }
        return inputs
    }

    private func modelInputs(_ runID: String) throws -> [ModelInput] {
        var models: [ModelInput] = []
        try db.query(
            """
            SELECT destination_id FROM inputs WHERE source_type = 'RUN_INPUT' AND source_id = ?1
            AND destination_type = 'MODEL_INPUT' ORDER BY destination_id
            """, runID
        ) { models.append(ModelInput(modelID: $0.text(0))) }
        return models
    }

    private func modelOutputs(_ runID: String) throws -> [ModelOutput] {
        var models: [ModelOutput] = []
        try db.query(
            """
            SELECT destination_id, step FROM inputs WHERE source_type = 'RUN_OUTPUT' AND source_id = ?1
            AND destination_type = 'MODEL_OUTPUT' ORDER BY destination_id
            """, runID
        ) { models.append(ModelOutput(modelID: $0.text(0), step: $0.int64(1))) }
        return models
    }

    private func modelMetrics(_ modelID: String) throws -> [ModelMetric] {
        var metrics: [ModelMetric] = []
        try db.query(
            """
            SELECT metric_name, metric_value, metric_timestamp_ms, metric_step, run_id, dataset_name, dataset_digest
            FROM logged_model_metrics WHERE model_id = ?1
            ORDER BY metric_timestamp_ms, metric_step, metric_name
            """, modelID
        ) { row in
            let dataset = row.optionalText(5).flatMap { name in
                row.optionalText(6).map { DatasetName(name: name, digest: $0) }
            }
            metrics.append(
                ModelMetric(
                    key: row.text(0),
                    point: MetricPoint(
                        value: row.isNull(1) ? .nan : row.double(1), timestamp: row.int64(2), step: row.int64(3)),
                    dataset: dataset, modelID: modelID, runID: row.text(4)))
        }
        return metrics
    }
}
