// Requests and answers about logged models. Fields in the order in which MLflow validates them.

internal import RoostArtifacts
internal import RoostCore
internal import RoostSearch
internal import RoostStore

struct CreateLoggedModel: FieldsReadable {
    let model: NewLoggedModel

    init(from fields: inout Fields) throws(APIError) {
        let experimentID = try fields.experimentID()
        let name = try fields.string("name")
        let type = try fields.string("model_type")
        let sourceRunID = try fields.string("source_run_id")
        let params = try fields.modelPairs("params")
        let tags = try fields.modelPairs("tags")
        try Check.modelName(name)
        try Check.length(type, Limits.modelType, "model_type")
        try Check.length(sourceRunID, Limits.runID, "source_run_id")
        try Check.distinctTags(tags)
        let twice = Check.duplicates(params.map(\.key))
        guard twice.isEmpty else {
            throw .invalid(
                "Duplicate parameter keys have been submitted: \(pythonRepr(twice)). Please ensure the request contains"
                    + " only one param value per param key.")
        }
        model = NewLoggedModel(
            experimentID: experimentID, name: name, type: type, sourceRunID: sourceRunID, params: params, tags: tags)
    }
}

struct GetLoggedModel: FieldsReadable {
    let allowDeleted: Bool

    init(from fields: inout Fields) throws(APIError) {
        // Whatever is not "true" is false, as in MLflow.
        allowDeleted = try fields.string("allow_deleted").lowercased() == "true"
    }
}

struct FinalizeLoggedModel: FieldsReadable {
    let modelID: String
    let status: LoggedModelStatus

    init(from fields: inout Fields) throws(APIError) {
        modelID = try fields.string("model_id", required: true)
        status = try fields.word("status", of: LoggedModelStatus.self, first: 0, required: true) ?? .unspecified
    }
}

struct LogLoggedModelParams: FieldsReadable {
    let modelID: String
    let params: [KeyValue]

    init(from fields: inout Fields) throws(APIError) {
        modelID = try fields.string("model_id", required: true)
        params = try fields.modelPairs("params")
    }
}

struct SetLoggedModelTags: FieldsReadable {
    let tags: [KeyValue]

    init(from fields: inout Fields) throws(APIError) { tags = try fields.modelPairs("tags") }
}

struct SearchLoggedModels: FieldsReadable {
    let search: LoggedModelSearch

    init(from fields: inout Fields) throws(APIError) {
        let ids = try fields.strings("experiment_ids", required: true, max: Limits.searchExperimentIDs)
        let filter = try fields.string("filter")
        let datasets = try fields.list("datasets", of: DatasetFields.self, max: Limits.searchModelsDatasets)
        let limit = try fields.int64("max_results") ?? 0
        let order = try fields.list("order_by", of: OrderFields.self, max: SearchLimits.orderKeys)
        let token = try fields.string("page_token")
        guard datasets.allSatisfy({ !$0.name.isEmpty }) else {
            throw .invalid("`dataset_name` in the `datasets` clause must be specified.")
        }
        // None and 0 mean MLflow's own number; more than a page may hold is a full page.
        if limit < 0 { try Check.pageSize(limit) }
        let rows = limit == 0 ? Limits.searchModelsDefault : Int(min(limit, Int64(Limits.searchResults)))
        let condition = try Vocabulary.loggedModels.filter(filter)
        var keys: [ModelOrderKey] = []
        for clause in order { keys.append(try clause.key()) }
        let after = try PageToken(optional: token)
        var experiments: Set<Int64> = []
        for id in ids { if let number = try ExperimentID(id).number { experiments.insert(number) } }
        search = LoggedModelSearch(
            experiments: experiments.sorted(), filter: condition, datasets: datasets.map(\.dataset), order: keys,
            limit: rows, token: after,
            source: [filter] + datasets.flatMap { ["d", $0.name, $0.digest] } + order.flatMap(\.source))
    }

    private struct DatasetFields: FieldsReadable {
        let name: String
        let digest: String

        init(from fields: inout Fields) throws(APIError) {
            name = try fields.string("dataset_name")
            digest = try fields.string("dataset_digest")
        }

        var dataset: DatasetName { DatasetName(name: name, digest: digest.isEmpty ? nil : digest) }
    }

    private struct OrderFields: FieldsReadable {
        private let field: String
        private let ascending: Bool
        private let datasetName: String
        private let datasetDigest: String

        init(from fields: inout Fields) throws(APIError) {
            field = try fields.string("field_name")
            ascending = try fields.bool("ascending") ?? true
            datasetName = try fields.string("dataset_name")
            datasetDigest = try fields.string("dataset_digest")
        }

        func key() throws(APIError) -> ModelOrderKey {
            ModelOrderKey(
                field: try Vocabulary.loggedModels.orderFieldOfLoggedModel(field), ascending: ascending,
                datasetName: datasetName.isEmpty ? nil : datasetName,
                datasetDigest: datasetDigest.isEmpty ? nil : datasetDigest)
        }

        var source: [String] { ["o", field, ascending ? "asc" : "desc", datasetName, datasetDigest] }
    }
}

struct ListModelArtifacts: FieldsReadable {
    let path: ArtifactPath
    /// The last name of the page before.
    let after: String?

    init(from fields: inout Fields) throws(APIError) {
        path = try ArtifactPath(directory: fields.string("artifact_directory_path"))
        let token = try fields.string("page_token")
        after = token.isEmpty ? nil : try ListingToken.name(token)
    }
}

extension Fields {
    /// Params or tags of a model, their lengths checked.
    fileprivate mutating func modelPairs(_ name: String) throws(APIError) -> [KeyValue] {
        let pairs = try list(name, of: KeyedFields.self, max: Limits.listItems).map(\.pair)
        for (index, pair) in pairs.enumerated() {
            try Check.length(pair.key, Limits.modelKey, "\(name)[\(index)].key")
            try Check.length(pair.value, Limits.modelText, "\(name)[\(index)].value")
        }
        return pairs
    }
}

extension Check {
    /// The name of a logged model; an empty one means that the server chooses.
    fileprivate static func modelName(_ name: String) throws(APIError) {
        guard !name.unicodeScalars.contains(where: { "/:.%\"'".unicodeScalars.contains($0) }) else {
            throw .invalid(
                "Invalid model name (\(pythonRepr(name))) provided. Model name must be a non-empty string and cannot contain"
                    + " the following characters: ('/', ':', '.', '%', '\"', \"'\")")
        }
        try length(name, Limits.modelName, "name")
    }
}

struct FoundLoggedModel: JSONWritable, Sendable {
    let model: LoggedModel

    func write(to json: inout JSONWriter) { json.object { json in json.member("model", model) } }

    static let example = FoundLoggedModel(model: .example)
}

struct FoundLoggedModels: JSONWritable, Sendable {
    let models: [LoggedModel]
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("models", list: models)
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundLoggedModels(models: [.example], nextPageToken: "5b2231222c315d")
}
