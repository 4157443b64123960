// An experiment and its answer in JSON.

/// Whether a thing is in use or in the trash.
public enum LifecycleStage: String, Sendable, CaseIterable {
    case active
    case deleted
}

/// Which lifecycle stages a search looks at.
public enum ViewType: String, Sendable, CaseIterable {
    case activeOnly = "ACTIVE_ONLY"
    case deletedOnly = "DELETED_ONLY"
    case all = "ALL"
}

/// A key with a text: a tag of a run, an experiment or an input, or a param.
public struct KeyValue: Equatable, Sendable, JSONWritable {
    public let key: String
    public let value: String

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("key", key)
            json.member("value", value)
        }
    }
}

/// A named group of runs.
public struct Experiment: Equatable, Sendable, JSONWritable {
    /// A number; text on the wire.
    public let id: Int64
    public let name: String
    public let artifactLocation: String
    public let stage: LifecycleStage
    /// Milliseconds since 1970.
    public let creationTime: Int64
    /// Milliseconds since 1970.
    public let lastUpdateTime: Int64
    /// In order of their keys.
    public let tags: [KeyValue]

    public init(
        id: Int64, name: String, artifactLocation: String, stage: LifecycleStage, creationTime: Int64,
        lastUpdateTime: Int64, tags: [KeyValue]
    ) {
        self.id = id
        self.name = name
        self.artifactLocation = artifactLocation
        self.stage = stage
        self.creationTime = creationTime
        self.lastUpdateTime = lastUpdateTime
        self.tags = tags
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("experiment_id", String(id))
            json.member("name", name)
            json.member("artifact_location", artifactLocation)
            json.member("lifecycle_stage", stage.rawValue)
            json.member("last_update_time", lastUpdateTime)
            json.member("creation_time", creationTime)
            json.member("tags", list: tags)
            // MLflow names the only workspace of a server without workspaces.
            json.member("workspace", "default")
        }
    }

    /// For documentation.
    public static let example = Experiment(
        id: 1, name: "batch-qa", artifactLocation: "mlflow-artifacts:/1", stage: .active,
        creationTime: 1_764_000_000_000, lastUpdateTime: 1_764_000_000_000, tags: [KeyValue("team", "search")])
}
