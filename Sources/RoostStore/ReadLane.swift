// The readers: a few connections, each on its own queue, that see one snapshot each and never wait for the writer.

internal import Glibc
internal import Logging
internal import RoostCore
internal import Synchronization

/// What a read works on: the database as it was at one moment.
public struct Snapshot {
    let db: SQLiteConnection
}

/// How long a read may be expected to take.
public enum ReadSize: Sendable {
    /// One thing by its name: it never waits for a large read.
    case small
    /// A search, or something of many runs. While writes come in it works half of the time: none of them waits long for
    /// the processor.
    case large
}

/// Hands reads to the next free connection, in the order of their coming; but one connection is kept for small reads, so
/// that no number of large ones is in their way.
final class ReadLane: Sendable {
    private struct Job: Sendable {
        let size: ReadSize
        let run: @Sendable (SQLiteConnection) -> Void
        let refuse: @Sendable (APIError) -> Void
    }

    private struct Desk {
        var waiting: [Job] = []
        var free: [Int]
        /// How many more large reads may begin.
        var largeLeft: Int
        var isClosed = false

        func mayBegin(_ job: Job) -> Bool { job.size == .small || largeLeft > 0 }

        mutating func begin(_ job: Job) { if job.size == .large { largeLeft -= 1 } }

        /// What a connection does after this job: the first that may begin.
        mutating func next(after job: Job) -> Job? {
            if job.size == .large { largeLeft += 1 }
            guard let index = waiting.firstIndex(where: mayBegin) else { return nil }
            let next = waiting.remove(at: index)
            begin(next)
            return next
        }
    }

    private let desk: Mutex<Desk>
    private let readers: [Confined<SQLiteConnection?>]
    private let open: @Sendable () throws -> SQLiteConnection
    private let context: LaneContext
    /// Whether writes come in.
    private let isWriting: @Sendable () -> Bool
    /// Microseconds that a large read rests then, about as long as it has worked before.
    private static let rest: UInt32 = 300

    /// Connections are opened when first needed, so that an idle server stays small.
    init(
        context: LaneContext, isWriting: @escaping @Sendable () -> Bool,
        open: @escaping @Sendable () throws -> SQLiteConnection
    ) throws {
        self.context = context
        self.isWriting = isWriting
        self.open = open
        readers = try (0..<context.options.readers).map { index in
            try Confined(label: "roost.read.\(index)") { nil }
        }
        desk = Mutex(Desk(free: Array(readers.indices.reversed()), largeLeft: max(1, readers.count - 1)))
    }

    /// Runs `body` on a snapshot.
    /// - Throws: what `body` throws; 400 when it takes longer than the limit; 503 when too many reads wait.
    func read<Result: Sendable>(_ size: ReadSize, _ body: @escaping @Sendable (Snapshot) throws -> Result) async throws
        -> Result
    {
        let log = context.log
        let limit = context.options.readTimeLimit
        let isWriting = isWriting
        let rest: @Sendable () -> Bool = {
            guard size == .large, isWriting() else { return false }
            usleep(Self.rest)
            return true
        }
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            let job = Job(
                size: size,
                run: { connection in
                    continuation.resume(
                        with: Swift.Result { try connection.snapshot(limit: limit, rest: rest, body) }
                            .mapError { answer(to: $0, log: log) as any Error })
                },
                refuse: { continuation.resume(throwing: $0) })
            enqueue(job)
        }
    }

    private func enqueue(_ job: Job) {
        enum Decision {
            case refuse(String)
            case wait
            case start(Int)
        }
        let decision = desk.withLock { desk -> Decision in
            if desk.isClosed { return .refuse("The server is stopping.") }
            if desk.mayBegin(job), let reader = desk.free.popLast() {
                desk.begin(job)
                return .start(reader)
            }
            if desk.waiting.count >= context.options.queueLimit {
                return .refuse("The server has too many reads waiting. Try again in a moment.")
            }
            desk.waiting.append(job)
            return .wait
        }
        switch decision {
        case .refuse(let why): job.refuse(APIError(.temporarilyUnavailable, why))
        case .wait: break
        case .start(let index): readers[index].async { self.work(index, &$0, first: job) }
        }
    }

    private func work(_ index: Int, _ connection: inout SQLiteConnection?, first: Job) {
        var job = first
        while true {
            do {
                let database = try connection ?? open()
                connection = database
                job.run(database)
            } catch {
                job.refuse(answer(to: error, log: context.log))
            }
            let next = desk.withLock { desk -> Job? in
                let next = desk.next(after: job)
                if next == nil { desk.free.append(index) }
                return next
            }
            guard let next else { return }
            job = next
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
    fileprivate func snapshot<Result>(
        limit: Duration, rest: @escaping () -> Bool, _ body: (Snapshot) throws -> Result
    ) throws -> Result {
        try withDeadline(limit, rest: rest) {
            try begin()
            defer { if isInTransaction { try? run("ROLLBACK") } }
            return try body(Snapshot(db: self))
        }
    }
}
