// A run with everything that a search or a get answers.

/// Where a run is in its life.
public enum RunStatus: String, Sendable, CaseIterable {
    case running = "RUNNING"
    case scheduled = "SCHEDULED"
    case finished = "FINISHED"
    case failed = "FAILED"
    case killed = "KILLED"

    /// Whether a run of this status has ended.
    public var isEnd: Bool {
        switch self {
        case .finished, .failed, .killed: true
        case .running, .scheduled: false
        }
    }
}

/// What is known of a run itself.
public struct RunInfo: Equatable, Sendable, JSONWritable {
    public let runID: String
    public let experimentID: Int64
    public let name: String
    public let userID: String
    public let status: RunStatus
    /// Milliseconds since 1970; 0 when the client gave none, as in MLflow.
    public let startTime: Int64
    /// Milliseconds since 1970; nil while it runs.
    public let endTime: Int64?
    public let artifactURI: String
    public let stage: LifecycleStage

    public init(
        runID: String, experimentID: Int64, name: String, userID: String, status: RunStatus, startTime: Int64,
        endTime: Int64?, artifactURI: String, stage: LifecycleStage
    ) {
        self.runID = runID
        self.experimentID = experimentID
        self.name = name
        self.userID = userID
        self.status = status
        self.startTime = startTime
        self.endTime = endTime
        self.artifactURI = artifactURI
        self.stage = stage
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("run_uuid", runID)
            json.member("experiment_id", String(experimentID))
            json.member("run_name", name)
            json.member("user_id", userID)
            json.member("status", status.rawValue)
            json.member("start_time", startTime)
            // A time of 0 counts as none, as in MLflow.
            if let endTime, endTime != 0 { json.member("end_time", endTime) }
            json.member("artifact_uri", artifactURI)
            json.member("lifecycle_stage", stage.rawValue)
            json.member("run_id", runID)
        }
    }
}

/// A run.
public struct Run: Equatable, Sendable, JSONWritable {
    public let info: RunInfo
    /// The latest point of each key, in order of the keys.
    public let metrics: [Metric]
    /// In order of their keys.
    public let params: [KeyValue]
    /// In order of their keys.
    public let tags: [KeyValue]
    public let datasets: [DatasetInput]
    public let modelInputs: [ModelInput]
    /// Nil in the answer to `runs/create`, which leaves the member out.
    public let modelOutputs: [ModelOutput]?

    public init(
        info: RunInfo, metrics: [Metric], params: [KeyValue], tags: [KeyValue], datasets: [DatasetInput] = [],
        modelInputs: [ModelInput] = [], modelOutputs: [ModelOutput]? = []
    ) {
        self.info = info
        self.metrics = metrics
        self.params = params
        self.tags = tags
        self.datasets = datasets
        self.modelInputs = modelInputs
        self.modelOutputs = modelOutputs
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("info", info)
            json.name("data")
            json.object { json in
                json.member("metrics", list: metrics)
                json.member("params", list: params)
                json.member("tags", list: tags)
            }
            json.name("inputs")
            json.object { json in
                json.member("dataset_inputs", list: datasets)
                json.member("model_inputs", list: modelInputs)
            }
            if let modelOutputs {
                json.name("outputs")
                json.object { json in json.member("model_outputs", list: modelOutputs) }
            }
        }
    }

    /// For documentation.
    public static let example = Run(
        info: RunInfo(
            runID: "4b6f2c0d8a5e4f1b9c3d7e6a5f4b3c2d", experimentID: 1, name: "Run 000000000", userID: "ann",
            status: .finished, startTime: 1_764_000_000_000, endTime: 1_764_000_001_250,
            artifactURI: "mlflow-artifacts:/1/4b6f2c0d8a5e4f1b9c3d7e6a5f4b3c2d/artifacts", stage: .active),
        metrics: [.example], params: [KeyValue("input_topic", "猫")],
        tags: [KeyValue("mlflow.runName", "Run 000000000")],
        datasets: [.example], modelInputs: [ModelInput(modelID: "m-1")],
        modelOutputs: [ModelOutput(modelID: "m-2", step: 0)])
}
