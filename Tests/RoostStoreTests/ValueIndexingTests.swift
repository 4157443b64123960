// Params and tags on their way into the indexes by value: found before and after, and gone with their run.

import RoostCore
import RoostSearch
import Testing

@testable import RoostStore

private func runs(_ store: Store, _ filter: String) async throws -> Int {
    let search = RunSearch(
        experiments: [0], filter: try Vocabulary.runs.filter(filter), order: [], view: .all, limit: 5000, token: nil,
        source: [filter])
    return try await store.read { try $0.searchRuns(search).runs.count }
}

private func count(_ store: Store, _ sql: String) async throws -> Int {
    try await store.read { snapshot in
        var found = 0
        try snapshot.db.query(compiled: sql, []) { found = Int($0.int64(0)) }
        return found
    }
}

/// Rows of params and tags that no index by value has, and runs that are to be taken in.
private func waiting(_ store: Store) async throws -> [Int] {
    [
        try await count(store, "SELECT count(*) FROM run_params WHERE is_indexed = 0"),
        try await count(store, "SELECT count(*) FROM run_tags WHERE is_indexed = 0"),
        try await count(store, "SELECT count(*) FROM unindexed_runs"),
    ]
}

@Suite("Indexes by value")
struct ValueIndexingTests {
    /// Nothing is taken in by itself while a test looks.
    private var patient: StoreOptions {
        var options = StoreOptions()
        options.settlingPause = .seconds(3600)
        return options
    }

    @Test("what is logged waits, is found meanwhile, and is taken in piece by piece")
    func pieces() async throws {
        try await withStore(options: patient) { store in
            // More params than a piece, in one run and in many.
            let large = try await store.makeRun("large", start: 0)
            let many = 4 * ValueIndexing.piece(.quiet) + 500
            for first in stride(from: 0, to: many, by: 500) {
                let params = (first..<first + 500).map { KeyValue("p\($0)", "v") }
                try await store.write { try $0.log(large, LogBatch(metrics: [], params: params, tags: [])) }
            }
            for number in 0..<30 {
                let run = try await store.makeRun("run \(number)", start: 1)
                try await store.write { try $0.logParam(run, KeyValue("p7", number < 10 ? "v" : "w")) }
            }
            #expect(try await waiting(store) == [many + 30, 31, 31])
            #expect(try await runs(store, "params.p7 = 'v'") == 11)
            var pieces = 0
            while try await store.write({ try $0.indexValues(.quiet) }) {
                pieces += 1
                #expect(try await runs(store, "params.p7 = 'v'") == 11)
                #expect(try await runs(store, "params.p7 = 'w' AND tags.mlflow.runName = 'run 20'") == 1)
                #expect(try await store.read { try $0.findings() } == [])
            }
            #expect(pieces == 6)
            #expect(try await waiting(store) == [0, 0, 0])
            // A value that is logged again waits for nothing; a tag that changes is found at once.
            try await store.write { try $0.logParam(large, KeyValue("p7", "v")) }
            #expect(try await waiting(store)[0] == 0)
            try await store.write { try $0.setTag(large, KeyValue("mlflow.runName", "renamed")) }
            #expect(try await waiting(store)[1] == 0)
            #expect(try await runs(store, "tags.mlflow.runName = 'renamed'") == 1)
            #expect(try await runs(store, "tags.mlflow.runName = 'large'") == 0)
        }
    }

    @Test("a piece takes the runs it has room for, and one with more values waits until all of them are in")
    func sizes() async throws {
        try await withStore(options: patient) { store in
            let piece = ValueIndexing.piece(.busy)
            // The tag of its name and params: two that fill a piece together, one alone, one over it.
            let params = [piece - 11, 9, piece - 1, piece + 4, 0]
            for (number, count) in params.enumerated() {
                let run = try await store.makeRun("run", start: Int64(number))
                let batch = LogBatch(
                    metrics: [], params: (0..<count).map { KeyValue("p\($0)", "v\(number)") }, tags: [])
                try await store.write { try $0.log(run, batch) }
            }
            var left = [try await waiting(store)[2]]
            while try await store.write({ try $0.indexValues(.busy) }) { left.append(try await waiting(store)[2]) }
            #expect(left == [5, 3, 2, 2, 0])
            #expect(try await waiting(store) == [0, 0, 0])
            for (number, count) in params.enumerated() where count > 0 {
                #expect(try await runs(store, "params.p\(count - 1) = 'v\(number)'") == 1)
            }
        }
    }

    @Test("a refused batch leaves nothing that waits, and a run that is removed does not wait any more")
    func undone() async throws {
        try await withStore(options: patient) { store in
            let run = try await store.makeRun("run", start: 0)
            try await store.write { try $0.logParam(run, KeyValue("a", "1")) }
            while try await store.write({ try $0.indexValues(.busy) }) {}
            await #expect(throws: APIError.self) {
                try await store.write {
                    try $0.log(
                        run, LogBatch(metrics: [], params: [KeyValue("b", "1"), KeyValue("a", "2")], tags: []))
                }
            }
            #expect(try await waiting(store) == [0, 0, 0])
            try await store.write { try $0.logParam(run, KeyValue("b", "1")) }
            #expect(try await waiting(store) == [1, 0, 1])
            try await store.write { tx in try tx.removeRun(try tx.snapshot.runRow(run).id) }
            #expect(try await waiting(store) == [0, 0, 0])
        }
    }

    @Test("a row that was forgotten is found by the check")
    func forgotten() async throws {
        try await withStore(options: patient) { store in
            let run = try await store.makeRun("run", start: 0)
            try await store.write { try $0.logParam(run, KeyValue("a", "1")) }
            #expect(try await store.read { try $0.findings() } == [])
            try await store.write { try $0.db.run("DELETE FROM unindexed_runs") }
            let places = try await store.read { try $0.findings() }.map(\.place)
            #expect(places == ["\(run) a", "\(run) mlflow.runName"])
        }
    }
}
