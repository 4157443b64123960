// Counters that every part of the server may raise, and `/metrics` prints.

internal import Synchronization

/// A number that only grows, or a gauge that goes both ways.
public final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    public init() {}
    public var value: Int { number.load(ordering: .relaxed) }
    public func add(_ amount: Int = 1) { number.wrappingAdd(amount, ordering: .relaxed) }
    public func set(_ amount: Int) { number.store(amount, ordering: .relaxed) }
}

/// Counts observations by size, in buckets as Prometheus wants them.
public final class Histogram: Sendable {
    /// Upper bounds, inclusive, ascending; what is greater than the last is counted in `total` alone.
    public let bounds: [Double]
    private let counts: [Counter]
    private let total = Counter()
    /// The sum in thousandths, so that it can be an integer.
    private let thousandths = Counter()

    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = bounds.map { _ in Counter() }
    }

    public func observe(_ size: Double) {
        if let index = bounds.firstIndex(where: { size <= $0 }) { counts[index].add() }
        total.add()
        thousandths.add(Int(size * 1000))
    }

    /// How many observations were at most each bound; then all of them, and their sum.
    public var reading: (cumulative: [Int], count: Int, sum: Double) {
        var running = 0
        let cumulative = counts.map { counter in
            running += counter.value
            return running
        }
        return (cumulative, total.value, Double(thousandths.value) / 1000)
    }
}

/// The counters of one server. There may be several servers in a process; each has its own.
public final class Telemetry: Sendable {
    /// Operations waiting for the write lane.
    public let writeQueueDepth = Counter()
    /// Operations in one transaction.
    public let batchSize = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    /// Milliseconds of a commit, the disk's sync included.
    public let commitTime = Histogram(bounds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000])
    /// Commits that failed, each with its whole batch.
    public let commitFailures = Counter()

    private let routes = Mutex<[RouteKey: RouteReading]>([:])

    /// A route's path and the status it answered.
    public struct RouteKey: Hashable, Sendable {
        public let route: String
        public let status: Int
    }

    /// The counters of a route and status.
    public struct RouteReading: Sendable {
        public let count = Counter()
        /// Milliseconds from the request's head to the end of its answer.
        public let latency = Histogram(bounds: [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000])
    }

    public init() {}

    /// Counts an answer; `route` is a pattern of the table, never a client's text, so the keys are few.
    public func answered(route: String, status: Int, milliseconds: Double) {
        let key = RouteKey(route: route, status: status)
        let reading = routes.withLock { table in
            if let known = table[key] { return known }
            let new = RouteReading()
            table[key] = new
            return new
        }
        reading.count.add()
        reading.latency.observe(milliseconds)
    }

    /// All routes that have answered, in a stable order.
    public var answers: [(key: RouteKey, reading: RouteReading)] {
        routes.withLock { Array($0) }
            .map { (key: $0.key, reading: $0.value) }
            .sorted { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }
    }
}
