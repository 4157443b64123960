// What the children of a run come to: how many, how they ended, and their metrics rolled up.

public import RoostCore

/// A roll-up of the direct, active children of a run.
public struct ChildrenSummary: Sendable {
    public let runID: String
    /// How many there are, by status; a status without runs is not listed.
    public let byStatus: [(status: RunStatus, count: Int64)]
    /// Milliseconds since 1970 of the first start; nil without children.
    public let startTime: Int64?
    /// Milliseconds since 1970 of the last end; nil while none has ended.
    public let endTime: Int64?
    /// By key.
    public let metrics: [MetricSummary]

    public init(
        runID: String, byStatus: [(status: RunStatus, count: Int64)], startTime: Int64?, endTime: Int64?,
        metrics: [MetricSummary]
    ) {
        self.runID = runID
        self.byStatus = byStatus
        self.startTime = startTime
        self.endTime = endTime
        self.metrics = metrics
    }
}

/// The latest values of one metric over the children.
public struct MetricSummary: Sendable {
    public let key: String
    /// Children with a number under this key.
    public let count: Int64
    /// Children whose value is not a number; they are in none of the figures below.
    public let nan: Int64
    public let sum: Double
    public let min: Double
    public let max: Double

    public init(key: String, count: Int64, nan: Int64, sum: Double, min: Double, max: Double) {
        self.key = key
        self.count = count
        self.nan = nan
        self.sum = sum
        self.min = min
        self.max = max
    }
}

/// How many active children a run has.
public struct ChildCount: Sendable {
    public let runID: String
    /// By status; a status without runs is not listed.
    public let byStatus: [(status: RunStatus, count: Int64)]

    public init(runID: String, byStatus: [(status: RunStatus, count: Int64)]) {
        self.runID = runID
        self.byStatus = byStatus
    }
}

extension Snapshot {
    /// The counts of those of these runs that have children, by run id.
    public func childCounts(of runIDs: [String], in scope: ReadScope = .all) throws -> [ChildCount] {
        let (only, except) = scope.lists
        let list = JSONWriter.bytes(of: JSON.array(runIDs.map { .string($0) }))
        var found: [String: [(status: RunStatus, count: Int64)]] = [:]
        try db.query(
            """
            SELECT t.value, r.status, count(*)
            FROM run_tags t JOIN runs r ON r.id = t.run
            WHERE t.key = 1 AND t.value IN (SELECT value FROM json_each(?1)) AND r.lifecycle_stage = 'active'
                AND (?2 IS NULL OR CAST(r.experiment AS TEXT) IN (SELECT value FROM json_each(?2)))
                AND (?3 IS NULL OR CAST(r.experiment AS TEXT) NOT IN (SELECT value FROM json_each(?3)))
            GROUP BY t.value, r.status ORDER BY t.value, r.status
            """, String(decoding: list, as: UTF8.self), only, except
        ) { row in
            found[row.text(0), default: []].append((RunStatus(rawValue: row.text(1)) ?? .running, row.int64(2)))
        }
        return found.sorted { $0.key < $1.key }.map { ChildCount(runID: $0.key, byStatus: $0.value) }
    }

    /// - Parameter scope: the experiments whose runs count.
    /// - Throws: 404 when there is no such run.
    public func childrenSummary(of runID: String, in scope: ReadScope = .all) throws -> ChildrenSummary {
        let (only, except) = scope.lists
        _ = try runRow(runID)
        var byStatus: [(RunStatus, Int64)] = []
        var start: Int64?
        var end: Int64?
        try db.query(
            """
            SELECT r.status, count(*), min(r.start_time), max(r.end_time)
            FROM run_tags t JOIN runs r ON r.id = t.run
            WHERE t.key = 1 AND t.value = ?1 AND r.lifecycle_stage = 'active'
                AND (?2 IS NULL OR CAST(r.experiment AS TEXT) IN (SELECT value FROM json_each(?2)))
                AND (?3 IS NULL OR CAST(r.experiment AS TEXT) NOT IN (SELECT value FROM json_each(?3)))
            GROUP BY r.status ORDER BY r.status
            """, runID, only, except
        ) { row in
            byStatus.append((RunStatus(rawValue: row.text(0)) ?? .running, row.int64(1)))
            start = [start, row.optionalInt64(2)].compactMap { $0 }.min()
            end = [end, row.optionalInt64(3)].compactMap { $0 }.max()
        }
        var metrics: [MetricSummary] = []
        try db.query(
            """
            SELECT k.name, sum(s.is_nan = 0), sum(s.is_nan),
                total(CASE s.is_nan WHEN 0 THEN s.value END),
                min(CASE s.is_nan WHEN 0 THEN s.value END), max(CASE s.is_nan WHEN 0 THEN s.value END)
            FROM run_tags t JOIN runs r ON r.id = t.run
            JOIN metric_series s ON s.run = r.id JOIN keys k ON k.id = s.key
            WHERE t.key = 1 AND t.value = ?1 AND r.lifecycle_stage = 'active'
                AND (?2 IS NULL OR CAST(r.experiment AS TEXT) IN (SELECT value FROM json_each(?2)))
                AND (?3 IS NULL OR CAST(r.experiment AS TEXT) NOT IN (SELECT value FROM json_each(?3)))
            GROUP BY s.key ORDER BY k.name
            """, runID, only, except
        ) { row in
            metrics.append(
                MetricSummary(
                    key: row.text(0), count: row.int64(1), nan: row.int64(2), sum: row.double(3), min: row.double(4),
                    max: row.double(5)))
        }
        return ChildrenSummary(runID: runID, byStatus: byStatus, startTime: start, endTime: end, metrics: metrics)
    }
}
