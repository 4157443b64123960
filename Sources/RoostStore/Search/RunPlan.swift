// How a search over runs is carried out: from the few runs that one of its conditions names, by walking an index in the
// order asked for, or by looking at every run of the experiments. SQLite keeps no statistics here, so it is asked.

internal import RoostCore
internal import RoostSearch

/// The way into the data that a search takes.
enum RunPlan {
    /// All runs of the experiments, newest first, which also is the order when none is asked for.
    case scan
    /// The runs that a condition names, found by an index of its own; they are sorted afterwards.
    case driven(RunDriver)
    /// The latest values of a metric in order, until the page is full; then the runs whose value is no number, then
    /// those without one.
    case walk(experiment: Int64, metric: Int64)
}

/// A condition that must hold and has an index: a source of run ids.
struct RunDriver {
    /// `FROM`, with `d` as its alias.
    let table: SQLText
    /// The condition on `d`.
    let condition: SQLText
    /// The column of `d` that is the internal id of the run.
    let run: String
    /// What need not be asked of its runs any more: they all meet it.
    let settled: [Clause]

    init(table: String, condition: SQLText, run: String, settling clause: Clause) {
        var text = SQLText()
        text.append(table)
        self.init(table: text, condition: condition, run: run, settled: [clause])
    }

    init(table: SQLText, condition: SQLText, run: String, settled: [Clause] = []) {
        (self.table, self.condition, self.run, self.settled) = (table, condition, run, settled)
    }
}

extension Snapshot {
    /// Chooses the way in: the smallest of the conditions' sets if it is small, else the order asked for.
    func plan(_ search: RunSearch) throws -> RunPlan {
        let parts = search.filter.mustHold
        // A name of a single run beats everything and needs no count.
        if parts.contains(where: \.namesRuns) { return .scan }
        var best: (driver: RunDriver, count: Int)?
        var few: Int?
        for clause in parts {
            guard let driver = try driver(clause, experiments: search.experiments) else { continue }
            let bound = try clause.field == parentField ? Self.mostDriven : few ?? self.few(search.limit)
            if clause.field != parentField { few = bound }
            let limit = min(best?.count ?? .max, bound + 1)
            let count = try count(driver, upTo: limit)
            if count < limit { best = (driver, count) }
            if count == 0 { break }
        }
        if let best { return .driven(best.driver) }
        if search.experiments.count == 1, let experiment = search.experiments.first,
            case .metric(let name)? = search.order.first?.field
        {
            return .walk(experiment: experiment, metric: try number(name))
        }
        return .scan
    }

    /// Runs that a search is driven from at most; children of one run are, as they lie together in every order.
    private static var mostDriven: Int { 5000 }

    /// How many runs a condition may name and still be the way in. Walking in order passes `limit * all / named` runs
    /// until a page is full, and looking one up costs about twice as much as passing one.
    private func few(_ limit: Int) throws -> Int {
        let runs = try db.first("SELECT max(id) FROM runs") { $0.int64(0) } ?? 0
        return min(max(500, Int((Double(limit) * Double(runs)).squareRoot()) / 2), Self.mostDriven)
    }

    private func count(_ driver: RunDriver, upTo limit: Int) throws -> Int {
        var sql = SQLText()
        sql.append("SELECT count(*) FROM (SELECT 1 FROM ")
        sql.append(driver.table)
        sql.append(" WHERE ")
        sql.append(driver.condition)
        sql.append(" LIMIT \(limit))")
        var found = 0
        try db.query(compiled: sql.text, sql.values) { found = Int($0.int64(0)) }
        return found
    }

    /// The index that finds the runs of a condition; nil when there is none.
    private func driver(_ clause: Clause, experiments: [Int64]) throws -> RunDriver? {
        var condition = SQLText()
        switch (clause.field, clause.comparator, clause.operand) {
        case (.attribute("run_name"), .equal, .text(let name)):
            condition.append("d.name = ")
            condition.append(bound: .text(name))
            return RunDriver(
                table: "runs d INDEXED BY runs_named", condition: condition, run: "id", settling: clause)
        case (parentField, .equal, .text(let parent)):
            // The partial index on parents needs the number in the text.
            condition.append("d.key = 1 AND d.value = ")
            condition.append(bound: .text(parent))
            return RunDriver(
                table: "run_tags d INDEXED BY run_children", condition: condition, run: "run", settling: clause)
        case (.param(let name), .equal, .text(let value)), (.tag(let name), .equal, .text(let value)):
            let table = if case .param = clause.field { "run_params" } else { "run_tags" }
            condition.append("1")
            return RunDriver(
                table: runs(with: value, of: try number(name), in: table), condition: condition, run: "run")
        case (.metric(let name), .equal, _), (.metric(let name), .greater, _), (.metric(let name), .less, _),
            (.metric(let name), .greaterOrEqual, _), (.metric(let name), .lessOrEqual, _):
            condition.append(inExperiments: experiments, column: "d.experiment")
            condition.append(" AND d.key = \(try number(name)) AND d.is_nan = 0 AND ")
            try condition.append(comparing: "d.value", clause)
            return RunDriver(
                table: "metric_series d INDEXED BY metric_series_values", condition: condition, run: "run",
                settling: clause)
        default: return nil
        }
    }

    /// The runs whose param or tag has a value: those that the index by value knows, and those that it will know.
    private func runs(with value: String, of key: Int64, in table: String) -> SQLText {
        var sql = SQLText()
        // Equal values begin alike; that all of it is equal is the filter's own condition.
        sql.append("(SELECT v.run AS run FROM \(table) v INDEXED BY \(table)_values WHERE v.is_indexed = 1")
        sql.append(" AND v.key = \(key) AND substr(v.value, 1, 40) = substr(")
        sql.append(bound: .text(value))
        sql.append(", 1, 40) UNION ALL SELECT v.run FROM unindexed_runs u CROSS JOIN \(table) v")
        sql.append(" ON v.run = u.run AND v.key = \(key) WHERE v.is_indexed = 0 AND v.value = ")
        sql.append(bound: .text(value))
        sql.append(") d")
        return sql
    }
}

/// The tag that names a run's parent.
private let parentField = Field.tag("mlflow.parentRunId")

extension SQLText {
    /// Appends the condition that a column is one of these experiments.
    mutating func append(inExperiments experiments: [Int64], column: String) {
        if experiments.count == 1, let only = experiments.first {
            append("\(column) = ")
            append(bound: .integer(only))
        } else {
            append("\(column) IN (SELECT value FROM json_each(")
            append(bound: .text("[" + experiments.map(String.init).joined(separator: ",") + "]"))
            append("))")
        }
    }
}

extension Condition {
    /// The comparisons that every run of the answer meets.
    var mustHold: [Clause] {
        switch self {
        case .all(let parts): parts.flatMap(\.mustHold)
        case .any: []
        case .test(let clause): [clause]
        }
    }

    /// What is left to ask of runs that meet some of what must hold.
    func without(_ settled: [Clause]) -> Condition {
        switch self {
        case .all(let parts): .all(parts.map { $0.without(settled) })
        case .any: self
        case .test(let clause): settled.contains(clause) ? .all([]) : self
        }
    }
}

extension Clause {
    /// Whether it names runs by their ids.
    var namesRuns: Bool { field == .attribute("run_id") && (comparator == .equal || comparator == .in) }
}
