// Requests and answers of the endpoints below `model-versions/`. Fields in the order in which MLflow validates them.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

struct CreateModelVersion: FieldsReadable {
    let new: NewModelVersion

    init(from fields: inout Fields) throws(APIError) {
        let name = try fields.string("name", required: true)
        let source = try fields.string("source", required: true)
        let runID = try fields.optionalString("run_id")
        let tags = try fields.list("tags", of: TagFields.self, max: Limits.listItems).map(\.pair)
        let runLink = try fields.string("run_link")
        let description = try fields.string("description")
        let modelID = try fields.optionalString("model_id")
        let isDescribing = fields.isDescribing
        new = NewModelVersion(
            name: name, source: source,
            parsedSource: isDescribing ? .elsewhere : try ModelSource(source, isPrompt: PromptTag.isSet(in: tags)),
            runID: runID, modelID: modelID, runLink: runLink, description: description, tags: lastOfEachKey(tags))
        if isDescribing { return }
        try Check.modelName(name)
        for tag in tags { try Check.modelVersionTag(tag) }
        try Check.length(runID ?? "", Limits.runID, "run_id")
        try Check.length(runLink, Limits.modelSource, "run_link")
        try Check.length(description, Limits.modelDescription, "description")
        try Check.length(modelID ?? "", Limits.runID, "model_id")
    }
}

/// A request that names a version and says no more.
struct OneModelVersion: FieldsReadable {
    let name: String
    let version: ModelVersionNumber

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        version = try fields.modelVersion()
    }
}

/// As ``OneModelVersion``, in the words of the one route where MLflow checks the fields later.
struct ModelDownload: FieldsReadable {
    let name: String
    let version: ModelVersionNumber

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name")
        let version = try fields.string("version")
        if fields.isDescribing {
            self.version = ModelVersionNumber(1)
            return
        }
        try Check.modelName(name)
        self.version = try ModelVersionNumber(version)
    }
}

struct UpdateModelVersion: FieldsReadable {
    let name: String
    let version: ModelVersionNumber
    /// Nil when not given, which removes it.
    let description: String?

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        version = try fields.modelVersion()
        description = try fields.optionalString("description")
        try Check.length(description ?? "", Limits.modelDescription, "description")
    }
}

struct TransitionStage: FieldsReadable {
    let name: String
    let version: ModelVersionNumber
    let stage: ModelStage
    let archivesOthers: Bool

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        version = try fields.modelVersion()
        let stage = try fields.string("stage", required: true)
        archivesOthers = try fields.bool("archive_existing_versions") ?? false
        if fields.isDescribing {
            self.stage = .none
            return
        }
        self.stage = try ModelStage(stage)
        guard !archivesOthers || self.stage.isActive else {
            throw .invalid(
                "Model version transition cannot archive existing model versions because '\(stage)' is not an Active stage."
                    + " Valid stages are ['Staging', 'Production']")
        }
    }
}

struct SetModelVersionTag: FieldsReadable {
    let name: String
    let version: ModelVersionNumber
    let tag: KeyValue

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        version = try fields.modelVersion()
        let key = try fields.string("key", required: true)
        tag = KeyValue(key, try fields.string("value"))
        if !fields.isDescribing { try Check.modelVersionTag(tag) }
    }
}

struct DeleteModelVersionTag: FieldsReadable {
    let name: String
    let version: ModelVersionNumber
    let key: String

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        version = try fields.modelVersion()
        key = try fields.string("key", required: true)
        if !fields.isDescribing { try Check.key(key, at: "key") }
    }
}

struct SearchModelVersions: FieldsReadable {
    let search: RegistrySearch

    init(from fields: inout Fields) throws(APIError) {
        let filter = try fields.string("filter")
        let limit = try fields.registryPageSize(Limits.searchModelVersionsDefault, atMost: Limits.searchModelVersions)
        let order = try fields.strings("order_by")
        let token = try fields.string("page_token")
        search = RegistrySearch(
            filter: try Vocabulary.modelVersions.filter(filter), order: try Vocabulary.modelVersions.ordering(order),
            limit: limit, token: try PageToken(optional: token), source: [filter] + order)
    }
}

struct FoundModelVersion: JSONWritable, Sendable {
    let version: ModelVersion

    func write(to json: inout JSONWriter) { json.object { json in json.member("model_version", version) } }

    static let example = FoundModelVersion(version: .example)
}

struct FoundModelVersions: JSONWritable, Sendable {
    let versions: [ModelVersion]
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("model_versions", list: versions)
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundModelVersions(versions: [.example], nextPageToken: "5b2231222c315d")
}

/// Where the files of a version are.
struct ModelLocation: JSONWritable, Sendable {
    let uri: String

    func write(to json: inout JSONWriter) { json.object { json in json.member("artifact_uri", uri) } }

    static let example = ModelLocation(uri: "mlflow-artifacts:/1/0f1e2d3c4b5a49788796a5b4c3d2e1f0/artifacts/model")
}
