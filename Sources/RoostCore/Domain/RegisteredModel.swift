// Registered models and their versions, and their answers in JSON.

/// Where a version stands, in MLflow's older way of saying so.
public enum ModelStage: String, Sendable, CaseIterable {
    case none = "None"
    case staging = "Staging"
    case production = "Production"
    case archived = "Archived"

    /// A stage in letters of either case.
    /// - Throws: 400 for any other word.
    public init(_ text: String) throws(APIError) {
        let lower = text.lowercased()
        guard let stage = Self.allCases.first(where: { $0.rawValue.lowercased() == lower }) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("Invalid Model Version stage: \(text). Value must be one of \(known).")
        }
        self = stage
    }

    /// Whether versions are in use there.
    public var isActive: Bool { self == .staging || self == .production }
}

/// A name for one version of a model.
public struct ModelAlias: Equatable, Sendable, JSONWritable {
    public let alias: String
    public let version: Int64

    public init(_ alias: String, version: Int64) {
        self.alias = alias
        self.version = version
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("alias", alias)
            json.member("version", String(version))
        }
    }
}

/// A version of a registered model.
public struct ModelVersion: Equatable, Sendable, JSONWritable {
    public let name: String
    /// Counted from 1; text on the wire.
    public let version: Int64
    /// Milliseconds since 1970.
    public let creationTime: Int64
    /// Milliseconds since 1970.
    public let lastUpdatedTime: Int64
    public let description: String?
    public let stage: ModelStage
    /// What the client said it was made of.
    public let source: String
    /// Where its files are: the source, with versions of other models followed to theirs.
    public let storageLocation: String
    public let runID: String
    public let runLink: String
    /// In order of their keys.
    public var tags: [KeyValue]
    /// In alphabetical order; empty where MLflow leaves them out.
    public var aliases: [String]

    public init(
        name: String, version: Int64, creationTime: Int64, lastUpdatedTime: Int64, description: String?,
        stage: ModelStage, source: String, storageLocation: String, runID: String, runLink: String,
        tags: [KeyValue] = [], aliases: [String] = []
    ) {
        self.name = name
        self.version = version
        self.creationTime = creationTime
        self.lastUpdatedTime = lastUpdatedTime
        self.description = description
        self.stage = stage
        self.source = source
        self.storageLocation = storageLocation
        self.runID = runID
        self.runLink = runLink
        self.tags = tags
        self.aliases = aliases
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("version", String(version))
            json.member("creation_timestamp", creationTime)
            json.member("last_updated_timestamp", lastUpdatedTime)
            json.member("current_stage", stage.rawValue)
            if let description { json.member("description", description) }
            json.member("source", source)
            json.member("run_id", runID)
            // A version has no files of its own that would have to be copied first.
            json.member("status", "READY")
            json.member("tags", list: tags)
            json.member("run_link", runLink)
            json.member("aliases", list: aliases)
        }
    }

    /// For documentation.
    public static let example = ModelVersion(
        name: "classifier", version: 3, creationTime: 1_764_000_000_000, lastUpdatedTime: 1_764_000_000_000,
        description: "", stage: .none, source: "runs:/0f1e2d3c4b5a49788796a5b4c3d2e1f0/model",
        storageLocation: "runs:/0f1e2d3c4b5a49788796a5b4c3d2e1f0/model", runID: "0f1e2d3c4b5a49788796a5b4c3d2e1f0",
        runLink: "", tags: [KeyValue("checked", "yes")], aliases: ["champion"])
}

/// A name with versions.
public struct RegisteredModel: Equatable, Sendable, JSONWritable {
    public let name: String
    /// Milliseconds since 1970.
    public let creationTime: Int64
    /// Milliseconds since 1970.
    public let lastUpdatedTime: Int64
    public let description: String?
    /// The greatest version of each stage that has one, without aliases.
    public let latestVersions: [ModelVersion]
    /// In order of their keys.
    public let tags: [KeyValue]
    /// In alphabetical order.
    public let aliases: [ModelAlias]

    public init(
        name: String, creationTime: Int64, lastUpdatedTime: Int64, description: String?,
        latestVersions: [ModelVersion], tags: [KeyValue], aliases: [ModelAlias]
    ) {
        self.name = name
        self.creationTime = creationTime
        self.lastUpdatedTime = lastUpdatedTime
        self.description = description
        self.latestVersions = latestVersions
        self.tags = tags
        self.aliases = aliases
    }

    /// The same model, its versions left out.
    public var withoutVersions: RegisteredModel {
        RegisteredModel(
            name: name, creationTime: creationTime, lastUpdatedTime: lastUpdatedTime, description: description,
            latestVersions: [], tags: tags, aliases: aliases)
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("creation_timestamp", creationTime)
            json.member("last_updated_timestamp", lastUpdatedTime)
            if let description, !description.isEmpty { json.member("description", description) }
            json.member("latest_versions", list: latestVersions)
            json.member("tags", list: tags)
            json.member("aliases", list: aliases)
        }
    }

    /// For documentation.
    public static let example = RegisteredModel(
        name: "classifier", creationTime: 1_764_000_000_000, lastUpdatedTime: 1_764_000_000_000,
        description: "Sorts letters", latestVersions: [.example], tags: [KeyValue("team", "search")],
        aliases: [ModelAlias("champion", version: 3)])
}

/// The tags that make a registered model a prompt.
public enum PromptTag {
    public static let isPrompt = "mlflow.prompt.is_prompt"
    public static let text = "mlflow.prompt.text"
    /// The sources that MLflow's clients give a version of a prompt, which has no files.
    public static let sources = ["dummy-source", "prompt-template"]

    /// Whether the tags of a request mark a prompt; of a key that is there twice the last one counts.
    public static func isSet(in tags: [KeyValue]) -> Bool {
        tags.last { $0.key == isPrompt }?.value.lowercased() == "true"
    }
}
