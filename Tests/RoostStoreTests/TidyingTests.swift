// What the write lane does when it is idle beside packing, and what it remembers between writes.

import Glibc
import RoostCore
import Testing

@testable import RoostStore

private var byHand: StoreOptions {
    var options = StoreOptions()
    options.settlingPause = .seconds(3600)
    return options
}

extension Store {
    fileprivate func number(_ pragma: StaticString) async throws -> Int64 {
        try await read { try $0.db.first(pragma) { $0.int64(0) } ?? -1 }
    }
}

@Suite("Tidying")
struct TidyingTests {
    @Test("a file gives back what it no longer needs, and has the same in it")
    func shrinks() async throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/roost.db"
        let store = try openStore(.file(path), options: byHand)
        let run = try await store.makeRun()
        for start in stride(from: 0, to: 120_000, by: 1000) {
            try await store.log(
                run, metrics: (start..<start + 1000).map { ("m", Double($0) * 0.37, Int64($0) * 250, Int64($0)) })
        }
        let before = try await store.number("PRAGMA page_count")
        try store.settleAll()
        let after = try await store.number("PRAGMA page_count")
        // 120,000 points take about 3.5 MB as rows and a third of that in chunks.
        #expect(after < before / 2)
        let spare = try await store.number("PRAGMA freelist_count")
        #expect(spare <= max(Shrinking.spare, after / Shrinking.part))
        let page = try await store.read { try $0.history(run, key: "m", limit: nil, after: nil) }
        #expect(page.metrics.map(\.point.step) == Array(0..<120_000))
        #expect(try await store.read { try $0.db.first("PRAGMA integrity_check") { $0.text(0) } } == "ok")
        store.close()
        // The file itself, once its log is written back.
        #expect(fileSize(path) == Int(after) * 4096)
    }

    @Test("a file without room to give back is left alone")
    func leavesAlone() async throws {
        try await withStore(options: byHand) { store in
            let run = try await store.makeRun()
            try await store.log(run, metrics: [("m", 1, 1, 1)])
            let before = try await store.number("PRAGMA page_count")
            try store.settleAll()
            #expect(try await store.number("PRAGMA page_count") == before)
        }
    }

    @Test("the number of a key that was undone is not used again for its name")
    func forgetsUndoneKeys() async throws {
        try await withStore(options: byHand) { store in
            let run = try await store.makeRun()
            try await store.log(run, params: [("fixed", "1")])
            // New names, and then a value that may not change: all of it is undone, the new names too.
            await #expect(throws: APIError.self) {
                try await store.log(run, params: [("lost", "x"), ("gone", "y"), ("fixed", "2")])
            }
            // Its number is taken by another name, so a memory of the old one would mix the two up.
            try await store.log(run, params: [("other", "a")])
            try await store.log(run, params: [("lost", "b"), ("gone", "c")])
            let found = try await store.read { try $0.run(run) }
            #expect(
                found.params == [
                    KeyValue("fixed", "1"), KeyValue("gone", "c"), KeyValue("lost", "b"), KeyValue("other", "a"),
                ])
        }
    }

    @Test("more names than are remembered")
    func manyKeys() async throws {
        try await withStore(options: byHand) { store in
            let run = try await store.makeRun()
            for start in stride(from: 0, to: 2500, by: 100) {
                try await store.log(run, params: (start..<start + 100).map { ("p\($0)", "v\($0)") })
            }
            let params = try await store.read { try $0.run(run) }.params
            #expect(params.count == 2500)
            #expect(params.allSatisfy { $0.value == "v" + $0.key.dropFirst() })
        }
    }
}
