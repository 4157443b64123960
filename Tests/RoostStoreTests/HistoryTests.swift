// Histories of metrics: pages, and samples for charts.

import RoostCore
import RoostStore
import Testing

@testable import RoostStore

@Suite("Histories")
struct HistoryTests {
    @Test("pages of a history join to the whole, points logged meanwhile included once")
    func pages() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await store.log(run, metrics: (0..<10).map { ("m", Double($0), Int64($0), 0) })
            let first = try await store.read { try $0.history(run, key: "m", limit: 4, after: nil) }
            try await store.log(run, metrics: [("m", 0.5, 0, 0), ("m", 99, 99, 0)])
            var values = first.metrics.map(\.point.value)
            var token = first.nextPageToken
            while let text = token {
                let page = try await store.read { try $0.history(run, key: "m", limit: 4, after: try PageToken(text)) }
                values += page.metrics.map(\.point.value)
                token = page.nextPageToken
            }
            #expect(values == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99])
        }
    }

    @Test("a sample has the asked number of points, evenly by position, the first and the last among them")
    func sample() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await store.log(run, metrics: (0..<100).map { ("m", Double($0), 1, Int64($0)) })
            let five = try await store.read { try $0.sample(run, HistorySample(key: "m", count: 5, steps: nil)) }
            #expect(five.map(\.point.step) == [0, 20, 40, 60, 99])
            let part = try await store.read { try $0.sample(run, HistorySample(key: "m", count: 3, steps: 10...13)) }
            #expect(part.map(\.point.step) == [10, 12, 13])
            let one = try await store.read { try $0.sample(run, HistorySample(key: "m", count: 1, steps: nil)) }
            #expect(one.map(\.point.step) == [99])
            let all = try await store.read { try $0.sample(run, HistorySample(key: "m", count: 1000, steps: nil)) }
            #expect(all.count == 100)
        }
    }

    @Test("buckets are those of NTILE", arguments: [(10, 3), (10, 4), (3, 10), (1, 1), (0, 5), (7, 7)])
    func buckets(total: Int, count: Int) {
        var buckets = Buckets(total: total, count: count)
        var taken: [Int] = []
        while buckets.next >= 0 {
            taken.append(buckets.next)
            buckets.advance()
        }
        // By the definition: the first `total % count` buckets hold one more than the others.
        let used = min(total, count)
        let sizes = (0..<used).map { total / used + ($0 < total % used ? 1 : 0) }
        #expect(taken == sizes.indices.map { sizes[..<$0].reduce(0, +) })
    }
}
