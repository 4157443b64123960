// Requests and answers of the endpoints below `experiments/`. Fields in the order in which MLflow validates them.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

struct CreateExperiment: FieldsReadable {
    let name: String
    /// Empty for the server's default place.
    let artifactLocation: String
    let tags: [KeyValue]

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name", required: true)
        artifactLocation = try fields.string("artifact_location")
        tags = try fields.list("tags", of: TagFields.self, max: Limits.listItems).map(\.pair)
        try Check.length(name, Limits.experimentName, "name")
        for tag in tags { try Check.experimentTag(tag) }
        try Check.distinctTags(tags)
    }
}

/// A request that names an experiment by its id and says no more.
struct OneExperiment: FieldsReadable {
    let id: ExperimentID

    init(from fields: inout Fields) throws(APIError) { id = try fields.experimentID() }
}

struct NamedExperiment: FieldsReadable {
    let name: String

    init(from fields: inout Fields) throws(APIError) { name = try fields.string("experiment_name", required: true) }
}

struct UpdateExperiment: FieldsReadable {
    let id: ExperimentID
    let name: String

    init(from fields: inout Fields) throws(APIError) {
        id = try fields.experimentID()
        name = try fields.string("new_name", required: true)
        try Check.length(name, Limits.experimentName, "name")
    }
}

struct SetExperimentTag: FieldsReadable {
    let id: ExperimentID
    let tag: KeyValue

    init(from fields: inout Fields) throws(APIError) {
        id = try fields.experimentID()
        let key = try fields.string("key", required: true)
        tag = KeyValue(key, try fields.string("value"))
        try Check.experimentTag(tag)
    }
}

struct DeleteExperimentTag: FieldsReadable {
    let id: ExperimentID
    let key: String

    init(from fields: inout Fields) throws(APIError) {
        id = try fields.experimentID()
        key = try fields.string("key", required: true)
    }
}

struct SearchExperiments: FieldsReadable {
    let search: ExperimentSearch

    init(from fields: inout Fields) throws(APIError) {
        let view = try fields.word("view_type", of: ViewType.self) ?? .activeOnly
        let limit = try fields.int64("max_results") ?? 0
        let order = try fields.strings("order_by")
        let filter = try fields.string("filter")
        let token = try fields.string("page_token")
        try Check.pageSize(limit)
        search = ExperimentSearch(
            filter: try Vocabulary.experiments.filter(filter), order: try Vocabulary.experiments.ordering(order),
            view: view, limit: Int(limit), token: try PageToken(optional: token), source: [filter] + order)
    }
}

struct CreatedExperiment: JSONWritable, Sendable {
    let id: Int64

    func write(to json: inout JSONWriter) { json.object { json in json.member("experiment_id", String(id)) } }
}

struct FoundExperiment: JSONWritable, Sendable {
    let experiment: Experiment

    func write(to json: inout JSONWriter) { json.object { json in json.member("experiment", experiment) } }

    static let example = FoundExperiment(experiment: .example)
}

struct FoundExperiments: JSONWritable, Sendable {
    let experiments: [Experiment]
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("experiments", list: experiments)
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundExperiments(experiments: [.example], nextPageToken: "5b2231222c315d")
}

extension Fields {
    /// The id of an experiment, which is a number given as text.
    mutating func experimentID() throws(APIError) -> ExperimentID {
        let text = try string("experiment_id", required: true)
        return isDescribing ? ExperimentID(0) : try ExperimentID(text)
    }
}
