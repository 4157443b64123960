// The endpoints below `experiments/`.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

/// Handlers of experiments.
enum Experiments {
    static func create(_ request: CreateExperiment, _ services: Services) async throws -> CreatedExperiment {
        let location = request.artifactLocation
        if !location.isEmpty { try ArtifactURI.check(location, services.settings.artifactRules) }
        let id = try await services.store.write(weight: 1 + request.tags.count) { tx in
            try tx.createExperiment(
                name: request.name, artifactLocation: location.isEmpty ? nil : location, tags: request.tags)
        }
        try await services.own(.experiment, String(id))
        return CreatedExperiment(id: id)
    }

    static func get(_ request: OneExperiment, _ services: Services) async throws -> FoundExperiment {
        FoundExperiment(experiment: try await services.store.read { try $0.experiment(request.id) })
    }

    static func getByName(_ request: NamedExperiment, _ services: Services) async throws -> FoundExperiment {
        guard let found = try await services.store.read({ try $0.experiment(named: request.name) }) else {
            throw APIError.missing("Could not find experiment with name '\(request.name)'")
        }
        return FoundExperiment(experiment: found)
    }

    static func search(_ request: SearchExperiments, _ services: Services) async throws -> FoundExperiments {
        var search = request.search
        if let caller = services.caller { search.scope = caller.experiments }
        let page = try await services.store.read(.large) { [search] in try $0.searchExperiments(search) }
        return FoundExperiments(experiments: page.experiments, nextPageToken: page.nextPageToken)
    }

    static func update(_ request: UpdateExperiment, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.renameExperiment(request.id, to: request.name) }
        return Nothing()
    }

    static func delete(_ request: OneExperiment, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteExperiment(request.id) }
        return Nothing()
    }

    static func restore(_ request: OneExperiment, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.restoreExperiment(request.id) }
        return Nothing()
    }

    static func setTag(_ request: SetExperimentTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.setExperimentTag(request.id, request.tag) }
        return Nothing()
    }

    static func deleteTag(_ request: DeleteExperimentTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteExperimentTag(request.id, key: request.key) }
        return Nothing()
    }
}
