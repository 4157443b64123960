// Runs as they are answered: one by its id, or many of a page with a few queries for all of them.

public import RoostCore

extension Snapshot {
    /// A run with everything that belongs to it.
    /// - Throws: 404 when there is none.
    public func run(_ runID: String) throws -> Run {
        let row = try runRow(runID)
        guard let run = try runs([row.id], withModelInputs: true).first else { throw unknown(runID) }
        return run
    }

    /// What is known of a run itself.
    public func runInfo(_ runID: String) throws -> RunInfo {
        let found = try db.first(
            """
            SELECT run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
            FROM runs WHERE run_id = ?1
            """, runID, row: runInfo(from:))
        guard let found else { throw unknown(runID) }
        return found
    }

    func runRow(_ runID: String) throws -> RunRow {
        let found = try db.first("SELECT id, experiment, lifecycle_stage FROM runs WHERE run_id = ?1", runID) { row in
            RunRow(
                id: row.int64(0), runID: runID, experiment: row.int64(1),
                stage: row.text(2) == LifecycleStage.active.rawValue ? .active : .deleted)
        }
        guard let found else { throw unknown(runID) }
        return found
    }

    /// Runs by their internal ids, in the same order. MLflow's searches leave out which models a run has read.
    func runs(_ ids: [Int64], withModelInputs: Bool = false) throws -> [Run] {
        var runs: [Run] = []
        runs.reserveCapacity(ids.count)
        for id in ids {
            let info = try db.first(
                """
                SELECT run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
                FROM runs WHERE id = ?1
                """, id, row: runInfo(from:))
            guard let info else { continue }
            runs.append(
                Run(
                    info: info, metrics: try latestMetrics(id), params: try params(id), tags: try tags(id),
                    datasets: try datasets(id), modelInputs: withModelInputs ? try modelInputs(id) : [],
                    modelOutputs: try modelOutputs(id)))
        }
        return runs
    }

    /// The number of a key; nil when nothing was ever logged under it.
    func keyID(_ name: String) throws -> Int64? {
        try db.first("SELECT id FROM keys WHERE name = ?1", name) { $0.int64(0) }
    }

    private func unknown(_ runID: String) -> APIError { .missing("Run with id=\(runID) not found") }

    private func runInfo(from row: Row) -> RunInfo {
        RunInfo(
            runID: row.text(0), experimentID: row.int64(1), name: row.text(2), userID: row.text(3),
            status: RunStatus(rawValue: row.text(4)) ?? .running, startTime: row.int64(5),
            endTime: row.optionalInt64(6), artifactURI: row.text(7),
            stage: row.text(8) == LifecycleStage.active.rawValue ? .active : .deleted)
    }

    private func latestMetrics(_ run: Int64) throws -> [Metric] {
        var metrics: [Metric] = []
        try db.query(
            """
            SELECT k.name, s.value, s.is_nan, s.timestamp, s.step
            FROM metric_series s JOIN keys k ON k.id = s.key WHERE s.run = ?1 ORDER BY k.name
            """, run
        ) { row in
            metrics.append(
                Metric(
                    key: row.text(0),
                    point: MetricPoint(
                        value: row.int64(2) == 1 ? .nan : row.double(1), timestamp: row.int64(3), step: row.int64(4))))
        }
        return metrics
    }

    private func params(_ run: Int64) throws -> [KeyValue] {
        var params: [KeyValue] = []
        try db.query(
            """
            SELECT k.name, p.value FROM run_params p JOIN keys k ON k.id = p.key WHERE p.run = ?1 ORDER BY k.name
            """, run
        ) { params.append(KeyValue($0.text(0), $0.text(1))) }
        return params
    }

    private func tags(_ run: Int64) throws -> [KeyValue] {
        var tags: [KeyValue] = []
        try db.query(
            """
            SELECT k.name, t.value FROM run_tags t JOIN keys k ON k.id = t.key WHERE t.run = ?1 ORDER BY k.name
            """, run
        ) { tags.append(KeyValue($0.text(0), $0.text(1))) }
        return tags
    }
}
