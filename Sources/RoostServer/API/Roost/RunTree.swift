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
            let page = request.named.isEmpty ? try snapshot.searchRuns(search) : nil
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
            return FoundTree(
                nodes: nodes, parent: try named(request.parent.isEmpty ? [] : [request.parent]).first,
                nextPageToken: page?.nextPageToken)
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
        search = try RunSearch(from: &fields, in: .runTree, parent: parent, isTop: isTop)
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

/// A run and what its active children come to.
struct TreeNode: JSONWritable, Sendable {
    let run: Run
    let byStatus: [(status: RunStatus, count: Int64)]
    /// Nil when no roll-up was asked for, or there is nothing to roll up.
    let metrics: [MetricSummary]?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("run", run)
            json.write(byStatus: byStatus)
            if let metrics { json.write(rolledUp: metrics) }
        }
    }
}

struct FoundTree: JSONWritable, Sendable {
    let nodes: [TreeNode]
    /// The run whose children these are, if it was named and exists.
    let parent: Run?
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("runs", list: nodes)
            if let parent { json.member("parent", parent) }
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundTree(
        nodes: [
            TreeNode(
                run: .example, byStatus: [(.failed, 1), (.finished, 49)],
                metrics: [MetricSummary(key: "total_tokens", count: 50, nan: 0, sum: 2150, min: 23, max: 95)])
        ], parent: .example, nextPageToken: "5b2231222c315d")
}
