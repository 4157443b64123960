// The endpoints below `registered-models/`. Prompts are registered models with a tag that says so.

internal import RoostCore
internal import RoostStore

/// Handlers of registered models and their aliases.
enum RegisteredModels {
    static func create(_ request: CreateRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        FoundRegisteredModel(
            model: try await services.store.write(weight: 1 + request.tags.count) { tx in
                try tx.createRegisteredModel(
                    name: request.name, description: request.description, tags: request.tags)
            })
    }

    static func get(_ request: OneRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        FoundRegisteredModel(model: try await services.store.read { try $0.registeredModel(named: request.name) })
    }

    static func search(_ request: SearchRegisteredModels, _ services: Services) async throws -> FoundRegisteredModels {
        let page = try await services.store.read(.large) { try $0.searchRegisteredModels(request.search) }
        return FoundRegisteredModels(models: page.models, nextPageToken: page.nextPageToken)
    }

    static func update(_ request: UpdateRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        FoundRegisteredModel(
            model: try await services.store.write {
                try $0.updateRegisteredModel(request.name, description: request.description)
            })
    }

    static func rename(_ request: RenameRegisteredModel, _ services: Services) async throws -> FoundRegisteredModel {
        FoundRegisteredModel(
            model: try await services.store.write {
                try $0.renameRegisteredModel(request.name, to: request.newName)
            })
    }

    static func delete(_ request: OneRegisteredModel, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteRegisteredModel(request.name) }
        return Nothing()
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
