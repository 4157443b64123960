// The readers: a few connections, each on its own queue, that see one snapshot each and never wait for the writer.

internal import Logging
internal import RoostCore
internal import Synchronization

/// What a read works on: the database as it was at one moment.
public struct Snapshot {
    let db: SQLiteConnection
}

/// Hands reads to the next free connection.
final class ReadLane: Sendable {
    private typealias Job = @Sendable (SQLiteConnection) -> Void

    private struct Desk {
        var waiting: [(run: Job, refuse: @Sendable (APIError) -> Void)] = []
        var free: [Int]
        var isClosed = false
    }

    private let desk: Mutex<Desk>
    private let readers: [Confined<SQLiteConnection?>]
    private let open: @Sendable () throws -> SQLiteConnection
    private let context: LaneContext

    /// Connections are opened when first needed, so that an idle server stays small.
    init(context: LaneContext, open: @escaping @Sendable () throws -> SQLiteConnection) throws {
        self.context = context
        self.open = open
        readers = try (0..<context.options.readers).map { index in
            try Confined(label: "roost.read.\(index)") { nil }
        }
        desk = Mutex(Desk(free: Array(readers.indices.reversed())))
    }

    /// Runs `body` on a snapshot.
    /// - Throws: what `body` throws; 400 when it takes longer than the limit; 503 when too many reads wait.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Snapshot) throws -> Result) async throws -> Result {
        let log = context.log
        let limit = context.options.readTimeLimit
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            let job: Job = { connection in
                continuation.resume(
                    with: Swift.Result { try connection.snapshot(limit: limit, body) }
                        .mapError { answer(to: $0, log: log) as any Error })
            }
            enqueue(job, refuse: { continuation.resume(throwing: $0) })
        }
    }

    private func enqueue(_ job: @escaping Job, refuse: @escaping @Sendable (APIError) -> Void) {
        enum Decision {
            case refuse(String)
            case wait
            case start(Int)
        }
        let decision = desk.withLock { desk -> Decision in
            if desk.isClosed { return .refuse("The server is stopping.") }
            if let reader = desk.free.popLast() { return .start(reader) }
            if desk.waiting.count >= context.options.queueLimit {
                return .refuse("The server has too many reads waiting. Try again in a moment.")
            }
            desk.waiting.append((job, refuse))
            return .wait
        }
        switch decision {
        case .refuse(let why): refuse(APIError(.temporarilyUnavailable, why))
        case .wait: break
        case .start(let index): readers[index].async { self.work(index, &$0, first: job, refuse: refuse) }
        }
    }

    private func work(
        _ index: Int, _ connection: inout SQLiteConnection?, first: Job, refuse: @Sendable (APIError) -> Void
    ) {
        var job = first
        var refuse = refuse
        while true {
            do {
                let database = try connection ?? open()
                connection = database
                job(database)
            } catch {
                refuse(answer(to: error, log: context.log))
            }
            let next = desk.withLock { desk -> (run: Job, refuse: @Sendable (APIError) -> Void)? in
                guard !desk.waiting.isEmpty else {
                    desk.free.append(index)
                    return nil
                }
                return desk.waiting.removeFirst()
            }
            guard let next else { return }
            (job, refuse) = next
        }
    }

    /// Takes no more reads, finishes what waits, and closes the connections.
    func close() {
        desk.withLock { $0.isClosed = true }
        for reader in readers { reader.close() }
    }
}

extension SQLiteConnection {
    /// Runs `body` on one snapshot of the database, for `limit` at most.
    fileprivate func snapshot<Result>(limit: Duration, _ body: (Snapshot) throws -> Result) throws -> Result {
        try withDeadline(ContinuousClock.now + limit) {
            try run("BEGIN")
            defer { if isInTransaction { try? run("ROLLBACK") } }
            return try body(Snapshot(db: self))
        }
    }
}
