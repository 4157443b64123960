// Rules that put runs in the trash by age and number. What is not over, and what is marked to be kept, is never touched.

public import RoostCore

/// The rule of an experiment, as it stands in its tag.
public struct ExperimentRetention: Sendable {
    public let experiment: Int64
    /// The value of the tag.
    public let text: String
}

extension Snapshot {
    /// The rules of all active experiments, by their ids.
    public func retentionRules() throws -> [ExperimentRetention] {
        var rules: [ExperimentRetention] = []
        try db.query(
            """
            SELECT t.experiment, t.value FROM experiment_tags t JOIN experiments e ON e.id = t.experiment
            WHERE t.key = ?1 AND e.lifecycle_stage = 'active' ORDER BY t.experiment
            """, RetentionRule.tag
        ) { rules.append(ExperimentRetention(experiment: $0.int64(0), text: $0.text(1))) }
        return rules
    }

    /// The runs that a rule puts in the trash, the oldest first.
    public func beyond(_ rule: RetentionRule, ofExperiment experiment: Int64, now: Int64, limit: Int) throws -> [String]
    {
        guard rule.maxAge != nil || rule.maxRuns != nil else { return [] }
        var runs: [String] = []
        // A run without any time is of no age. NULL for a part of the rule that is left out makes its condition unknown.
        try db.query(
            """
            SELECT run_id FROM (
                SELECT id, run_id, status, start_time, coalesce(nullif(end_time, 0), start_time) AS last,
                    row_number() OVER (ORDER BY start_time DESC, id DESC) AS place
                FROM runs WHERE experiment = ?1 AND lifecycle_stage = 'active'
            ) r
            WHERE status IN ('FINISHED', 'FAILED', 'KILLED') AND (place > ?2 OR (last > 0 AND last < ?3))
                AND NOT EXISTS (
                    SELECT 1 FROM run_tags t JOIN keys k ON k.id = t.key
                    WHERE t.run = r.id AND k.name = ?4 AND t.value = 'true')
            ORDER BY place DESC LIMIT ?5
            """, experiment, rule.maxRuns, rule.maxAge.map { now - $0.milliseconds }, RetentionRule.keepTag, limit
        ) { runs.append($0.text(0)) }
        return runs
    }

    /// Runs of an experiment that have been in the trash for longer than a rule says.
    public func expired(_ rule: RetentionRule, ofExperiment experiment: Int64, now: Int64, limit: Int) throws
        -> [RunInfo]
    {
        guard let trash = rule.trash else { return [] }
        var ids: [Int64] = []
        try db.query(
            """
            SELECT id FROM runs WHERE experiment = ?1 AND lifecycle_stage = 'deleted' AND deleted_time <= ?2
            ORDER BY id LIMIT ?3
            """, experiment, now - trash.milliseconds, limit
        ) { ids.append($0.int64(0)) }
        return try ids.compactMap { try runInfo($0) }
    }
}

extension Transaction {
    /// Puts the runs in the trash that a rule says, up to a number of them.
    public func trash(beyond rule: RetentionRule, ofExperiment experiment: Int64, limit: Int) throws -> [String] {
        let runs = try snapshot.beyond(rule, ofExperiment: experiment, now: world.now(), limit: limit)
        for run in runs { try deleteRun(run) }
        return runs
    }
}
