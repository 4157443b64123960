// Metric points: stored once each, and the latest of every series kept beside them.

public import RoostCore

/// A series as the database knows it, with its latest point.
private struct Series {
    let id: Int64
    var points: Int64
    var latest: MetricPoint
    var changed = false
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
        var touched: [String: Series] = [:]
        for metric in metrics {
            let point = metric.point.storable
            var series: Series
            if let known = touched[metric.key] {
                series = known
            } else {
                series = try self.series(run, metric.key, first: point)
            }
            try insert(point, &series)
            touched[metric.key] = series
        }
        for series in touched.values where series.changed {
            try db.run(
                """
                UPDATE metric_series SET points = ?1, step = ?2, timestamp = ?3, value = ?4, is_nan = ?5 WHERE id = ?6
                """, series.points, series.latest.step, series.latest.timestamp, series.latest.storedValue,
                series.latest.storedIsNaN, series.id)
        }
    }

    private func insert(_ point: MetricPoint, _ series: inout Series) throws {
        try db.run(
            """
            INSERT INTO metric_points (series, timestamp, step, value, is_nan) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO NOTHING
            """, series.id, point.timestamp, point.step, point.storedValue, point.storedIsNaN)
        guard db.changes > 0 else { return }
        series.points += 1
        series.changed = true
        if point.isLater(than: series.latest) { series.latest = point }
    }

    private func series(_ run: RunRow, _ name: String, first point: MetricPoint) throws -> Series {
        let key = try internKey(name)
        let known = try db.first(
            "SELECT id, points, step, timestamp, value, is_nan FROM metric_series WHERE run = ?1 AND key = ?2", run.id,
            key
        ) { row in
            Series(
                id: row.int64(0), points: row.int64(1),
                latest: MetricPoint(
                    value: row.int64(5) == 1 ? .nan : row.double(4), timestamp: row.int64(3), step: row.int64(2)))
        }
        if let known { return known }
        try db.run(
            """
            INSERT INTO metric_series (run, experiment, key, points, step, timestamp, value, is_nan)
            VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7)
            """, run.id, run.experiment, key, point.step, point.timestamp, point.storedValue, point.storedIsNaN)
        return Series(id: db.lastInsertID, points: 0, latest: point)
    }
}

extension MetricPoint {
    /// SQLite cannot store NaN: it stands as 0 with a mark, as in MLflow.
    var storedValue: Double { value.isNaN ? 0 : value }
    var storedIsNaN: Int { value.isNaN ? 1 : 0 }

    /// Greater by step, then timestamp, then value; a NaN counts as the 0 it is stored as.
    fileprivate func isLater(than other: MetricPoint) -> Bool {
        (step, timestamp, storedValue) > (other.step, other.timestamp, other.storedValue)
    }
}
