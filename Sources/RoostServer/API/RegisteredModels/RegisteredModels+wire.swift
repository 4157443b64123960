// Requests and answers of the endpoints below `registered-models/`. Fields in the order in which MLflow validates them.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

struct CreateRegisteredModel: FieldsReadable {
    let name: String
    let description: String
    let tags: [KeyValue]

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name", required: true)
        let tags = try fields.list("tags", of: TagFields.self, max: Limits.listItems).map(\.pair)
        description = try fields.string("description")
        // Deployment jobs are Databricks' own: MLflow's server takes the field and drops it.
        _ = try fields.string("deployment_job_id")
        self.tags = lastOfEachKey(tags)
        if fields.isDescribing { return }
        try Check.newModelName(name)
        for tag in tags { try Check.registeredModelTag(tag) }
        try Check.length(description, Limits.modelDescription, "description")
    }
}

/// A request that names a registered model and says no more.
struct OneRegisteredModel: FieldsReadable {
    let name: String

    init(from fields: inout Fields) throws(APIError) { name = try fields.modelName() }
}

struct UpdateRegisteredModel: FieldsReadable {
    let name: String
    /// Empty when not given, which empties it.
    let description: String

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        description = try fields.string("description")
        _ = try fields.string("deployment_job_id")
        try Check.length(description, Limits.modelDescription, "description")
    }
}

struct RenameRegisteredModel: FieldsReadable {
    let name: String
    let newName: String

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name", required: true)
        newName = try fields.string("new_name", required: true)
        if fields.isDescribing { return }
        try Check.newModelName(newName, at: "new_name")
        try Check.modelName(name)
    }
}

struct LatestVersions: FieldsReadable {
    let name: String
    let stages: [ModelStage]

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        var stages: [ModelStage] = []
        for stage in try fields.strings("stages", max: Limits.modelStages) { stages.append(try ModelStage(stage)) }
        self.stages = stages
    }
}

struct SetRegisteredModelTag: FieldsReadable {
    let name: String
    let tag: KeyValue

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        let key = try fields.string("key", required: true)
        tag = KeyValue(key, try fields.string("value"))
        if !fields.isDescribing { try Check.registeredModelTag(tag) }
    }
}

struct DeleteRegisteredModelTag: FieldsReadable {
    let name: String
    let key: String

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        key = try fields.string("key", required: true)
        if !fields.isDescribing { try Check.key(key, at: "key") }
    }
}

struct SetModelAlias: FieldsReadable {
    let name: String
    let alias: String
    let version: ModelVersionNumber

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        alias = try fields.string("alias", required: true)
        if !fields.isDescribing { try Check.newModelAlias(alias) }
        version = try fields.modelVersion()
    }
}

/// A request that names an alias of a model and says no more.
struct OneModelAlias: FieldsReadable {
    let name: String
    let alias: String

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.modelName()
        alias = try fields.string("alias", required: true)
        if !fields.isDescribing { try Check.modelAlias(alias) }
    }
}

struct SearchRegisteredModels: FieldsReadable {
    let search: RegistrySearch

    init(from fields: inout Fields) throws(APIError) {
        let filter = try fields.string("filter")
        let limit = try fields.registryPageSize(
            Limits.searchRegisteredModelsDefault, atMost: Limits.searchRegisteredModels)
        let order = try fields.strings("order_by")
        let token = try fields.string("page_token")
        search = RegistrySearch(
            filter: try Vocabulary.registeredModels.filter(filter),
            order: try Vocabulary.registeredModels.ordering(order), limit: limit,
            token: try PageToken(optional: token), source: [filter] + order)
    }
}

struct FoundRegisteredModel: JSONWritable, Sendable {
    let model: RegisteredModel

    func write(to json: inout JSONWriter) { json.object { json in json.member("registered_model", model) } }

    static let example = FoundRegisteredModel(model: .example)
}

struct FoundRegisteredModels: JSONWritable, Sendable {
    let models: [RegisteredModel]
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("registered_models", list: models)
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundRegisteredModels(models: [.example], nextPageToken: "5b2231222c315d")
}

extension Fields {
    /// The name of a registered model that is looked for.
    mutating func modelName() throws(APIError) -> String {
        let name = try string("name", required: true)
        if !isDescribing { try Check.modelName(name) }
        return name
    }

    /// The number of a version, which is given as text.
    mutating func modelVersion() throws(APIError) -> ModelVersionNumber {
        let text = try string("version", required: true)
        return isDescribing ? ModelVersionNumber(1) : try ModelVersionNumber(text)
    }

    /// How many rows a page of the registry may have.
    mutating func registryPageSize(_ usual: Int64, atMost most: Int64) throws(APIError) -> Int {
        let size = try int64("max_results") ?? usual
        guard size <= most else { throw unfit("max_results", .string(String(size))) }
        guard size > 0 else {
            throw .invalid("Invalid value for max_results. It must be a positive integer, but got \(size)")
        }
        return Int(size)
    }
}

/// Tags with the last value of each key: MLflow keeps that one when a request names a key twice.
func lastOfEachKey(_ tags: [KeyValue]) -> [KeyValue] {
    var seen: Set<String> = []
    return tags.reversed().filter { seen.insert($0.key).inserted }.reversed()
}
