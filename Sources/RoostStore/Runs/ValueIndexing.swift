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

    /// Takes params and tags into their indexes, a piece of them: those of several runs, or some of one that has many.
    /// - Returns: false when there is nothing to take in.
    func indexValues(_ pace: LanePace) throws -> Bool {
        let piece = ValueIndexing.piece(pace)
        guard let due = try nextToIndex(atMost: piece) else { return false }
        try db.run(
            """
            UPDATE run_params SET is_indexed = 1 WHERE (run, key) IN (
                SELECT v.run, v.key FROM unindexed_runs u CROSS JOIN run_params v ON v.run = u.run AND v.is_indexed = 0
                WHERE u.run BETWEEN ?1 AND ?2 LIMIT ?3)
            """, due.runs.lowerBound, due.runs.upperBound, piece)
        let room = piece - db.changes
        try db.run(
            """
            UPDATE run_tags SET is_indexed = 1 WHERE (run, key) IN (
                SELECT v.run, v.key FROM unindexed_runs u CROSS JOIN run_tags v ON v.run = u.run AND v.is_indexed = 0
                WHERE u.run BETWEEN ?1 AND ?2 LIMIT ?3)
            """, due.runs.lowerBound, due.runs.upperBound, room)
        if due.values <= piece {
            try db.run(
                "DELETE FROM unindexed_runs WHERE run BETWEEN ?1 AND ?2", due.runs.lowerBound, due.runs.upperBound)
        }
        return true
    }

    /// The first runs that wait, as many as have so many values together, or one run that has more; nil when none waits.
    private func nextToIndex(atMost most: Int) throws -> (runs: ClosedRange<Int64>, values: Int)? {
        var due: (runs: ClosedRange<Int64>, values: Int)?
        while true {
            let next = try db.first(
                """
                SELECT u.run, (SELECT count(*) FROM run_params v WHERE v.run = u.run AND v.is_indexed = 0)
                    + (SELECT count(*) FROM run_tags v WHERE v.run = u.run AND v.is_indexed = 0)
                FROM unindexed_runs u WHERE u.run > ?1 ORDER BY u.run LIMIT 1
                """, due?.runs.upperBound ?? 0
            ) { (run: $0.int64(0), values: Int($0.int64(1))) }
            guard let next else { return due }
            guard let found = due else {
                due = (next.run...next.run, next.values)
                continue
            }
            guard found.values + next.values <= most else { return due }
            due = (found.runs.lowerBound...next.run, found.values + next.values)
        }
    }
}
