// What a version is made of, with the database at hand: which runs and models a request may name, and where the files are.

internal import RoostCore

/// Where a version comes from.
struct ModelLineage {
    /// As it is stored and answered.
    var source: String
    var storageLocation: String
    var runID: String
    var modelID: String
}

extension Snapshot {
    /// - Throws: 400 for a source that lies in nothing the request names, 404 for one that is not there.
    func lineage(of new: NewModelVersion) throws -> ModelLineage {
        var lineage = ModelLineage(
            source: new.source, storageLocation: new.source, runID: new.runID ?? "", modelID: new.modelID ?? "")
        switch new.parsedSource {
        case .prompt: break
        case .version(let name, let choice):
            let version = try sourceVersion(new.source, name, choice)
            // A version does not say from which logged model it comes, so a request cannot match one.
            guard new.runID.map({ $0 == version.runID }) ?? true, lineage.modelID.isEmpty else {
                throw ModelSource.invalid(
                    new.source, "The run_id and model_id request parameters must match the referenced model version.")
            }
            lineage.source = "models:/\(name)/\(version.version)"
            lineage.storageLocation = version.storageLocation
            lineage.runID = version.runID
        default:
            if lineage.modelID.isEmpty {
                try checkSource(new, inRun: lineage.runID)
            } else {
                try checkSource(new, inLoggedModel: lineage.modelID)
            }
        }
        if case .loggedModel(let id) = new.parsedSource {
            lineage.storageLocation = try requiredLoggedModel(id).artifactLocation
        }
        if lineage.runID.isEmpty, !lineage.modelID.isEmpty {
            lineage.runID = try requiredLoggedModel(lineage.modelID).sourceRunID
        }
        return lineage
    }

    private func sourceVersion(_ text: String, _ name: String, _ choice: ModelSource.Choice) throws -> ModelVersion {
        try Check.modelName(name)
        let model = try registeredModelRow(name)
        guard try registeredModelTag(model.id, PromptTag.isPrompt)?.lowercased() != "true" else {
            throw ModelSource.invalid(text, "Prompt versions cannot be used as model version sources.")
        }
        switch choice {
        case .number(let digits): return try modelVersion(name, ModelVersionNumber(digits))
        case .alias(let alias):
            try Check.modelAlias(alias)
            return try modelVersion(name, alias: alias)
        case .latest, .stage:
            var stages: [ModelStage] = []
            var words = ""
            if case .stage(let stage) = choice {
                stages = [try ModelStage(stage)]
                words = " and stage '\(stage)'"
            }
            guard let latest = try latestVersions(of: name, stages: stages).max(by: { $0.version < $1.version }) else {
                throw APIError.missing("No versions of model with name '\(name)'\(words) found")
            }
            return latest
        }
    }

    private func checkSource(_ new: NewModelVersion, inRun runID: String) throws {
        switch new.parsedSource {
        case .local(let path):
            guard !runID.isEmpty else { throw ModelSource.outside(new.source, "run_id") }
            guard ModelSource.isLocal(path, within: try artifactURI(ofRun: runID, new)) else {
                throw ModelSource.outside(path, "run_id")
            }
        case .run(let id):
            guard id == runID else { throw ModelSource.notContaining(new.source, "run_id") }
        case .loggedModel: throw ModelSource.notContaining(new.source, "model_id")
        case .proxied:
            guard !runID.isEmpty, ModelSource.isWithin(new.source, try artifactURI(ofRun: runID, new)) else {
                throw ModelSource.notContaining(new.source, "run_id")
            }
        case .elsewhere, .version, .prompt: break
        }
    }

    private func checkSource(_ new: NewModelVersion, inLoggedModel modelID: String) throws {
        switch new.parsedSource {
        case .local(let path):
            guard let model = try loggedModelSource(modelID) else {
                throw ModelSource.notContaining(new.source, "model_id")
            }
            guard ModelSource.isLocal(path, within: model.artifactLocation) else {
                throw ModelSource.outside(path, "model_id")
            }
        case .run: throw ModelSource.notContaining(new.source, "model_id")
        case .loggedModel(let id):
            guard id == modelID else { throw ModelSource.notContaining(new.source, "model_id") }
        case .proxied:
            guard let model = try loggedModelSource(modelID), ModelSource.isWithin(new.source, model.artifactLocation)
            else { throw ModelSource.notContaining(new.source, "model_id") }
        case .elsewhere, .version, .prompt: break
        }
    }

    private func artifactURI(ofRun runID: String, _ new: NewModelVersion) throws -> String {
        do { return try runInfo(runID).artifactURI } catch let error as APIError where error.status == 404 {
            throw ModelSource.notContaining(new.source, "run_id")
        }
    }
}
