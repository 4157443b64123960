// The JSON of an export's entries, in and out. Names of fields are those of MLflow's API where it has them.

public import RoostCore
public import RoostStore

/// Where the files of a run or model are, as an export says it.
enum ArchiveFiles: String, CaseIterable, Sendable {
    /// In the archive, if there are any.
    case included
    /// In a store that the archive does not hold.
    case elsewhere
    /// Left out on purpose.
    case leftOut = "left_out"
}

/// The first entry.
struct ArchiveHeader: JSONWritable {
    let version: String
    let created: Int64
    /// What was asked for; both empty for everything.
    let experiments: [String]
    let runs: [String]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("format", ArchiveFormat.version)
            json.member("roost_version", version)
            json.member("created", created)
            json.name("selection")
            json.object { json in
                json.member("experiments", list: experiments)
                json.member("runs", list: runs)
            }
        }
    }
}

extension Experiment {
    var archived: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("experiment_id", String(id))
            json.member("name", name)
            json.member("artifact_location", artifactLocation)
            json.member("lifecycle_stage", stage.rawValue)
            json.member("creation_time", creationTime)
            json.member("last_update_time", lastUpdateTime)
            json.member("tags", list: tags)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    init(archived json: JSON) throws(APIError) {
        var fields = try Fields(body: json)
        let id = try ExperimentID(try fields.string("experiment_id", required: true)).number ?? -1
        guard id >= 0 else { throw .invalid("'experiment_id' is out of range") }
        self.init(
            id: id, name: try fields.string("name", required: true),
            artifactLocation: try fields.string("artifact_location"),
            stage: try fields.word("lifecycle_stage", of: LifecycleStage.self, required: true) ?? .active,
            creationTime: try fields.int64("creation_time") ?? 0,
            lastUpdateTime: try fields.int64("last_update_time") ?? 0, tags: try fields.pairs("tags"))
    }
}

extension ImportedRun {
    func archived(_ files: ArchiveFiles) -> [UInt8] {
        let info = run.info
        var json = JSONWriter()
        json.object { json in
            json.member("run_id", info.runID)
            json.member("experiment_id", String(info.experimentID))
            json.member("run_name", info.name)
            json.member("user_id", info.userID)
            json.member("status", info.status.rawValue)
            json.member("start_time", info.startTime)
            if let end = info.endTime { json.member("end_time", end) }
            json.member("lifecycle_stage", info.stage.rawValue)
            if let deletedTime { json.member("deleted_time", deletedTime) }
            json.member("artifact_uri", info.artifactURI)
            json.member("artifacts", files.rawValue)
            json.member("keys", list: keys)
            json.member("params", list: run.params)
            json.member("tags", list: run.tags)
            json.member("dataset_inputs", list: run.datasets)
            json.member("model_inputs", list: run.modelInputs)
            json.member("model_outputs", list: run.modelOutputs ?? [])
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    init(archived json: JSON) throws(APIError) {
        var fields = try Fields(body: json)
        let info = RunInfo(
            runID: try fields.string("run_id", required: true),
            experimentID: try ExperimentID(try fields.string("experiment_id", required: true)).number ?? -1,
            name: try fields.string("run_name"), userID: try fields.string("user_id"),
            status: try fields.word("status", of: RunStatus.self, required: true) ?? .running,
            startTime: try fields.int64("start_time") ?? 0, endTime: try fields.int64("end_time"),
            artifactURI: try fields.string("artifact_uri"),
            stage: try fields.word("lifecycle_stage", of: LifecycleStage.self, required: true) ?? .active)
        self.init(
            run: Run(
                info: info, metrics: [], params: try fields.pairs("params"), tags: try fields.pairs("tags"),
                datasets: try fields.list("dataset_inputs", of: DatasetInput.self),
                modelInputs: try fields.list("model_inputs", of: ModelInput.self),
                modelOutputs: try fields.list("model_outputs", of: ModelOutput.self)),
            deletedTime: try fields.int64("deleted_time"), keys: try fields.strings("keys"))
    }
}

extension ImportedModel {
    /// - Parameter metrics: those of its points whose runs are in the archive.
    func archived(_ files: ArchiveFiles, metrics: [ModelMetric]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("model_id", model.modelID)
            json.member("experiment_id", String(model.experimentID))
            json.member("name", model.name)
            json.member("artifact_uri", model.artifactLocation)
            json.member("artifacts", files.rawValue)
            json.member("creation_timestamp_ms", model.creationTime)
            json.member("last_updated_timestamp_ms", model.lastUpdateTime)
            json.member("status", model.status.rawValue)
            json.member("model_type", model.type)
            json.member("source_run_id", model.sourceRunID)
            json.member("lifecycle_stage", stage.rawValue)
            json.member("params", list: model.params)
            json.member("tags", list: model.tags)
            json.member("metrics", list: metrics)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    init(archived json: JSON) throws(APIError) {
        var fields = try Fields(body: json)
        let id = try fields.string("model_id", required: true)
        let model = LoggedModel(
            modelID: id,
            experimentID: try ExperimentID(try fields.string("experiment_id", required: true)).number ?? -1,
            name: try fields.string("name"), artifactLocation: try fields.string("artifact_uri"),
            creationTime: try fields.int64("creation_timestamp_ms") ?? 0,
            lastUpdateTime: try fields.int64("last_updated_timestamp_ms") ?? 0,
            status: try fields.word("status", of: LoggedModelStatus.self, first: 0, required: true) ?? .unspecified,
            type: try fields.string("model_type"), sourceRunID: try fields.string("source_run_id"),
            tags: try fields.pairs("tags"), params: try fields.pairs("params"),
            metrics: try fields.list("metrics", of: ArchivedModelMetric.self).map { $0.metric(of: id) })
        self.init(
            model: model, stage: try fields.word("lifecycle_stage", of: LifecycleStage.self, required: true) ?? .active)
    }
}

private struct ArchivedModelMetric: FieldsReadable {
    let key: String
    let point: MetricPoint
    let dataset: DatasetName?
    let runID: String

    init(from fields: inout Fields) throws(APIError) {
        key = try fields.string("key", required: true)
        point = MetricPoint(
            value: try fields.double("value", required: true) ?? 0, timestamp: try fields.int64("timestamp") ?? 0,
            step: try fields.int64("step") ?? 0)
        let digest = try fields.optionalString("dataset_digest")
        dataset = try fields.optionalString("dataset_name").flatMap { name in
            digest.map { DatasetName(name: name, digest: $0) }
        }
        runID = try fields.string("run_id", required: true)
    }

    func metric(of model: String) -> ModelMetric {
        ModelMetric(key: key, point: point, dataset: dataset, modelID: model, runID: runID)
    }
}

extension ImportedRegisteredModel {
    /// - Parameter taken: those of its versions that are in the archive.
    func archived(_ taken: [Version]) -> [UInt8] {
        let numbers = Set(taken.map(\.number))
        var json = JSONWriter()
        json.object { json in
            json.member("name", name)
            json.member("creation_timestamp", creationTime)
            json.member("last_updated_timestamp", lastUpdatedTime)
            if let description { json.member("description", description) }
            json.member("last_version", lastVersion)
            json.member("tags", list: tags)
            json.member("versions", list: taken)
            json.member(
                "aliases",
                list: aliases.filter { numbers.contains($0.version) }.map {
                    ModelAlias($0.alias, version: $0.version)
                })
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    init(archived json: JSON) throws(APIError) {
        var fields = try Fields(body: json)
        let name = try fields.string("name", required: true)
        try Check.modelName(name)
        let versions = try fields.list("versions", of: Version.self)
        let numbers = versions.map(\.number)
        guard Set(numbers).count == numbers.count, numbers.allSatisfy({ $0 > 0 }) else {
            throw .invalid("'versions' holds a number twice, or one below 1")
        }
        let aliases = try fields.list("aliases", of: ArchivedAlias.self)
        guard aliases.allSatisfy({ numbers.contains($0.version) }) else {
            throw .invalid("'aliases' names a version that is not there")
        }
        self.init(
            name: name, creationTime: try fields.int64("creation_timestamp") ?? 0,
            lastUpdatedTime: try fields.int64("last_updated_timestamp") ?? 0,
            description: try fields.optionalString("description"), lastVersion: try fields.int64("last_version") ?? 0,
            tags: try fields.pairs("tags"), versions: versions, aliases: aliases.map { ($0.alias, $0.version) })
    }
}

private struct ArchivedAlias: FieldsReadable {
    let alias: String
    let version: Int64

    init(from fields: inout Fields) throws(APIError) {
        alias = try fields.string("alias", required: true)
        version = try fields.int64("version", required: true) ?? 0
    }
}

extension ImportedRegisteredModel.Version: JSONWritable, FieldsReadable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("version", String(number))
            json.member("creation_timestamp", creationTime)
            json.member("last_updated_timestamp", lastUpdatedTime)
            if let description { json.member("description", description) }
            json.member("current_stage", stage)
            json.member("source", source)
            json.member("storage_location", storageLocation)
            json.member("run_id", runID)
            json.member("run_link", runLink)
            json.member("model_id", modelID)
            json.member("tags", list: tags)
        }
    }

    public init(from fields: inout Fields) throws(APIError) {
        let source = try fields.string("source")
        self.init(
            number: try fields.int64("version", required: true) ?? 0,
            creationTime: try fields.int64("creation_timestamp") ?? 0,
            lastUpdatedTime: try fields.int64("last_updated_timestamp") ?? 0,
            description: try fields.optionalString("description"), stage: try fields.string("current_stage"),
            source: source, storageLocation: try fields.optionalString("storage_location") ?? source,
            runID: try fields.string("run_id"), runLink: try fields.string("run_link"),
            modelID: try fields.string("model_id"), tags: try fields.pairs("tags"))
    }
}

extension Fields {
    fileprivate mutating func pairs(_ name: String) throws(APIError) -> [KeyValue] {
        try list(name, of: TagFields.self).map(\.pair)
    }
}

/// Points of a run, a line each.
enum ArchivedPoints {
    static func bytes(_ points: [Metric]) -> [UInt8] {
        var json: [UInt8] = []
        for metric in points {
            var line = JSONWriter()
            line.object { line in
                line.member("key", metric.key)
                line.member("step", metric.point.step)
                line.member("timestamp", metric.point.timestamp)
                line.name("value")
                line.number(metric.point.value)
            }
            json += line.bytes
            json.append(UInt8(ascii: "\n"))
        }
        return json
    }

    static func read(_ bytes: [UInt8]) throws(APIError) -> [Metric] {
        var points: [Metric] = []
        try bytes.withUnsafeBufferPointer { (buffer) throws(APIError) in
            var rest = buffer[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
                let json = try JSONReader.parse(UnsafeBufferPointer(rebasing: rest[..<end]))
                guard let key = json["key"]?.string, !key.isEmpty, key.utf8.count <= 4 * Limits.entityKey,
                    case .integer(let step)? = json["step"], case .integer(let timestamp)? = json["timestamp"],
                    let value = value(json["value"])
                else { throw .invalid("line \(points.count + 1) is no point") }
                points.append(Metric(key: key, point: MetricPoint(value: value, timestamp: timestamp, step: step)))
                rest = rest[min(end + 1, rest.endIndex)...]
            }
        }
        guard points.count <= ArchiveFormat.points else { throw .invalid("it holds more points than one entry may") }
        return points
    }

    private static func value(_ json: JSON?) -> Double? {
        switch json {
        case .decimal(let value)?: value
        case .integer(let value)?: Double(value)
        case .bigInteger(let digits)?: Double(digits)
        case .string("NaN")?: .nan
        case .string("Infinity")?: .infinity
        case .string("-Infinity")?: -.infinity
        default: nil
        }
    }
}
