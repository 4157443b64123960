// Where runs come from that are brought in: what an importer asks of a database of MLflow or of another Roost.

public import RoostCore

/// A run with what only another database knows of it.
public struct ImportedRun: Sendable {
    /// Without its histories.
    public let run: Run
    /// Milliseconds since 1970; nil where it is not known, or the run is not deleted.
    public let deletedTime: Int64?

    public init(run: Run, deletedTime: Int64?) {
        self.run = run
        self.deletedTime = deletedTime
    }
}

/// A logged model, deleted or not.
public struct ImportedModel: Sendable {
    public let model: LoggedModel
    public let stage: LifecycleStage

    public init(model: LoggedModel, stage: LifecycleStage) {
        self.model = model
        self.stage = stage
    }
}

/// A place that is read from. It is never changed.
public protocol RunSource {
    /// Deleted ones included, in the order of their ids.
    func experiments() throws -> [Experiment]
    /// The ids of all runs of an experiment, the oldest first.
    func runIDs(ofExperiment id: Int64) throws -> [String]
    func run(_ runID: String) throws -> ImportedRun
    /// Points of a run, a piece at a time.
    /// - Parameter position: what the piece before said; nil for the first.
    func points(_ runID: String, after position: String?) throws -> (points: [Metric], next: String?)
    func models(ofExperiment id: Int64) throws -> [ImportedModel]
    func registeredModels() throws -> [ImportedRegisteredModel]
    /// What there is and is not brought in: a name and how many.
    func leftOut() throws -> [(what: String, count: Int64)]
}
