// The query plans of searches: what each shape reads first, and that every plan gives the same answer.

import RoostCore
import RoostSearch
import Testing

@testable import RoostStore

extension Snapshot {
    /// SQLite's own words for how it would carry out the queries of a search, one list a query.
    fileprivate func explain(_ search: RunSearch, plan: RunPlan? = nil) throws -> [[String]] {
        try stages(search, try ordering(search.order), try plan ?? self.plan(search)).map { stage in
            var lines: [String] = []
            try db.query(
                compiled: "EXPLAIN QUERY PLAN \(stage.sql.text) \(stage.order.clause) LIMIT 100", stage.sql.values
            ) { lines.append($0.text(3)) }
            return lines
        }
    }
}

private func search(
    _ filter: String = "", order: [String] = [], limit: Int = 100, experiments: [Int64] = [0], token: String? = nil,
    isTop: Bool = false
) throws -> RunSearch {
    RunSearch(
        experiments: experiments, filter: try Vocabulary.runTree.filter(filter),
        order: try Vocabulary.runTree.ordering(order), view: .activeOnly, isTop: isTop, limit: limit,
        token: try token.map { try PageToken($0) }, source: [filter] + order)
}

/// Runs with everything that searches look at: params of few and of many values, metrics with ties, NaN and gaps.
private func fill(_ store: Store, runs: Int) async throws -> String {
    let parent = try await store.makeRun("parent", start: 0)
    for first in stride(from: 0, to: runs, by: 200) {
        try await store.write { tx in
            for number in first..<min(first + 200, runs) {
                let tags = number.isMultiple(of: 100) ? [KeyValue("mlflow.parentRunId", parent)] : []
                let run = try tx.createRun(
                    NewRun(
                        experimentID: ExperimentID(0), userID: "", name: "run \(number)", startTime: Int64(number / 3),
                        tags: tags + [KeyValue("stage", number.isMultiple(of: 50) ? "rare" : "common")]))
                if number % 5 != 4 {
                    let end = Int64(number / 3 + number * 13 % 97)
                    _ = try tx.updateRun(run.info.runID, status: .finished, endTime: end, name: nil)
                }
                var metrics: [Metric] = []
                if number % 7 != 3 {
                    let value = number % 11 == 5 ? Double.nan : Double(number * 37 % 101)
                    metrics.append(Metric(key: "loss", point: MetricPoint(value: value, timestamp: 1, step: 0)))
                }
                metrics.append(Metric(key: "acc", point: MetricPoint(value: Double(number), timestamp: 1, step: 0)))
                try tx.log(
                    run.info.runID,
                    LogBatch(
                        metrics: metrics,
                        params: [KeyValue("kind", "k\(number % 2)"), KeyValue("id", "number \(number)")], tags: []))
            }
        }
    }
    return parent
}

/// How much of the params and tags is in the indexes by value.
enum Indexed: CaseIterable { case nothing, much, all }

/// Gives other values to what the indexes have, and adds what they do not have.
private func change(_ store: Store, _ parent: String) async throws {
    let runs = try await store.read { try $0.searchRuns(try search(limit: 500)).runs.map(\.info.runID) }
    try await store.write { tx in
        for (number, run) in runs.enumerated() where number.isMultiple(of: 3) {
            try tx.setTag(run, KeyValue("stage", number.isMultiple(of: 2) ? "rare" : "new"))
            try tx.logParam(run, KeyValue("late", "l\(number % 4)"))
        }
        for number in 0..<20 {
            let run = try tx.createRun(
                NewRun(
                    experimentID: ExperimentID(0), userID: "", name: "late", startTime: Int64(number),
                    tags: [KeyValue("stage", "rare"), KeyValue("mlflow.parentRunId", parent)]))
            try tx.logParam(run.info.runID, KeyValue("id", "number 77"))
        }
        try tx.deleteTag(runs[3], key: "stage")
    }
}

@Suite("Query plans")
struct PlanTests {
    @Test("each shape of search reads what it should first")
    func shapes() async throws {
        try await withStore { store in
            let parent = try await fill(store, runs: 1300)
            try store.settleAll()
            func first(_ search: RunSearch) async throws -> [String] {
                try await store.read { try $0.explain(search) }.map { $0.first ?? "" }
            }
            let newest = "SEARCH r USING INDEX runs_newest (experiment=?)"
            let values = "USING COVERING INDEX metric_series_values (experiment=? AND key=? AND is_nan=?"
            // No filter, or none that helps: newest first as the index has them, nothing to sort.
            let plain = try await store.read { try $0.explain(try search()) }
            #expect(plain == [[newest]])
            #expect(try await first(search("params.kind = 'k1'")) == [newest])
            #expect(try await first(search("params.id LIKE '%9'")) == [newest])
            // A metric's order is that of an index; only ties are sorted. Then NaN, then the runs without it.
            let ordered = try await store.read {
                try $0.explain(try search("params.kind = 'k1'", order: ["metrics.loss DESC"]))
            }
            #expect(ordered.map(\.first) == ["SEARCH o0 \(values))", "SEARCH o0 \(values))", newest])
            #expect(ordered.first?.contains("USE TEMP B-TREE FOR ORDER BY") == false)
            // What hangs off a run is looked at before the run itself, and what led to the run not again.
            #expect(
                ordered.first?.prefix(4) == [
                    "SEARCH o0 \(values))", "CORRELATED SCALAR SUBQUERY 1",
                    "SEARCH v USING PRIMARY KEY (run=? AND key=?)", "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)",
                ])
            let children = try await store.read { try $0.explain(try search("tags.mlflow.parentRunId = '\(parent)'")) }
            #expect(children.first?.contains { $0.contains("SUBQUERY") } == false)
            // What the filter says of that metric bounds the walk and drops what cannot be there.
            #expect(
                try await first(search("metrics.loss > 50 AND params.kind = 'k0'", order: ["metrics.loss"]))
                    == ["SEARCH o0 \(values) AND value>?)"])
            // Few runs are looked up by what they have, however the rest is filtered and ordered.
            for order in [[], ["metrics.loss DESC"], ["params.id"]] {
                let driven = [
                    ("run_params", "params.kind = 'k1' AND params.id = 'number 77'"),
                    ("run_tags", "tags.stage = 'rare' AND metrics.acc > 5"),
                ]
                for (table, filter) in driven {
                    let lines = try await store.read { try $0.explain(try search(filter, order: order)) }
                    // What the index has, and behind it the runs that it does not have yet.
                    #expect(lines.count == 1)
                    #expect(
                        lines[0].filter { $0.hasPrefix("SCAN") || $0.contains("_values") } == [
                            "SEARCH v USING INDEX \(table)_values (key=? AND <expr>=?)", "SCAN u",
                        ], "\(lines)")
                }
                #expect(
                    try await first(search("metrics.acc >= 1290 AND params.kind = 'k1'", order: order))
                        == ["SEARCH d \(values) AND value>?)"])
                #expect(
                    try await first(search("tags.mlflow.parentRunId = '\(parent)'", order: order))
                        == ["SEARCH d USING COVERING INDEX run_children (value=?)"])
                #expect(
                    try await first(search("run_name = 'run 5'", order: order))
                        == ["SEARCH d USING COVERING INDEX runs_named (name=?)"])
                #expect(
                    try await first(search("run_id = '\(parent)'", order: order))
                        == ["SEARCH r USING INDEX sqlite_autoindex_runs_1 (run_id=?)"])
            }
            // The slowest child of a run: its children alone are read and sorted.
            let slowest = try await store.read {
                try $0.explain(try search("tags.mlflow.parentRunId = '\(parent)'", order: ["wall_time DESC"]))
            }
            #expect(slowest.count == 1 && slowest[0].first == "SEARCH d USING COVERING INDEX run_children (value=?)")
            // The top of the tree: newest first, and for each run its parent by id; nothing to sort.
            let top = try await store.read { try $0.explain(try search(isTop: true)) }
            #expect(
                top == [
                    [
                        newest, "CORRELATED SCALAR SUBQUERY 1", "SEARCH u USING PRIMARY KEY (run=? AND key=?)",
                        "SEARCH p USING INDEX sqlite_autoindex_runs_1 (run_id=?)",
                    ]
                ])
            // Over several experiments too.
            #expect(
                try await first(search("metrics.acc >= 1290", experiments: [0, 1, 2]))
                    == ["SEARCH d \(values) AND value>?)"])
            // No row of any plan comes from reading a whole table.
            for text in ["", "params.kind = 'k1'", "params.id = 'number 3'", "metrics.loss != 3"] {
                for order in [[], ["metrics.loss"], ["params.kind", "metrics.acc"], ["end_time"]] {
                    let plans = try await store.read { try $0.explain(try search(text, order: order)) }
                    #expect(plans.joined().allSatisfy { !$0.hasPrefix("SCAN r") && !$0.hasPrefix("SCAN d") })
                }
            }
        }
    }

    @Test("a further page begins where the one before ended, not at the beginning")
    func pages() async throws {
        try await withStore { store in
            _ = try await fill(store, runs: 1300)
            let asked = try search("params.kind = 'k1'", order: ["metrics.acc DESC"], limit: 50)
            let page = try await store.read { try $0.searchRuns(asked) }
            let token = try #require(page.nextPageToken)
            let lines = try await store.read { snapshot in
                let order = try snapshot.ordering(asked.order)
                let stage = try #require(try snapshot.stages(asked, order, try snapshot.plan(asked)).first)
                let sql = try #require(stage.query(after: try PageToken(token).values, limit: 51))
                var lines: [String] = []
                try snapshot.db.query(compiled: "EXPLAIN QUERY PLAN \(sql.text)", sql.values) {
                    lines.append($0.text(3))
                }
                return lines
            }
            #expect(
                lines.first == "SEARCH o0 USING COVERING INDEX metric_series_values"
                    + " (experiment=? AND key=? AND is_nan=? AND value<?)")
        }
    }

    @Test(
        "every plan gives the runs of the plainest one, in the same order, whatever the page size and whatever the indexes have",
        arguments: [40, 7], [Indexed.nothing, .much, .all])
    func same(_ limit: Int, _ indexed: Indexed) async throws {
        try await withStore { store in
            let parent = try await fill(store, runs: 330)
            if indexed != .nothing { try store.settleAll() }
            if indexed == .much { try await change(store, parent) }
            let filters = [
                "", "params.kind = 'k1'", "params.id = 'number 77'", "metrics.loss > 50", "metrics.loss != 3",
                "metrics.loss <= 40 AND params.kind = 'k0'", "tags.stage = 'rare'",
                "tags.stage = 'new'", "params.late = 'l2'", "params.late = 'l3' AND tags.stage = 'rare'",
                "metrics.loss != 3 AND tags.stage = 'common'",
                "tags.mlflow.parentRunId = '\(parent)'",
                "params.kind = 'k1' OR run_name = 'run 4'", "params.none = 'x'", "metrics.none > 1",
                "run_name = 'run 12'", "metrics.loss = 37 AND metrics.acc < 200",
            ]
            let orders = [
                [], ["metrics.loss"], ["metrics.loss DESC"], ["metrics.loss", "params.kind DESC"],
                ["metrics.none DESC"], ["metrics.loss DESC", "start_time ASC"], ["params.kind", "metrics.acc DESC"],
                ["wall_time DESC"], ["wall_time", "params.kind"],
            ]
            for filter in filters {
                for order in orders {
                    let all = try search(filter, order: order, limit: 5000)
                    let expected = try await store.read { snapshot in
                        let columns = try snapshot.ordering(all.order)
                        let stages = try snapshot.stages(all, columns, .scan)
                        return try snapshot.page(
                            stages, columns: columns.listing.columns.count, query: "", limit: 5000, after: nil, width: 1
                        ) { $0.int64(0) }.items
                    }
                    for walks in [false, true] {
                        var found: [Int64] = []
                        var token: PageToken?
                        repeat {
                            let asked = RunSearch(
                                experiments: [0], filter: all.filter, order: all.order, view: .activeOnly,
                                limit: limit, token: token, source: all.source)
                            let page = try await store.read { [found] snapshot in
                                var plan = try snapshot.plan(asked)
                                // Pages may be made by different plans: the walk here takes turns with the chosen one.
                                if walks, case .metric(let name)? = asked.order.first?.field,
                                    (found.count / limit).isMultiple(of: 2)
                                {
                                    plan = .walk(experiment: 0, metric: try snapshot.number(name))
                                }
                                let columns = try snapshot.ordering(asked.order)
                                return try snapshot.page(
                                    try snapshot.stages(asked, columns, plan), columns: columns.listing.columns.count,
                                    query: "q", limit: limit, after: asked.token, width: 1
                                ) { $0.int64(0) }
                            }
                            found += page.items
                            token = try page.nextPageToken.map { try PageToken($0) }
                        } while token != nil
                        #expect(found == expected, "\(filter) by \(order)")
                    }
                }
            }
        }
    }
}
