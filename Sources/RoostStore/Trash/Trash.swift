// The trash: what lies in it, and removing it for good. Nothing that is active is ever removed.

public import RoostCore

/// What shall be removed of the trash.
public struct TrashSelection: Sendable {
    /// These runs.
    public let runIDs: [String]
    /// These experiments, with their runs and models.
    public let experimentIDs: [ExperimentID]
    /// These logged models.
    public let modelIDs: [String]
    /// Everything in the trash, when nothing is named.
    public let isAll: Bool
    /// Only what has been in the trash for so long.
    public let olderThan: Age?

    public init(
        runIDs: [String], experimentIDs: [ExperimentID], modelIDs: [String], isAll: Bool, olderThan: Age?
    ) {
        self.runIDs = runIDs
        self.experimentIDs = experimentIDs
        self.modelIDs = modelIDs
        self.isAll = isAll
        self.olderThan = olderThan
    }
}

/// A logged model that is to go.
public struct TrashedModel: Sendable {
    public let modelID: String
    public let artifactLocation: String
}

/// A part of what was selected.
public struct TrashPage: Sendable {
    public let runs: [RunInfo]
    /// Where the next part begins; nil when this was the last.
    public let next: Int64?
    /// Experiments to be removed once their runs are: with the last part.
    public let experiments: [Int64]
    /// Models, in the trash themselves or of those experiments: with the last part.
    public let models: [TrashedModel]

    public init(runs: [RunInfo], next: Int64?, experiments: [Int64] = [], models: [TrashedModel] = []) {
        self.runs = runs
        self.next = next
        self.experiments = experiments
        self.models = models
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
        let models = try models(selection, experiments, cutoff)
        return TrashPage(
            runs: try page.compactMap { try runInfo($0) }, next: next, experiments: next == nil ? experiments : [],
            models: next == nil ? models : [])
    }

    private func models(_ selection: TrashSelection, _ experiments: [Int64], _ cutoff: Int64) throws -> [TrashedModel] {
        var models: [TrashedModel] = []
        func take(_ row: Row) {
            let model = TrashedModel(modelID: row.text(0), artifactLocation: row.text(1))
            if !models.contains(where: { $0.modelID == model.modelID }) { models.append(model) }
        }
        for id in selection.modelIDs {
            let row = try loggedModelRow(id)
            let (stage, time) =
                try db.first("SELECT lifecycle_stage, last_update_time FROM logged_models WHERE id = ?1", row) {
                    ($0.text(0), $0.int64(1))
                } ?? ("", 0)
            guard stage == LifecycleStage.deleted.rawValue else {
                throw APIError.invalid(
                    "Logged model \(id) is not in `deleted` lifecycle stage. Only logged models in `deleted` lifecycle"
                        + " stage can be deleted.")
            }
            guard selection.olderThan == nil || time <= cutoff else {
                throw APIError.invalid(
                    "Logged model \(id) is not older than the required age. Only logged models older than"
                        + " \(selection.olderThan?.text ?? "") can be deleted.")
            }
            try db.query("SELECT model_id, artifact_location FROM logged_models WHERE id = ?1", row, row: take)
        }
        if selection.isAll {
            try db.query(
                """
                SELECT model_id, artifact_location FROM logged_models
                WHERE lifecycle_stage = 'deleted' AND last_update_time <= ?1 ORDER BY id
                """, cutoff, row: take)
        }
        for experiment in experiments {
            try db.query(
                "SELECT model_id, artifact_location FROM logged_models WHERE experiment = ?1 ORDER BY id", experiment,
                row: take)
        }
        return models
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

    /// Whether a logged model or its experiment is in the trash.
    public func isTrash(model modelID: String) throws -> Bool {
        try db.first(
            """
            SELECT 1 FROM logged_models m JOIN experiments e ON e.id = m.experiment
            WHERE m.model_id = ?1 AND 'deleted' IN (m.lifecycle_stage, e.lifecycle_stage)
            """, modelID
        ) { _ in true } ?? false
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

    /// Removes a logged model for good, if it or its experiment is still in the trash.
    /// - Returns: false when somebody has restored or removed it meanwhile.
    public func purgeModel(_ modelID: String) throws -> Bool {
        guard
            let id = try db.first(
                """
                SELECT m.id FROM logged_models m JOIN experiments e ON e.id = m.experiment
                WHERE m.model_id = ?1 AND 'deleted' IN (m.lifecycle_stage, e.lifecycle_stage)
                """, modelID, row: { $0.int64(0) })
        else { return false }
        try removeModel(id)
        return true
    }

    /// Removes an experiment for good with its tags and datasets, if it is in the trash and has neither run nor
    /// model left.
    /// - Returns: false when it stays.
    public func purgeExperiment(_ id: Int64) throws -> Bool {
        let hasModels =
            try db.first("SELECT 1 FROM logged_models WHERE experiment = ?1 LIMIT 1", id) { _ in true } ?? false
        guard try snapshot.runCount(ofExperiment: id) == 0, !hasModels else { return false }
        try db.run("DELETE FROM experiments WHERE id = ?1 AND lifecycle_stage = 'deleted'", id)
        return db.changes > 0
    }

    /// Removes the datasets of an experiment that no run reads any more.
    public func purgeDatasets(ofExperiment id: Int64) throws {
        try db.run(
            "DELETE FROM datasets WHERE experiment = ?1 AND id NOT IN (SELECT dataset FROM run_datasets)", id)
    }
}
