// Get or create, in one transaction: the first caller makes the thing, everybody gets the same one.

public import RoostCore

/// What a get-or-create found or made.
public struct Gotten<Thing: Sendable>: Sendable {
    public let thing: Thing
    public let created: Bool
}

extension Transaction {
    /// The experiment of this name, made if there is none. An existing one keeps its location and tags.
    /// - Throws: 400 when the one of this name is deleted: reviving it is not for a get.
    public func getOrCreateExperiment(
        name: String, artifactLocation: String?, tags: [KeyValue]
    ) throws -> Gotten<Experiment> {
        if let found = try snapshot.experiment(named: name) {
            guard found.stage == .active else {
                throw APIError(
                    .invalidState, "The experiment '\(name)' is deleted. Restore it, or choose another name.",
                    status: 400)
            }
            return Gotten(thing: found, created: false)
        }
        let id = try createExperiment(name: name, artifactLocation: artifactLocation, tags: tags)
        return Gotten(thing: try snapshot.experiment(ExperimentID(id)), created: true)
    }

    /// The run that was first asked for under this key in this experiment, made if this is the first time.
    ///
    /// The row is the same for all callers, across processes and retries; what later callers give beside the key does not
    /// matter. A deleted run is answered as it is.
    public func getOrCreateRun(key: String, _ new: NewRun) throws -> Gotten<Run> {
        let experiment = try snapshot.activeExperiment(new.experimentID)
        let known = try db.first(
            "SELECT r.run_id FROM run_keys k JOIN runs r ON r.id = k.run WHERE k.experiment = ?1 AND k.key = ?2",
            experiment.id, key
        ) { $0.text(0) }
        if let known { return Gotten(thing: try snapshot.run(known), created: false) }
        let run = try createRun(new)
        try db.run(
            "INSERT INTO run_keys (experiment, key, run) VALUES (?1, ?2, ?3)", experiment.id, key,
            try snapshot.runRow(run.info.runID).id)
        return Gotten(thing: try snapshot.run(run.info.runID), created: true)
    }

    /// The run of the id that `new` names, made if there is none; an existing one may be in another experiment.
    public func getOrCreateRun(id: String, _ new: NewRun) throws -> Gotten<Run> {
        if let found = try snapshot.findRun(id) { return Gotten(thing: found, created: false) }
        _ = try createRun(new)
        return Gotten(thing: try snapshot.run(id), created: true)
    }
}

extension Snapshot {
    /// A run by its id; nil when there is none.
    public func findRun(_ runID: String) throws -> Run? {
        guard let id = try db.first("SELECT id FROM runs WHERE run_id = ?1", runID, row: { $0.int64(0) }) else {
            return nil
        }
        return try runs([id], withModelInputs: true).first
    }
}
