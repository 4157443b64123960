// A model that was logged: what is known of it, its params and tags, and the metrics that were measured on it.

/// Where a logged model is in its life. The numbers are MLflow's.
public enum LoggedModelStatus: String, Sendable, CaseIterable {
    case unspecified = "LOGGED_MODEL_STATUS_UNSPECIFIED"
    case pending = "LOGGED_MODEL_PENDING"
    case ready = "LOGGED_MODEL_READY"
    case failed = "LOGGED_MODEL_UPLOAD_FAILED"

    /// 0, 1, 2 or 3.
    public var number: Int64 {
        switch self {
        case .unspecified: 0
        case .pending: 1
        case .ready: 2
        case .failed: 3
        }
    }

    /// The status of a number; that of none is unspecified.
    public init(number: Int64) { self = Self.allCases.first { $0.number == number } ?? .unspecified }

    /// The word by which MLflow's client knows it, such as `READY`.
    public var word: String {
        switch self {
        case .unspecified: "UNSPECIFIED"
        case .pending: "PENDING"
        case .ready: "READY"
        case .failed: "FAILED"
        }
    }
}

/// What ties a point of a metric to a model and to the data it was measured on.
public struct MetricLink: Equatable, Sendable {
    public let modelID: String
    public let dataset: DatasetName?

    public init(modelID: String, dataset: DatasetName?) {
        self.modelID = modelID
        self.dataset = dataset
    }
}

/// A dataset by its name and, where it is known, its digest.
public struct DatasetName: Equatable, Sendable {
    public let name: String
    public let digest: String?

    public init(name: String, digest: String?) {
        self.name = name
        self.digest = digest
    }
}

/// A point of a metric that was measured on a model.
public struct ModelMetric: Equatable, Sendable, JSONWritable {
    public let key: String
    public let point: MetricPoint
    public let dataset: DatasetName?
    public let modelID: String
    public let runID: String

    public init(key: String, point: MetricPoint, dataset: DatasetName?, modelID: String, runID: String) {
        self.key = key
        self.point = point
        self.dataset = dataset
        self.modelID = modelID
        self.runID = runID
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("key", key)
            json.name("value")
            json.number(point.value)
            json.member("timestamp", point.timestamp)
            json.member("step", point.step)
            if let dataset {
                json.member("dataset_name", dataset.name)
                if let digest = dataset.digest { json.member("dataset_digest", digest) }
            }
            json.member("model_id", modelID)
            json.member("run_id", runID)
        }
    }
}

/// A logged model.
public struct LoggedModel: Equatable, Sendable, JSONWritable {
    public let modelID: String
    public let experimentID: Int64
    public let name: String
    public let artifactLocation: String
    /// Milliseconds since 1970.
    public let creationTime: Int64
    /// Milliseconds since 1970.
    public let lastUpdateTime: Int64
    public let status: LoggedModelStatus
    /// Empty for none.
    public let type: String
    /// Empty for none.
    public let sourceRunID: String
    /// In order of their keys.
    public let tags: [KeyValue]
    /// In order of their keys.
    public let params: [KeyValue]
    /// In the order in which they were logged.
    public let metrics: [ModelMetric]

    public init(
        modelID: String, experimentID: Int64, name: String, artifactLocation: String, creationTime: Int64,
        lastUpdateTime: Int64, status: LoggedModelStatus, type: String, sourceRunID: String, tags: [KeyValue],
        params: [KeyValue], metrics: [ModelMetric]
    ) {
        self.modelID = modelID
        self.experimentID = experimentID
        self.name = name
        self.artifactLocation = artifactLocation
        self.creationTime = creationTime
        self.lastUpdateTime = lastUpdateTime
        self.status = status
        self.type = type
        self.sourceRunID = sourceRunID
        self.tags = tags
        self.params = params
        self.metrics = metrics
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("info")
            json.object { json in
                json.member("model_id", modelID)
                json.member("experiment_id", String(experimentID))
                json.member("name", name)
                json.member("creation_timestamp_ms", creationTime)
                json.member("last_updated_timestamp_ms", lastUpdateTime)
                json.member("artifact_uri", artifactLocation)
                json.member("status", status.rawValue)
                json.member("model_type", type)
                json.member("source_run_id", sourceRunID)
                json.member("tags", list: tags)
            }
            json.name("data")
            json.object { json in
                json.member("params", list: params)
                json.member("metrics", list: metrics)
            }
        }
    }

    /// For documentation.
    public static let example = LoggedModel(
        modelID: "m-0123456789abcdef0123456789abcdef", experimentID: 1, name: "classifier",
        artifactLocation: "mlflow-artifacts:/1/models/m-0123456789abcdef0123456789abcdef/artifacts",
        creationTime: 1_764_000_000_000, lastUpdateTime: 1_764_000_000_900, status: .ready, type: "sklearn",
        sourceRunID: "4b6f2c0d8a5e4f1b9c3d7e6a5f4b3c2d", tags: [KeyValue("stage", "trial")],
        params: [KeyValue("max_depth", "3")],
        metrics: [
            ModelMetric(
                key: "accuracy", point: MetricPoint(value: 0.93, timestamp: 1_764_000_000_800, step: 0),
                dataset: DatasetName(name: "iris", digest: "8f3c2a1b"), modelID: "m-0123456789abcdef0123456789abcdef",
                runID: "4b6f2c0d8a5e4f1b9c3d7e6a5f4b3c2d")
        ])
}
