// Everything that is true after a restart. Opening and closing, and the two ways in: read and write.

internal import CSQLite
public import Logging
public import RoostCore

/// The database of a server.
///
/// A write is acknowledged once its commit is on disk; a read sees every write acknowledged before it began.
public final class Store: Sendable {
    private let writer: WriteLane
    /// Nil for a database in memory: its one connection reads as well.
    private let readers: ReadLane?
    private let lock: OwnerLock?
    public let location: StoreLocation
    public let options: StoreOptions

    /// Opens or makes the database.
    /// - Throws: ``StoreOpeningError`` with a sentence that says what stands in the way.
    public init(
        _ location: StoreLocation, options: StoreOptions, world: World, telemetry: Telemetry, log: Logger
    ) throws {
        self.location = location
        self.options = options
        let context = LaneContext(world: world, options: options, telemetry: telemetry, log: log)
        switch location {
        case .memory:
            lock = nil
            readers = nil
            writer = try Damage.naming(":memory:") {
                try WriteLane(context: context, chore: { try $0.tidy($1) }) {
                    try SQLiteConnection.writer(":memory:", options, world)
                }
            }
        case .file(let path):
            lock = try OwnerLock(path: path)
            try DatabaseFile(path: path).inspect()
            writer = try Damage.naming(path) {
                try WriteLane(context: context, chore: { try $0.tidy($1) }) {
                    try SQLiteConnection.writer(path, options, world)
                }
            }
            readers = try ReadLane(
                context: context, isWriting: { [writer] in writer.isBusy },
                open: { try SQLiteConnection.reader(path, options) })
        }
    }

    /// Runs `body` in a transaction and answers once that is on disk.
    /// - Parameter weight: about how many rows it writes.
    /// - Throws: what `body` throws, with its changes undone; 503 when the store cannot take or keep it.
    public func write<Result: Sendable>(
        weight: Int = 1, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await writer.write(weight: weight, body)
    }

    /// Runs `body` on a snapshot of the database: a small read.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (Snapshot) throws -> Result
    ) async throws -> Result {
        try await read(.small, body)
    }

    /// Runs `body` on a snapshot of the database.
    public func read<Result: Sendable>(
        _ size: ReadSize, _ body: @escaping @Sendable (Snapshot) throws -> Result
    ) async throws -> Result {
        guard let readers else { return try await writer.write(weight: 0) { try body($0.snapshot) } }
        return try await readers.read(size, body)
    }

    /// False after a failed commit, until the database was opened again and checked.
    public var isHealthy: Bool { writer.isHealthy }

    /// Bytes of the database and its log on disk; 0 for one in memory.
    public var bytesOnDisk: Int {
        guard case .file(let path) = location else { return 0 }
        return fileSize(path) + fileSize(path + "-wal")
    }

    /// Moves all metric points into chunks that are due, at once: for tests.
    func settleAll() throws { try writer.finishChore() }

    /// Finishes what waits and closes the files. The writer goes last, as it alone checkpoints.
    public func close() {
        readers?.close()
        writer.close()
        lock?.release()
    }
}

/// `LIKE` tells case apart in MLflow's filters; `ILIKE` is written with `lower`.
private let likeByCase = "PRAGMA case_sensitive_like = ON;"

extension SQLiteConnection {
    /// Opens the database for writing and brings its schema up to date.
    fileprivate static func writer(_ path: String, _ options: StoreOptions, _ world: World) throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path, create: true, fileLayer: options.fileLayer)
        if path != ":memory:" {
            // Before the switch to WAL, so that the mark stands in the file itself and not only in its log.
            try Migrator.markNew(connection)
            try connection.execute(script: "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;")
        }
        let level = options.durability == .full ? "FULL" : "NORMAL"
        try connection.execute(
            script: "PRAGMA synchronous = \(level); PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; \(likeByCase)")
        try connection.verify(durability: options.durability)
        try Migrator.migrate(connection, options: options, world: world)
        return connection
    }

    /// Opens the database for reading alone.
    fileprivate static func reader(_ path: String, _ options: StoreOptions) throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path, create: false, fileLayer: options.fileLayer)
        try connection.leaveCheckpointsToTheWriter()
        // A search walks thousands of pages all over a large database: with 4 MiB it takes three times as long at 100,000 runs.
        try connection.execute(
            script: "PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON; PRAGMA cache_size = -16384; \(likeByCase)")
        return connection
    }

    /// Reads the setting back: a promise to clients rests on it.
    private func verify(durability: Durability) throws {
        let wanted: Int64 = durability == .full ? 2 : 1
        let level = try first("PRAGMA synchronous") { $0.int64(0) }
        guard level == wanted else {
            throw SQLiteError(code: SQLITE_MISUSE, message: "synchronous is \(level ?? -1), not \(wanted)")
        }
    }
}
