// What each searchable entity calls its fields. A further entity is one more vocabulary here and, where MLflow words
// its refusals differently, one more case of `Wording`; lexer, grouper and parser stay as they are.

/// The fields by which one kind of entity is searched and ordered.
public struct Vocabulary: Sendable {
    /// Runs: metrics, params, tags, attributes, and the datasets that went into them.
    public static let runs = Vocabulary(
        wording: .runs,
        prefixes: [
            "metric": .metric, "metrics": .metric,
            "parameter": .param, "parameters": .param, "param": .param, "params": .param,
            "tag": .tag, "tags": .tag,
            "attribute": .attribute, "attributes": .attribute, "attr": .attribute, "run": .attribute,
            "dataset": .dataset, "datasets": .dataset,
        ],
        attributes: [
            Attribute("run_id", takesList: true),
            Attribute("run_name", filterAliases: ["run name", "Run name", "Run Name"]),
            Attribute("user_id"),
            Attribute("status"),
            Attribute("artifact_uri"),
            Attribute("start_time", isNumeric: true, aliases: ["created", "Created"]),
            Attribute("end_time", isNumeric: true),
        ]
    )

    /// Experiments: attributes and tags.
    public static let experiments = Vocabulary(
        wording: .experiments,
        prefixes: ["attribute": .attribute, "tag": .tag, "tags": .tag],
        attributes: [
            Attribute("name"),
            Attribute("experiment_id", takesList: true),
            Attribute("creation_time", isNumeric: true),
            Attribute("last_update_time", isNumeric: true),
        ]
    )

    /// Logged models: attributes, metrics, params and tags.
    public static let loggedModels = Vocabulary(
        wording: .loggedModels,
        prefixes: ["attributes": .attribute, "metrics": .metric, "params": .param, "tags": .tag],
        attributes: [
            Attribute("model_id", takesList: true),
            Attribute("experiment_id", takesList: true),
            Attribute("name", takesList: true),
            Attribute("artifact_location", takesList: true),
            Attribute("creation_timestamp_ms", isNumeric: true, aliases: ["creation_timestamp", "creation_time"]),
            Attribute("last_updated_timestamp_ms", isNumeric: true, aliases: ["last_updated_timestamp"]),
            Attribute("status", takesList: true),
            Attribute("lifecycle_stage", takesList: true),
            Attribute("model_type", takesList: true),
            Attribute("source_run_id", takesList: true),
            Attribute("status_message", takesList: true),
        ]
    )

    /// What a field is, by the name that MLflow's messages give it.
    enum Kind: String {
        case metric
        case param = "parameter"
        case tag
        case attribute
        case dataset
    }

    /// A column of the entity.
    struct Attribute {
        let name: String
        let isNumeric: Bool
        /// Whether `IN` and `NOT IN` are for it.
        let takesList: Bool
        /// Further names, good in filters and orderings.
        let aliases: [String]
        /// Further names, good in filters only.
        let filterAliases: [String]

        init(
            _ name: String, isNumeric: Bool = false, takesList: Bool = false, aliases: [String] = [],
            filterAliases: [String] = []
        ) {
            self.name = name
            self.isNumeric = isNumeric
            self.takesList = takesList
            self.aliases = aliases
            self.filterAliases = filterAliases
        }

        var filterNames: [String] { [name] + aliases + filterAliases }
        var orderNames: [String] { [name] + aliases }
    }

    /// Whose refusals, and whose checks after reading, apply.
    enum Wording {
        case runs
        case experiments
        case loggedModels
    }

    /// The properties of a dataset.
    static let datasetKeys = ["name", "digest", "context"]

    let wording: Wording
    /// What may stand before the first dot.
    let prefixes: [String: Kind]
    let attributes: [Attribute]

    /// The attribute that a name or an alias stands for.
    func attribute(_ key: String, for use: Use) -> Attribute? {
        attributes.first { use.names($0).contains(key) }
    }

    /// What a key is looked up for.
    enum Use {
        case filter
        case order

        func names(_ attribute: Attribute) -> [String] {
            switch self {
            case .filter: attribute.filterNames
            case .order: attribute.orderNames
            }
        }
    }
}
