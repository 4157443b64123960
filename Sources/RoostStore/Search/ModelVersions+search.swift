// The search over versions of registered models.

public import RoostCore
internal import RoostSearch

/// A page of versions.
public struct ModelVersionPage: Sendable {
    public let versions: [ModelVersion]
    /// Nil on the last page.
    public let nextPageToken: String?
}

extension Snapshot {
    /// Searches versions, the last updated first if no order is given; ties go by name, then the greatest version first.
    /// Aliases are left out, as in MLflow, and so are prompts unless the filter asks for them.
    public func searchModelVersions(_ search: RegistrySearch) throws -> ModelVersionPage {
        let target = ModelVersionTarget()
        var columns = try search.order.map { key in
            guard case .attribute(let name) = key.field, let column = target.column(name) else {
                throw APIError.invalid("Invalid order_by entity: tag")
            }
            return OrderColumn(sql: column.sql, ascending: key.ascending)
        }
        if columns.isEmpty { columns = [OrderColumn(sql: "v.last_updated_time", ascending: false)] }
        if !columns.contains(where: { $0.sql == "m.name" }) {
            columns.append(OrderColumn(sql: "m.name", ascending: true))
        }
        if !columns.contains(where: { $0.sql == "v.version" }) {
            columns.append(OrderColumn(sql: "v.version", ascending: false))
        }
        let order = ListingOrder(columns: columns)
        var sql = SQLText()
        sql.append(
            """
            SELECT m.name, v.version, v.creation_time, v.last_updated_time, v.description, v.stage, v.source,
                v.storage_location, v.run_id, v.run_link, v.model, \(order.selection)
            FROM model_versions v JOIN registered_models m ON m.id = v.model WHERE
            """)
        sql.append(" ")
        let (filter, wantsPrompts) = search.filter.splittingOffPrompts()
        if !wantsPrompts {
            sql.append(
                "v.model NOT IN (SELECT p.model FROM model_version_tags p"
                    + " WHERE p.key = '\(PromptTag.isPrompt)' AND p.value = 'true') AND ")
        }
        sql.appendCondition(search.scope)
        try ConditionCompiler(target: target).append(filter, to: &sql)
        let found = try page(
            [ListingStage(sql: sql, order: order)], columns: order.columns.count,
            query: PageToken.digest(["model versions"] + search.source), limit: search.limit,
            after: search.token, width: 11
        ) { row in (version: modelVersion(from: row), model: row.int64(10)) }
        return ModelVersionPage(
            versions: try found.items.map { try withTags($0.version, of: $0.model) },
            nextPageToken: found.nextPageToken)
    }
}

/// The table of versions, `v`, its models, `m`, and its tags.
struct ModelVersionTarget: SearchTarget {
    func column(_ attribute: String) -> (sql: String, isNullable: Bool)? {
        switch attribute {
        case "name": ("m.name", false)
        case "version_number": ("v.version", false)
        case "run_id": ("v.run_id", false)
        case "source_path": ("v.source", false)
        case "creation_timestamp": ("v.creation_time", false)
        case "last_updated_timestamp": ("v.last_updated_time", false)
        default: nil
        }
    }

    func append(_ clause: Clause, to sql: inout SQLText) throws {
        guard case .tag(let key) = clause.field else { throw APIError.invalid("Invalid entity type in filter string.") }
        sql.append(
            "EXISTS (SELECT 1 FROM model_version_tags t WHERE t.model = v.model AND t.version = v.version AND t.key = ")
        sql.append(bound: .text(key))
        sql.append(" AND ")
        try sql.append(comparing: "t.value", clause)
        sql.append(")")
    }
}
