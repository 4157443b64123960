// The write lane: grouping, isolation of failures, bounds, and what a reader sees.

import Logging
import RoostCore
import Testing

@testable import RoostStore

@Suite("The write lane")
struct LaneTests {
    @Test("many writers at once are all there afterwards, in fewer commits than writes")
    func grouped() async throws {
        let telemetry = Telemetry()
        try await withStore(telemetry: telemetry) { store in
            let run = try await store.makeRun()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for step in 0..<500 {
                    group.addTask { try await store.log(run, metrics: [("m", Double(step), 1, Int64(step))]) }
                }
                try await group.waitForAll()
            }
            let history = try await store.read { try $0.history(run, key: "m", limit: nil, after: nil) }
            #expect(history.metrics.count == 500)
            #expect(telemetry.batchSize.reading.count < 500)
            #expect(telemetry.writeQueueDepth.value == 0)
        }
    }

    @Test("the lane tells whether writes come in", .timeLimit(.minutes(1)))
    func busy() async throws {
        let context = LaneContext(
            world: TestWorld().world, options: StoreOptions(), telemetry: Telemetry(), log: Logger(label: "test"))
        let lane = try WriteLane(
            context: context, chore: { _, _ in false },
            open: { try SQLiteConnection(path: ":memory:", create: true) })
        let whileWriting = try await lane.write(weight: 1) { _ in lane.isBusy }
        #expect(whileWriting)
        // And a moment after the last of them no more.
        while lane.isBusy { await Task.yield() }
        lane.close()
    }

    @Test("a failing operation in the middle of a batch takes no other with it")
    func isolated() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            try await store.write { tx in
                                try tx.logParam(run, KeyValue("p\(number)", "v"))
                                if number.isMultiple(of: 3) { throw APIError.invalid("on purpose") }
                            }
                            return true
                        } catch { return false }
                    }
                }
                var kept = 0
                for try await outcome in group where outcome { kept += 1 }
                #expect(kept == 133)
            }
            let params = try await store.read { try $0.run(run) }.params
            #expect(params.count == 133)
        }
    }

    @Test("a full queue answers 503 and loses nothing it took")
    func bounded() async throws {
        var options = StoreOptions()
        options.queueLimit = 4
        try await withStore(options: options) { store in
            let run = try await store.makeRun()
            let outcomes = await withTaskGroup(of: Int?.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        do {
                            try await store.log(run, params: [("p\(number)", "v")])
                            return nil
                        } catch let error as APIError { return error.status } catch { return -1 }
                    }
                }
                return await group.reduce(into: [Int?]()) { $0.append($1) }
            }
            let refused = outcomes.compactMap { $0 }
            #expect(refused.allSatisfy { $0 == 503 })
            let params = try await store.read { try $0.run(run) }.params
            #expect(params.count == 400 - refused.count)
        }
    }

    @Test("concurrent makers of one experiment: one wins, the others are told, and all find it")
    func oneExperiment() async throws {
        try await withStore { store in
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        var made = true
                        do {
                            _ = try await store.write {
                                try $0.createExperiment(name: "same", artifactLocation: nil, tags: [])
                            }
                        } catch let error as APIError {
                            #expect(error.code == .resourceAlreadyExists)
                            made = false
                        }
                        let found = try await store.read { try $0.experiment(named: "same") }
                        #expect(found != nil)
                        return made
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
        }
    }

    @Test("a store in memory reads what it wrote")
    func memory() async throws {
        let store = try openStore(.memory)
        let run = try await store.makeRun("m")
        #expect(try await store.read { try $0.run(run) }.info.name == "m")
        store.close()
    }
}
