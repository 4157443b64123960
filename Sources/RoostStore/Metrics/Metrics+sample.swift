// Points of a series spread over its steps, for charts: only the chunks that hold one of them are opened.

public import RoostCore

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
    /// At most `count` points of a metric, spread evenly over its points in order of step, always with the last one.
    ///
    /// The rule is MLflow's (`_sample_rows_with_window_functions`): the points are dealt into `count` buckets of equal
    /// size, the first ones larger by one where it does not come out even; of each the first point is taken, and the
    /// last of these gives way to the very last point.
    public func sample(_ runID: String, _ sample: HistorySample) throws -> [Metric] {
        guard let series = try seriesID(runID, sample.key) else { return [] }
        let blocks = try StepBlocks(snapshot: self, series: series, steps: sample.steps ?? .min ... .max)
        var wanted = Buckets(total: blocks.total, count: sample.count)
        var positions: [Int] = []
        while wanted.next >= 0 {
            positions.append(wanted.next)
            wanted.advance()
        }
        if let last = positions.last, last != blocks.total - 1 {
            if positions.count >= sample.count { positions.removeLast() }
            positions.append(blocks.total - 1)
        }
        return try blocks.points(at: positions).map { Metric(key: sample.key, point: $0, runID: runID) }
    }
}

/// The points of a series in order of step: blocks that follow each other, opened when a point of them is asked for.
struct StepBlocks {
    /// Points that are together, in a chunk or in the tail, with what can be said of them unopened.
    private struct Block {
        /// The chunk; nil when `points` has them already.
        let chunk: Int64?
        let points: [MetricPoint]
        let count: Int
        let minStep: Int64
        let maxStep: Int64
        /// By the order of a history.
        let first: MetricPoint
        let last: MetricPoint

        init(chunk: Int64, count: Int, minStep: Int64, maxStep: Int64, first: MetricPoint, last: MetricPoint) {
            (self.chunk, self.count, self.minStep, self.maxStep) = (chunk, count, minStep, maxStep)
            (self.first, self.last, points) = (first, last, [])
        }

        init?(_ points: [MetricPoint]) {
            guard let first = points.min(by: { $0.precedes($1) }), let last = points.max(by: { $0.precedes($1) }),
                let minStep = points.lazy.map(\.step).min(), let maxStep = points.lazy.map(\.step).max()
            else { return nil }
            (self.first, self.last, self.points, chunk) = (first, last, points, nil)
            (self.minStep, self.maxStep, count) = (minStep, maxStep, points.count)
        }
    }

    /// Blocks whose steps overlap, so that their points have to be put in order together. Steps mostly rise with time,
    /// and then every group is a single block.
    private struct Group {
        var blocks: [Block]
        var count: Int
        var maxStep: Int64
        var last: MetricPoint

        init(_ block: Block) {
            (blocks, count, maxStep, last) = ([block], block.count, block.maxStep, block.last)
        }

        /// Whether all of its points come before those of the block. With the same step it goes by time.
        func isBefore(_ block: Block) -> Bool {
            maxStep < block.minStep || maxStep == block.minStep && last.precedes(block.first)
        }

        mutating func add(_ block: Block) {
            blocks.append(block)
            count += block.count
            maxStep = max(maxStep, block.maxStep)
            if last.precedes(block.last) { last = block.last }
        }
    }

    private let snapshot: Snapshot
    private let groups: [Group]
    let total: Int

    init(snapshot: Snapshot, series: Int64, steps: ClosedRange<Int64>) throws {
        self.snapshot = snapshot
        var blocks: [Block] = []
        try snapshot.db.query(
            """
            SELECT timestamp, step, value, is_nan, last_timestamp, last_step, last_value, last_is_nan, id, points,
                min_step, max_step
            FROM metric_chunks WHERE series = ?1 AND max_step >= ?2 AND min_step <= ?3
            """, series, steps.lowerBound, steps.upperBound
        ) { row in
            blocks.append(
                Block(
                    chunk: row.int64(8), count: Int(row.int64(9)), minStep: row.int64(10), maxStep: row.int64(11),
                    first: row.metricPoint(at: 0), last: row.metricPoint(at: 4)))
        }
        // Of a chunk at the edge of the steps only a part is looked at.
        blocks = try blocks.compactMap { block in
            guard let id = block.chunk, block.minStep < steps.lowerBound || block.maxStep > steps.upperBound else {
                return block
            }
            return Block(try snapshot.chunk(id)?.points.filter { steps.contains($0.step) } ?? [])
        }
        var tail: [MetricPoint] = []
        try snapshot.db.query(
            """
            SELECT timestamp, step, value, is_nan FROM metric_points WHERE series = ?1 AND step BETWEEN ?2 AND ?3
            """, series, steps.lowerBound, steps.upperBound
        ) { tail.append($0.metricPoint()) }
        if let block = Block(tail) { blocks.append(block) }
        blocks.sort { one, other in
            if one.minStep != other.minStep { return one.minStep < other.minStep }
            if one.maxStep != other.maxStep { return one.maxStep < other.maxStep }
            return one.first.precedes(other.first)
        }
        var groups: [Group] = []
        for block in blocks {
            if let last = groups.indices.last, !groups[last].isBefore(block) {
                groups[last].add(block)
            } else {
                groups.append(Group(block))
            }
        }
        self.groups = groups
        total = groups.reduce(0) { $0 + $1.count }
    }

    /// The points at these places in order of step; the places rise.
    func points(at positions: [Int]) throws -> [MetricPoint] {
        var found: [MetricPoint] = []
        found.reserveCapacity(positions.count)
        var wanted = positions[...]
        var start = 0
        for group in groups {
            let inside = wanted.prefix { $0 < start + group.count }
            if !inside.isEmpty {
                let points = try open(group)
                found += inside.map { points[$0 - start] }
                wanted = wanted.dropFirst(inside.count)
            }
            start += group.count
        }
        return found
    }

    /// Calls with every point, in order of step. One group is held at a time.
    func walk(_ body: (MetricPoint) -> Void) throws {
        for group in groups { for point in try open(group) { body(point) } }
    }

    private func open(_ group: Group) throws -> [MetricPoint] {
        var points: [MetricPoint] = []
        for block in group.blocks {
            if let id = block.chunk { points += try snapshot.chunk(id)?.points ?? [] } else { points += block.points }
        }
        let isInOrder = zip(points, points.dropFirst()).allSatisfy { !$1.isBefore($0) }
        return isInOrder ? points : points.sorted { $0.isBefore($1) }
    }
}

extension MetricPoint {
    /// The order of a chart: by step, then as in a history.
    fileprivate func isBefore(_ other: MetricPoint) -> Bool {
        step != other.step ? step < other.step : precedes(other)
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

    init(total: Int, count: Int) {
        buckets = min(total, max(count, 1))
        size = buckets > 0 ? total / buckets : 0
        larger = buckets > 0 ? total % buckets : 0
        next = buckets > 0 ? 0 : -1
    }

    mutating func advance() {
        next += bucket < larger ? size + 1 : size
        bucket += 1
        if bucket >= buckets { next = -1 }
    }
}
