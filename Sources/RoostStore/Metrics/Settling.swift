// Moves points from tails into chunks, a small piece at a time, when the lane has nothing else to do.

internal import CSQLite
internal import RoostCore

/// When a tail is moved.
enum Settling {
    /// A tail of this length makes a chunk.
    static let full = Chunk.capacity
    /// The tail of an ended run is moved if it is at least this long: a shorter one takes less space as it is.
    static let worthwhile = 32
    /// A chunk shorter than this takes in points that come after it.
    static let short = Chunk.capacity / 2
}

extension Transaction {
    /// Moves a piece of one tail: at most a chunk's worth of points, and at most one chunk is written anew.
    ///
    /// Points and chunk change in one transaction, so that a point is in one of them, whatever happens.
    /// - Returns: false when no tail is to be moved.
    func settle() throws -> Bool {
        let due = try db.first(
            """
            SELECT s.id, s.tail, r.status IN ('FINISHED', 'FAILED', 'KILLED')
            FROM metric_series s INDEXED BY metric_series_due JOIN runs r ON r.id = s.run WHERE s.is_due = 1 LIMIT 1
            """
        ) { (id: $0.int64(0), tail: $0.int64(1), hasEnded: $0.int64(2) == 1) }
        guard let due else { return false }
        let moved = try move(due.id)
        let left = due.tail - Int64(moved)
        let isDue = moved > 0 && left >= (due.hasEnded ? Settling.worthwhile : Settling.full)
        try db.run(
            "UPDATE metric_series SET tail = ?1, is_due = ?2 WHERE id = ?3", left, isDue ? 1 : 0, due.id)
        return true
    }

    /// Marks the tails of a run that has ended.
    func markDue(_ run: Int64) throws {
        try db.run(
            "UPDATE metric_series SET is_due = 1 WHERE run = ?1 AND tail >= ?2 AND is_due = 0", run, Settling.worthwhile
        )
    }

    /// - Returns: how many points were moved.
    private func move(_ series: Int64) throws -> Int {
        var points = try snapshot.tail(of: series, after: nil, upTo: nil, limit: Chunk.capacity)
        guard let first = points.first else { return 0 }
        let home = try snapshot.chunk(of: series, startingUpTo: first)
        if let next = try snapshot.chunk(of: series, startingAfter: first) {
            points = Array(points.prefix { $0.precedes(next.first) })
        }
        guard let last = points.last else { return 0 }
        let count = points.count
        if let home, first.precedes(home.last) || home.points.count < Settling.short {
            points = merged(home.points, points)
            try db.run("DELETE FROM metric_chunks WHERE id = ?1", home.id)
        }
        let parts = (points.count + Chunk.capacity - 1) / Chunk.capacity
        for part in 0..<parts {
            try put(points[points.count * part / parts..<points.count * (part + 1) / parts], series)
        }
        try db.run(
            "DELETE FROM metric_points WHERE series = ?1 AND (timestamp, step, value, is_nan) <= (?2, ?3, ?4, ?5)",
            series, last.timestamp, last.step, last.storedValue, last.storedIsNaN)
        guard db.changes == count else {
            throw SQLiteError(code: SQLITE_CORRUPT, message: "\(count) points were moved and \(db.changes) removed")
        }
        try db.run(
            "UPDATE metric_series SET settled = max(coalesce(settled, ?1), ?1) WHERE id = ?2", last.timestamp, series)
        return count
    }

    private func put(_ points: ArraySlice<MetricPoint>, _ series: Int64) throws {
        guard let first = points.first, let last = points.last else { return }
        var steps = first.step...first.step
        for point in points { steps = min(steps.lowerBound, point.step)...max(steps.upperBound, point.step) }
        try db.run(
            """
            INSERT INTO metric_chunks (series, timestamp, step, value, is_nan,
                last_timestamp, last_step, last_value, last_is_nan, min_step, max_step, points, data)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """, series, first.timestamp, first.step, first.storedValue, first.storedIsNaN, last.timestamp, last.step,
            last.storedValue, last.storedIsNaN, steps.lowerBound, steps.upperBound, points.count,
            SQLBlob(bytes: ChunkCodec.encode(Array(points))))
    }
}
