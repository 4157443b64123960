// Runs: made, updated, deleted, restored.

public import RoostCore

/// What a run is made of.
public struct NewRun: Sendable {
    public let experimentID: ExperimentID
    public let userID: String
    /// Empty for a random one, or for that of the tag `mlflow.runName`.
    public let name: String
    /// Milliseconds since 1970.
    public let startTime: Int64
    public let tags: [KeyValue]
    /// The id it shall have; nil for a new one.
    public let runID: String?

    public init(
        experimentID: ExperimentID, userID: String, name: String, startTime: Int64, tags: [KeyValue],
        runID: String? = nil
    ) {
        self.runID = runID
        self.experimentID = experimentID
        self.userID = userID
        self.name = name
        self.startTime = startTime
        self.tags = tags
    }
}

/// The tag that always equals a run's name.
public let runNameTag = "mlflow.runName"

/// What a write needs to know of the run it is for.
struct RunRow {
    let id: Int64
    let runID: String
    let experiment: Int64
    let stage: LifecycleStage
}

extension Transaction {
    /// Makes a run, RUNNING.
    public func createRun(_ new: NewRun) throws -> Run {
        let experiment = try snapshot.activeExperiment(new.experimentID)
        let tagged = new.tags.last { $0.key == runNameTag }?.value ?? ""
        guard new.name.isEmpty || tagged.isEmpty || new.name == tagged else {
            throw APIError.invalid(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values"
                    + " (run_name='\(new.name)', mlflow.runName='\(tagged)').")
        }
        let name = !new.name.isEmpty ? new.name : !tagged.isEmpty ? tagged : world.newRunName()
        let runID = new.runID ?? world.newID()
        let uri = ArtifactURI.appending("\(runID)/artifacts", to: experiment.artifactLocation)
        try db.run(
            """
            INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, lifecycle_stage, artifact_uri)
            VALUES (?1, ?2, ?3, ?4, 'RUNNING', ?5, 'active', ?6)
            """, runID, experiment.id, name, new.userID, new.startTime, uri)
        let id = db.lastInsertID
        let tags = tagged.isEmpty ? new.tags.filter { $0.key != runNameTag } + [KeyValue(runNameTag, name)] : new.tags
        for tag in tags { try putTag(id, tag) }
        let info = RunInfo(
            runID: runID, experimentID: experiment.id, name: name, userID: new.userID, status: .running,
            startTime: new.startTime, endTime: nil, artifactURI: uri, stage: .active)
        // MLflow leaves `outputs` out of this one answer, and lists the tags as they were given.
        return Run(info: info, metrics: [], params: [], tags: tags, modelOutputs: nil)
    }

    /// Changes what is given and leaves the rest.
    public func updateRun(_ runID: String, status: RunStatus?, endTime: Int64?, name: String?) throws -> RunInfo {
        let run = try activeRun(runID)
        if let status {
            try db.run("UPDATE runs SET status = ?1 WHERE id = ?2", status.rawValue, run.id)
            if status.isEnd { try markDue(run.id) }
        }
        if let endTime { try db.run("UPDATE runs SET end_time = ?1 WHERE id = ?2", endTime, run.id) }
        if let name, !name.isEmpty { try rename(run.id, name) }
        return try snapshot.runInfo(runID)
    }

    /// Puts a run in the trash. A deleted one stays deleted.
    public func deleteRun(_ runID: String) throws {
        let run = try snapshot.runRow(runID)
        try db.run(
            "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = ?1 WHERE id = ?2", world.now(), run.id)
    }

    /// Takes a run out of the trash. An active one stays active.
    public func restoreRun(_ runID: String) throws {
        let run = try snapshot.runRow(runID)
        try db.run("UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE id = ?1", run.id)
    }

    /// Sets a tag; that of the name renames the run.
    public func setTag(_ runID: String, _ tag: KeyValue) throws { try setTag(of: try activeRun(runID), tag) }

    func setTag(of run: RunRow, _ tag: KeyValue) throws {
        if tag.key == runNameTag {
            // An empty name changes nothing, as in MLflow.
            if !tag.value.isEmpty { try rename(run.id, tag.value) }
        } else {
            try putTag(run.id, tag)
        }
    }

    /// Removes a tag.
    /// - Throws: 404 when there is no such tag.
    public func deleteTag(_ runID: String, key: String) throws {
        let run = try activeRun(runID)
        if let keyID = try snapshot.keyID(key) {
            try db.run("DELETE FROM run_tags WHERE run = ?1 AND key = ?2", run.id, keyID)
            if db.changes > 0 { return }
        }
        throw APIError.missing("No tag with name: \(key) in run with id \(runID)")
    }

    /// Logs a param. The same value again is fine.
    /// - Throws: 400 when it has another value already.
    public func logParam(_ runID: String, _ param: KeyValue) throws {
        let run = try activeRun(runID)
        guard let old = try putParam(run.id, param), old != param.value else { return }
        throw APIError.invalid(
            "Changing param values is not allowed. Param with key='\(param.key)' was already logged with value='\(old)' for"
                + " run ID='\(runID)'. Attempted logging new value '\(param.value)'.")
    }

    /// Stores a param unless the key has a value.
    /// - Returns: the value it has had, or nil.
    func putParam(_ run: Int64, _ param: KeyValue) throws -> String? {
        let key = try internKey(param.key)
        try db.run(
            "INSERT INTO run_params (run, key, value, is_indexed) VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
            run, key, param.value)
        if db.changes > 0 {
            try awaitIndex(run)
            return nil
        }
        return try db.first("SELECT value FROM run_params WHERE run = ?1 AND key = ?2", run, key) { $0.text(0) }
    }

    /// A run that may be written to.
    /// - Throws: 404 when there is none, 400 when it is deleted.
    func activeRun(_ runID: String) throws -> RunRow {
        let run = try snapshot.runRow(runID)
        guard run.stage == .active else {
            throw APIError.invalid(
                "The run \(runID) must be in the 'active' state. Current state is \(run.stage.rawValue).")
        }
        return run
    }

    /// The number of a key, given one when it is new.
    func internKey(_ name: String) throws -> Int64 {
        if let id = try snapshot.keyID(name) { return id }
        try db.run("INSERT INTO keys (name) VALUES (?1)", name)
        let made = db.lastInsertID
        db.keyNumbers[name] = made
        return made
    }

    private func rename(_ run: Int64, _ name: String) throws {
        try db.run("UPDATE runs SET name = ?1 WHERE id = ?2", name, run)
        try putTag(run, KeyValue(runNameTag, name))
    }

    private func putTag(_ run: Int64, _ tag: KeyValue) throws {
        try db.run(
            """
            INSERT INTO run_tags (run, key, value, is_indexed) VALUES (?1, ?2, ?3, 0)
            ON CONFLICT (run, key) DO UPDATE SET value = excluded.value
            """, run, try internKey(tag.key), tag.value)
        try awaitIndex(run)
    }
}
