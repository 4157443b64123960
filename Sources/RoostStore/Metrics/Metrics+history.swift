// Histories of metrics: whole, in pages, of many runs, and sampled for charts.

public import RoostCore

/// A page of a history.
public struct HistoryPage: Sendable {
    public let metrics: [Metric]
    /// Nil on the last page.
    public let nextPageToken: String?
}

/// Asks for points spread over a series.
public struct HistorySample: Sendable {
    public let key: String
    /// Points of each run at most.
    public let count: Int
    /// The steps looked at, both ends included; nil for all.
    public let steps: ClosedRange<Int64>?

    public init(key: String, count: Int, steps: ClosedRange<Int64>?) {
        self.key = key
        self.count = count
        self.steps = steps
    }
}

extension Snapshot {
    /// The points of a metric, by timestamp, step and value.
    ///
    /// An unknown run has no points, as in MLflow. A token is the last point of the page before, so that points logged
    /// meanwhile neither repeat nor hide others.
    public func history(_ runID: String, key: String, limit: Int?, after token: PageToken?) throws -> HistoryPage {
        guard let series = try seriesID(runID, key) else { return HistoryPage(metrics: [], nextPageToken: nil) }
        let count = limit.map { $0 + 1 } ?? -1
        var points: [MetricPoint] = []
        if let token {
            let (timestamp, step, value, isNaN) = try token.historyPosition()
            try db.query(
                """
                SELECT timestamp, step, value, is_nan FROM metric_points
                WHERE series = ?1 AND (timestamp, step, value, is_nan) > (?2, ?3, ?4, ?5)
                ORDER BY timestamp, step, value, is_nan LIMIT ?6
                """, series, timestamp, step, value, isNaN, count
            ) { points.append($0.metricPoint) }
        } else {
            try db.query(
                """
                SELECT timestamp, step, value, is_nan FROM metric_points
                WHERE series = ?1 ORDER BY timestamp, step, value, is_nan LIMIT ?2
                """, series, count
            ) { points.append($0.metricPoint) }
        }
        var next: String?
        if let limit, points.count > limit {
            points.removeLast()
            next = points.last.map { PageToken(history: $0).text }
        }
        return HistoryPage(metrics: points.map { Metric(key: key, point: $0) }, nextPageToken: next)
    }

    /// The first points of a metric of several runs: by run id, then as in a history.
    public func histories(_ runIDs: [String], key: String, limit: Int) throws -> [Metric] {
        var metrics: [Metric] = []
        for runID in Set(runIDs).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where metrics.count < limit
        {
            let page = try history(runID, key: key, limit: limit - metrics.count, after: nil)
            metrics += page.metrics.map { Metric(key: key, point: $0.point, runID: runID) }
        }
        return metrics
    }

    /// At most `count` points of a metric, spread evenly over its points in order of step, always with the last one.
    ///
    /// The rule is MLflow's (`_sample_rows_with_window_functions`): the points are dealt into `count` buckets of equal
    /// size, the first ones larger by one where it does not come out even; of each the first point is taken, and the
    /// last of these gives way to the very last point.
    public func sample(_ runID: String, _ sample: HistorySample) throws -> [Metric] {
        guard let series = try seriesID(runID, sample.key) else { return [] }
        let lower = sample.steps?.lowerBound ?? .min
        let upper = sample.steps?.upperBound ?? .max
        let total =
            try db.first(
                "SELECT count(*) FROM metric_points WHERE series = ?1 AND step BETWEEN ?2 AND ?3", series, lower, upper
            ) { Int($0.int64(0)) } ?? 0
        var wanted = Buckets(total: total, count: sample.count)
        var points: [MetricPoint] = []
        var last: MetricPoint?
        var index = 0
        try db.query(
            """
            SELECT timestamp, step, value, is_nan FROM metric_points
            WHERE series = ?1 AND step BETWEEN ?2 AND ?3 ORDER BY step, timestamp, value, is_nan
            """, series, lower, upper
        ) { row in
            if index == wanted.next {
                points.append(row.metricPoint)
                wanted.advance()
            }
            if index == total - 1 { last = row.metricPoint }
            index += 1
        }
        if let last, wanted.lastTaken != total - 1 {
            if points.count >= sample.count { points.removeLast() }
            points.append(last)
        }
        return points.map { Metric(key: sample.key, point: $0, runID: runID) }
    }

    func seriesID(_ runID: String, _ key: String) throws -> Int64? {
        try db.first(
            """
            SELECT s.id FROM runs r JOIN metric_series s ON s.run = r.id JOIN keys k ON k.id = s.key
            WHERE r.run_id = ?1 AND k.name = ?2
            """, runID, key
        ) { $0.int64(0) }
    }
}

/// The positions of the first items of `count` buckets over `total` items, as SQL's NTILE deals them.
struct Buckets {
    private let size: Int
    private let larger: Int
    private let buckets: Int
    private var bucket = 0
    /// The next position; -1 past the last bucket.
    private(set) var next: Int
    private(set) var lastTaken = -1

    init(total: Int, count: Int) {
        buckets = min(total, max(count, 1))
        size = buckets > 0 ? total / buckets : 0
        larger = buckets > 0 ? total % buckets : 0
        next = buckets > 0 ? 0 : -1
    }

    mutating func advance() {
        lastTaken = next
        next += bucket < larger ? size + 1 : size
        bucket += 1
        if bucket >= buckets { next = -1 }
    }
}

extension Row {
    /// The columns timestamp, step, value, is_nan.
    fileprivate var metricPoint: MetricPoint {
        MetricPoint(value: int64(3) == 1 ? .nan : double(2), timestamp: int64(0), step: int64(1))
    }
}
