// The readers: large reads wait for each other, small ones for none of them, and all are answered.

import RoostCore
import RoostStore
import Synchronization
import Testing

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
