// Where runs come from that are brought in: what an importer asks of a database or folder of MLflow, or of an export.

public import RoostCore

/// A run with what only another database knows of it.
public struct ImportedRun: Sendable {
    /// Without its histories.
    public let run: Run
    /// Milliseconds since 1970; nil where it is not known, or the run is not deleted.
    public let deletedTime: Int64?
    /// The keys under which callers ask for it.
    public let keys: [String]

    public init(run: Run, deletedTime: Int64?, keys: [String] = []) {
        self.run = run
        self.deletedTime = deletedTime
        self.keys = keys
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

/// A part of a source that cannot be read: it is named and left out, and the rest is taken.
public struct SourceDamage: Error, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A place that is read from. It is never changed.
public protocol RunSource {
    /// Deleted ones included, in the order of their ids.
    func experiments() throws -> [Experiment]
    /// The ids of all runs of an experiment, in the order in which they are taken.
    func runIDs(ofExperiment id: Int64) throws -> [String]
    /// - Throws: ``SourceDamage`` when this run cannot be read, its points included.
    func run(_ runID: String) throws -> ImportedRun
    /// Points of a run, a piece at a time.
    /// - Parameter position: what the piece before said; nil for the first.
    func points(_ runID: String, after position: String?) throws -> (points: [Metric], next: String?)
    func modelIDs(ofExperiment id: Int64) throws -> [String]
    /// - Throws: ``SourceDamage`` when this model cannot be read.
    func model(_ modelID: String) throws -> ImportedModel
    func registeredModels() throws -> [ImportedRegisteredModel]
    /// What there is and is not brought in: a name and how many.
    func leftOut() throws -> [(what: String, count: Int64)]
    /// What could not be read beside runs and models; asked for at the end.
    func damage() -> [String]
}

extension RunSource {
    public func damage() -> [String] { [] }
}
