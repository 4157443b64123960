// The trash: what lies in it, and removing it for good. Nothing that is active is ever removed.

public import RoostCore

/// What shall be removed of the trash.
public struct TrashSelection: Sendable {
    /// These runs.
    public let runIDs: [String]
    /// These experiments, with their runs.
    public let experimentIDs: [ExperimentID]
    /// Everything in the trash, when nothing is named.
    public let isAll: Bool
    /// Only what has been in the trash for so long.
    public let olderThan: Age?

    public init(runIDs: [String], experimentIDs: [ExperimentID], isAll: Bool, olderThan: Age?) {
        self.runIDs = runIDs
        self.experimentIDs = experimentIDs
        self.isAll = isAll
        self.olderThan = olderThan
    }
}

/// A part of what was selected.
public struct TrashPage: Sendable {
    public let runs: [RunInfo]
    /// Where the next part begins; nil when this was the last.
    public let next: Int64?
    /// Experiments to be removed once their runs are: with the last part.
    public let experiments: [Int64]

    public init(runs: [RunInfo], next: Int64?, experiments: [Int64]) {
        self.runs = runs
        self.next = next
        self.experiments = experiments
    }
}

extension Snapshot {
    /// A part of what is selected, in the order in which runs were made.
    /// - Parameter after: what the part before said.
    /// - Throws: 404 and 400 in the words of `mlflow gc` when something named is not in the trash, or not for long enough.
    public func trash(_ selection: TrashSelection, now: Int64, after: Int64, limit: Int) throws -> TrashPage {
        let cutoff = now - (selection.olderThan?.milliseconds ?? 0)
        let named = try selection.experimentIDs.map { try experiment($0) }
        try check(named, selection.olderThan, cutoff)
        var ids: Set<Int64> = []
        for runID in selection.runIDs { ids.insert(try trashed(runID, selection.olderThan, cutoff)) }
        for experiment in named {
            try db.query(
                "SELECT id FROM runs WHERE experiment = ?1 AND lifecycle_stage = 'deleted' AND deleted_time <= ?2",
                experiment.id, cutoff
            ) { ids.insert($0.int64(0)) }
        }
        var experiments = named.map(\.id)
        if selection.isAll {
            try db.query(
                "SELECT id FROM runs WHERE lifecycle_stage = 'deleted' AND deleted_time <= ?1 AND id > ?2", cutoff,
                after
            ) { ids.insert($0.int64(0)) }
            let latest = selection.olderThan == nil ? Int64.max : cutoff
            try db.query(
                "SELECT id FROM experiments WHERE lifecycle_stage = 'deleted' AND last_update_time < ?1 ORDER BY id",
                latest
            ) { experiments.append($0.int64(0)) }
        }
        let rest = ids.filter { $0 > after }.sorted()
        let page = rest.prefix(limit)
        let next = rest.count > limit ? page.last : nil
        return TrashPage(
            runs: try page.compactMap { try runInfo($0) }, next: next, experiments: next == nil ? experiments : [])
    }

    private func trashed(_ runID: String, _ age: Age?, _ cutoff: Int64) throws -> Int64 {
        let row = try runRow(runID)
        guard row.stage == .deleted else {
            throw APIError.invalid(
                "Run \(runID) is not in `deleted` lifecycle stage. Only runs in `deleted` lifecycle stage can be deleted."
            )
        }
        let time = try db.first("SELECT deleted_time FROM runs WHERE id = ?1", row.id) { $0.int64(0) } ?? 0
        guard age == nil || time <= cutoff else {
            throw APIError.invalid(
                "Run \(runID) is not older than the required age. Only runs older than \(age?.text ?? "") can be deleted."
            )
        }
        return row.id
    }

    private func check(_ experiments: [Experiment], _ age: Age?, _ cutoff: Int64) throws(APIError) {
        func list(_ experiments: [Experiment]) -> String {
            "[" + experiments.map { "'\($0.id)'" }.joined(separator: ", ") + "]"
        }
        let active = experiments.filter { $0.stage != .deleted }
        guard active.isEmpty else {
            throw .invalid(
                "Experiments \(list(active)) are not in the deleted lifecycle stage. Only experiments in the deleted"
                    + " lifecycle stage can be hard-deleted.")
        }
        guard let age else { return }
        let young = experiments.filter { $0.lastUpdateTime >= cutoff }
        guard young.isEmpty else {
            throw .invalid(
                "Experiments \(list(young)) are not older than the required age. Only experiments older than \(age.text)"
                    + " can be deleted.")
        }
    }

    /// How many runs an experiment has, in use or in the trash.
    public func runCount(ofExperiment id: Int64) throws -> Int64 {
        try db.first("SELECT count(*) FROM runs WHERE experiment = ?1", id) { $0.int64(0) } ?? 0
    }
}

extension Snapshot {
    /// Whether an experiment has runs that are not in the trash.
    public func hasActiveRuns(_ experiment: Int64) throws -> Bool {
        try db.first(
            "SELECT 1 FROM runs WHERE experiment = ?1 AND lifecycle_stage = 'active' LIMIT 1", experiment
        ) { _ in true } ?? false
    }
}

extension Transaction {
    /// Removes a run for good, if it is still in the trash.
    /// - Returns: false when somebody has restored or removed it meanwhile.
    public func purgeRun(_ runID: String) throws -> Bool {
        guard
            let id = try db.first(
                "SELECT id FROM runs WHERE run_id = ?1 AND lifecycle_stage = 'deleted'", runID, row: { $0.int64(0) })
        else { return false }
        try removeRun(id)
        return true
    }

    /// Removes an experiment for good with its tags and datasets, if it is in the trash and has no run left.
    /// - Returns: false when it stays.
    public func purgeExperiment(_ id: Int64) throws -> Bool {
        guard try snapshot.runCount(ofExperiment: id) == 0 else { return false }
        try db.run("DELETE FROM experiments WHERE id = ?1 AND lifecycle_stage = 'deleted'", id)
        return db.changes > 0
    }

    /// Removes the datasets of an experiment that no run reads any more.
    public func purgeDatasets(ofExperiment id: Int64) throws {
        try db.run(
            "DELETE FROM datasets WHERE experiment = ?1 AND id NOT IN (SELECT dataset FROM run_datasets)", id)
    }
}
