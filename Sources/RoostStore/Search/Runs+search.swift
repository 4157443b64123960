// The search over runs.

public import RoostCore
public import RoostSearch

/// A validated search over runs.
public struct RunSearch: Sendable {
    public let experiments: [Int64]
    public let filter: Condition
    public let order: [OrderKey]
    public let view: ViewType
    /// Rows of a page, at least 1.
    public let limit: Int
    public let token: PageToken?
    /// The texts that the client sent, to tie tokens to the query.
    public let source: [String]

    public init(
        experiments: [Int64], filter: Condition, order: [OrderKey], view: ViewType, limit: Int, token: PageToken?,
        source: [String]
    ) {
        self.experiments = experiments
        self.filter = filter
        self.order = order
        self.view = view
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
}

extension Snapshot {
    /// Searches runs. Without an order the newest come first; ties go by start time, newest first, then run id.
    public func searchRuns(_ search: RunSearch) throws -> RunPage {
        let page = try runIDs(search)
        return RunPage(runs: try runs(page.items), nextPageToken: page.nextPageToken)
    }

    private func runIDs(_ search: RunSearch) throws -> ListingPage<Int64> {
        let compiled = try compile(search)
        let scope = search.experiments.map(String.init).joined(separator: ",")
        let query = PageToken.digest([scope, search.view.rawValue] + search.source)
        return try page(
            compiled.sql, order: compiled.order, query: query, limit: search.limit, after: search.token, width: 1
        ) { $0.int64(0) }
    }

    func compile(_ search: RunSearch) throws -> (sql: SQLText, order: ListingOrder) {
        let target = RunTarget(snapshot: self)
        let (order, joins) = try ordering(search.order, target)
        var sql = SQLText()
        sql.append("SELECT r.id, \(order.selection) FROM runs r\(joins) WHERE ")
        // A unary plus keeps SQLite from walking an experiment when a far smaller set is named.
        let experiment = search.filter.namesFewRuns ? "+r.experiment" : "r.experiment"
        if search.experiments.count == 1, let only = search.experiments.first {
            sql.append("\(experiment) = ")
            sql.append(bound: .integer(only))
        } else {
            sql.append("\(experiment) IN (SELECT value FROM json_each(")
            sql.append(bound: .text("[" + search.experiments.map(String.init).joined(separator: ",") + "]"))
            sql.append("))")
        }
        switch search.view {
        case .activeOnly: sql.append(" AND r.lifecycle_stage = 'active'")
        case .deletedOnly: sql.append(" AND r.lifecycle_stage = 'deleted'")
        case .all: break
        }
        sql.append(" AND ")
        try ConditionCompiler(target: target).append(search.filter, to: &sql)
        return (sql, order)
    }

    private func ordering(_ keys: [OrderKey], _ target: RunTarget) throws -> (ListingOrder, joins: String) {
        var columns: [OrderColumn] = []
        var joins = ""
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
                joins +=
                    " LEFT JOIN metric_series \(alias) ON \(alias).run = r.id AND \(alias).key = \(try number(name))"
                let rank = "CASE WHEN \(alias).is_nan = 1 THEN 1 WHEN \(alias).value IS NULL THEN 2 ELSE 0 END"
                columns.append(OrderColumn(sql: rank, ascending: true))
                columns.append(OrderColumn(sql: "\(alias).value", ascending: key.ascending))
            case .param(let name), .tag(let name):
                let table = if case .param = key.field { "run_params" } else { "run_tags" }
                joins += " LEFT JOIN \(table) \(alias) ON \(alias).run = r.id AND \(alias).key = \(try number(name))"
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
        return (ListingOrder(columns: columns), joins)
    }

    /// The number of a key; one that no row has when the name is unknown.
    func number(_ name: String) throws -> Int64 { try keyID(name) ?? -1 }
}

/// The table of runs, `r`, and what hangs off it.
struct RunTarget: SearchTarget {
    let snapshot: Snapshot

    func column(_ attribute: String) -> (sql: String, isNullable: Bool)? {
        switch attribute {
        case "run_id": ("r.run_id", false)
        case "run_name": ("r.name", false)
        case "user_id": ("r.user_id", false)
        case "status": ("r.status", false)
        case "start_time": ("r.start_time", false)
        case "end_time": ("r.end_time", true)
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
        case .tag(let name):
            if clause.namesParent {
                // The partial index on parents needs the number in the text.
                sql.append("r.id IN (SELECT p.run FROM run_tags p WHERE p.key = 1 AND ")
                try sql.append(comparing: "p.value", clause)
                sql.append(")")
            } else {
                try appendText(clause, "run_tags", key: try snapshot.number(name), to: &sql)
            }
        case .dataset(let property): try appendDataset(clause, property, to: &sql)
        }
    }

    private func appendMetric(_ clause: Clause, key: Int64, to sql: inout SQLText) throws {
        if try appendPresence(clause, "metric_series", key: key, to: &sql) { return }
        sql.append("EXISTS (SELECT 1 FROM metric_series m WHERE m.run = r.id AND m.key = \(key) AND (")
        try sql.append(comparing: "m.value", clause)
        // Every comparison with NaN is false but "not equal", and a stored NaN is 0.
        sql.append(clause.comparator == .notEqual ? " OR m.is_nan = 1))" : ") AND m.is_nan = 0)")
    }

    private func appendText(_ clause: Clause, _ table: String, key: Int64, to sql: inout SQLText) throws {
        if try appendPresence(clause, table, key: key, to: &sql) { return }
        sql.append("EXISTS (SELECT 1 FROM \(table) v WHERE v.run = r.id AND v.key = \(key) AND ")
        try sql.append(comparing: "v.value", clause)
        sql.append(")")
    }

    private func appendPresence(_ clause: Clause, _ table: String, key: Int64, to sql: inout SQLText) throws -> Bool {
        guard clause.comparator == .isNull || clause.comparator == .isNotNull else { return false }
        let word = clause.comparator == .isNull ? "NOT EXISTS" : "EXISTS"
        sql.append("\(word) (SELECT 1 FROM \(table) v WHERE v.run = r.id AND v.key = \(key))")
        return true
    }

    private func appendDataset(_ clause: Clause, _ property: String, to sql: inout SQLText) throws {
        switch property {
        case "name", "digest":
            sql.append(
                "EXISTS (SELECT 1 FROM run_datasets i JOIN datasets d ON d.id = i.dataset WHERE i.run = r.id AND ")
            try sql.append(comparing: property == "name" ? "d.name" : "d.digest", clause)
        case "context":
            sql.append(
                "EXISTS (SELECT 1 FROM run_datasets i JOIN run_dataset_tags t ON t.input = i.id"
                    + " WHERE i.run = r.id AND t.key = 'mlflow.data.context' AND ")
            try sql.append(comparing: "t.value", clause)
        default: throw APIError.invalid("Invalid dataset key '\(property)'.")
        }
        sql.append(")")
    }
}

extension Clause {
    /// Whether it asks for the children of one run.
    fileprivate var namesParent: Bool { field == .tag("mlflow.parentRunId") && comparator == .equal }
}

extension Condition {
    /// Whether a part that must hold picks its runs by an index of their own: by id, or as the children of one run.
    fileprivate var namesFewRuns: Bool {
        switch self {
        case .all(let parts): parts.contains { $0.namesFewRuns }
        case .any: false
        case .test(let clause):
            clause.namesParent
                || clause.field == .attribute("run_id") && (clause.comparator == .equal || clause.comparator == .in)
        }
    }
}
