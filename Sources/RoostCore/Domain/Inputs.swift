// What a run read and produced: datasets, and models by their ids.

/// A dataset that a run has read. Identity: name and digest within an experiment.
public struct Dataset: Equatable, Sendable, JSONWritable, FieldsReadable {
    public let name: String
    public let digest: String
    public let sourceType: String
    public let source: String
    public let schema: String?
    public let profile: String?

    public init(name: String, digest: String, sourceType: String, source: String, schema: String?, profile: String?) {
        self.name = name
        self.digest = digest
        self.sourceType = sourceType
        self.source = source
        self.schema = schema
        self.profile = profile
    }

    public init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name")
        digest = try fields.string("digest")
        sourceType = try fields.string("source_type")
        source = try fields.string("source")
        schema = try fields.optionalString("schema")
        profile = try fields.optionalString("profile")
        try Check.length(name, Limits.datasetName, "name")
        try Check.length(digest, Limits.datasetDigest, "digest")
        try Check.length(source, Limits.datasetSource, "source")
        if let schema { try Check.length(schema, Limits.datasetSchema, "schema") }
        if let profile { try Check.length(profile, Limits.datasetProfile, "profile") }
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("digest", digest)
            json.member("source_type", sourceType)
            json.member("source", source)
            if let schema { json.member("schema", schema) }
            if let profile { json.member("profile", profile) }
        }
    }
}

/// A dataset as an input of a run, with tags such as its context (`mlflow.data.context`: training, evaluation, …).
public struct DatasetInput: Equatable, Sendable, JSONWritable, FieldsReadable {
    public let tags: [KeyValue]
    public let dataset: Dataset

    public init(tags: [KeyValue], dataset: Dataset) {
        self.tags = tags
        self.dataset = dataset
    }

    public init(from fields: inout Fields) throws(APIError) {
        tags = try fields.list("tags", of: TagFields.self, max: Limits.listItems).map(\.pair)
        let given = try fields.object("dataset", of: Dataset.self)
        dataset = given ?? Dataset(name: "", digest: "", sourceType: "", source: "", schema: nil, profile: nil)
        try Check.distinctTags(tags)
        for tag in tags {
            try Check.length(tag.key, Limits.inputTagKey, "key")
            try Check.length(tag.value, Limits.inputTagValue, "value")
        }
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("tags", list: tags)
            json.member("dataset", dataset)
        }
    }

    /// For documentation.
    public static let example = DatasetInput(
        tags: [KeyValue("mlflow.data.context", "training")],
        dataset: Dataset(
            name: "lines", digest: "8f3c2a1b", sourceType: "local", source: "{\"uri\": \"lines.jsonl\"}",
            schema: "{}", profile: "{\"num_rows\": 50}"))
}

/// A dataset as a list of those of an experiment shows it: once for each context in which runs have read it.
public struct DatasetSummary: Equatable, Sendable, JSONWritable {
    public let experimentID: Int64
    public let name: String
    public let digest: String
    /// Nil where it was read without one.
    public let context: String?

    public init(experimentID: Int64, name: String, digest: String, context: String?) {
        self.experimentID = experimentID
        self.name = name
        self.digest = digest
        self.context = context
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("experiment_id", String(experimentID))
            json.member("name", name)
            json.member("digest", digest)
            if let context { json.member("context", context) }
        }
    }
}

/// A model that a run has read.
public struct ModelInput: Equatable, Sendable, JSONWritable, FieldsReadable {
    public let modelID: String

    public init(modelID: String) { self.modelID = modelID }

    public init(from fields: inout Fields) throws(APIError) { modelID = try fields.string("model_id") }

    public func write(to json: inout JSONWriter) { json.object { json in json.member("model_id", modelID) } }
}

/// A model that a run has made, and at which step.
public struct ModelOutput: Equatable, Sendable, JSONWritable, FieldsReadable {
    public let modelID: String
    public let step: Int64

    public init(modelID: String, step: Int64) {
        self.modelID = modelID
        self.step = step
    }

    public init(from fields: inout Fields) throws(APIError) {
        modelID = try fields.string("model_id")
        step = try fields.int64("step") ?? 0
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("model_id", modelID)
            json.member("step", step)
        }
    }
}

/// A key and a value as a nested object of a request; the checks depend on where it stands.
public struct TagFields: FieldsReadable {
    public let pair: KeyValue

    public init(from fields: inout Fields) throws(APIError) {
        let key = try fields.string("key")
        pair = KeyValue(key, try fields.string("value"))
    }
}
