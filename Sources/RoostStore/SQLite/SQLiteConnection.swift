// A connection to SQLite through its C interface: statements, bindings, rows, errors. No SQL of ours stands here.

internal import CSQLite
internal import RoostCore

/// What SQLite said when it refused.
struct SQLiteError: Error, CustomStringConvertible {
    /// The extended result code.
    let code: Int32
    /// SQLite's own message: for logs, never for clients.
    let message: String

    /// The result code without its extension. Memory that a call to the disk wanted counts as memory.
    var primary: Int32 { code == SQLITE_IOERR | 12 << 8 ? SQLITE_NOMEM : code & 0xFF }
    var description: String { "SQLite error \(code): \(message)" }
}

/// A value that can be bound to a parameter of a statement.
protocol SQLBindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

extension Int64: SQLBindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Int: SQLBindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension Double: SQLBindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_double(statement, index, self) }
}

extension String: SQLBindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { utf8 in
            // An empty string may have no address, and SQLite would take that for NULL.
            guard let bytes = utf8.baseAddress else { return roost_bind_text(statement, index, "", 0) }
            return bytes.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                roost_bind_text(statement, index, $0, Int32(utf8.count))
            }
        }
    }
}

/// Bytes, at least one.
struct SQLBlob: SQLBindable {
    let bytes: [UInt8]

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        bytes.withUnsafeBytes { roost_bind_blob(statement, index, $0.baseAddress, Int32($0.count)) }
    }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        self?.bind(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
    }
}

/// The current row of a running statement; valid only within the closure it is handed to.
struct Row {
    fileprivate let statement: OpaquePointer

    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Hands out the bytes of a blob, which are gone afterwards.
    func withBlob<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let bytes = sqlite3_column_blob(statement, column)
        return try body(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }

    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The value as it is stored, for page tokens.
    func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(int64(column))
        case SQLITE_FLOAT: .real(double(column))
        case SQLITE_NULL: .null
        default: .text(text(column))
        }
    }
}

/// A value whose type is known only at run time.
enum SQLValue: SQLBindable, Equatable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let value): value.bind(to: statement, at: index)
        case .real(let value): value.bind(to: statement, at: index)
        case .text(let value): value.bind(to: statement, at: index)
        }
    }
}

/// An open database. Not `Sendable`: it lives on the one queue that made it.
final class SQLiteConnection {
    private let handle: OpaquePointer
    /// Prepared statements of fixed texts, by the address of the text: hashing a pointer beats hashing SQL.
    private var prepared: [UnsafePointer<UInt8>: OpaquePointer] = [:]
    /// Why what is in the open transaction must not be committed; nil while it may be.
    var spoiled: (any Error)?
    /// What was seen of the table `keys` through this connection.
    var keyNumbers = KeyNumbers()
    /// The run that the operation under way has noted in `unindexed_runs`.
    var awaitsIndex: Int64?

    /// Opens a file (made if `create`), or a database in memory for `:memory:`.
    /// - Parameter fileLayer: the name of SQLite's layer below it; nil for the system's files.
    convenience init(path: String, create: Bool, fileLayer: String? = nil) throws {
        try self.init(path: path, access: SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), fileLayer)
    }

    /// Opens a file that another process may own: this connection can neither write nor checkpoint.
    convenience init(reading path: String) throws { try self.init(path: path, access: SQLITE_OPEN_READONLY, nil) }

    /// SQLite's counting of memory is switched off before it is first used. Where something else has used it before, it
    /// counts on, which costs a little time and nothing else.
    private static let isSetUp = roost_count_no_memory() == SQLITE_OK

    private init(path: String, access: Int32, _ fileLayer: String?) throws {
        _ = Self.isSetUp
        var opened: OpaquePointer?
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = sqlite3_open_v2(path, &opened, flags, fileLayer)
        guard let opened else { throw SQLiteError(code: SQLITE_NOMEM, message: "out of memory") }
        guard result == SQLITE_OK else {
            let error = SQLiteError(code: result, message: String(cString: sqlite3_errmsg(opened)))
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_busy_timeout(handle, 5000)
        try check(roost_harden(handle))
    }

    deinit {
        for statement in prepared.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// For connections that only read: closing them must not checkpoint.
    func leaveCheckpointsToTheWriter() throws { try check(roost_no_checkpoint_on_close(handle)) }

    /// False once SQLite has rolled a whole transaction back by itself, as it does when the disk is full.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
    /// Begins a transaction. One that could not be rolled back, for want of memory say, goes first.
    func begin(toWrite: Bool = false) throws {
        if isInTransaction { try run("ROLLBACK") }
        if toWrite { try run("BEGIN IMMEDIATE") } else { try run("BEGIN") }
    }

    /// Rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }
    var lastInsertID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs a script of several statements without parameters.
    func execute(script: String) throws { try check(sqlite3_exec(handle, script, nil, nil, nil)) }

    /// Runs a fixed statement that answers no rows.
    func run<each Value: SQLBindable>(_ sql: StaticString, _ values: repeat each Value) throws {
        let statement = try prepare(sql)
        defer { sqlite3_reset(statement) }
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try check(value.bind(to: statement, at: index))
        }
        try steps(statement) { _ in }
    }

    /// Runs a fixed query and hands out its rows.
    func query<each Value: SQLBindable>(
        _ sql: StaticString, _ values: repeat each Value, row body: (Row) throws -> Void
    ) throws {
        let statement = try prepare(sql)
        defer { sqlite3_reset(statement) }
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            try check(value.bind(to: statement, at: index))
        }
        try steps(statement, body)
    }

    /// The first row of a fixed query.
    func first<each Value: SQLBindable, Result>(
        _ sql: StaticString, _ values: repeat each Value, row body: (Row) throws -> Result
    ) throws -> Result? {
        var found: Result?
        try query(sql, repeat each values) { row in if found == nil { found = try body(row) } }
        return found
    }

    /// Runs a query whose text was compiled at run time (from enums and parameters only, never from a client's text).
    func query(compiled sql: String, _ values: [SQLValue], row body: (Row) throws -> Void) throws {
        var made: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, sql, -1, &made, nil))
        guard let statement = made else { return }
        defer { sqlite3_finalize(statement) }
        for (index, value) in values.enumerated() { try check(value.bind(to: statement, at: Int32(index + 1))) }
        try steps(statement, body)
    }

    /// Interrupts whatever runs on this connection once it has run for `limit`.
    /// - Parameter rest: asked before each further stretch of work, some tenths of a millisecond; true if it has taken time,
    ///   which then does not count.
    func withDeadline<Result>(
        _ limit: Duration, rest: @escaping () -> Bool = { false }, _ body: () throws -> Result
    ) rethrows -> Result {
        let box = DeadlineBox(deadline: ContinuousClock.now + limit, rest: rest)
        return try withExtendedLifetime(box) {
            sqlite3_progress_handler(
                handle, 3000,
                { pointer in
                    guard let pointer else { return 0 }
                    return Unmanaged<DeadlineBox>.fromOpaque(pointer).takeUnretainedValue().isOver() ? 1 : 0
                }, Unmanaged.passUnretained(box).toOpaque())
            defer { sqlite3_progress_handler(handle, 0, nil, nil) }
            return try body()
        }
    }

    /// Copies the pages of this database over those of another, piece by piece. A caller that is in a transaction copies
    /// its snapshot, whatever is written meanwhile; without one a write would begin the copy anew.
    /// - Parameter progress: told how many pages are done, and of how many.
    func copyPages(to other: SQLiteConnection, progress: (_ done: Int, _ of: Int) -> Void) throws {
        guard let copy = sqlite3_backup_init(other.handle, "main", handle, "main") else {
            throw SQLiteError(
                code: sqlite3_errcode(other.handle), message: String(cString: sqlite3_errmsg(other.handle)))
        }
        var result = SQLITE_OK
        while result == SQLITE_OK {
            result = sqlite3_backup_step(copy, 4096)
            let count = Int(sqlite3_backup_pagecount(copy))
            progress(count - Int(sqlite3_backup_remaining(copy)), count)
        }
        let end = sqlite3_backup_finish(copy)
        guard result == SQLITE_DONE, end == SQLITE_OK else {
            let code = end == SQLITE_OK ? result : end
            throw SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)))
        }
    }

    private func prepare(_ sql: StaticString) throws -> OpaquePointer {
        if let statement = prepared[sql.utf8Start] { return statement }
        var made: OpaquePointer?
        let result = sql.utf8Start.withMemoryRebound(to: CChar.self, capacity: sql.utf8CodeUnitCount) {
            sqlite3_prepare_v3(handle, $0, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        }
        try check(result)
        guard let statement = made else { throw SQLiteError(code: SQLITE_MISUSE, message: "empty statement") }
        prepared[sql.utf8Start] = statement
        return statement
    }

    private func steps(_ statement: OpaquePointer, _ body: (Row) throws -> Void) throws {
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                do { try body(Row(statement: statement)) } catch {
                    // Without memory a column reads as empty, and whoever read it complains of that.
                    guard sqlite3_errcode(handle) == SQLITE_NOMEM else { throw error }
                    throw SQLiteError(code: SQLITE_NOMEM, message: "out of memory")
                }
            case SQLITE_DONE: return
            case let code: throw SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)))
            }
        }
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle))) }
    }
}

/// Carries a deadline through SQLite's callback, whose context is an untyped pointer.
private final class DeadlineBox {
    private var deadline: ContinuousClock.Instant
    private let rest: () -> Bool

    init(deadline: ContinuousClock.Instant, rest: @escaping () -> Bool) {
        (self.deadline, self.rest) = (deadline, rest)
    }

    func isOver() -> Bool {
        let begun = ContinuousClock.now
        if rest() { deadline += ContinuousClock.now - begun }
        return begun > deadline
    }
}
