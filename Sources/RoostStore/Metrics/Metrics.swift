// Metric points: stored once each, and the latest of every series kept beside them.

public import RoostCore

/// A series as the database knows it, with its latest point.
private struct Series {
    let id: Int64
    var points: Int64
    var latest: MetricPoint
    /// How many of them are in no chunk.
    var tail: Int64
    /// Whether the tail is to be moved into chunks.
    var isDue: Bool
    /// The greatest timestamp in a chunk; nil without chunks.
    let settled: Int64?
    var changed = false
    /// The chunk that was opened last.
    var chunk: Chunk?
}

extension Transaction {
    /// Logs one point. The same point again is fine and changes nothing.
    public func logMetric(_ runID: String, _ metric: Metric) throws {
        try logMetrics(of: try activeRun(runID), [metric])
    }

    func logMetrics(of run: RunRow, _ metrics: [Metric]) throws {
        try logPoints(of: run, metrics)
        for metric in metrics {
            if let link = metric.link { try logModelMetric(metric, link, run) }
        }
    }

    private func logPoints(of run: RunRow, _ metrics: [Metric]) throws {
        var touched: [Int64: Series] = [:]
        for metric in metrics {
            let point = metric.point.storable
            let key = try internKey(metric.key)
            guard var series = try touched[key] ?? self.series(run, key) else {
                touched[key] = try begin(run, key, with: point)
                continue
            }
            try insert(point, &series)
            touched[key] = series
        }
        for series in touched.values where series.changed {
            try db.run(
                """
                UPDATE metric_series
                SET points = ?1, step = ?2, timestamp = ?3, value = ?4, is_nan = ?5, tail = ?6, is_due = ?7
                WHERE id = ?8
                """, series.points, series.latest.step, series.latest.timestamp, series.latest.storedValue,
                series.latest.storedIsNaN, series.tail, series.isDue ? 1 : 0, series.id)
        }
    }

    private func insert(_ point: MetricPoint, _ series: inout Series) throws {
        // A point newer than all chunks, as nearly every one is, can only be in the tail.
        if let settled = series.settled, point.timestamp <= settled, try isInChunk(point, &series) { return }
        try db.run(
            """
            INSERT INTO metric_points (series, timestamp, step, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO NOTHING
            """, series.id, point.timestamp, point.step, point.storedValue, point.storedIsNaN)
        guard db.changes > 0 else { return }
        series.points += 1
        series.tail += 1
        if series.tail >= Settling.full { series.isDue = true }
        series.changed = true
        if point.isLater(than: series.latest) { series.latest = point }
    }

    private func isInChunk(_ point: MetricPoint, _ series: inout Series) throws -> Bool {
        if let chunk = series.chunk, !point.precedes(chunk.first), !chunk.last.precedes(point) {
            return chunk.contains(point)
        }
        series.chunk = try snapshot.chunk(of: series.id, startingUpTo: point)
        return series.chunk?.contains(point) ?? false
    }

    private func series(_ run: RunRow, _ key: Int64) throws -> Series? {
        try db.first(
            """
            SELECT timestamp, step, value, is_nan, id, points, tail, is_due, settled
            FROM metric_series WHERE run = ?1 AND key = ?2
            """, run.id, key
        ) { row in
            Series(
                id: row.int64(4), points: row.int64(5), latest: row.metricPoint(), tail: row.int64(6),
                isDue: row.int64(7) == 1, settled: row.optionalInt64(8))
        }
    }

    /// Makes a series of its first point.
    private func begin(_ run: RunRow, _ key: Int64, with point: MetricPoint) throws -> Series {
        try db.run(
            """
            INSERT INTO metric_series (run, experiment, key, points, step, timestamp, value, is_nan, tail)
            VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, 1)
            """, run.id, run.experiment, key, point.step, point.timestamp, point.storedValue, point.storedIsNaN)
        let series = db.lastInsertID
        try db.run(
            "INSERT INTO metric_points (series, timestamp, step, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5)", series,
            point.timestamp, point.step, point.storedValue, point.storedIsNaN)
        return Series(id: series, points: 1, latest: point, tail: 1, isDue: false, settled: nil)
    }
}
