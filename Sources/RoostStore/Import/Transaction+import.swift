// Taking in what another database knows. What is here already stays as it is, so doing it twice changes nothing.

public import RoostCore

/// What became of a run that was brought in.
public struct TakenRun: Sendable {
    public let isNew: Bool
    /// What is otherwise here, where it stays so: params, tags and the like.
    public let conflicts: [String]
}

/// What became of an experiment that was brought in.
public struct TakenExperiment: Sendable {
    public let id: Int64
    public let isNew: Bool
    /// What is otherwise here, where it stays so.
    public let conflicts: [String]
}

extension Transaction {
    /// The experiment of the same name, or a new one: with the same number where that is free.
    /// - Parameter location: where its runs shall keep their files; nil for this server's default place.
    public func takeExperiment(_ given: Experiment, location: String?) throws -> TakenExperiment {
        if let known = try snapshot.experiment(named: given.name) {
            var conflicts = known.stage == given.stage ? [] : ["lifecycle stage"]
            for tag in given.tags {
                guard let here = known.tags.first(where: { $0.key == tag.key }) else {
                    try putExperimentTag(known.id, tag)
                    continue
                }
                if here.value != tag.value { conflicts.append("tag \(tag.key)") }
            }
            return TakenExperiment(id: known.id, isNew: false, conflicts: conflicts)
        }
        let isTaken = try db.first("SELECT 1 FROM experiments WHERE id = ?1", given.id) { _ in true } ?? false
        // Numbers are handed out upwards, and a folder of MLflow has numbers near the end of them.
        let id: Int64? = isTaken || given.id > 1_000_000_000 ? nil : given.id
        try db.run(
            """
            INSERT INTO experiments (id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """, id, given.name, location ?? "", given.stage.rawValue, given.creationTime, given.lastUpdateTime)
        let made = db.lastInsertID
        if location == nil {
            try db.run(
                "UPDATE experiments SET artifact_location = ?1 WHERE id = ?2",
                ArtifactURI.appending(String(made), to: options.artifactRoot), made)
        }
        for tag in given.tags { try putExperimentTag(made, tag) }
        return TakenExperiment(id: made, isNew: true, conflicts: [])
    }

    /// A run with all but its points. One that is here gets what it lacks, and its end if it was still running.
    /// - Parameter artifactURI: where its files are; nil for its place below the experiment's.
    public func takeRun(_ given: ImportedRun, experiment: Int64, artifactURI: String?) throws -> TakenRun {
        let info = given.run.info
        let known = try db.first("SELECT id, status, name, lifecycle_stage FROM runs WHERE run_id = ?1", info.runID) {
            (id: $0.int64(0), status: $0.text(1), name: $0.text(2), stage: $0.text(3))
        }
        let isOver = info.status != .running && info.status != .scheduled
        let wasRunning = known.map { [RunStatus.running.rawValue, RunStatus.scheduled.rawValue].contains($0.status) }
        if let known, isOver, wasRunning == true {
            try db.run(
                "UPDATE runs SET status = ?1, end_time = ?2 WHERE id = ?3", info.status.rawValue, info.endTime, known.id
            )
        }
        if known == nil {
            let home = try snapshot.experiment(ExperimentID(experiment)).artifactLocation
            try db.run(
                """
                INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, end_time, deleted_time,
                lifecycle_stage, artifact_uri) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                """, info.runID, experiment, info.name, info.userID, info.status.rawValue, info.startTime, info.endTime,
                info.stage == .deleted ? given.deletedTime ?? world.now() : nil, info.stage.rawValue,
                artifactURI ?? ArtifactURI.appending("\(info.runID)/artifacts", to: home))
        }
        let row = try snapshot.runRow(info.runID)
        var conflicts: [String] = []
        if let known, known.name != info.name { conflicts.append("name") }
        if let known, isOver, wasRunning == false, known.status != info.status.rawValue { conflicts.append("status") }
        if let known, known.stage != info.stage.rawValue { conflicts.append("lifecycle stage") }
        for param in given.run.params {
            if let old = try putParam(row.id, param), old != param.value { conflicts.append("param \(param.key)") }
        }
        for tag in given.run.tags {
            let key = try internKey(tag.key)
            try db.run(
                "INSERT INTO run_tags (run, key, value, is_indexed) VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
                row.id, key, tag.value)
            guard db.changes == 0 else {
                try awaitIndex(row.id)
                continue
            }
            let old = try db.first("SELECT value FROM run_tags WHERE run = ?1 AND key = ?2", row.id, key) { $0.text(0) }
            if old != tag.value { conflicts.append("tag \(tag.key)") }
        }
        for key in given.keys {
            try db.run(
                "INSERT INTO run_keys (experiment, key, run) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                row.experiment, key, row.id)
            let holder = try db.first(
                "SELECT run FROM run_keys WHERE experiment = ?1 AND key = ?2", row.experiment, key
            ) { $0.int64(0) }
            if holder != row.id { conflicts.append("key \(key)") }
        }
        try noteInputs(row, datasets: given.run.datasets, models: given.run.modelInputs)
        try noteOutputs(row, models: given.run.modelOutputs ?? [])
        return TakenRun(isNew: known == nil, conflicts: conflicts)
    }

    /// Points of a run. A point that is here already is one point still.
    public func takePoints(_ runID: String, _ points: [Metric]) throws {
        try logMetrics(of: try snapshot.runRow(runID), points)
    }

    /// A logged model with what belongs to it; its points name runs that are here.
    /// One that is here already only gets what it lacks.
    public func takeModel(_ given: ImportedModel, experiment: Int64, artifactLocation: String?) throws -> TakenRun {
        let model = given.model
        let known =
            try db.first("SELECT 1 FROM logged_models WHERE model_id = ?1", model.modelID) { _ in true } ?? false
        if !known {
            let home = try snapshot.experiment(ExperimentID(experiment)).artifactLocation
            try db.run(
                """
                INSERT INTO logged_models (model_id, experiment, name, artifact_location, creation_time, last_update_time,
                status, model_type, source_run_id, lifecycle_stage) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                """, model.modelID, experiment, model.name,
                artifactLocation ?? ArtifactURI.appending("models/\(model.modelID)/artifacts", to: home),
                model.creationTime, model.lastUpdateTime, model.status.number, model.type, model.sourceRunID,
                given.stage.rawValue)
        }
        let id = try snapshot.loggedModelRow(model.modelID)
        var conflicts: [String] = []
        for param in model.params {
            if let old = try putModelParam(id, param), old != param.value { conflicts.append("param \(param.key)") }
        }
        for tag in model.tags {
            try db.run(
                "INSERT INTO logged_model_tags (model, key, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", id,
                try internKey(tag.key), tag.value)
        }
        for metric in model.metrics {
            guard let run = try? snapshot.runRow(metric.runID) else { continue }
            let link = MetricLink(modelID: model.modelID, dataset: metric.dataset)
            do {
                try logModelMetric(Metric(key: metric.key, point: metric.point, link: link), link, run)
            } catch is APIError {
                conflicts.append("metric \(metric.key)")
            }
        }
        return TakenRun(isNew: !known, conflicts: conflicts)
    }
}
