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

    /// Runs as `roost/1.0/runs/tree` searches them: also by how long they were open, in milliseconds.
    public static let runTree = Vocabulary(
        wording: .runs, prefixes: runs.prefixes,
        attributes: runs.attributes + [Attribute("wall_time", isNumeric: true)])

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

    /// Registered models: their name, tags, and the time of the last change to order by.
    public static let registeredModels = Vocabulary(
        wording: .registeredModels,
        prefixes: ["attribute": .attribute, "tag": .tag, "tags": .tag],
        attributes: [
            Attribute("name", takesList: true),
            Attribute("last_updated_timestamp", isNumeric: true, orderAliases: ["timestamp"], isFilterable: false),
        ]
    )

    /// Versions of registered models: attributes and tags.
    public static let modelVersions = Vocabulary(
        wording: .modelVersions,
        prefixes: ["attribute": .attribute, "tag": .tag, "tags": .tag],
        attributes: [
            Attribute("name", takesList: true),
            Attribute("version_number", isNumeric: true),
            Attribute("run_id", takesList: true, isOrderable: false),
            Attribute("source_path", isOrderable: false),
            Attribute("creation_timestamp", isNumeric: true, isFilterable: false),
            Attribute("last_updated_timestamp", isNumeric: true, isFilterable: false),
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
        /// Further names, good in orderings only.
        let orderAliases: [String]
        let isFilterable: Bool
        let isOrderable: Bool

        init(
            _ name: String, isNumeric: Bool = false, takesList: Bool = false, aliases: [String] = [],
            filterAliases: [String] = [], orderAliases: [String] = [], isFilterable: Bool = true,
            isOrderable: Bool = true
        ) {
            self.name = name
            self.isNumeric = isNumeric
            self.takesList = takesList
            self.aliases = aliases
            self.filterAliases = filterAliases
            self.orderAliases = orderAliases
            self.isFilterable = isFilterable
            self.isOrderable = isOrderable
        }

        var filterNames: [String] { isFilterable ? [name] + aliases + filterAliases : [] }
        var orderNames: [String] { isOrderable ? [name] + aliases + orderAliases : [] }
    }

    /// Whose refusals, and whose checks after reading, apply.
    enum Wording {
        case runs
        case experiments
        case loggedModels
        case registeredModels
        case modelVersions

        /// Registered models and their versions share most of their refusals.
        var isRegistry: Bool { self == .registeredModels || self == .modelVersions }
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
