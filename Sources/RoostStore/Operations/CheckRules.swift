// What must hold in every database beyond what SQLite itself sees to: counters against rows, latest values, times of the
// trash. A new table with a counter or a copy of something is one more rule here.

internal import CSQLite
internal import RoostCore

/// Something in a database that must not be so.
public struct CheckFinding: Sendable, Equatable {
    /// What the rule says.
    public let rule: String
    /// Where it does not hold.
    public let place: String
}

/// A rule: a query that answers a line of text for each place where it does not hold.
struct CheckRule {
    let text: String
    /// The schemas in which it holds.
    let schemas: ClosedRange<Int>
    let query: StaticString

    init(text: String, since: Int = 1, until: Int = .max, query: StaticString) {
        self.text = text
        schemas = since...until
        self.query = query
    }

    static let countRule = "a metric's count of points is the number of its points"
    static let latestRule = "a metric's latest point is the latest of its points"
    static let chunkRule = "a chunk of points can be read"

    static let all = [
        CheckRule(
            text: countRule,
            // From then on points are in chunks, too, which SQL cannot look into.
            until: 5,
            query: """
                SELECT r.run_id || ' ' || k.name || ': ' || s.points || ' counted, ' || c.points || ' there'
                FROM (
                    SELECT s.id AS id, (SELECT count(*) FROM metric_points p WHERE p.series = s.id) AS points
                    FROM metric_series s
                ) c JOIN metric_series s ON s.id = c.id JOIN runs r ON r.id = s.run JOIN keys k ON k.id = s.key
                WHERE c.points <> s.points LIMIT 20
                """),
        CheckRule(
            text: latestRule,
            until: 5,
            query: """
                SELECT r.run_id || ' ' || k.name FROM metric_series s
                JOIN runs r ON r.id = s.run JOIN keys k ON k.id = s.key
                WHERE NOT EXISTS (
                    SELECT 1 FROM metric_points p
                    WHERE p.series = s.id AND p.timestamp = s.timestamp AND p.step = s.step AND p.value = s.value
                        AND p.is_nan = s.is_nan
                ) LIMIT 20
                """),
        CheckRule(
            text: "a point belongs to a metric",
            query: """
                SELECT 'series ' || p.series FROM (SELECT DISTINCT series FROM metric_points) p
                WHERE NOT EXISTS (SELECT 1 FROM metric_series s WHERE s.id = p.series) LIMIT 20
                """),
        CheckRule(
            text: "a run has a time of deletion exactly if it is in the trash",
            query: """
                SELECT run_id FROM runs
                WHERE (lifecycle_stage = 'deleted') <> (deleted_time IS NOT NULL) LIMIT 20
                """),
        CheckRule(
            text: "a run reads datasets of its own experiment",
            query: """
                SELECT r.run_id || ' ' || d.name FROM run_datasets i
                JOIN runs r ON r.id = i.run JOIN datasets d ON d.id = i.dataset
                WHERE d.experiment <> r.experiment LIMIT 20
                """),
        CheckRule(
            text: "a run is asked for by key in its own experiment",
            since: 2,
            query: """
                SELECT r.run_id || ' ' || k.key FROM run_keys k JOIN runs r ON r.id = k.run
                WHERE k.experiment <> r.experiment LIMIT 20
                """),
        CheckRule(
            text: "a param or tag that is in no index by value is on the list of those that will be",
            since: 7,
            query: """
                SELECT r.run_id || ' ' || k.name FROM (
                    SELECT run, key FROM run_params WHERE is_indexed = 0
                    UNION ALL SELECT run, key FROM run_tags WHERE is_indexed = 0
                ) v JOIN runs r ON r.id = v.run JOIN keys k ON k.id = v.key
                WHERE NOT EXISTS (SELECT 1 FROM unindexed_runs u WHERE u.run = v.run) LIMIT 20
                """),
    ]
}

extension Snapshot {
    /// Everything that is wrong: SQLite's check of pages and indexes, references that lead nowhere, and our own rules.
    /// Twenty places of a kind at most. A damaged database is not looked at further.
    public func findings() throws -> [CheckFinding] {
        let damage = try Damage.complaints(db, limit: 20).map {
            CheckFinding(rule: "the file is sound", place: ($0.place.map { "\($0): " } ?? "") + $0.text)
        }
        guard damage.isEmpty else { return damage }
        var found: [CheckFinding] = []
        var broken: [String: Int] = [:]
        try db.query("PRAGMA foreign_key_check") { row in
            broken["a row of \(row.text(0)) names a row of \(row.text(2)) that is not there", default: 0] += 1
        }
        found += broken.sorted { $0.key < $1.key }.map {
            CheckFinding(rule: "references lead somewhere", place: "\($0.key) (\($0.value) times)")
        }
        let schema = Int(try db.first("PRAGMA user_version") { $0.int64(0) } ?? 0)
        for rule in CheckRule.all where rule.schemas.contains(schema) {
            try db.query(rule.query) { found.append(CheckFinding(rule: rule.text, place: $0.text(0))) }
        }
        if schema > 5 { found += try seriesFindings(limit: 20) }
        return found
    }

    /// Reads every point of every metric, and compares with what is kept of them beside.
    private func seriesFindings(limit: Int) throws -> [CheckFinding] {
        var found: [CheckFinding] = []
        try db.query(
            """
            SELECT s.id, s.points, s.timestamp, s.step, s.value, s.is_nan, r.run_id || ' ' || k.name
            FROM metric_series s JOIN runs r ON r.id = s.run JOIN keys k ON k.id = s.key ORDER BY s.id
            """
        ) { row in
            guard found.count < limit else { return }
            let name = row.text(6)
            let kept = row.metricPoint(at: 2)
            var count: Int64 = 0
            var latest: MetricPoint?
            var position: MetricPoint?
            do {
                while true {
                    let points = try points(of: row.int64(0), after: position, limit: 8192)
                    count += Int64(points.count)
                    for point in points where latest.map({ point.isLater(than: $0) }) ?? true { latest = point }
                    position = points.last
                    if points.count < 8192 { break }
                }
            } catch let error as SQLiteError where error.primary == SQLITE_CORRUPT {
                found.append(CheckFinding(rule: CheckRule.chunkRule, place: "\(name): \(error.message)"))
                return
            }
            if count != row.int64(1) {
                found.append(
                    CheckFinding(rule: CheckRule.countRule, place: "\(name): \(row.int64(1)) counted, \(count) there"))
            }
            if let latest, latest.isLater(than: kept) || kept.isLater(than: latest) {
                found.append(CheckFinding(rule: CheckRule.latestRule, place: name))
            }
        }
        return found
    }

    /// Where runs and models keep their files. A database of an older schema has no models yet.
    public func artifactURIs() throws -> (runs: [String], models: [String]) {
        var (runs, models): ([String], [String]) = ([], [])
        try db.query("SELECT artifact_uri FROM runs") { runs.append($0.text(0)) }
        let hasModels = try db.first("SELECT 1 FROM sqlite_schema WHERE name = 'logged_models'") { _ in true } ?? false
        if hasModels { try db.query("SELECT artifact_location FROM logged_models") { models.append($0.text(0)) } }
        return (runs, models)
    }
}
