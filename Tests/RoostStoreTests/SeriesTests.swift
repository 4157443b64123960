// Series for charts: what thinning keeps, and how it is asked for.

import RoostCore
import Testing

@testable import RoostStore

@Suite("Thinned series")
struct SeriesTests {
    private func point(_ step: Int, _ value: Double) -> MetricPoint {
        MetricPoint(value: value, timestamp: Int64(step), step: Int64(step))
    }

    private func thin(_ values: [Double], limit: Int, expected: Int = 0) -> [MetricPoint] {
        var thinner = Thinner(limit: limit, expected: expected)
        for (step, value) in values.enumerated() { thinner.take(point(step, value)) }
        #expect(thinner.total == values.count)
        return thinner.points
    }

    @Test("one spike and one dip in 1,000,000 points are there at 640", arguments: [0, 1_000_000, 77])
    func spike(expected: Int) {
        var thinner = Thinner(limit: 640, expected: expected)
        for step in 0..<1_000_000 {
            thinner.take(point(step, step == 654_321 ? 99 : step == 654_323 ? -99 : Double(step % 7)))
        }
        let points = thinner.points
        #expect(points.count <= 640 && points.count > 300)
        #expect(points.contains(point(654_321, 99)) && points.contains(point(654_323, -99)))
        #expect(points.first == point(0, 0) && points.last == point(999_999, Double(999_999 % 7)))
        #expect(thinner.total == 1_000_000 && thinner.nan == 0)
    }

    @Test("what fits is kept whole", arguments: [0, 1, 2, 10, 11])
    func whole(count: Int) {
        let values = (0..<count).map { Double($0 * $0 % 5) }
        let points = thin(values, limit: 11)
        #expect(points == values.enumerated().map { point($0, $1) })
    }

    @Test("ends, peaks and order hold for any series and any limit", arguments: 0..<200)
    func anySeries(seed: Int) {
        let world = TestWorld(seed: UInt64(seed)).world
        let count = 1 + Int(world.random() % 3000)
        let limit = 10 + Int(world.random() % 90)
        let values = (0..<count).map { _ in
            world.random() % 20 == 0 ? Double.nan : Double(Int64(bitPattern: world.random() % 1000)) - 500
        }
        let points = thin(values, limit: limit, expected: seed % 2 == 0 ? count : 0)
        #expect(points.count == count || points.count <= limit && points.count > limit / 4)
        #expect(points.first?.step == 0 && points.last?.step == Int64(count - 1))
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.step < $1.step })
        let numbers = values.filter { !$0.isNaN }
        let kept = points.map(\.value).filter { !$0.isNaN }
        #expect(kept.min() == numbers.min() && kept.max() == numbers.max())
        for point in points {
            let value = values[Int(point.step)]
            #expect(value == point.value || value.isNaN && point.value.isNaN)
        }
    }

    @Test("every piece gives its lowest and its highest")
    func pieces() {
        // 4 pieces of 10: the ends, and two of each piece.
        let peaks: [Int: Double] = [3: 50, 7: -50, 12: 60, 18: -60, 25: 70, 21: -70, 33: 80, 38: -80]
        let values = (0..<40).map { peaks[$0] ?? 0 }
        let points = thin(values, limit: 10, expected: 40)
        #expect(points.map(\.step) == [0, 3, 7, 12, 18, 21, 25, 33, 38, 39])
    }

    @Test("a piece of nothing but NaN shows it; NaN elsewhere gives way to numbers and is counted")
    func notANumber() {
        let values = (0..<40).map { 10..<20 ~= $0 || $0 == 5 ? Double.nan : Double($0) }
        var thinner = Thinner(limit: 10, expected: 40)
        for (step, value) in values.enumerated() { thinner.take(point(step, value)) }
        #expect(thinner.points.filter(\.value.isNaN).map(\.step) == [10])
        #expect(thinner.nan == 11)
    }

    @Test("a store gives the series in order of step, of all steps or of some, and nothing for what it does not know")
    func store() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            for part in 0..<5 {
                try await store.log(
                    run,
                    metrics: (0..<1000).map {
                        let step = part * 1000 + $0
                        return ("m", step == 3333 ? 1e6 : Double(step % 3), Int64(9000 - step), Int64(step))
                    })
            }
            // Most of the series lies in chunks then, and some of it beside them.
            try store.settleAll()
            try await store.log(run, metrics: [("m", 7, 9000, 5000)])
            let all = try await store.read {
                try $0.thinned(run, SeriesRequest(key: "m", maxPoints: 50, steps: .min ... .max))
            }
            #expect(
                all.total == 5001 && all.points.last?.value == 7 && all.points.count <= 50
                    && all.points.map(\.step).contains(3333))
            #expect(all.points.map(\.step) == all.points.map(\.step).sorted())
            let some = try await store.read {
                try $0.thinned(run, SeriesRequest(key: "m", maxPoints: 50, steps: 10...19))
            }
            #expect(some.total == 10 && some.points.map(\.step) == Array(10...19))
            for (id, key) in [(run, "other"), ("nobody", "m")] {
                let none = try await store.read {
                    try $0.thinned(id, SeriesRequest(key: key, maxPoints: 50, steps: .min ... .max))
                }
                #expect(none.total == 0 && none.points.isEmpty && none.runID == id)
            }
        }
    }
}
