// The power is cut at random while many clients write: the disk forgets whatever was not synced. What was answered before is
// there afterwards, exactly; what was not is there whole or not at all.

import CFaults
import CSQLite
import RoostCore
import Synchronization
import Testing

@testable import RoostStore

extension FaultTests {
    /// What was answered while there was power, and what was sent.
    private final class Ledger: Sendable {
        private let state = Mutex((sent: Set<Int64>(), answered: Set<Int64>()))

        func send(_ step: Int64) { state.withLock { _ = $0.sent.insert(step) } }

        /// Counts an answer unless the power went before it arrived.
        /// - Returns: how many there are.
        func answer(_ step: Int64) -> Int {
            state.withLock { state in
                if !faults_power_is_cut() { state.answered.insert(step) }
                return state.answered.count
            }
        }

        var sent: Set<Int64> { state.withLock { $0.sent } }
        var answered: Set<Int64> { state.withLock { $0.answered } }
    }

    @Test("a power cut takes nothing that was answered", arguments: 0..<12)
    func powerCut(_ seed: Int) async throws {
        let (answered, lost) = try await cut(seed, .full)
        #expect(lost.isEmpty, "\(lost.count) of \(answered.count) answered writes are gone")
        #expect(!answered.isEmpty)
    }

    @Test("with the durability 'normal' a power cut may take the last writes, and leaves the rest whole")
    func normal() async throws {
        var lost = 0
        for seed in 0..<6 { lost += try await cut(seed, .normal).lost.count }
        // Otherwise the test above would prove nothing.
        #expect(lost > 0)
    }

    private func cut(_ seed: Int, _ durability: Durability) async throws -> (
        answered: Set<Int64>, lost: Set<Int64>
    ) {
        let directory = TemporaryDirectory()
        let path = directory.path + "/roost.db"
        var options = StoreOptions()
        options.fileLayer = "faults"
        options.durability = durability
        do {
            let store = try openStore(.file(path), options: options)
            _ = try await store.makeRun("r")
            store.close()
        }
        let store = try openStore(.file(path), options: options)
        let run = try await store.read { snapshot in
            try snapshot.db.first("SELECT run_id FROM runs") { $0.text(0) } ?? ""
        }
        faults_remember()
        let ledger = Ledger()
        let last = 20 + seed * 37
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for turn in 0..<Int64(200) where !faults_power_is_cut() {
                        let step = Int64(writer) * 1000 + turn
                        ledger.send(step)
                        do { try await store.logPair(run, step) } catch { continue }
                        if ledger.answer(step) >= last { faults_cut_power() }
                    }
                }
            }
        }
        faults_cut_power()
        store.close()
        #expect(faults_restore_power() >= 0)

        let again = try openStore(.file(path), options: options)
        defer { again.close() }
        #expect(try await again.complaints() == [])
        let steps = try await again.read { snapshot in
            try ["a", "b"].map { key in
                Set(try snapshot.history(run, key: key, limit: nil, after: nil).metrics.map(\.point.step))
            }
        }
        // Both halves of a batch or none, and nothing that nobody sent.
        #expect(steps[0] == steps[1])
        #expect(steps[0].isSubset(of: ledger.sent))
        let params = try await again.read { try $0.run(run) }.params
        #expect(Set(params.map { Int64($0.key.dropFirst()) ?? -1 }) == steps[0])
        return (ledger.answered, ledger.answered.subtracting(steps[0]))
    }
}

extension Store {
    /// Two points and a param, in one batch.
    fileprivate func logPair(_ run: String, _ step: Int64) async throws {
        try await log(
            run, metrics: [("a", Double(step), step, step), ("b", Double(step), step, step)],
            params: [("p\(step)", "v")])
    }
}
