// The two ways to the newest schema: all at once for a new database, step by step for one that is there.

import Testing

@testable import RoostStore

@Suite("Migrations")
struct MigratorTests {
    @Test("a new database is what the migrations make one after the other: if not, `make schema`")
    func current() throws {
        let atOnce = try content { try Migrator.step($0, to: Migrator.files.count, by: Migrator.current) }
        let stepByStep = try content { connection in
            for (index, file) in Migrator.files.enumerated() {
                try Migrator.step(connection, to: index + 1, by: file)
            }
        }
        #expect(atOnce == stepByStep)
        #expect(atOnce.count > 60)
    }

    /// All that is in a database made by `make`: its number, its tables and indexes in the words that made them, its rows.
    private func content(_ make: (SQLiteConnection) throws -> Void) throws -> [String] {
        let connection = try SQLiteConnection(path: ":memory:", create: true)
        try make(connection)
        var found: [String] = []
        func add(_ sql: String) throws {
            try connection.query(compiled: sql, []) { found.append($0.text(0)) }
        }
        try add("SELECT 'schema ' || user_version FROM pragma_user_version")
        try add(
            """
            SELECT type || ' ' || name || ' of ' || tbl_name || ': ' || coalesce(sql, '')
            FROM sqlite_schema ORDER BY type, name
            """)
        var tables: [String] = []
        try connection.query(compiled: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", []) {
            tables.append($0.text(0))
        }
        for table in tables { try add("SELECT '\(table) has ' || count(*) || ' rows' FROM \(table)") }
        try add("SELECT id || ' is ' || name FROM keys ORDER BY id")
        return found
    }
}
