// Points in chunks and in the tail: one history whatever lies where, each point once.

import RoostCore
import Testing

@testable import RoostStore

/// What a series should be: a set of points, with MLflow's rule of identity.
private struct Model {
    struct Key: Hashable {
        let timestamp: Int64
        let step: Int64
        let value: Double
        let isNaN: Bool

        init(_ point: MetricPoint) {
            (timestamp, step) = (point.timestamp, point.step)
            (value, isNaN) = (point.value.isNaN ? 0 : point.value, point.value.isNaN)
        }
    }

    var points: [Key: MetricPoint] = [:]

    mutating func add(_ new: [MetricPoint]) {
        for point in new where points[Key(point.storable)] == nil { points[Key(point.storable)] = point.storable }
    }

    var history: [MetricPoint] {
        points.values.sorted {
            let (a, b) = (Key($0), Key($1))
            return (a.timestamp, a.step, a.value, a.isNaN ? 1 : 0) < (b.timestamp, b.step, b.value, b.isNaN ? 1 : 0)
        }
    }

    var bySteps: [MetricPoint] {
        points.values.sorted {
            let (a, b) = (Key($0), Key($1))
            return (a.step, a.timestamp, a.value, a.isNaN ? 1 : 0) < (b.step, b.timestamp, b.value, b.isNaN ? 1 : 0)
        }
    }

    /// MLflow's rule for samples, by the definition of NTILE.
    func sample(_ count: Int, _ steps: ClosedRange<Int64>) -> [MetricPoint] {
        let inside = bySteps.filter { steps.contains($0.step) }
        guard let last = inside.last else { return [] }
        let buckets = min(count, inside.count)
        var start = 0
        var taken: [MetricPoint] = []
        for bucket in 0..<buckets {
            taken.append(inside[start])
            start += inside.count / buckets + (bucket < inside.count % buckets ? 1 : 0)
        }
        if let end = taken.last, Key(end) != Key(last) {
            if taken.count >= count { taken.removeLast() }
            taken.append(last)
        }
        return taken
    }
}

/// Equal, NaN being equal to itself.
private func same(_ one: [MetricPoint], _ other: [MetricPoint]) -> Bool {
    one.count == other.count
        && zip(one, other).allSatisfy { a, b in
            a.timestamp == b.timestamp && a.step == b.step && (a.value == b.value || a.value.isNaN && b.value.isNaN)
        }
}

extension Store {
    fileprivate func log(_ run: String, _ points: [MetricPoint]) async throws {
        try await write { tx in
            try tx.log(run, LogBatch(metrics: points.map { Metric(key: "m", point: $0) }, params: [], tags: []))
        }
    }

    fileprivate func history(_ run: String, limit: Int? = nil) async throws -> [MetricPoint] {
        var points: [MetricPoint] = []
        var token: PageToken?
        repeat {
            let page = try await read { [token] in try $0.history(run, key: "m", limit: limit, after: token) }
            points += page.metrics.map(\.point)
            token = try page.nextPageToken.map { try PageToken($0) }
        } while token != nil
        return points
    }

    /// How many chunks there are, and how many points in chunks, in tails, and by the count of the series.
    fileprivate func counts() async throws -> [Int64] {
        try await read { snapshot in
            try snapshot.db.first(
                """
                SELECT (SELECT count(*) FROM metric_chunks), (SELECT coalesce(sum(points), 0) FROM metric_chunks),
                    (SELECT count(*) FROM metric_points), (SELECT sum(points) FROM metric_series),
                    (SELECT sum(tail) FROM metric_series), (SELECT count(*) FROM metric_series WHERE is_due = 1)
                """
            ) { row in (0..<6).map { row.int64($0) } } ?? []
        }
    }
}

/// No settling but that of the test.
private var byHand: StoreOptions {
    var options = StoreOptions()
    options.settlingPause = .seconds(3600)
    return options
}

private func steady(_ range: Range<Int>) -> [MetricPoint] {
    range.map { MetricPoint(value: Double($0) / 7, timestamp: 1_764_000_000_000 + Int64($0) * 1000, step: Int64($0)) }
}

@Suite("Chunks")
struct ChunkTests {
    @Test("a tail becomes a chunk when it is full, and the rest when the run has ended")
    func settles() async throws {
        try await withStore(options: byHand) { store in
            let run = try await store.makeRun()
            try await store.log(run, steady(0..<1023))
            try store.settleAll()
            #expect(try await store.counts() == [0, 0, 1023, 1023, 1023, 0])
            try await store.log(run, steady(1023..<2100))
            try store.settleAll()
            #expect(try await store.counts() == [2, 2048, 52, 2100, 52, 0])
            #expect(try await store.history(run) == steady(0..<2100))
            _ = try await store.write { try $0.updateRun(run, status: .finished, endTime: 1, name: nil) }
            try store.settleAll()
            #expect(try await store.counts() == [3, 2100, 0, 2100, 0, 0])
            #expect(try await store.history(run) == steady(0..<2100))
            // The chunk of 52 grows with what comes later, and short tails stay.
            try await store.log(run, steady(2100..<2120))
            _ = try await store.write { try $0.updateRun(run, status: .finished, endTime: 1, name: nil) }
            try store.settleAll()
            #expect(try await store.counts() == [3, 2100, 20, 2120, 20, 0])
            try await store.log(run, steady(2120..<2140))
            _ = try await store.write { try $0.updateRun(run, status: .finished, endTime: 1, name: nil) }
            try store.settleAll()
            #expect(try await store.counts() == [3, 2140, 0, 2140, 0, 0])
            #expect(try await store.history(run) == steady(0..<2140))
        }
    }

    @Test("the same points again are no points, whether in a chunk or in the tail")
    func duplicates() async throws {
        try await withStore(options: byHand) { store in
            let run = try await store.makeRun()
            var points = steady(0..<1500)
            points[3] = MetricPoint(value: .nan, timestamp: points[3].timestamp, step: 3)
            points[4] = MetricPoint(value: .infinity, timestamp: points[4].timestamp, step: 4)
            for _ in 0..<3 {
                try await store.log(run, points)
                try store.settleAll()
                #expect(try await store.counts() == [1, 1024, 476, 1500, 476, 0])
            }
            // Alike but for one column: a zero beside the NaN is another point.
            let other = MetricPoint(value: 0, timestamp: points[3].timestamp, step: 3)
            try await store.log(run, [other, other])
            #expect(try await store.history(run).count == 1501)
            #expect(try await store.read { try $0.run(run) }.metrics.first?.point.step == 1499)
        }
    }

    @Test("any mix of orders, duplicates and settling gives the history of a plain set", arguments: 0..<8)
    func model(_ seed: Int) async throws {
        try await withStore(options: byHand) { store in
            var dice = Dice(seed: UInt64(seed))
            let run = try await store.makeRun()
            var model = Model()
            let spread = [Int64(50), 5000, 1 << 40][seed % 3]
            for round in 0..<6 {
                let count = [1, 40, 700, 1500, 3000][Int.random(in: 0..<5, using: &dice)]
                let isSteady = Bool.random(using: &dice)
                let points = (0..<count).map { index in
                    let value = [0.0, 1, -1, .nan, .infinity, 0.5][Int.random(in: 0..<6, using: &dice)]
                    return isSteady
                        ? MetricPoint(value: value, timestamp: Int64(round * 1000 + index), step: Int64(index))
                        : MetricPoint(
                            value: value, timestamp: .random(in: 0..<spread, using: &dice),
                            step: .random(in: 0..<spread, using: &dice))
                }
                model.add(points)
                try await store.log(run, points)
                if Bool.random(using: &dice) {
                    _ = try await store.write { try $0.updateRun(run, status: .finished, endTime: 1, name: nil) }
                }
                if round != 4 { try store.settleAll() }
                let whole = try await store.history(run)
                #expect(same(whole, model.history), "seed \(seed), round \(round)")
                let info = try await store.read { try $0.run(run) }
                #expect(info.metrics.first.map { same([$0.point], [model.bySteps.last ?? $0.point]) } == true)
                let counts = try await store.counts()
                #expect(counts[1] + counts[2] == counts[3] && counts[2] == counts[4])
                #expect(Int(counts[3]) == model.points.count)
            }
            #expect(same(try await store.history(run, limit: 333), model.history))
            for count in [1, 7, 320] {
                for steps in [Int64.min ... .max, 3...40, 100...2000] {
                    let sample = try await store.read {
                        try $0.sample(run, HistorySample(key: "m", count: count, steps: steps))
                    }
                    #expect(same(sample.map(\.point), model.sample(count, steps)), "seed \(seed), \(count), \(steps)")
                }
            }
        }
    }

    @Test("the lane settles by itself once it is quiet, and after opening what was left")
    func byItself() async throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/roost.db"
        let first = try openStore(.file(path), options: byHand)
        let run = try await first.makeRun()
        try await first.log(run, steady(0..<3000))
        #expect(try await first.counts()[2] == 3000)
        first.close()
        var options = StoreOptions()
        options.settlingPause = .milliseconds(1)
        let second = try openStore(.file(path), options: options)
        defer { second.close() }
        func settled(_ tail: Int64) async throws -> Bool {
            for _ in 0..<500 {
                if try await second.counts()[2] == tail { return true }
                try await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
        #expect(try await settled(3000 - 2048))
        try await second.log(run, steady(3000..<4500))
        #expect(try await settled(4500 - 4096))
        #expect(try await second.history(run) == steady(0..<4500))
    }

    @Test("a damaged chunk is an error of its history, and no wrong points")
    func damaged() async throws {
        try await withStore(options: byHand) { store in
            let run = try await store.makeRun()
            try await store.log(run, steady(0..<1024))
            try store.settleAll()
            try await store.write { try $0.db.run("UPDATE metric_chunks SET data = substr(data, 1, 50)") }
            await #expect(throws: APIError(.internalError, "The server's database is damaged; its log says more.")) {
                _ = try await store.history(run)
            }
        }
    }

    @Test("ten steady series of 10,000 random doubles take less than 12 bytes a point, indexes and all")
    func space() async throws {
        try await withStore(options: byHand) { store in
            var dice = Dice(seed: 1)
            let run = try await store.makeRun()
            for key in 0..<10 {
                for start in stride(from: 0, to: 10_000, by: 2500) {
                    let metrics = (start..<start + 2500).map { step in
                        Metric(
                            key: "m\(key)",
                            point: MetricPoint(
                                value: .random(in: 0..<1, using: &dice),
                                timestamp: 1_764_000_000_000 + Int64(step) * 1000 + .random(in: 0..<20, using: &dice),
                                step: Int64(step)))
                    }
                    try await store.write { try $0.log(run, LogBatch(metrics: metrics, params: [], tags: [])) }
                }
            }
            _ = try await store.write { try $0.updateRun(run, status: .finished, endTime: 1, name: nil) }
            try store.settleAll()
            let (used, free) = try await store.read { snapshot in
                func number(_ sql: StaticString) throws -> Int64 { try snapshot.db.first(sql) { $0.int64(0) } ?? 0 }
                let free = try number("PRAGMA freelist_count")
                return (try number("PRAGMA page_count") - free, free)
            }
            #expect(used * 4096 < 12 * 100_000)
            // What the tail took was given back.
            #expect(free <= max(Shrinking.spare, used / Shrinking.part + 1))
        }
    }
}
