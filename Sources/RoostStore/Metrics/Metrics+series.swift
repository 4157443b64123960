// Series for charts: thinned so that every peak and every dip is still there.

public import RoostCore

/// Asks for a metric of a run, thinned to a number of points.
public struct SeriesRequest: Sendable {
    public let key: String
    /// Points at most.
    public let maxPoints: Int
    /// The steps looked at, both ends included.
    public let steps: ClosedRange<Int64>

    public init(key: String, maxPoints: Int, steps: ClosedRange<Int64>) {
        self.key = key
        self.maxPoints = maxPoints
        self.steps = steps
    }
}

/// A metric of a run as a chart draws it.
public struct ThinnedSeries: Sendable {
    public let runID: String
    /// In order of step, then timestamp, then value.
    public let points: [MetricPoint]
    /// How many points there are in the steps that were asked for.
    public let total: Int64
    /// How many of them are not a number.
    public let nan: Int64

    public init(runID: String, points: [MetricPoint], total: Int64, nan: Int64) {
        self.runID = runID
        self.points = points
        self.total = total
        self.nan = nan
    }
}

extension Snapshot {
    /// The series of a run, with its first and last point and with the lowest and highest of every piece between them.
    ///
    /// A run or metric that is unknown has no points, as in a history.
    public func thinned(_ runID: String, _ request: SeriesRequest) throws -> ThinnedSeries {
        guard let series = try seriesID(runID, request.key) else {
            return ThinnedSeries(runID: runID, points: [], total: 0, nan: 0)
        }
        let blocks = try StepBlocks(snapshot: self, series: series, steps: request.steps)
        var thinner = Thinner(limit: request.maxPoints, expected: blocks.total)
        try blocks.walk { thinner.take($0) }
        return ThinnedSeries(runID: runID, points: thinner.points, total: Int64(thinner.total), nan: Int64(thinner.nan))
    }
}

/// Thins points as they come by: it holds no more than it gives, however many there are.
///
/// What fits is kept whole. Beyond that the points are dealt into pieces of equal length, of which the lowest and the
/// highest stay; when there are too many pieces, two and two become one. Not-a-number stays where a piece has nothing else.
struct Thinner {
    private struct Piece {
        /// Positions in the series come along, to put the two in order and to know the ends.
        var lowest: (position: Int, point: MetricPoint)
        var highest: (position: Int, point: MetricPoint)

        mutating func take(_ other: Piece) {
            if isBetter(other.lowest.point, than: lowest.point, <) { lowest = other.lowest }
            if isBetter(other.highest.point, than: highest.point, >) { highest = other.highest }
        }

        private func isBetter(_ one: MetricPoint, than held: MetricPoint, _ beats: (Double, Double) -> Bool) -> Bool {
            beats(one.value, held.value) || held.value.isNaN && !one.value.isNaN
        }
    }

    private let limit: Int
    private let most: Int
    private var length: Int
    private var whole: [MetricPoint] = []
    private var pieces: [Piece] = []
    private var last: MetricPoint?
    private(set) var total = 0
    private(set) var nan = 0

    /// - Parameters:
    ///   - limit: points to give at most; 4 or more.
    ///   - expected: how many points will come, as far as that is known; the pieces are finer then.
    init(limit: Int, expected: Int = 0) {
        self.limit = limit
        most = max(1, (limit - 2) / 2)
        length = max(1, (expected + most - 1) / most)
    }

    mutating func take(_ point: MetricPoint) {
        if point.value.isNaN { nan += 1 }
        last = point
        if total < limit {
            whole.append(point)
        } else {
            if total == limit { for (position, held) in whole.enumerated() { deal(held, position) } }
            deal(point, total)
        }
        total += 1
    }

    /// What is left, in order.
    var points: [MetricPoint] {
        guard total > limit, let first = whole.first, let last else { return whole }
        var points = [first]
        for piece in pieces {
            let ends = [piece.lowest, piece.highest].sorted { $0.position < $1.position }
            for (index, end) in ends.enumerated() where 0 < end.position && end.position < total - 1 {
                if index == 0 || end.position != ends[0].position { points.append(end.point) }
            }
        }
        points.append(last)
        return points
    }

    private mutating func deal(_ point: MetricPoint, _ position: Int) {
        if position / length >= most { halve() }
        let piece = Piece(lowest: (position, point), highest: (position, point))
        if position / length < pieces.count {
            pieces[position / length].take(piece)
        } else {
            pieces.append(piece)
        }
    }

    private mutating func halve() {
        var fewer: [Piece] = []
        for (index, piece) in pieces.enumerated() {
            if index % 2 == 0 { fewer.append(piece) } else { fewer[index / 2].take(piece) }
        }
        pieces = fewer
        length *= 2
    }
}
