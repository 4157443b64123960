// What each request names, in one place. What a handler reads is what is checked: both read the same value.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

// MARK: Experiments and datasets

extension CreateExperiment: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.newExperiment(location: artifactLocation)] }
}
extension OneExperiment: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.experiment(id)] }
}
extension NamedExperiment: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.experimentNamed(name)] }
}
extension UpdateExperiment: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.experiment(id)] }
}
extension SetExperimentTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.experiment(id)] }
}
extension DeleteExperimentTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.experiment(id)] }
}
extension SearchExperiments: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
extension SearchDatasets: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] {
        [.listing] + experiments.map { .experiment(ExperimentID($0)) }
    }
}

// MARK: Runs and metrics

extension CreateRun: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.newRun(run.experimentID)] }
}
extension OneRun: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension MarkRun: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension UpdateRun: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension SearchRuns: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
extension LogMetric: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] + linked([metric.link?.modelID]) }
}
extension LogParam: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension SetTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension DeleteTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension LogBatchRequest: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] + linked(modelIDs) }
}
extension RecordModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension LogInputs: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] + linked(self.models.map(\.modelID)) }
}
extension LogOutputs: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] + linked(self.models.map(\.modelID)) }
}
extension GetHistory: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension GetHistoryBulk: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.runs(runIDs)] }
}
extension GetHistoryInterval: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.runs(runIDs)] }
}

/// Logged models beside a run, each once.
private func linked(_ ids: [String?]) -> [Resource] {
    Set(ids.compactMap { $0 }.filter { !$0.isEmpty }).sorted().map { .loggedModel($0) }
}

// MARK: Logged models

extension CreateLoggedModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] {
        let run = model.sourceRunID
        return [.newLoggedModel(model.experimentID)] + (run.isEmpty ? [] : [.source(.run(run), "")])
    }
}
extension SearchLoggedModels: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
extension GetLoggedModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.loggedModel(LoggedModels.modelID(head))] }
}
extension FinalizeLoggedModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.loggedModel(LoggedModels.modelID(head))] }
}
extension LogLoggedModelParams: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.loggedModel(LoggedModels.modelID(head))] }
}
extension SetLoggedModelTags: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.loggedModel(LoggedModels.modelID(head))] }
}
extension ListModelArtifacts: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.loggedModel(LoggedModels.modelID(head))] }
}

// MARK: Artifacts

extension ListProxied: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.artifacts(path)] }
}
extension ListArtifacts: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension PresignUpload: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { modelID.isEmpty ? [.run(runID)] : [.loggedModel(modelID)] }
}
extension PresignDownload: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.run(runID)] }
}
extension CreateMultipart: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { Artifacts.named(head) }
}
extension CompleteMultipart: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { Artifacts.named(head) }
}
extension AbortMultipart: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { Artifacts.named(head) }
}

extension Artifacts {
    /// The path of the artifact store that a request's own path names.
    static func named(_ head: RequestHead) -> [Resource] {
        [.artifacts(try? ArtifactPath(directory: ArtifactPath.decode(rawPath(head))))]
    }

    static func runOfQuery(_ head: RequestHead) -> [Resource] { [.run(runID(head))] }
}

// MARK: The registry

extension CreateRegisteredModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] {
        [.newModel(name, isPrompt: PromptTag.isSet(in: tags))]
    }
}
extension OneRegisteredModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.model(name)] }
}
extension UpdateRegisteredModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.model(name)] }
}
extension RenameRegisteredModel: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.model(name)] }
}
extension LatestVersions: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension SetRegisteredModelTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.model(name)] }
}
extension DeleteRegisteredModelTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.model(name)] }
}
extension SetModelAlias: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.alias(name)] }
}
extension OneModelAlias: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { head.method == .delete ? [.alias(name)] : [.version(name)] }
}
extension SearchRegisteredModels: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
extension CreateModelVersion: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] {
        let asserted = new.tags.contains { $0.key == PromptTag.isPrompt } ? PromptTag.isSet(in: new.tags) : nil
        return [.newVersion(new.name, isPrompt: asserted), .source(new.parsedSource, new.source)]
            + (new.runID.map { [.source(.run($0), "")] } ?? [])
            + (new.modelID.map { [.source(.loggedModel($0), "")] } ?? [])
    }
}
extension OneModelVersion: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension ModelDownload: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension UpdateModelVersion: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension TransitionStage: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension SetModelVersionTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension DeleteModelVersionTag: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.version(name)] }
}
extension SearchModelVersions: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}

// MARK: Roost's own, and MLflow's pages

extension GetOrCreateExperiment: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] {
        [.newExperiment(location: create.artifactLocation), .experimentNamed(create.name)]
    }
}
extension GetOrCreateRun: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] {
        [.newRun(run.experimentID)] + (run.runID.map { [.runIfThere($0)] } ?? [])
    }
}
extension SearchTree: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
extension GetSeries: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.runs(runIDs)] }
}
extension PurgeTrash: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [] }
}
extension ApplyRetention: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [] }
}
extension GatewayQuery: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
extension GraphQLRequest: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
