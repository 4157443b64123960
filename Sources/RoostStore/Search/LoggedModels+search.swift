// The search over logged models.

public import RoostCore
public import RoostSearch

/// One key of an ordering of logged models; a metric may be that on one dataset.
public struct ModelOrderKey: Sendable {
    public let field: Field
    public let ascending: Bool
    public let datasetName: String?
    public let datasetDigest: String?

    public init(field: Field, ascending: Bool, datasetName: String? = nil, datasetDigest: String? = nil) {
        self.field = field
        self.ascending = ascending
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
    }
}

/// A validated search over logged models.
public struct LoggedModelSearch: Sendable {
    public var experiments: [Int64]
    public let filter: Condition
    /// Where metrics of the filter must have been measured; without such a metric, where any must have been.
    public let datasets: [DatasetName]
    public let order: [ModelOrderKey]
    /// Rows of a page, at least 1.
    public let limit: Int
    public let token: PageToken?
    /// The texts that the client sent, to tie tokens to the query.
    public let source: [String]

    public init(
        experiments: [Int64], filter: Condition, datasets: [DatasetName], order: [ModelOrderKey], limit: Int,
        token: PageToken?, source: [String]
    ) {
        self.experiments = experiments
        self.filter = filter
        self.datasets = datasets
        self.order = order
        self.limit = limit
        self.token = token
        self.source = source
    }
}

/// A page of logged models.
public struct LoggedModelPage: Sendable {
    public let models: [LoggedModel]
    /// Nil on the last page.
    public let nextPageToken: String?
}

extension Snapshot {
    /// Searches logged models that are not deleted. Ties go by creation, newest first, then by model id.
    public func searchLoggedModels(_ search: LoggedModelSearch) throws -> LoggedModelPage {
        let target = LoggedModelTarget(snapshot: self, datasets: search.datasets)
        let order = try ordering(search.order, target)
        var sql = SQLText()
        sql.append("SELECT l.id, \(order.selection) FROM logged_models l")
        for (index, key) in search.order.enumerated() {
            guard case .metric(let name) = key.field else { continue }
            sql.append(latest: try number(name), key, alias(index))
        }
        sql.append(" WHERE ")
        sql.append(inExperiments: search.experiments, column: "l.experiment")
        sql.append(" AND l.lifecycle_stage = 'active' AND ")
        try ConditionCompiler(target: target).append(search.filter, to: &sql)
        if !search.datasets.isEmpty, !search.filter.namesMetric {
            sql.append(" AND EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.model = l.id")
            sql.append(measuredOn: search.datasets, "m")
            sql.append(")")
        }
        let scope = search.experiments.map(String.init).joined(separator: ",")
        let page = try page(
            [ListingStage(sql: sql, order: order)], columns: order.columns.count,
            query: PageToken.digest(["models", scope] + search.source), limit: search.limit,
            after: search.token, width: 1
        ) { $0.int64(0) }
        return LoggedModelPage(models: try loggedModels(page.items), nextPageToken: page.nextPageToken)
    }

    private func alias(_ index: Int) -> String { "o\(index)" }

    private func ordering(_ keys: [ModelOrderKey], _ target: LoggedModelTarget) throws -> ListingOrder {
        var columns: [OrderColumn] = []
        var seen: Set<String> = []
        for (index, key) in keys.enumerated() {
            switch key.field {
            case .attribute(let name):
                guard let column = target.column(name) else {
                    throw APIError.invalid("Invalid order by field name: \(name)")
                }
                // The second time a field has no effect.
                guard seen.insert(name).inserted else { continue }
                if column.isNullable { columns.append(OrderColumn(sql: "(\(column.sql) IS NULL)", ascending: true)) }
                columns.append(OrderColumn(sql: column.sql, ascending: key.ascending))
            case .metric:
                let alias = alias(index)
                // As in searches of runs, NaN comes after every number and a missing value after NaN.
                let rank = "CASE WHEN \(alias).is_nan = 1 THEN 1 WHEN \(alias).value IS NULL THEN 2 ELSE 0 END"
                columns.append(OrderColumn(sql: rank, ascending: true))
                columns.append(OrderColumn(sql: "\(alias).value", ascending: key.ascending))
            case .param, .tag, .dataset:
                throw APIError.invalid("Invalid order by field name: only metrics and attributes are supported.")
            }
        }
        if !seen.contains("creation_timestamp_ms") {
            columns.append(OrderColumn(sql: "l.creation_time", ascending: false))
        }
        if !seen.contains("model_id") { columns.append(OrderColumn(sql: "l.model_id", ascending: true)) }
        return ListingOrder(columns: columns)
    }
}

extension SQLText {
    /// Joins the latest point of a metric, on one dataset if the key says so: by time, then step, then run.
    fileprivate mutating func append(latest key: Int64, _ order: ModelOrderKey, _ alias: String) {
        append(
            " LEFT JOIN logged_model_metrics \(alias) ON \(alias).id = (SELECT m.id FROM logged_model_metrics m"
                + " JOIN runs r ON r.id = m.run WHERE m.model = l.id AND m.key = \(key)")
        if let name = order.datasetName {
            append(" AND m.dataset_name = ")
            append(bound: .text(name))
        }
        if let digest = order.datasetDigest {
            append(" AND m.dataset_digest = ")
            append(bound: .text(digest))
        }
        append(" ORDER BY m.timestamp DESC, m.step DESC, r.run_id LIMIT 1)")
    }

    /// Appends that a point was measured on one of these datasets.
    fileprivate mutating func append(measuredOn datasets: [DatasetName], _ alias: String) {
        guard !datasets.isEmpty else { return }
        append(" AND (")
        for (index, dataset) in datasets.enumerated() {
            append(index > 0 ? " OR (" : "(")
            append("\(alias).dataset_name = ")
            append(bound: .text(dataset.name))
            if let digest = dataset.digest {
                append(" AND \(alias).dataset_digest = ")
                append(bound: .text(digest))
            }
            append(")")
        }
        append(")")
    }
}

extension Condition {
    fileprivate var namesMetric: Bool {
        switch self {
        case .all(let parts), .any(let parts): return parts.contains { $0.namesMetric }
        case .test(let clause):
            if case .metric = clause.field { return true }
            return false
        }
    }
}

/// The table of logged models, `l`, and what hangs off it.
private struct LoggedModelTarget: SearchTarget {
    let snapshot: Snapshot
    let datasets: [DatasetName]

    func column(_ attribute: String) -> (sql: String, isNullable: Bool)? {
        switch attribute {
        case "model_id": ("l.model_id", false)
        case "experiment_id": ("l.experiment", false)
        case "name": ("l.name", false)
        case "artifact_location": ("l.artifact_location", false)
        case "creation_timestamp_ms": ("l.creation_time", false)
        case "last_updated_timestamp_ms": ("l.last_update_time", false)
        case "status": ("l.status", false)
        case "lifecycle_stage": ("l.lifecycle_stage", false)
        case "model_type": ("l.model_type", false)
        case "source_run_id": ("l.source_run_id", false)
        // MLflow has such a column and never writes to it.
        case "status_message": ("NULL", true)
        default: nil
        }
    }

    func append(_ clause: Clause, to sql: inout SQLText) throws {
        switch clause.field {
        case .metric(let name): try appendMetric(clause, key: try snapshot.number(name), to: &sql)
        case .param(let name): try appendText(clause, "logged_model_params", try snapshot.number(name), to: &sql)
        case .tag(let name): try appendText(clause, "logged_model_tags", try snapshot.number(name), to: &sql)
        case .attribute, .dataset: throw APIError.invalid("Invalid entity type in filter string.")
        }
    }

    /// True when any point compares so, not only the latest one.
    private func appendMetric(_ clause: Clause, key: Int64, to sql: inout SQLText) throws {
        sql.append("EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.model = l.id AND m.key = \(key)")
        sql.append(measuredOn: datasets, "m")
        sql.append(" AND (")
        try sql.append(comparing: "m.value", clause)
        // Every comparison with NaN is false but "not equal", and a stored NaN is 0.
        sql.append(clause.comparator == .notEqual ? " OR m.is_nan = 1))" : ") AND m.is_nan = 0)")
    }

    private func appendText(_ clause: Clause, _ table: String, _ key: Int64, to sql: inout SQLText) throws {
        sql.append("EXISTS (SELECT 1 FROM \(table) v WHERE v.model = l.id AND v.key = \(key) AND ")
        try sql.append(comparing: "v.value", clause)
        sql.append(")")
    }
}
