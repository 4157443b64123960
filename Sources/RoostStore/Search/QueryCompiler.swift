// Validated queries to SQL. Texts of a client are only ever bound; what is spliced in comes from enums and from integers.

internal import RoostCore
internal import RoostSearch

/// What the compiler needs to know of an entity.
protocol SearchTarget {
    /// The column of an attribute, by its canonical name; nil when the vocabulary and this table disagree.
    func column(_ attribute: String) -> (sql: String, isNullable: Bool)?
    /// Appends a condition on a field that is not a column.
    func append(_ clause: Clause, to sql: inout SQLText) throws
}

/// Appends conditions to a query.
struct ConditionCompiler<Target: SearchTarget> {
    let target: Target

    func append(_ condition: Condition, to sql: inout SQLText) throws {
        switch condition {
        case .all(let parts): try join(parts, with: " AND ", empty: "1", to: &sql)
        case .any(let parts): try join(parts, with: " OR ", empty: "0", to: &sql)
        case .test(let clause):
            guard case .attribute(let name) = clause.field else { return try target.append(clause, to: &sql) }
            guard let column = target.column(name) else { throw APIError.invalid("Invalid attribute key '\(name)'.") }
            try sql.append(comparing: column.sql, clause)
        }
    }

    private func join(_ parts: [Condition], with word: String, empty: String, to sql: inout SQLText) throws {
        guard !parts.isEmpty else { return sql.append(empty) }
        sql.append("(")
        for (index, part) in parts.enumerated() {
            if index > 0 { sql.append(word) }
            try append(part, to: &sql)
        }
        sql.append(")")
    }
}

extension SQLText {
    /// Appends a comparison of a column with the clause's operand.
    ///
    /// `LIKE` is case-sensitive here (the connections say so); `ILIKE` folds ASCII letters, as MLflow does on SQLite.
    mutating func append(comparing column: String, _ clause: Clause) throws {
        switch clause.comparator {
        case .isNull: append("\(column) IS NULL")
        case .isNotNull: append("\(column) IS NOT NULL")
        case .in, .notIn:
            guard case .list(let items) = clause.operand else { throw unfit(clause) }
            append("\(column) \(clause.comparator == .in ? "IN" : "NOT IN") (SELECT value FROM json_each(")
            append(
                bound: .text(
                    String(decoding: JSONWriter.bytes(of: JSON.array(items.map { .string($0) })), as: UTF8.self)))
            append("))")
        case .like, .ilike:
            guard case .text(let pattern) = clause.operand else { throw unfit(clause) }
            guard pattern.utf8.count <= 10_000 else {
                throw APIError.invalid("A pattern of LIKE may have at most 10000 bytes.")
            }
            let folds = clause.comparator == .ilike
            append(folds ? "lower(\(column)) LIKE lower(" : "\(column) LIKE ")
            append(bound: .text(pattern))
            if folds { append(")") }
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual:
            append("\(column) \(clause.comparator.rawValue) ")
            switch clause.operand {
            case .integer(let value): append(bound: .integer(value))
            case .real(let value): append(bound: .real(value))
            case .text(let value): append(bound: .text(value))
            case .list, .none: throw unfit(clause)
            }
        }
    }

    private func unfit(_ clause: Clause) -> APIError {
        .invalid("Comparator '\(clause.comparator.rawValue)' does not go with its operand.")
    }
}
