// The points of a series where they are stored: chunks, which hold many in order, and the tail, which holds the new ones.

internal import CSQLite
internal import RoostCore

/// A chunk with its points.
struct Chunk {
    let id: Int64
    let points: [MetricPoint]

    var first: MetricPoint { points[0] }
    var last: MetricPoint { points[points.count - 1] }

    /// How many points a chunk has at most. Larger ones save little, and are slower to look into.
    static let capacity = 1024

    /// Whether it holds this very point.
    func contains(_ point: MetricPoint) -> Bool {
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].precedes(point) { low = middle + 1 } else { high = middle }
        }
        return low < points.count && !point.precedes(points[low])
    }
}

extension MetricPoint {
    /// SQLite cannot store NaN: it stands as 0 with a mark, as in MLflow.
    var storedValue: Double { value.isNaN ? 0 : value }
    var storedIsNaN: Int { value.isNaN ? 1 : 0 }

    /// The order of a history, which is also what tells two points apart.
    func precedes(_ other: MetricPoint) -> Bool {
        if timestamp != other.timestamp { return timestamp < other.timestamp }
        if step != other.step { return step < other.step }
        return (storedValue, storedIsNaN) < (other.storedValue, other.storedIsNaN)
    }

    /// Greater by step, then timestamp, then value; a NaN counts as the 0 it is stored as.
    func isLater(than other: MetricPoint) -> Bool {
        (step, timestamp, storedValue) > (other.step, other.timestamp, other.storedValue)
    }
}

extension Row {
    /// The columns timestamp, step, value, is_nan from this one on.
    func metricPoint(at column: Int32 = 0) -> MetricPoint {
        MetricPoint(
            value: int64(column + 3) == 1 ? .nan : double(column + 2), timestamp: int64(column), step: int64(column + 1)
        )
    }

    /// The columns id and data of a chunk.
    fileprivate func chunk() throws -> Chunk {
        do {
            return Chunk(id: int64(0), points: try withBlob(1) { try ChunkCodec.decode($0) })
        } catch is ChunkDamage {
            throw SQLiteError(code: SQLITE_CORRUPT, message: "chunk \(int64(0)) of a metric is damaged")
        }
    }
}

extension Snapshot {
    /// The points of a series in the order of a history: those after a point, up to a number of them.
    func points(of series: Int64, after position: MetricPoint?, limit: Int) throws -> [MetricPoint] {
        var found: [MetricPoint] = []
        var position = position
        var chunk = try position.flatMap { try self.chunk(of: series, startingUpTo: $0) }
        if chunk.map({ chunk in position.map { !$0.precedes(chunk.last) } ?? false }) ?? true {
            chunk = try self.chunk(of: series, startingAfter: position)
        }
        while found.count < limit, let current = chunk {
            let settled = current.points.drop { point in position.map { !$0.precedes(point) } ?? false }
            let tail = try self.tail(of: series, after: position, upTo: current.last, limit: limit - found.count)
            if tail.isEmpty {
                found += settled.prefix(limit - found.count)
            } else {
                found += merged(settled, tail).prefix(limit - found.count)
            }
            position = current.last
            chunk = try self.chunk(of: series, startingAfter: current.first)
        }
        if found.count < limit {
            found += try tail(of: series, after: position, upTo: nil, limit: limit - found.count)
        }
        return found
    }

    /// The last chunk that begins with this point or before it.
    func chunk(of series: Int64, startingUpTo point: MetricPoint) throws -> Chunk? {
        try db.first(
            """
            SELECT id, data FROM metric_chunks
            WHERE series = ?1 AND (timestamp, step, value, is_nan) <= (?2, ?3, ?4, ?5)
            ORDER BY timestamp DESC, step DESC, value DESC, is_nan DESC LIMIT 1
            """, series, point.timestamp, point.step, point.storedValue, point.storedIsNaN
        ) { try $0.chunk() }
    }

    /// The first chunk that begins after this point; the very first one without a point.
    func chunk(of series: Int64, startingAfter point: MetricPoint?) throws -> Chunk? {
        guard let point else {
            return try db.first(
                """
                SELECT id, data FROM metric_chunks WHERE series = ?1 ORDER BY timestamp, step, value, is_nan LIMIT 1
                """, series
            ) { try $0.chunk() }
        }
        return try db.first(
            """
            SELECT id, data FROM metric_chunks
            WHERE series = ?1 AND (timestamp, step, value, is_nan) > (?2, ?3, ?4, ?5)
            ORDER BY timestamp, step, value, is_nan LIMIT 1
            """, series, point.timestamp, point.step, point.storedValue, point.storedIsNaN
        ) { try $0.chunk() }
    }

    func chunk(_ id: Int64) throws -> Chunk? {
        try db.first("SELECT id, data FROM metric_chunks WHERE id = ?1", id) { try $0.chunk() }
    }

    /// Points of the tail, after one and up to another.
    func tail(
        of series: Int64, after position: MetricPoint?, upTo end: MetricPoint?, limit: Int
    ) throws -> [MetricPoint] {
        // The least and the greatest of all points stand for no bound.
        let low = position ?? MetricPoint(value: -.greatestFiniteMagnitude, timestamp: .min, step: .min)
        let high = end ?? MetricPoint(value: .greatestFiniteMagnitude, timestamp: .max, step: .max)
        var points: [MetricPoint] = []
        // Without a position the least point itself belongs to the answer: no stored flag is below 0.
        try db.query(
            """
            SELECT timestamp, step, value, is_nan FROM metric_points
            WHERE series = ?1 AND (timestamp, step, value, is_nan) > (?2, ?3, ?4, ?5)
                AND (timestamp, step, value, is_nan) <= (?6, ?7, ?8, ?9)
            ORDER BY timestamp, step, value, is_nan LIMIT ?10
            """, series, low.timestamp, low.step, low.storedValue, position == nil ? -1 : low.storedIsNaN,
            high.timestamp, high.step, high.storedValue, high.storedIsNaN, limit
        ) { points.append($0.metricPoint()) }
        return points
    }
}

/// Two ordered lists without a common point as one.
func merged(_ one: some Collection<MetricPoint>, _ other: some Collection<MetricPoint>) -> [MetricPoint] {
    var points: [MetricPoint] = []
    points.reserveCapacity(one.count + other.count)
    var left = one.makeIterator()
    var right = other.makeIterator()
    var first = left.next()
    var second = right.next()
    while let a = first, let b = second {
        if a.precedes(b) {
            points.append(a)
            first = left.next()
        } else {
            points.append(b)
            second = right.next()
        }
    }
    while let point = first {
        points.append(point)
        first = left.next()
    }
    while let point = second {
        points.append(point)
        second = right.next()
    }
    return points
}
