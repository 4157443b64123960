// The endpoints below `registered-models/`. Prompts are registered models with a tag that says so.

internal import RoostCore
internal import RoostStore

/// Handlers of registered models and their aliases.
enum RegisteredModels {
    static func create(_ request: CreateRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        let model = try await services.store.write(weight: 1 + request.tags.count) { tx in
            try tx.createRegisteredModel(
                name: request.name, description: request.description, tags: request.tags)
        }
        try await services.own(PromptTag.isSet(in: request.tags) ? .prompt : .registeredModel, request.name)
        return FoundRegisteredModel(model: model)
    }

    static func get(_ request: OneRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        let model = try await services.store.read { try $0.registeredModel(named: request.name) }
        return FoundRegisteredModel(model: shown(model, services))
    }

    static func search(_ request: SearchRegisteredModels, _ services: Services) async throws -> FoundRegisteredModels {
        var search = request.search
        search.scope = services.caller?.models
        let page = try await services.store.read(.large) { [search] in try $0.searchRegisteredModels(search) }
        return FoundRegisteredModels(models: page.models.map { shown($0, services) }, nextPageToken: page.nextPageToken)
    }

    static func update(_ request: UpdateRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        let model = try await services.store.write {
            try $0.updateRegisteredModel(request.name, description: request.description)
        }
        return FoundRegisteredModel(model: shown(model, services))
    }

    static func rename(_ request: RenameRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        let model = try await services.store.write {
            try $0.renameRegisteredModel(request.name, to: request.newName)
        }
        try await services.access?.accounts.write { accounts in
            for type in [ResourceType.registeredModel, .prompt] where request.name != request.newName {
                try accounts.rename(type, request.name, to: request.newName)
            }
        }
        return FoundRegisteredModel(model: shown(model, services))
    }

    static func delete(_ request: OneRegisteredModel, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteRegisteredModel(request.name) }
        try await services.access?.accounts.write { accounts in
            for type in [ResourceType.registeredModel, .prompt] { try accounts.forget(type, request.name) }
        }
        return Nothing()
    }

    /// A model without its versions, for who may see no versions.
    private static func shown(_ model: RegisteredModel, _ services: Services) -> RegisteredModel {
        guard let scope = services.caller?.versions, !model.latestVersions.isEmpty else { return model }
        let isShown = (PromptTag.isSet(in: model.tags) ? scope.prompts : scope.models).contains(model.name)
        return isShown ? model : model.withoutVersions
    }

    static func latestVersions(_ request: LatestVersions, _ services: Services) async throws -> FoundModelVersions {
        let versions = try await services.store.read { try $0.latestVersions(of: request.name, stages: request.stages) }
        return FoundModelVersions(versions: versions, nextPageToken: nil)
    }

    static func setTag(_ request: SetRegisteredModelTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.setRegisteredModelTag(request.name, request.tag) }
        return Nothing()
    }

    static func deleteTag(_ request: DeleteRegisteredModelTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteRegisteredModelTag(request.name, key: request.key) }
        return Nothing()
    }

    static func setAlias(_ request: SetModelAlias, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.setModelAlias(request.name, request.alias, version: request.version) }
        return Nothing()
    }

    static func deleteAlias(_ request: OneModelAlias, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteModelAlias(request.name, request.alias) }
        return Nothing()
    }

    static func getByAlias(_ request: OneModelAlias, _ services: Services) async throws -> FoundModelVersion {
        FoundModelVersion(
            version: try await services.store.read { try $0.modelVersion(request.name, alias: request.alias) })
    }
}
