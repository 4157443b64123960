// `roost db upgrade`: what a start does by itself, as a command of its own.

public import Logging
public import RoostCore

/// Brings a database to the newest schema without serving it.
public enum DatabaseUpgrade {
    /// Each step is one transaction, so what ends it in between leaves a database that this and the earlier Roost of that
    /// step open.
    /// - Returns: the schema before and after.
    /// - Throws: ``StoreOpeningError`` when there is none, a server has it, it is damaged, or newer than this program.
    public static func run(_ path: String, world: World, log: Logger) throws -> (before: Int, after: Int) {
        let before = try DatabaseReader(path).schema()
        let store = try Store(
            .file(path), options: StoreOptions(), world: world, telemetry: Telemetry(), log: log)
        store.close()
        return (before, try DatabaseReader(path).schema())
    }
}
