// Brings a database to the newest schema, one transaction a step, and never touches a newer one. A new one is made in one.

internal import CAssets
internal import CSQLite
internal import RoostCore

enum Migrator {
    /// The migrations in order; the position is the number, counted from 1.
    static let files = [
        "schema/sqlite/0001_tracking.sql", "schema/sqlite/0002_run_keys.sql", "schema/sqlite/0003_logged_models.sql",
        "schema/sqlite/0004_search_indexes.sql", "schema/sqlite/0005_registry.sql",
        "schema/sqlite/0006_metric_chunks.sql",
        "schema/sqlite/0007_values_later.sql",
    ]
    /// All of them in one, for a new database: `make schema` writes it, and a test holds it against them. It takes a third
    /// of their time, which was a quarter of the time of a first start: SQLite reads its schema anew after each column that
    /// is added.
    static let current = "schema/current.sql"

    /// Marks a database that has nothing in it yet as ours, and makes it one that can shrink: that is only possible now.
    static func markNew(_ connection: SQLiteConnection) throws {
        let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.int64(0) }
        guard tables == 0 else { return }
        // In one transaction, so that no file is ever there without the mark.
        try connection.execute(
            script: """
                BEGIN; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = \(DatabaseFile.applicationID); COMMIT;
                """)
    }

    /// - Throws: ``StoreOpeningError`` when the schema is newer than this program.
    static func migrate(_ connection: SQLiteConnection, options: StoreOptions, world: World) throws {
        let version = Int(try connection.first("PRAGMA user_version") { $0.int64(0) } ?? 0)
        guard version <= files.count else {
            throw StoreOpeningError(
                "The database has schema \(version) and this Roost knows schemas up to \(files.count):"
                    + " it was written by a newer Roost. Nothing was changed.")
        }
        guard version > 0 else {
            return try step(connection, to: files.count, by: current) {
                try makeDefaultExperiment(connection, options, world)
            }
        }
        for (index, file) in files.enumerated().dropFirst(version) {
            try step(connection, to: index + 1, by: file)
        }
    }

    /// One transaction: a script, what else comes with it, and the number of the schema that the database has then.
    /// - Parameter file: the script; nil when what it makes is there already.
    static func step(
        _ connection: SQLiteConnection, to version: Int, by file: String?, and more: () throws -> Void = {}
    ) throws {
        try connection.execute(script: "BEGIN IMMEDIATE")
        do {
            if let file {
                guard let script = Asset.text(file) else {
                    throw StoreOpeningError("The program lacks its file \(file).")
                }
                try connection.execute(script: script)
            }
            try more()
            try connection.execute(script: "PRAGMA user_version = \(version)")
            try connection.execute(script: "COMMIT")
        } catch {
            if connection.isInTransaction { try connection.execute(script: "ROLLBACK") }
            throw error
        }
    }

    /// MLflow's experiment 0 is there from the start.
    private static func makeDefaultExperiment(
        _ connection: SQLiteConnection, _ options: StoreOptions, _ world: World
    ) throws {
        let now = world.now()
        try connection.run(
            """
            INSERT INTO experiments (id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
            VALUES (0, 'Default', ?1, 'active', ?2, ?2)
            """, ArtifactURI.appending("0", to: options.artifactRoot), now)
    }
}
