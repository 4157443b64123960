// The search over experiments.

public import RoostCore
public import RoostSearch

/// A validated search over experiments.
public struct ExperimentSearch: Sendable {
    public let filter: Condition
    public let order: [OrderKey]
    public let view: ViewType
    /// Rows of a page, at least 1.
    public let limit: Int
    public let token: PageToken?
    /// The texts that the client sent, to tie tokens to the query.
    public let source: [String]
    /// Which experiments are shown at all.
    public var scope = ReadScope.all

    public init(
        filter: Condition, order: [OrderKey], view: ViewType, limit: Int, token: PageToken?, source: [String]
    ) {
        self.filter = filter
        self.order = order
        self.view = view
        self.limit = limit
        self.token = token
        self.source = source
    }
}

/// A page of experiments.
public struct ExperimentPage: Sendable {
    public let experiments: [Experiment]
    /// Nil on the last page.
    public let nextPageToken: String?
}

extension Snapshot {
    /// Searches experiments. Without an order the newest come first; with one, ties go by id, greatest first.
    public func searchExperiments(_ search: ExperimentSearch) throws -> ExperimentPage {
        let target = ExperimentTarget()
        let order = try ordering(search.order, target)
        var sql = SQLText()
        sql.append(
            """
            SELECT e.id, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.last_update_time,
            \(order.selection) FROM experiments e WHERE
            """)
        switch search.view {
        case .activeOnly: sql.append(" e.lifecycle_stage = 'active' AND ")
        case .deletedOnly: sql.append(" e.lifecycle_stage = 'deleted' AND ")
        case .all: sql.append(" ")
        }
        if search.scope != .all {
            sql.append("CAST(e.id AS TEXT)", in: search.scope)
            sql.append(" AND ")
        }
        try ConditionCompiler(target: target).append(search.filter, to: &sql)
        let found = try page(
            [ListingStage(sql: sql, order: order)], columns: order.columns.count,
            query: PageToken.digest([search.view.rawValue] + search.source), limit: search.limit, after: search.token,
            width: 6, item: experiment(from:))
        return ExperimentPage(
            experiments: try found.items.map(withTags), nextPageToken: found.nextPageToken)
    }

    private func ordering(_ keys: [OrderKey], _ target: ExperimentTarget) throws -> ListingOrder {
        var columns = try keys.map { key in
            guard case .attribute(let name) = key.field, let column = target.column(name) else {
                throw APIError.invalid("Invalid order_by entity: tag")
            }
            return OrderColumn(sql: column.sql, ascending: key.ascending)
        }
        if columns.isEmpty {
            columns = [
                OrderColumn(sql: "e.creation_time", ascending: false), OrderColumn(sql: "e.id", ascending: true),
            ]
        } else if !columns.contains(where: { $0.sql == "e.id" }) {
            columns.append(OrderColumn(sql: "e.id", ascending: false))
        }
        return ListingOrder(columns: columns)
    }
}

/// The table of experiments, `e`, and its tags.
struct ExperimentTarget: SearchTarget {
    func column(_ attribute: String) -> (sql: String, isNullable: Bool)? {
        switch attribute {
        case "experiment_id": ("e.id", false)
        case "name": ("e.name", false)
        case "creation_time": ("e.creation_time", false)
        case "last_update_time": ("e.last_update_time", false)
        case "lifecycle_stage": ("e.lifecycle_stage", false)
        case "artifact_location": ("e.artifact_location", false)
        default: nil
        }
    }

    func append(_ clause: Clause, to sql: inout SQLText) throws {
        guard case .tag(let key) = clause.field else { throw APIError.invalid("Invalid entity type in filter string.") }
        let presence = clause.comparator == .isNull || clause.comparator == .isNotNull
        sql.append(clause.comparator == .isNull ? "NOT EXISTS (" : "EXISTS (")
        sql.append("SELECT 1 FROM experiment_tags t WHERE t.experiment = e.id AND t.key = ")
        sql.append(bound: .text(key))
        if !presence {
            sql.append(" AND ")
            try sql.append(comparing: "t.value", clause)
        }
        sql.append(")")
    }
}
