// What is damaged in a database, by the names of its tables: SQLite itself speaks of the numbers of pages.

internal import CSQLite

enum Damage {
    /// Runs `body`, and makes SQLite's errors one sentence that names the file and, where it is damaged, the tables.
    /// - Throws: ``StoreOpeningError``; anything that is not SQLite's as it is.
    static func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SQLiteError {
            throw StoreOpeningError(sentence(path, error))
        }
    }

    static func sentence(_ path: String, _ error: SQLiteError) -> String {
        var why =
            switch error.primary {
            case SQLITE_CORRUPT, SQLITE_NOTADB: "is damaged"
            case SQLITE_CANTOPEN: "cannot be opened: is its directory there and writable?"
            case SQLITE_READONLY, SQLITE_PERM: "cannot be written: is its directory writable?"
            case SQLITE_BUSY, SQLITE_LOCKED: "is locked by another program"
            case SQLITE_NOMEM: "cannot be opened: there is too little memory"
            case SQLITE_FULL: "cannot be written: the disk is full"
            case SQLITE_IOERR: "cannot be read or written: the disk reports an error"
            default: "cannot be opened"
            }
        if error.primary == SQLITE_CORRUPT {
            let places = places(in: path)
            if !places.isEmpty { why += " in \(places.joined(separator: ", "))" }
        }
        return "The database \(path) \(why) (SQLite says: \(error.message))."
    }

    /// The tables that SQLite's own check complains about; empty where not even the schema can be read.
    private static func places(in path: String) -> [String] {
        guard let connection = try? SQLiteConnection(reading: path),
            (try? connection.leaveCheckpointsToTheWriter()) != nil,
            let complaints = try? complaints(connection, limit: 5)
        else { return [] }
        var places: [String] = []
        for place in complaints.compactMap(\.place) where !places.contains(place) { places.append(place) }
        return places
    }

    /// What SQLite's check of every page says; empty for a sound database. Its own lines speak of pages, so each table is
    /// then checked by itself, with its indexes, and what is said of it bears its name.
    /// - Parameter limit: lines for the file as a whole and for each table.
    static func complaints(_ connection: SQLiteConnection, limit: Int) throws -> [(place: String?, text: String)] {
        let all = try lines(connection, "\(limit)")
        guard !all.isEmpty else { return [] }
        var named: [(place: String?, text: String)] = []
        for table in try tables(connection) {
            let quoted = table.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            named += try lines(connection, "'\(quoted)'").prefix(limit).map { ("table \(table)", $0) }
        }
        return named + all.filter { line in !named.contains { $0.text == line } }.map { (nil, $0) }
    }

    private static func tables(_ connection: SQLiteConnection) throws -> [String] {
        var tables: [String] = []
        try connection.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name") {
            tables.append($0.text(0))
        }
        return tables
    }

    private static func lines(_ connection: SQLiteConnection, _ argument: String) throws -> [String] {
        var lines: [String] = []
        do {
            try connection.query(compiled: "PRAGMA integrity_check(\(argument))", []) { row in
                lines += row.text(0).split(separator: "\n").map(String.init)
            }
        } catch let error as SQLiteError where error.primary == SQLITE_CORRUPT || error.primary == SQLITE_NOTADB {
            // The check itself could not go on.
            lines.append(error.message)
        }
        return lines.filter { $0 != "ok" && !$0.hasPrefix("***") }
    }
}
