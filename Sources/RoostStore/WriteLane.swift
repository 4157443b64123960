// The one lane through which everything is written: all that waits goes into one transaction, a savepoint each, and nobody
// is answered before the commit. Why a lane and not an actor: the transaction ends after all that waited, and a mailbox says so.

internal import CSQLite
internal import Logging
public import RoostCore
internal import Synchronization

/// What a write operation works on. Synchronous by design: nobody can await inside of a transaction.
public struct Transaction {
    let db: SQLiteConnection
    public let world: World
    let options: StoreOptions

    /// The same database for reading, including what this transaction has written.
    public var snapshot: Snapshot { Snapshot(db: db) }
}

extension Transaction {
    /// Runs one operation so that its failure undoes its own changes and no others.
    fileprivate func inSavepoint<Result>(_ body: () throws -> Result) throws -> Result {
        db.awaitsIndex = nil
        do {
            try db.run("SAVEPOINT operation")
            let result = try body()
            try db.run("RELEASE operation")
            return result
        } catch {
            db.keyNumbers.forget()
            // SQLite may have rolled everything back by itself, as it does when the disk is full. Or it cannot undo this
            // operation for want of memory, and its changes would go with those of the others. The lane fails the batch.
            do {
                guard db.isInTransaction else { throw error }
                try db.run("ROLLBACK TO operation")
                try db.run("RELEASE operation")
            } catch let failure { db.spoiled = failure }
            throw error
        }
    }
}

/// Whether writes come in while the lane does work of the store's own.
enum LanePace {
    case quiet, busy
}

/// How the transaction around an operation ended.
enum CommitOutcome {
    case committed
    case failed(APIError)
}

/// What a lane needs beside its database.
struct LaneContext: Sendable {
    let world: World
    let options: StoreOptions
    let telemetry: Telemetry
    let log: Logger
}

/// Groups writes into transactions.
final class WriteLane: Sendable {
    private struct Waiting: Sendable {
        let weight: Int
        /// Runs the operation, keeping its error; the answer says what to do once the outcome of the commit is known.
        let perform: @Sendable (Transaction) -> @Sendable (CommitOutcome) -> Void
        /// Tells the caller that the operation was never run.
        let refuse: @Sendable (APIError) -> Void
    }

    private struct Mailbox {
        var waiting: [Waiting] = []
        var isRunning = false
        var isClosed = false
        var lastWrite = ContinuousClock.now
        /// Whether a look at the chore is on its way.
        var choreIsAhead = true
        /// Whether the database is to be opened again.
        var reopeningIsAhead = false
    }

    private let mailbox = Mutex(Mailbox())
    /// The connection; nil after a failed commit, until the database could be opened again.
    private let connection: Confined<SQLiteConnection?>
    private let reopen: @Sendable () throws -> SQLiteConnection
    private let context: LaneContext
    private let healthy = Atomic<Bool>(true)
    private let chore: @Sendable (Transaction, LanePace) throws -> Bool

    /// - Parameters:
    ///   - chore: work of the store's own, a piece of a few milliseconds; false when there is none.
    ///   - open: opens the database ready for writing; also used to open it again after a failed commit.
    init(
        context: LaneContext, chore: @escaping @Sendable (Transaction, LanePace) throws -> Bool,
        open: @escaping @Sendable () throws -> SQLiteConnection
    ) throws {
        self.context = context
        self.chore = chore
        reopen = open
        connection = try Confined(label: "roost.write") { try open() }
        // What an earlier process left over.
        connection.async(after: context.options.settlingPause) { [weak self] in self?.doChore(&$0) }
    }

    /// False between a failed commit and the check that the database is well.
    var isHealthy: Bool { healthy.load(ordering: .acquiring) }

    /// Whether writes come in, one after the other.
    var isBusy: Bool { mailbox.withLock { $0.isRunning || ContinuousClock.now - $0.lastWrite < .milliseconds(2) } }

    /// Runs `body` in a transaction of which it is the whole or a part, and answers once that is on disk.
    ///
    /// - Parameter weight: about how many rows it writes; a transaction takes on operations up to a bound.
    /// - Throws: what `body` throws, its changes undone; 503 when the lane is full or the commit failed.
    func write<Result: Sendable>(
        weight: Int, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        let log = context.log
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            enqueue(
                Waiting(
                    weight: weight,
                    perform: { transaction in
                        let result = Swift.Result { try transaction.inSavepoint { try body(transaction) } }
                            .mapError { answer(to: $0, log: log) as any Error }
                        return { outcome in
                            switch outcome {
                            case .committed: continuation.resume(with: result)
                            case .failed(let error): continuation.resume(throwing: error)
                            }
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    private func enqueue(_ waiting: Waiting) {
        enum Decision {
            case refuse(String)
            case wait, start
        }
        let decision = mailbox.withLock { mailbox -> Decision in
            if mailbox.isClosed { return .refuse("The server is stopping.") }
            if mailbox.waiting.count >= context.options.queueLimit {
                return .refuse("The server has too many writes waiting. Try again in a moment.")
            }
            mailbox.waiting.append(waiting)
            if mailbox.isRunning { return .wait }
            mailbox.isRunning = true
            return .start
        }
        switch decision {
        case .refuse(let why): waiting.refuse(APIError(.temporarilyUnavailable, why))
        case .wait: context.telemetry.writeQueueDepth.add()
        case .start:
            context.telemetry.writeQueueDepth.add()
            connection.async { connection in self.drain(&connection) }
        }
    }

    private func drain(_ connection: inout SQLiteConnection?) {
        while true {
            let batch = mailbox.withLock { mailbox -> [Waiting] in
                var weight = 0
                let end = mailbox.waiting.firstIndex { waiting in
                    defer { weight += waiting.weight }
                    return weight > 0 && weight + waiting.weight > context.options.batchWeight
                }
                let batch = Array(mailbox.waiting[..<(end ?? mailbox.waiting.endIndex)])
                mailbox.waiting.removeFirst(batch.count)
                if batch.isEmpty { mailbox.isRunning = false }
                return batch
            }
            if batch.isEmpty { return planChore() }
            context.telemetry.writeQueueDepth.add(-batch.count)
            context.telemetry.batchSize.observe(Double(batch.count))
            commit(batch, &connection)
        }
    }

    private func commit(_ batch: [Waiting], _ connection: inout SQLiteConnection?) {
        var settle: [@Sendable (CommitOutcome) -> Void] = []
        settle.reserveCapacity(batch.count)
        let outcome: CommitOutcome
        do {
            let database = try ready(&connection)
            try database.begin(toWrite: true)
            let transaction = Transaction(db: database, world: context.world, options: context.options)
            for waiting in batch {
                settle.append(waiting.perform(transaction))
                // An operation that ended the whole transaction, or could not be undone, takes the batch with it: without
                // this check the next savepoint would quietly open a transaction of its own, or half of it be committed.
                if let failure = database.spoiled { throw failure }
                guard database.isInTransaction else {
                    throw SQLiteError(code: SQLITE_ABORT, message: "the transaction was rolled back by SQLite")
                }
            }
            let begun = ContinuousClock.now
            try database.run("COMMIT")
            context.telemetry.commitTime.observe(milliseconds(since: begun))
            outcome = .committed
        } catch {
            // After a failed commit nothing about the connection can be trusted: it is closed, and the next batch opens
            // the database anew and checks it. Nothing of this batch is retried: its clients decide.
            context.telemetry.commitFailures.add()
            healthy.store(false, ordering: .releasing)
            if connection?.isInTransaction == true { try? connection?.run("ROLLBACK") }
            connection = nil
            planReopening()
            let failure = answer(to: error, log: context.log)
            outcome = .failed(failure)
            for waiting in batch[settle.count...] { waiting.refuse(failure) }
        }
        for settled in settle { settled(outcome) }
    }

    /// After a write: the chore is looked at once the lane has had a rest.
    private func planChore() {
        let isPlanned = mailbox.withLock { mailbox in
            defer { mailbox.choreIsAhead = true }
            mailbox.lastWrite = ContinuousClock.now
            return mailbox.choreIsAhead
        }
        if !isPlanned { connection.async(after: context.options.settlingPause) { [weak self] in self?.doChore(&$0) } }
    }

    /// One piece of the chore, in a transaction of its own. In a quiet lane the next piece follows behind what has come in
    /// meanwhile; while writes come in there is a pause between pieces, so that few of them ever wait for one.
    private func doChore(_ connection: inout SQLiteConnection?) {
        let pause = context.options.settlingPause
        var next: Duration?
        // After a failed commit the next write opens the database again, and the chore comes after that.
        if let database = connection {
            do {
                try database.begin(toWrite: true)
                let isQuiet = mailbox.withLock { ContinuousClock.now - $0.lastWrite } > pause
                let more = try chore(
                    Transaction(db: database, world: context.world, options: context.options),
                    isQuiet ? .quiet : .busy)
                do {
                    try database.run("COMMIT")
                } catch {
                    healthy.store(false, ordering: .releasing)
                    if database.isInTransaction { try? database.run("ROLLBACK") }
                    connection = nil
                    planReopening()
                    throw error
                }
                if more { next = isQuiet ? .zero : pause }
            } catch {
                if connection?.isInTransaction == true { try? connection?.run("ROLLBACK") }
                context.log.error("indexing values or packing points failed and is tried again in a minute: \(error)")
                next = .seconds(60)
            }
        }
        guard let next else { return mailbox.withLock { $0.choreIsAhead = false } }
        self.connection.async(after: next) { [weak self] in self?.doChore(&$0) }
    }

    /// Does all of the chore at once, for tests.
    func finishChore() throws {
        _ = try connection.sync { connection in
            let database = try self.ready(&connection)
            var more = true
            while more {
                try database.begin(toWrite: true)
                more = try self.chore(
                    Transaction(db: database, world: self.context.world, options: self.context.options), .quiet)
                try database.run("COMMIT")
            }
        }
    }

    /// Opens the database again, after a failed commit, if no write comes first. `/ready` says 503 until then, and whoever
    /// goes by that sends no writes.
    private func planReopening() {
        let isPlanned = mailbox.withLock { mailbox in
            defer { mailbox.reopeningIsAhead = true }
            return mailbox.reopeningIsAhead
        }
        guard !isPlanned else { return }
        connection.async(after: .seconds(1)) { [weak self] connection in
            guard let self else { return }
            self.mailbox.withLock { $0.reopeningIsAhead = false }
            guard connection == nil else { return }
            do { _ = try self.ready(&connection) } catch { self.planReopening() }
        }
    }

    private func ready(_ connection: inout SQLiteConnection?) throws -> SQLiteConnection {
        if let connection { return connection }
        let opened = try reopen()
        var complaint: String?
        try opened.query("PRAGMA quick_check(1)") { row in complaint = row.text(0) == "ok" ? nil : row.text(0) }
        if let complaint { throw SQLiteError(code: SQLITE_CORRUPT, message: complaint) }
        connection = opened
        healthy.store(true, ordering: .releasing)
        context.log.notice("the database was opened again after a failed commit and is well")
        return opened
    }

    /// Takes no more work, finishes what waits, and closes the database.
    func close() {
        mailbox.withLock { $0.isClosed = true }
        connection.close()
    }
}

func milliseconds(since begun: ContinuousClock.Instant) -> Double {
    let passed = (ContinuousClock.now - begun).components
    return Double(passed.seconds) * 1000 + Double(passed.attoseconds) / 1e15
}
