// Experiments: made, found, renamed, deleted, restored, tagged.

internal import CSQLite
public import RoostCore

extension Transaction {
    /// Makes an experiment; `artifactLocation` nil means the server's default place.
    /// - Returns: its id.
    /// - Throws: 400 `RESOURCE_ALREADY_EXISTS` when the name is taken, by a deleted experiment too.
    public func createExperiment(name: String, artifactLocation: String?, tags: [KeyValue]) throws -> Int64 {
        guard try snapshot.experiment(named: name) == nil else {
            throw APIError(.resourceAlreadyExists, "Experiment(name=\(name)) already exists.")
        }
        let now = world.now()
        try db.run(
            """
            INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time)
            VALUES (?1, ?2, 'active', ?3, ?3)
            """, name, artifactLocation ?? "", now)
        let id = db.lastInsertID
        if artifactLocation == nil {
            try db.run(
                "UPDATE experiments SET artifact_location = ?1 WHERE id = ?2",
                ArtifactURI.appending(String(id), to: options.artifactRoot), id)
        }
        for tag in tags { try putExperimentTag(id, tag) }
        return id
    }

    /// Renames an active experiment.
    public func renameExperiment(_ id: ExperimentID, to name: String) throws {
        let experiment = try snapshot.experiment(id)
        guard experiment.stage == .active else {
            throw APIError(.invalidState, "Cannot rename a non-active experiment.", status: 400)
        }
        if let other = try snapshot.experiment(named: name), other.id != experiment.id {
            throw APIError(.resourceAlreadyExists, "Experiment(name=\(name)) already exists.")
        }
        try db.run(
            "UPDATE experiments SET name = ?1, last_update_time = ?2 WHERE id = ?3", name, world.now(), experiment.id)
    }

    /// Puts an active experiment and its runs in the trash.
    public func deleteExperiment(_ id: ExperimentID) throws {
        let experiment = try snapshot.experiment(id, stage: .active)
        let now = world.now()
        try setStage(of: experiment.id, .deleted, now)
        try db.run(
            "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = ?1 WHERE experiment = ?2", now, experiment.id)
    }

    /// Takes a deleted experiment and its runs out of the trash.
    public func restoreExperiment(_ id: ExperimentID) throws {
        let experiment = try snapshot.experiment(id, stage: .deleted)
        try setStage(of: experiment.id, .active, world.now())
        try db.run(
            "UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE experiment = ?1", experiment.id)
    }

    /// Sets a tag of an active experiment.
    public func setExperimentTag(_ id: ExperimentID, _ tag: KeyValue) throws {
        let experiment = try snapshot.activeExperiment(id)
        try putExperimentTag(experiment.id, tag)
    }

    /// Removes a tag of an active experiment.
    /// - Throws: 404 when there is no such tag.
    public func deleteExperimentTag(_ id: ExperimentID, key: String) throws {
        let experiment = try snapshot.activeExperiment(id)
        try db.run("DELETE FROM experiment_tags WHERE experiment = ?1 AND key = ?2", experiment.id, key)
        guard db.changes > 0 else {
            throw APIError.missing("No tag with name: \(key) in experiment with id \(experiment.id)")
        }
    }

    private func setStage(of id: Int64, _ stage: LifecycleStage, _ now: Int64) throws {
        try db.run(
            "UPDATE experiments SET lifecycle_stage = ?1, last_update_time = ?2 WHERE id = ?3", stage.rawValue, now, id)
    }

    func putExperimentTag(_ id: Int64, _ tag: KeyValue) throws {
        try db.run(
            """
            INSERT INTO experiment_tags (experiment, key, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (experiment, key) DO UPDATE SET value = excluded.value
            """, id, tag.key, tag.value)
    }
}

extension Snapshot {
    /// An experiment by its id, in any stage or in the one asked for.
    /// - Throws: 404 when there is none.
    public func experiment(_ id: ExperimentID, stage: LifecycleStage? = nil) throws -> Experiment {
        if let number = id.number,
            let found = try db.first(
                """
                SELECT id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
                FROM experiments WHERE id = ?1
                """, number, row: experiment(from:)),
            stage == nil || found.stage == stage
        {
            return try withTags(found)
        }
        throw APIError.missing("No Experiment with id=\(id.text) exists")
    }

    /// An experiment by its name, deleted ones included; nil when there is none.
    public func experiment(named name: String) throws -> Experiment? {
        try db.first(
            """
            SELECT id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
            FROM experiments WHERE name = ?1
            """, name, row: experiment(from:)
        ).map(withTags)
    }

    /// An experiment that may be written to.
    /// - Throws: 404 when there is none, 400 when it is deleted.
    func activeExperiment(_ id: ExperimentID) throws -> Experiment {
        let experiment = try experiment(id)
        guard experiment.stage == .active else {
            throw APIError.invalid(
                "The experiment \(experiment.id) must be in the 'active' state. Current state is \(experiment.stage.rawValue)."
            )
        }
        return experiment
    }

    /// The columns id, name, artifact_location, lifecycle_stage, creation_time, last_update_time; tags come later.
    func experiment(from row: Row) -> Experiment {
        Experiment(
            id: row.int64(0), name: row.text(1), artifactLocation: row.text(2),
            stage: LifecycleStage(rawValue: row.text(3)) ?? .active, creationTime: row.int64(4),
            lastUpdateTime: row.int64(5), tags: [])
    }

    func withTags(_ experiment: Experiment) throws -> Experiment {
        var tags: [KeyValue] = []
        try db.query("SELECT key, value FROM experiment_tags WHERE experiment = ?1 ORDER BY key", experiment.id) {
            row in
            tags.append(KeyValue(row.text(0), row.text(1)))
        }
        return Experiment(
            id: experiment.id, name: experiment.name, artifactLocation: experiment.artifactLocation,
            stage: experiment.stage, creationTime: experiment.creationTime, lastUpdateTime: experiment.lastUpdateTime,
            tags: tags)
    }
}
