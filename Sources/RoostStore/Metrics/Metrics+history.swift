// Histories of metrics: whole, in pages, and of many runs.

public import RoostCore

/// A page of a history.
public struct HistoryPage: Sendable {
    public var metrics: [Metric]
    /// Nil on the last page.
    public let nextPageToken: String?
}

extension Snapshot {
    /// The points of a metric, by timestamp, step and value.
    ///
    /// An unknown run has no points, as in MLflow. A token is the last point of the page before, so that points logged
    /// meanwhile neither repeat nor hide others.
    public func history(_ runID: String, key: String, limit: Int?, after token: PageToken?) throws -> HistoryPage {
        guard let series = try seriesID(runID, key) else { return HistoryPage(metrics: [], nextPageToken: nil) }
        var points = try points(
            of: series, after: try token?.historyPosition(), limit: limit.map { $0 + 1 } ?? .max)
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

    func seriesID(_ runID: String, _ key: String) throws -> Int64? {
        try db.first(
            """
            SELECT s.id FROM runs r JOIN metric_series s ON s.run = r.id JOIN keys k ON k.id = s.key
            WHERE r.run_id = ?1 AND k.name = ?2
            """, runID, key
        ) { $0.int64(0) }
    }
}
