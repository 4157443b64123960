// The search over registered models.

public import RoostCore
public import RoostSearch

/// A validated search over registered models or over their versions.
public struct RegistrySearch: Sendable {
    public let filter: Condition
    public let order: [OrderKey]
    /// Rows of a page, at least 1.
    public let limit: Int
    public let token: PageToken?
    /// The texts that the client sent, to tie tokens to the query.
    public let source: [String]
    /// Which models and prompts are shown at all; nil for all.
    public var scope: RegistryScope?

    public init(filter: Condition, order: [OrderKey], limit: Int, token: PageToken?, source: [String]) {
        self.filter = filter
        self.order = order
        self.limit = limit
        self.token = token
        self.source = source
    }
}

/// A page of registered models.
public struct RegisteredModelPage: Sendable {
    public let models: [RegisteredModel]
    /// Nil on the last page.
    public let nextPageToken: String?
}

extension Snapshot {
    /// Searches registered models; ties go by name. Prompts are left out unless the filter asks for them.
    public func searchRegisteredModels(_ search: RegistrySearch) throws -> RegisteredModelPage {
        let target = RegisteredModelTarget()
        var columns = try search.order.map { key in
            guard case .attribute(let name) = key.field, let column = target.column(name) else {
                throw APIError.invalid("Invalid order_by entity: tag")
            }
            return OrderColumn(sql: column.sql, ascending: key.ascending)
        }
        if !columns.contains(where: { $0.sql == "m.name" }) {
            columns.append(OrderColumn(sql: "m.name", ascending: true))
        }
        let order = ListingOrder(columns: columns)
        var sql = SQLText()
        sql.append(
            """
            SELECT m.id, m.name, m.creation_time, m.last_updated_time, m.description, \(order.selection)
            FROM registered_models m WHERE
            """)
        sql.append(" ")
        let (filter, wantsPrompts) = search.filter.splittingOffPrompts()
        if !wantsPrompts {
            sql.append(
                "NOT EXISTS (SELECT 1 FROM registered_model_tags p WHERE p.model = m.id"
                    + " AND p.key = '\(PromptTag.isPrompt)' AND p.value = 'true') AND ")
        }
        sql.appendCondition(search.scope)
        try ConditionCompiler(target: target).append(filter, to: &sql)
        let found = try page(
            [ListingStage(sql: sql, order: order)], columns: order.columns.count,
            query: PageToken.digest(["registered models"] + search.source), limit: search.limit,
            after: search.token, width: 5, item: registeredModelRow(from:))
        let models = try found.items.map { row in
            try registeredModel(row, latest: try latestVersions(inOrderOfStages: row))
        }
        return RegisteredModelPage(models: models, nextPageToken: found.nextPageToken)
    }
}

/// The table of registered models, `m`, and its tags.
struct RegisteredModelTarget: SearchTarget {
    func column(_ attribute: String) -> (sql: String, isNullable: Bool)? {
        switch attribute {
        case "name": ("m.name", false)
        case "last_updated_timestamp": ("m.last_updated_time", false)
        default: nil
        }
    }

    func append(_ clause: Clause, to sql: inout SQLText) throws {
        guard case .tag(let key) = clause.field else { throw APIError.invalid("Invalid entity type in filter string.") }
        sql.append("EXISTS (SELECT 1 FROM registered_model_tags t WHERE t.model = m.id AND t.key = ")
        sql.append(bound: .text(key))
        sql.append(" AND ")
        try sql.append(comparing: "t.value", clause)
        sql.append(")")
    }
}

extension Condition {
    /// Whether a filter asks for prompts, and what remains of it. The first clause on the tag decides, as in MLflow: if it
    /// does not ask for prompts, none are shown, and what the filter says of that tag plays no further part.
    func splittingOffPrompts() -> (rest: Condition, wantsPrompts: Bool) {
        guard let first = firstPromptClause else { return (self, false) }
        if case .text(let value) = first.operand {
            let value = value.lowercased()
            let wants =
                first.comparator == .equal && value == "true" || first.comparator == .notEqual && value == "false"
            if wants { return (self, true) }
        }
        return (withoutPromptClauses, false)
    }

    private var firstPromptClause: Clause? {
        switch self {
        case .all(let parts), .any(let parts):
            for part in parts { if let found = part.firstPromptClause { return found } }
            return nil
        case .test(let clause): return clause.field == .tag(PromptTag.isPrompt) ? clause : nil
        }
    }

    private var withoutPromptClauses: Condition {
        switch self {
        case .all(let parts): .all(parts.map(\.withoutPromptClauses))
        case .any(let parts): .any(parts.map(\.withoutPromptClauses))
        case .test(let clause): clause.field == .tag(PromptTag.isPrompt) ? .all([]) : self
        }
    }
}
