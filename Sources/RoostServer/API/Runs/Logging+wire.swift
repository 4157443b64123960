// Requests that log something to a run. Fields in the order in which MLflow validates them.

internal import RoostCore
internal import RoostStore

struct LogMetric: FieldsReadable {
    let runID: String
    let metric: Metric

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        metric = try MetricFields(point: &fields).metric
        if !fields.isDescribing { try Check.metric(metric, at: "") }
    }
}

/// A point of a metric as it stands in a request.
struct MetricFields: FieldsReadable {
    let metric: Metric

    init(from fields: inout Fields) throws(APIError) {
        try self.init(point: &fields)
        // MLflow's message has the id of a run here too, without use in a batch.
        _ = try fields.optionalString("run_id")
    }

    /// The fields that a point has wherever it stands.
    init(point fields: inout Fields) throws(APIError) {
        let key = try fields.string("key", required: true)
        let value = try fields.double("value", required: true) ?? 0
        let timestamp = try fields.int64("timestamp", required: true) ?? 0
        let step = try fields.int64("step") ?? 0
        let modelID = try fields.string("model_id")
        let name = try fields.string("dataset_name")
        let digest = try fields.string("dataset_digest")
        guard name.isEmpty == digest.isEmpty else {
            throw .invalid("Both dataset_name and dataset_digest must be provided if one is provided")
        }
        try Check.length(name, Limits.datasetName, "dataset_name")
        try Check.length(digest, Limits.datasetDigest, "dataset_digest")
        // A dataset without a model is dropped, as in MLflow: only the metrics of models know datasets.
        let dataset = name.isEmpty ? nil : DatasetName(name: name, digest: digest)
        metric = Metric(
            key: key, point: MetricPoint(value: value, timestamp: timestamp, step: step),
            link: modelID.isEmpty ? nil : MetricLink(modelID: modelID, dataset: dataset))
    }
}

struct LogParam: FieldsReadable {
    let runID: String
    let param: KeyValue

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        param = try KeyedFields(from: &fields).pair
    }
}

struct SetTag: FieldsReadable {
    let runID: String
    let tag: KeyValue

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        tag = try KeyedFields(from: &fields).pair
    }
}

/// A key, which must be there, and a value, which may be empty.
struct KeyedFields: FieldsReadable {
    let pair: KeyValue

    init(from fields: inout Fields) throws(APIError) {
        let key = try fields.string("key", required: true)
        pair = KeyValue(key, try fields.string("value"))
    }
}

struct DeleteTag: FieldsReadable {
    let runID: String
    let key: String

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id", required: true)
        key = try fields.string("key", required: true)
    }
}

struct LogBatchRequest: FieldsReadable {
    let runID: String
    private let metrics: [Metric]
    private let params: [KeyValue]
    private let tags: [KeyValue]

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id", required: true)
        metrics = try fields.list("metrics", of: MetricFields.self).map(\.metric)
        params = try fields.list("params", of: KeyedFields.self).map(\.pair)
        tags = try fields.list("tags", of: KeyedFields.self).map(\.pair)
    }

    /// The logged models that its points are linked to.
    var modelIDs: [String?] { metrics.map { $0.link?.modelID } }

    /// The batch with its values cut, once everything in it is right.
    func checked(truncate: Bool) throws(APIError) -> LogBatch {
        try Check.runID(runID)
        for (index, metric) in metrics.enumerated() { try Check.metric(metric, at: "metrics[\(index)]") }
        var cutParams: [KeyValue] = []
        for (index, param) in params.enumerated() {
            cutParams.append(try Check.param(param, at: "params[\(index)]", truncate: truncate))
        }
        var cutTags: [KeyValue] = []
        for (index, tag) in tags.enumerated() {
            cutTags.append(try Check.tag(tag, at: "tags[\(index)]", truncate: truncate))
        }
        try Check.batch(metrics.count, Limits.batchMetrics, of: "metrics")
        try Check.batch(params.count, Limits.batchParams, of: "params")
        try Check.batch(tags.count, Limits.batchTags, of: "tags")
        try Check.batch(
            metrics.count + params.count + tags.count, Limits.batchItems, of: "metrics, params, and tags")
        let twice = Check.duplicates(params.map(\.key))
        guard twice.isEmpty else {
            throw .invalid(
                "Duplicate parameter keys have been submitted: \(pythonRepr(twice)). Please ensure the request contains"
                    + " only one param value per param key.")
        }
        return LogBatch(metrics: metrics, params: cutParams, tags: cutTags)
    }
}

/// `runs/log-model`: what a run logged as clients before MLflow 3 tell it.
struct RecordModel: FieldsReadable {
    let runID: String
    let model: RecordedModel

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id", required: true)
        let text = try fields.string("model_json", required: true)
        model = fields.isDescribing ? .none : try RecordedModel(text)
    }
}

struct LogInputs: FieldsReadable {
    let runID: String
    let datasets: [DatasetInput]
    let models: [ModelInput]

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id", required: true)
        datasets = try fields.list("datasets", of: DatasetInput.self, max: Limits.listItems)
        models = try fields.list("models", of: ModelInput.self, max: Limits.listItems)
        if !fields.isDescribing { try Check.runID(runID) }
    }
}

struct LogOutputs: FieldsReadable {
    let runID: String
    let models: [ModelOutput]

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id", required: true)
        models = try fields.list("models", of: ModelOutput.self, required: true, max: Limits.listItems)
    }
}
