// The tree of runs, a level at a time: what a page of runs needs in one answer instead of one for each run.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

extension Extensions {
    static func tree(_ request: SearchTree, _ services: Services) async throws -> FoundTree {
        let scope = services.caller?.runs ?? .all
        var search = request.search
        if let caller = services.caller { search.experiments = caller.runs.readable(search.experiments) }
        return try await services.store.read(.large) { [search] snapshot in
            // Runs that the caller may not see are as if they were not there.
            let named = { (ids: [String]) in
                try snapshot.runs(named: ids).filter { scope == .all || scope.contains(String($0.info.experimentID)) }
            }
            let page =
                switch (request.named.isEmpty, request.around) {
                case (false, _): RunPage?.none
                case (true, ""): try snapshot.searchRuns(search)
                case (true, let run): try snapshot.searchRuns(search, around: run)
                }
            let runs = try page?.runs ?? named(request.named)
            var counts: [String: ChildCount] = [:]
            for count in try snapshot.childCounts(of: runs.map(\.info.runID), in: scope) { counts[count.runID] = count }
            let nodes = try runs.map { run in
                let count = counts[run.info.runID]
                let rolled =
                    request.rollUp && count != nil ? try snapshot.childrenSummary(of: run.info.runID, in: scope) : nil
                let shown = request.keys.map { run.keeping($0) } ?? run
                return TreeNode(run: shown, byStatus: count?.byStatus ?? [], metrics: rolled?.metrics)
            }
            let parent = try named(request.parent.isEmpty ? [] : [request.parent]).first
            return FoundTree(
                nodes: nodes, parent: parent.map { run in request.keys.map { run.keeping($0) } ?? run },
                place: page?.place, nextPageToken: page?.nextPageToken, isCompact: request.isCompact,
                isPart: request.keys != nil)
        }
    }
}

/// Runs by their ids, or a search for runs at one level of the tree.
struct SearchTree: FieldsReadable {
    let named: [String]
    let rollUp: Bool
    let parent: String
    /// The metrics, params and tags that are wanted; nil for all.
    let keys: Set<String>?
    /// The run in the middle of the page; empty for a page by its token.
    let around: String
    let isCompact: Bool
    let search: RunSearch

    init(from fields: inout Fields) throws(APIError) {
        named = try fields.strings("run_ids", max: Limits.listItems)
        rollUp = try fields.bool("roll_up") ?? false
        parent = try fields.string("parent_run_id")
        let names = try fields.strings("keys", max: Limits.listItems)
        keys = names.isEmpty ? nil : Set(names)
        let isTop = try fields.bool("top_level") ?? false
        guard [!named.isEmpty, !parent.isEmpty, isTop].count(where: \.self) < 2 else {
            throw .invalid("Only one of 'run_ids', 'parent_run_id' and 'top_level' may be given.")
        }
        guard !rollUp || fields.isDescribing || 1...Limits.rolledUpRuns ~= named.count else {
            throw .invalid("'roll_up' goes with 1 to \(Limits.rolledUpRuns) 'run_ids'. Got \(named.count).")
        }
        around = try fields.string("around")
        isCompact = try fields.bool("compact") ?? false
        search = try RunSearch(from: &fields, in: .runTree, parent: parent, isTop: isTop)
        guard around.isEmpty || fields.isDescribing || (named.isEmpty && search.token == nil) else {
            throw .invalid("'around' goes with a search, without 'run_ids' and 'page_token'.")
        }
    }
}

extension Run {
    /// The same with only these metrics, params and tags, and nothing that went in or came out.
    fileprivate func keeping(_ keys: Set<String>) -> Run {
        Run(
            info: info, metrics: metrics.filter { keys.contains($0.key) },
            params: params.filter { keys.contains($0.key) },
            tags: tags.filter { keys.contains($0.key) }, datasets: [], modelInputs: [], modelOutputs: [])
    }
}

/// A run in few bytes, as the pages ask for them: values are members by their key, and what is usual is left out.
struct CompactRun: JSONWritable {
    let run: Run
    /// Whether only some values are asked for; then the rest of what belongs to a run is left out as well.
    let isPart: Bool

    func write(to json: inout JSONWriter) {
        let info = run.info
        json.object { json in
            json.member("run_id", info.runID)
            json.member("experiment_id", String(info.experimentID))
            json.member("run_name", info.name)
            json.member("status", info.status.rawValue)
            json.member("start_time", info.startTime)
            if let end = info.endTime, end != 0 { json.member("end_time", end) }
            if !info.userID.isEmpty { json.member("user_id", info.userID) }
            if info.stage != .active { json.member("lifecycle_stage", info.stage.rawValue) }
            if !isPart { json.member("artifact_uri", info.artifactURI) }
            if !run.metrics.isEmpty {
                json.name("metrics")
                json.object { json in for metric in run.metrics { Self.write(metric, to: &json) } }
            }
            Self.write("params", run.params, to: &json)
            Self.write("tags", run.tags, to: &json)
            json.member("dataset_inputs", list: run.datasets)
            json.member("model_inputs", list: run.modelInputs)
            json.member("model_outputs", list: run.modelOutputs ?? [])
        }
    }

    /// `"key":[value,step,timestamp]`
    private static func write(_ metric: Metric, to json: inout JSONWriter) {
        json.name(dynamic: metric.key)
        json.array { json in
            json.number(metric.point.value)
            json.integer(metric.point.step)
            json.integer(metric.point.timestamp)
        }
    }

    private static func write(_ name: StaticString, _ values: [KeyValue], to json: inout JSONWriter) {
        guard !values.isEmpty else { return }
        json.name(name)
        json.object { json in
            for value in values {
                json.name(dynamic: value.key)
                json.string(value.value)
            }
        }
    }
}

/// A run and what its active children come to.
struct TreeNode: Sendable {
    let run: Run
    let byStatus: [(status: RunStatus, count: Int64)]
    /// Nil when no roll-up was asked for, or there is nothing to roll up.
    let metrics: [MetricSummary]?
}

struct FoundTree: JSONWritable, Sendable {
    let nodes: [TreeNode]
    /// The run whose children these are, if it was named and exists.
    let parent: Run?
    /// Of a page around a run that was found.
    let place: RunPlace?
    let nextPageToken: String?
    let isCompact: Bool
    let isPart: Bool

    func write(to json: inout JSONWriter) {
        json.object { json in
            if !nodes.isEmpty {
                json.name("runs")
                json.array { json in for node in nodes { write(node, to: &json) } }
            }
            if let parent { write("parent", parent, to: &json) }
            if let place {
                json.member("before", place.before)
                json.member("total", place.total)
            }
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    private func write(_ node: TreeNode, to json: inout JSONWriter) {
        json.object { json in
            write("run", node.run, to: &json)
            if !isCompact || !node.byStatus.isEmpty { json.write(byStatus: node.byStatus) }
            if let metrics = node.metrics { json.write(rolledUp: metrics) }
        }
    }

    private func write(_ name: StaticString, _ run: Run, to json: inout JSONWriter) {
        if isCompact { json.member(name, CompactRun(run: run, isPart: isPart)) } else { json.member(name, run) }
    }

    static let example = FoundTree(
        nodes: [
            TreeNode(
                run: .example, byStatus: [(.failed, 1), (.finished, 49)],
                metrics: [MetricSummary(key: "total_tokens", count: 50, nan: 0, sum: 2150, min: 23, max: 95)])
        ], parent: .example, place: RunPlace(before: 0, total: 1), nextPageToken: "5b2231222c315d", isCompact: false,
        isPart: false)
}
