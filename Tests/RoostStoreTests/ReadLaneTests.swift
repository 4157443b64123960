// The readers: large reads wait for each other, small ones for none of them, and all are answered.

import Glibc
import RoostCore
import Synchronization
import Testing

@testable import RoostStore

@Suite("The read lane")
struct ReadLaneTests {
    /// Holds reads in their tracks until it is opened.
    private final class Gate: Sendable {
        let isOpen = Atomic<Bool>(false)
        let entered = Atomic<Int>(0)

        func wait() {
            entered.add(1, ordering: .sequentiallyConsistent)
            while !isOpen.load(ordering: .acquiring) { usleepBriefly() }
        }

        private func usleepBriefly() { _ = (0..<2000).reduce(0, &+) }
    }

    @Test(
        "however many large reads there are, a small one is answered, and in the end all are", .timeLimit(.minutes(1)))
    func smallReadsPass() async throws {
        try await withStore { store in
            let run = try await store.makeRun("small")
            let gate = Gate()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await store.read(.large) { _ in
                            gate.wait()
                            return number
                        }
                    }
                }
                while gate.entered.load(ordering: .acquiring) < store.options.readers - 1 { await Task.yield() }
                for _ in 0..<10 {
                    let found = try await store.read { try $0.run(run) }
                    #expect(found.info.name == "small")
                }
                // One connection has done nothing but small reads.
                #expect(gate.entered.load(ordering: .acquiring) == store.options.readers - 1)
                gate.isOpen.store(true, ordering: .releasing)
                var done: Set<Int> = []
                for try await number in group { done.insert(number) }
                #expect(done.count == 20)
            }
            let found = try await store.read(.large) { try $0.run(run) }
            #expect(found.info.name == "small")
        }
    }

    @Test("a read may rest between stretches of work, and its limit counts the work alone")
    func rests() async throws {
        try await withStore { store in
            // Some hundred thousand steps of SQLite.
            let query =
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT sum(i) FROM n"
            let (sum, rested) = try await store.read { snapshot in
                var sum: Int64 = 0
                var rested = 0
                let rest = {
                    usleep(20_000)
                    rested += 1
                    return true
                }
                try snapshot.db.withDeadline(.milliseconds(500), rest: rest) {
                    try snapshot.db.query(compiled: query, []) { sum = $0.int64(0) }
                }
                return (sum, rested)
            }
            #expect(sum == 200_010_000)
            #expect(rested > 25)
            // Work counts.
            await #expect(throws: APIError.self) {
                try await store.read { snapshot in
                    let rest = {
                        usleep(20_000)
                        return false
                    }
                    try snapshot.db.withDeadline(.milliseconds(100), rest: rest) {
                        try snapshot.db.query(compiled: query, []) { _ in }
                    }
                }
            }
        }
    }

    @Test("large reads alone use all connections but one, and a lane of one connection takes them too")
    func oneReader() async throws {
        var options = StoreOptions()
        options.readers = 1
        try await withStore(options: options) { store in
            let run = try await store.makeRun("one")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let size: ReadSize = number.isMultiple(of: 2) ? .large : .small
                        let found = try await store.read(size) { try $0.run(run) }
                        #expect(found.info.name == "one")
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
