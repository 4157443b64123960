// Params and tags come into the indexes by value in pieces of many runs, when the lane has nothing else to do.

internal import RoostCore

/// How the indexes by value are kept up.
enum ValueIndexing {
    /// Rows that one piece takes in, each perhaps a page: a write that comes meanwhile waits for some milliseconds, and
    /// where many come for less.
    static func piece(_ pace: LanePace) -> Int { pace == .quiet ? 500 : 100 }
}

extension Transaction {
    /// Notes that a run has a param or tag that no index by value has yet.
    func awaitIndex(_ run: Int64) throws {
        guard db.awaitsIndex != run else { return }
        try db.run("INSERT INTO unindexed_runs (run) VALUES (?1) ON CONFLICT DO NOTHING", run)
        db.awaitsIndex = run
    }

    /// Takes params and tags into their indexes, a piece of them.
    /// - Returns: false when there is nothing to take in.
    func indexValues(_ pace: LanePace) throws -> Bool {
        let piece = ValueIndexing.piece(pace)
        var room = piece
        while room > 0, let run = try db.first("SELECT min(run) FROM unindexed_runs", row: { $0.optionalInt64(0) }) {
            guard let run else { return room < piece }
            try db.run(
                """
                UPDATE run_params SET is_indexed = 1 WHERE run = ?1 AND key IN (
                    SELECT key FROM run_params WHERE run = ?1 AND is_indexed = 0 LIMIT ?2)
                """, run, room)
            room -= db.changes
            guard room > 0 else { break }
            try db.run(
                """
                UPDATE run_tags SET is_indexed = 1 WHERE run = ?1 AND key IN (
                    SELECT key FROM run_tags WHERE run = ?1 AND is_indexed = 0 LIMIT ?2)
                """, run, room)
            room -= db.changes
            guard room > 0 else { break }
            // There was room for more than it had.
            try db.run("DELETE FROM unindexed_runs WHERE run = ?1", run)
            room -= 1
        }
        return true
    }
}
