// Every call to the disk fails once, and then for good, for each kind of request: nothing answered is lost, nothing is half
// there, the database stays whole, and the next request works once the fault is gone.

import CFaults
import CSQLite
import RoostCore
import RoostSearch
import Testing

@testable import RoostStore

/// What can fail, and with which words of SQLite.
struct Fault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kinds: Int32
    let code: Int32

    private init(_ name: String, _ kind: faults_kind, _ code: Int32) {
        testDescription = name
        kinds = Int32(kind.rawValue)
        self.code = code
    }

    /// The extended codes of reading, writing and so on are macros that Swift does not see: SQLITE_IOERR with a number.
    static let all = [
        Fault("a file cannot be opened", FAULTS_OPEN, SQLITE_CANTOPEN),
        Fault("a read fails", FAULTS_READ, SQLITE_IOERR | 1 << 8),
        Fault("a write fails", FAULTS_WRITE, SQLITE_IOERR | 3 << 8),
        Fault("the disk is full", FAULTS_WRITE, SQLITE_FULL),
        Fault("a file cannot be cut", FAULTS_TRUNCATE, SQLITE_IOERR | 6 << 8),
        Fault("a sync fails", FAULTS_SYNC, SQLITE_IOERR | 4 << 8),
        Fault("a lock is not given", FAULTS_LOCK, SQLITE_IOERR | 15 << 8),
        Fault("shared memory is refused", FAULTS_SHARED_MEMORY, SQLITE_IOERR | 21 << 8),
        Fault("a file cannot be deleted", FAULTS_DELETE, SQLITE_IOERR | 10 << 8),
    ]
}

/// A kind of request, and how to see whether all of it or nothing of it is there.
struct Operation: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let perform: @Sendable (Store, String) async throws -> Void
    /// How much of it is there: 0 for nothing, 1 for all; anything else is half.
    let extent: @Sendable (Run, Int) -> Double

    static let all = [
        Operation(testDescription: "create a run") { store, _ in
            _ = try await store.makeRun("made")
        } extent: { _, runs in
            Double(runs - 1)
        },
        Operation(testDescription: "log a point") { store, run in
            try await store.log(run, metrics: [("m", 1, 1, 1)])
        } extent: { run, _ in
            Double(run.metrics.filter { $0.key == "m" }.count)
        },
        Operation(testDescription: "log a batch of many pages") { store, run in
            try await store.log(
                run, metrics: (0..<200).map { ("m\($0)", 1, 1, 1) },
                params: (0..<100).map { ("p\($0)", String(repeating: "x", count: 500)) })
        } extent: { run, _ in
            Double(run.metrics.count - 1 + run.params.count) / 300
        },
        Operation(testDescription: "set a tag") { store, run in
            try await store.write { try $0.setTag(run, KeyValue("tag", "v")) }
        } extent: { run, _ in
            Double(run.tags.filter { $0.key == "tag" }.count)
        },
        Operation(testDescription: "end a run") { store, run in
            _ = try await store.write { try $0.updateRun(run, status: .finished, endTime: 5, name: "new") }
        } extent: { run, _ in
            (run.info.status == .finished ? 0.5 : 0) + (run.info.name == "new" ? 0.5 : 0)
        },
        Operation(testDescription: "search") { store, run in
            _ = try await store.read { try $0.run(run) }
        } extent: { _, _ in
            1
        },
    ]
}

@Suite("Faults of the disk", .serialized)
struct FaultTests {
    init() throws { try #require(faults_register() == SQLITE_OK) }

    @Test("at each call, once and for good", arguments: Fault.all, Operation.all)
    func requests(_ fault: Fault, _ operation: Operation) async throws {
        for stays in [false, true] {
            for count in 1...200 {
                if try await !tried(fault, operation, at: count, stays: stays) { break }
                #expect(count < 200, "the fault never ran out of calls")
            }
        }
    }

    /// Makes one call fail during one request, and looks at what is left. False when the request made fewer calls.
    private func tried(_ fault: Fault, _ operation: Operation, at count: Int, stays: Bool) async throws -> Bool {
        let directory = TemporaryDirectory()
        let path = directory.path + "/roost.db"
        let first = try openStore(.file(path))
        let run = try await first.makeRun("before")
        try await first.log(run, metrics: [("before", 1, 1, 1)])
        first.close()
        // Opened anew, so that the request finds nothing in memory.
        let store = try openStore(.file(path), options: options)
        faults_arm(fault.kinds, count, fault.code, stays)
        var isAnswered = false
        do {
            try await operation.perform(store, run)
            isAnswered = true
        } catch let error as APIError {
            #expect([503, 507].contains(error.status), "\(error)")
            #expect(!error.message.contains(directory.path) && !error.message.contains("SQL"))
        }
        let hasFired = faults_disarm()
        // The fault is gone: reads and writes work, the one after the failure included.
        try await store.write { try $0.setTag(run, KeyValue("after", "v")) }
        #expect(store.isHealthy)
        _ = try await store.read { try $0.run(run) }
        store.close()

        let again = try openStore(.file(path))
        let found = try await again.read { try $0.run(run) }
        let runs = try await again.read { snapshot in
            try snapshot.db.first("SELECT count(*) FROM runs") { Int($0.int64(0)) } ?? 0
        }
        let extent = operation.extent(found, runs)
        #expect(extent == 1 || extent == 0 && !isAnswered, "\(extent) of it is there; answered: \(isAnswered)")
        #expect(found.metrics.contains { $0.key == "before" } && found.tags.contains(KeyValue("after", "v")))
        #expect(try await again.complaints() == [])
        again.close()
        return hasFired
    }

    @Test("at each call while a database is made or opened", arguments: Fault.all, [true, false])
    func opening(_ fault: Fault, isNew: Bool) async throws {
        for stays in [false, true] {
            for count in 1...400 {
                let directory = TemporaryDirectory()
                let path = directory.path + "/roost.db"
                if !isNew { try openStore(.file(path)).close() }
                faults_arm(fault.kinds, count, fault.code, stays)
                do { try openStore(.file(path), options: options).close() } catch let error as StoreOpeningError {
                    #expect(error.description.hasSuffix("."))
                }
                let hasFired = faults_disarm()
                let store = try openStore(.file(path))
                _ = try await store.makeRun()
                #expect(try await store.complaints() == [])
                store.close()
                guard hasFired else { break }
                #expect(count < 400, "the fault never ran out of calls")
            }
        }
    }

    private var options: StoreOptions {
        var options = StoreOptions()
        options.fileLayer = "faults"
        return options
    }
}

extension Store {
    /// What SQLite finds wrong with the database, and counts that disagree with their rows.
    func complaints() async throws -> [String] {
        try await read { snapshot in
            var found: [String] = []
            try snapshot.db.query("PRAGMA integrity_check") { row in
                if row.text(0) != "ok" { found.append(row.text(0)) }
            }
            try snapshot.db.query("PRAGMA foreign_key_check") { row in found.append("no parent in \(row.text(0))") }
            return found
        }
    }
}
