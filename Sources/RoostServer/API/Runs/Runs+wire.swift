// Requests and answers about runs as a whole. Fields in the order in which MLflow validates them.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

struct CreateRun: FieldsReadable {
    let run: NewRun

    init(from fields: inout Fields) throws(APIError) {
        let experimentID = try fields.experimentID()
        let startTime = try fields.int64("start_time") ?? 0
        let name = try fields.string("run_name")
        let userID = try fields.string("user_id")
        let tags = try fields.list("tags", of: TagFields.self, max: Limits.listItems).map(\.pair)
        try Check.distinctTags(tags)
        run = NewRun(experimentID: experimentID, userID: userID, name: name, startTime: startTime, tags: tags)
    }
}

/// A request that names a run and says no more.
struct OneRun: FieldsReadable {
    let runID: String

    init(from fields: inout Fields) throws(APIError) { runID = try fields.runID() }
}

/// A request that deletes or restores a run; MLflow takes no `run_uuid` here.
struct MarkRun: FieldsReadable {
    let runID: String

    init(from fields: inout Fields) throws(APIError) { runID = try fields.string("run_id", required: true) }
}

struct UpdateRun: FieldsReadable {
    let runID: String
    let endTime: Int64?
    let status: RunStatus?
    let name: String?

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        endTime = try fields.int64("end_time")
        status = try fields.word("status", of: RunStatus.self)
        name = try fields.optionalString("run_name")
    }
}

struct SearchRuns: FieldsReadable {
    let search: RunSearch

    init(from fields: inout Fields) throws(APIError) { search = try RunSearch(from: &fields, in: .runs) }
}

extension RunSearch {
    /// The fields of a search. `parent` and `isTop` narrow it to one level of the tree.
    init(
        from fields: inout Fields, in vocabulary: Vocabulary, parent: String = "", isTop: Bool = false
    ) throws(APIError) {
        let ids = try fields.strings("experiment_ids", max: Limits.searchExperimentIDs, numbers: true)
        let filter = try fields.string("filter")
        let limit = try fields.int64("max_results") ?? Limits.searchRunsDefault
        let order = try fields.strings("order_by")
        let view = try fields.word("run_view_type", of: ViewType.self) ?? .activeOnly
        let token = try fields.string("page_token")
        if limit > Limits.searchResults { throw fields.unfit("max_results", .integer(limit)) }
        try Check.pageSize(limit)
        let written = try vocabulary.filter(filter)
        let keys = try vocabulary.ordering(order)
        let after = try PageToken(optional: token)
        // Each experiment once and in order, so that a token does not depend on how they were named.
        var experiments: Set<Int64> = []
        for id in ids { if let number = try ExperimentID(id).number { experiments.insert(number) } }
        var condition = written
        if !parent.isEmpty {
            let child = Clause(field: .tag("mlflow.parentRunId"), comparator: .equal, operand: .text(parent))
            condition = .all([.test(child), written])
        }
        // What narrows the search is in the token as well; a search without it has the token that it always had.
        let narrowing = parent.isEmpty ? (isTop ? ["top"] : []) : ["children", parent]
        self.init(
            experiments: experiments.sorted(), filter: condition, order: keys, view: view, isTop: isTop,
            limit: Int(limit), token: after, source: [filter] + order + narrowing)
    }
}

struct FoundRun: JSONWritable, Sendable {
    let run: Run

    func write(to json: inout JSONWriter) { json.object { json in json.member("run", run) } }

    static let example = FoundRun(run: .example)
}

struct UpdatedRun: JSONWritable, Sendable {
    let info: RunInfo

    func write(to json: inout JSONWriter) { json.object { json in json.member("run_info", info) } }

    static let example = UpdatedRun(info: Run.example.info)
}

struct FoundRuns: JSONWritable, Sendable {
    let runs: [Run]
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("runs", list: runs)
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundRuns(runs: [.example], nextPageToken: "5b2231222c315d")
}
