// The endpoints below `logged-models/`. The id of a model stands in the path, and in some bodies as well.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

/// Handlers of logged models.
enum LoggedModels {
    static func create(_ request: CreateLoggedModel, _ services: Services) async throws -> FoundLoggedModel {
        FoundLoggedModel(
            model: try await services.store.write(weight: request.model.weight) {
                try $0.createLoggedModel(request.model)
            })
    }

    static func search(_ request: SearchLoggedModels, _ services: Services) async throws -> FoundLoggedModels {
        var search = request.search
        if let caller = services.caller { search.experiments = caller.loggedModels.readable(search.experiments) }
        let page = try await services.store.read(.large) { [search] in try $0.searchLoggedModels(search) }
        return FoundLoggedModels(models: page.models, nextPageToken: page.nextPageToken)
    }

    static func get(_ request: GetLoggedModel, _ head: RequestHead, _ services: Services) async throws -> APIResponse {
        let id = modelID(head)
        return answer(
            FoundLoggedModel(
                model: try await services.store.read {
                    try $0.loggedModel(id, allowDeleted: request.allowDeleted)
                }))
    }

    static func finalize(
        _ request: FinalizeLoggedModel, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let id = try modelID(head, body: request.modelID)
        let model = try await services.store.write { try $0.finalizeLoggedModel(id, request.status) }
        return answer(FoundLoggedModel(model: model))
    }

    static func delete(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let id = modelID(head)
        try await services.store.write { try $0.deleteLoggedModel(id) }
        return answer(Nothing())
    }

    static func logParams(
        _ request: LogLoggedModelParams, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let id = try modelID(head, body: request.modelID)
        try await services.store.write(weight: request.params.count) {
            try $0.logLoggedModelParams(id, request.params)
        }
        return answer(Nothing())
    }

    static func setTags(
        _ request: SetLoggedModelTags, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let id = modelID(head)
        try await services.store.write(weight: request.tags.count) { try $0.setLoggedModelTags(id, request.tags) }
        return answer(Nothing())
    }

    static func deleteTag(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let id = modelID(head)
        let key = decodeComponent((head.parameters["tag_key"] ?? "")[...], plusIsSpace: false)
        try await services.store.write { try $0.deleteLoggedModelTag(id, key: key) }
        return answer(Nothing())
    }

    // MARK: Artifacts

    static func listArtifacts(
        _ request: ListModelArtifacts, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let model = try await artifacts(modelID(head), services)
        let entries = try await model.repository.list(model.base.appending(request.path))
        return answer(
            FoundArtifacts(rootURI: model.uri, directory: request.path, entries: entries, after: request.after))
    }

    static let fileFields = [FieldShape(name: "artifact_file_path", kind: .string, required: true)]

    static func file(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        guard let text = head.query.first(where: { $0.name == "artifact_file_path" })?.value, !text.isEmpty else {
            throw APIError(.badRequest, "Request must include the \"artifact_file_path\" query parameter.")
        }
        let path = try ArtifactPath(file: text)
        let model = try await artifacts(modelID(head), services)
        let whole = model.base.appending(path)
        // In the proxy's store MLflow names the whole path, in a directory of the operator's what was asked for.
        let named = model.uri.hasPrefix("mlflow-artifacts:") ? whole.text : text
        return try await FileAnswer.make(whole, in: model.repository, named: named, head)
    }

    private static func artifacts(
        _ id: String, _ services: Services
    ) async throws -> (uri: String, repository: any ArtifactRepository, base: ArtifactPath) {
        let uri = try await services.store.read { try $0.loggedModelLocation(id) }
        let (repository, base) = try services.artifacts.place(uri, of: "model \(id)")
        return (uri, repository, base)
    }

    // MARK: Behind them

    static func modelID(_ head: RequestHead) -> String {
        decodeComponent((head.parameters["model_id"] ?? "")[...], plusIsSpace: false)
    }

    /// The id in the path, which that in the body must be.
    private static func modelID(_ head: RequestHead, body: String) throws(APIError) -> String {
        let id = modelID(head)
        guard id == body else {
            throw .invalid("The request names model '\(id)' in its path and '\(body)' as 'model_id'.")
        }
        return id
    }

    private static func answer(_ value: some JSONWritable) -> APIResponse { .json(JSONWriter.bytes(of: value)) }
}
