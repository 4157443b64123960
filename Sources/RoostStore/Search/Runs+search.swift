// The search over runs.

public import RoostCore
public import RoostSearch

/// A validated search over runs.
public struct RunSearch: Sendable {
    public var experiments: [Int64]
    public let filter: Condition
    public let order: [OrderKey]
    public let view: ViewType
    /// Whether only the top of the tree is asked for: runs that have no parent among the active runs of `experiments`.
    public let isTop: Bool
    /// Rows of a page, at least 1.
    public let limit: Int
    public let token: PageToken?
    /// The texts that the client sent, to tie tokens to the query.
    public let source: [String]

    public init(
        experiments: [Int64], filter: Condition, order: [OrderKey], view: ViewType, isTop: Bool = false, limit: Int,
        token: PageToken?, source: [String]
    ) {
        self.experiments = experiments
        self.filter = filter
        self.order = order
        self.view = view
        self.isTop = isTop
        self.limit = limit
        self.token = token
        self.source = source
    }
}

/// A page of runs.
public struct RunPage: Sendable {
    public let runs: [Run]
    /// Nil on the last page.
    public let nextPageToken: String?
    /// Nil unless the page is around a run.
    public let place: RunPlace?
}

extension RunSearch {
    /// What ties tokens to the search.
    var digest: String {
        PageToken.digest([experiments.map(String.init).joined(separator: ","), view.rawValue] + source)
    }
}

extension Snapshot {
    /// Searches runs. Without an order the newest come first; ties go by start time, newest first, then run id.
    public func searchRuns(_ search: RunSearch) throws -> RunPage {
        let page = try runIDs(search, try plan(search), after: search.token)
        return RunPage(runs: try runs(page.items), nextPageToken: page.nextPageToken, place: nil)
    }

    func runIDs(_ search: RunSearch, _ plan: RunPlan, after token: PageToken?) throws -> ListingPage<Int64> {
        let order = try ordering(search.order)
        return try page(
            try stages(search, order, plan), columns: order.listing.columns.count, query: search.digest,
            limit: search.limit, after: token, width: 1
        ) { $0.int64(0) }
    }

    /// The queries whose rows, one query after the other, are the answer in its order. Whatever the plan, a row has the
    /// same ordering values, so a token of a page made by one plan continues under another.
    func stages(_ search: RunSearch, _ order: RunOrder, _ plan: RunPlan) throws -> [ListingStage] {
        switch plan {
        case .scan:
            // A unary plus keeps SQLite from walking an experiment when single runs are named.
            let experiment = search.filter.mustHold.contains(where: \.namesRuns) ? "+r.experiment" : "r.experiment"
            var sql = SQLText()
            sql.append("SELECT r.id, \(order.listing.selection) FROM runs r\(order.joins) WHERE ")
            sql.append(inExperiments: search.experiments, column: experiment)
            try appendConditions(of: search, run: "r.id", to: &sql)
            return [ListingStage(sql: sql, order: order.listing)]
        case .driven(let driver):
            var sql = SQLText()
            sql.append("SELECT r.id, \(order.listing.selection) FROM ")
            sql.append(driver.table)
            sql.append(" CROSS JOIN runs r ON r.id = d.\(driver.run)\(order.joins) WHERE ")
            sql.append(driver.condition)
            sql.append(" AND ")
            sql.append(inExperiments: search.experiments, column: "+r.experiment")
            try appendConditions(of: search, run: "d.\(driver.run)", without: driver.settled, to: &sql)
            return [ListingStage(sql: sql, order: order.listing)]
        case .walk(let experiment, let metric): return try walk(search, order, experiment: experiment, metric: metric)
        }
    }

    /// The stages of an order by a metric: its numbers by their index, then the runs where it is no number, then those
    /// that have none. A stage that the filter rules out is left out.
    private func walk(_ search: RunSearch, _ order: RunOrder, experiment: Int64, metric: Int64) throws -> [ListingStage]
    {
        // What the filter says of the metric that also orders.
        let tests = try search.filter.mustHold.filter { clause in
            guard case .metric(let name) = clause.field, clause.comparator.isOfNumbers else { return false }
            return try number(name) == metric
        }
        let bounds = tests.filter { $0.comparator != .notEqual }
        let columns = order.listing.columns
        var stages: [ListingStage] = []
        for rank in [0, 1] where rank == 0 || bounds.isEmpty {
            // The value of what is no number is always the same, so that it orders nothing.
            let listing = ListingOrder(columns: Array(columns.dropFirst(rank + 1)))
            var sql = SQLText()
            sql.append("SELECT r.id, \(listing.selection) FROM metric_series o0 INDEXED BY metric_series_values")
            sql.append(" CROSS JOIN runs r ON r.id = o0.run\(order.joinsAfterFirst) WHERE o0.experiment = ")
            sql.append(bound: .integer(experiment))
            sql.append(" AND o0.key = \(metric) AND o0.is_nan = \(rank)")
            if rank == 0 {
                for clause in bounds {
                    sql.append(" AND ")
                    try sql.append(comparing: "o0.value", clause)
                }
            }
            try appendConditions(of: search, run: "o0.run", without: rank == 0 ? bounds : [], to: &sql)
            stages.append(
                ListingStage(sql: sql, fixed: rank == 0 ? [.integer(0)] : [.integer(1), .real(0)], order: listing))
        }
        if tests.isEmpty {
            let listing = ListingOrder(columns: Array(columns.dropFirst(2)))
            var sql = SQLText()
            sql.append("SELECT r.id, \(listing.selection) FROM runs r\(order.joinsAfterFirst) WHERE r.experiment = ")
            sql.append(bound: .integer(experiment))
            sql.append(" AND NOT EXISTS (SELECT 1 FROM metric_series o0 WHERE o0.run = r.id AND o0.key = \(metric))")
            try appendConditions(of: search, run: "r.id", to: &sql)
            stages.append(ListingStage(sql: sql, fixed: [.integer(2), .null], order: listing))
        }
        return stages
    }

    /// - Parameters:
    ///   - run: the first column of the query that is the run's id. Conditions on what hangs off a run are tested there,
    ///     before the run itself is looked up.
    ///   - settled: what the query asks already.
    private func appendConditions(
        of search: RunSearch, run: String, without settled: [Clause] = [], to sql: inout SQLText
    ) throws {
        switch search.view {
        case .activeOnly: sql.append(" AND r.lifecycle_stage = 'active'")
        case .deletedOnly: sql.append(" AND r.lifecycle_stage = 'deleted'")
        case .all: break
        }
        sql.append(" AND ")
        let filter = search.filter.without(settled).cheapestFirst
        try ConditionCompiler(target: RunTarget(snapshot: self, run: run)).append(filter, to: &sql)
        guard search.isTop else { return }
        // A parent that is deleted, elsewhere or gone holds nothing: its children are at the top themselves.
        sql.append(" AND NOT EXISTS (SELECT 1 FROM run_tags u CROSS JOIN runs p ON p.run_id = u.value")
        sql.append(" WHERE u.run = r.id AND u.key = 1 AND p.id != r.id AND p.lifecycle_stage = 'active' AND ")
        sql.append(inExperiments: search.experiments, column: "+p.experiment")
        sql.append(")")
    }

    func ordering(_ keys: [OrderKey]) throws -> RunOrder {
        let target = RunTarget(snapshot: self, run: "r.id")
        var columns: [OrderColumn] = []
        var joins: [String] = []
        for (index, key) in keys.enumerated() {
            let alias = "o\(index)"
            switch key.field {
            case .attribute(let name):
                guard let column = target.column(name) else {
                    throw APIError.invalid("Invalid attribute key '\(name)'.")
                }
                // Missing values come last whatever the direction.
                if column.isNullable { columns.append(OrderColumn(sql: "(\(column.sql) IS NULL)", ascending: true)) }
                columns.append(OrderColumn(sql: column.sql, ascending: key.ascending))
            case .metric(let name):
                joins.append(
                    " LEFT JOIN metric_series \(alias) ON \(alias).run = r.id AND \(alias).key = \(try number(name))")
                let rank = "CASE WHEN \(alias).is_nan = 1 THEN 1 WHEN \(alias).value IS NULL THEN 2 ELSE 0 END"
                columns.append(OrderColumn(sql: rank, ascending: true))
                columns.append(OrderColumn(sql: "\(alias).value", ascending: key.ascending))
            case .param(let name), .tag(let name):
                let table = if case .param = key.field { "run_params" } else { "run_tags" }
                joins.append(
                    " LEFT JOIN \(table) \(alias) ON \(alias).run = r.id AND \(alias).key = \(try number(name))")
                columns.append(OrderColumn(sql: "(\(alias).value IS NULL)", ascending: true))
                columns.append(OrderColumn(sql: "\(alias).value", ascending: key.ascending))
            case .dataset:
                throw APIError.invalid("Invalid identifier type 'dataset'")
            }
        }
        if !keys.contains(where: { $0.field == .attribute("start_time") }) {
            columns.append(OrderColumn(sql: "r.start_time", ascending: false))
        }
        columns.append(OrderColumn(sql: "r.run_id", ascending: true))
        return RunOrder(listing: ListingOrder(columns: columns), joins: joins)
    }

    /// The number of a key; one that no row has when the name is unknown.
    func number(_ name: String) throws -> Int64 { try keyID(name) ?? -1 }
}

/// The order of a search over runs, and the tables that its columns come from.
struct RunOrder {
    let listing: ListingOrder
    private let tables: [String]

    init(listing: ListingOrder, joins: [String]) {
        self.listing = listing
        tables = joins
    }

    var joins: String { tables.joined() }
    /// For a walk, which begins at the first table.
    var joinsAfterFirst: String { tables.dropFirst().joined() }
}

/// The table of runs, `r`, and what hangs off it.
struct RunTarget: SearchTarget {
    let snapshot: Snapshot
    /// The column that is the internal id of the run.
    let run: String

    func column(_ attribute: String) -> (sql: String, isNullable: Bool)? {
        switch attribute {
        case "run_id": ("r.run_id", false)
        case "run_name": ("r.name", false)
        case "user_id": ("r.user_id", false)
        case "status": ("r.status", false)
        case "start_time": ("r.start_time", false)
        case "end_time": ("r.end_time", true)
        case "wall_time": ("(nullif(r.end_time, 0) - r.start_time)", true)
        case "artifact_uri": ("r.artifact_uri", false)
        case "lifecycle_stage": ("r.lifecycle_stage", false)
        case "experiment_id": ("r.experiment", false)
        default: nil
        }
    }

    func append(_ clause: Clause, to sql: inout SQLText) throws {
        switch clause.field {
        case .attribute: break
        case .metric(let name): try appendMetric(clause, key: try snapshot.number(name), to: &sql)
        case .param(let name): try appendText(clause, "run_params", key: try snapshot.number(name), to: &sql)
        case .tag(let name): try appendText(clause, "run_tags", key: try snapshot.number(name), to: &sql)
        case .dataset(let property): try appendDataset(clause, property, to: &sql)
        }
    }

    private func appendMetric(_ clause: Clause, key: Int64, to sql: inout SQLText) throws {
        if try appendPresence(clause, "metric_series", key: key, to: &sql) { return }
        sql.append("EXISTS (SELECT 1 FROM metric_series m WHERE m.run = \(run) AND m.key = \(key) AND (")
        try sql.append(comparing: "m.value", clause)
        // Every comparison with NaN is false but "not equal", and a stored NaN is 0.
        sql.append(clause.comparator == .notEqual ? " OR m.is_nan = 1))" : ") AND m.is_nan = 0)")
    }

    private func appendText(_ clause: Clause, _ table: String, key: Int64, to sql: inout SQLText) throws {
        if try appendPresence(clause, table, key: key, to: &sql) { return }
        sql.append("EXISTS (SELECT 1 FROM \(table) v WHERE v.run = \(run) AND v.key = \(key) AND ")
        try sql.append(comparing: "v.value", clause)
        sql.append(")")
    }

    private func appendPresence(_ clause: Clause, _ table: String, key: Int64, to sql: inout SQLText) throws -> Bool {
        guard clause.comparator == .isNull || clause.comparator == .isNotNull else { return false }
        let word = clause.comparator == .isNull ? "NOT EXISTS" : "EXISTS"
        sql.append("\(word) (SELECT 1 FROM \(table) v WHERE v.run = \(run) AND v.key = \(key))")
        return true
    }

    private func appendDataset(_ clause: Clause, _ property: String, to sql: inout SQLText) throws {
        switch property {
        case "name", "digest":
            sql.append(
                "EXISTS (SELECT 1 FROM run_datasets i JOIN datasets d ON d.id = i.dataset WHERE i.run = \(run) AND ")
            try sql.append(comparing: property == "name" ? "d.name" : "d.digest", clause)
        case "context":
            sql.append(
                "EXISTS (SELECT 1 FROM run_datasets i JOIN run_dataset_tags t ON t.input = i.id"
                    + " WHERE i.run = \(run) AND t.key = 'mlflow.data.context' AND ")
            try sql.append(comparing: "t.value", clause)
        default: throw APIError.invalid("Invalid dataset key '\(property)'.")
        }
        sql.append(")")
    }
}

extension Clause {
    /// What looking at one run costs, in the order of the pages it touches.
    fileprivate var cost: Int {
        switch field {
        case .attribute: 0
        case .param, .tag: 1
        case .metric: 2
        case .dataset: 3
        }
    }
}

extension Comparator {
    /// Whether it compares with a number, which a missing value never meets.
    fileprivate var isOfNumbers: Bool {
        switch self {
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: true
        case .like, .ilike, .in, .notIn, .isNull, .isNotNull: false
        }
    }
}

extension Condition {
    /// The same condition with the parts that are looked up quickest first, as SQLite tests them one after the other.
    fileprivate var cheapestFirst: Condition {
        guard case .all(let parts) = self else { return self }
        return .all(parts.sorted { $0.cost < $1.cost })
    }

    private var cost: Int {
        switch self {
        case .test(let clause): clause.cost
        case .all, .any: 4
        }
    }
}
