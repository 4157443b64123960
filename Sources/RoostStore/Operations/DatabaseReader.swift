// A database seen from outside, for commands of an operator: only ever read, beside a server that may be writing to it.

internal import CSQLite
internal import RoostCore

/// A second reader of a database file. It takes no part in writing or checkpointing, so the owner need not know of it.
public final class DatabaseReader {
    public let path: String
    let connection: SQLiteConnection

    /// - Throws: ``StoreOpeningError`` when there is no such file, or it is no database of ours, or damaged.
    public init(_ path: String) throws {
        self.path = path
        guard fileSize(path) > 0 else { throw StoreOpeningError("There is no database at \(path).") }
        try DatabaseFile(path: path).inspect()
        connection = try Damage.naming(path) {
            let connection = try SQLiteConnection(reading: path)
            try connection.leaveCheckpointsToTheWriter()
            try connection.execute(script: "PRAGMA query_only = ON; PRAGMA cache_size = -16384;")
            return connection
        }
    }

    /// The number of the last migration.
    public func schema() throws -> Int {
        try Damage.naming(path) { Int(try connection.first("PRAGMA user_version") { $0.int64(0) } ?? 0) }
    }

    /// Bytes of the database and its log.
    public var bytes: Int { fileSize(path) + fileSize(path + "-wal") }

    /// Runs `body` on one state of the database, whatever is written meanwhile.
    public func snapshot<Result>(_ body: (Snapshot) throws -> Result) throws -> Result {
        try Damage.naming(path) {
            try connection.execute(script: "BEGIN")
            defer { if connection.isInTransaction { try? connection.execute(script: "ROLLBACK") } }
            return try body(Snapshot(db: connection))
        }
    }

    /// Writes one state of the database to a new file: complete, without a log beside it, and on the disk on return.
    /// - Parameter progress: told how many pages are done, and of how many.
    public func copy(to target: String, progress: (_ done: Int, _ of: Int) -> Void) throws {
        try snapshot { snapshot in
            let other = try SQLiteConnection(path: target, create: true)
            // A transaction begins with its first read. From then on the copy sees nothing that is written.
            _ = try snapshot.db.first("SELECT count(*) FROM sqlite_schema") { $0.int64(0) }
            try snapshot.db.copyPages(to: other, progress: progress)
            try other.execute(script: "PRAGMA journal_mode = DELETE;")
        }
    }
}

extension Snapshot {
    /// Every table of the database with its number of rows, by name.
    public func tableCounts() throws -> [(table: String, rows: Int64)] {
        var names: [String] = []
        try db.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ) { names.append($0.text(0)) }
        return try names.map { name in
            var rows: Int64 = 0
            let quoted = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            try db.query(compiled: "SELECT count(*) FROM \"\(quoted)\"", []) { rows = $0.int64(0) }
            return (name, rows)
        }
    }
}
