// The result of reading a filter or an ordering: a validated tree that the store compiles to SQL.
// Nothing here holds unchecked text but the operands, and those are only ever bound, never spliced.

/// A validated filter.
public indirect enum Condition: Equatable, Sendable {
    /// Every part holds; with no parts it matches everything.
    case all([Condition])
    /// At least one part holds. MLflow has no OR: this is an extension.
    case any([Condition])
    /// A single comparison.
    case test(Clause)
}

/// One comparison of a field with an operand.
public struct Clause: Equatable, Sendable {
    public let field: Field
    public let comparator: Comparator
    public let operand: Operand

    public init(field: Field, comparator: Comparator, operand: Operand) {
        self.field = field
        self.comparator = comparator
        self.operand = operand
    }
}

/// What a clause or an ordering looks at.
public enum Field: Hashable, Sendable {
    /// A column of the entity by its canonical wire name (`run_id`, `start_time`, …), out of its ``Vocabulary``.
    case attribute(String)
    case metric(String)
    case param(String)
    case tag(String)
    /// A property of a dataset input: `name`, `digest` or `context`.
    case dataset(String)
}

/// The comparators of the grammar, by their canonical spelling.
public enum Comparator: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
    case like = "LIKE"
    case ilike = "ILIKE"
    case `in` = "IN"
    case notIn = "NOT IN"
    case isNull = "IS NULL"
    case isNotNull = "IS NOT NULL"
}

/// The right-hand side of a clause.
public enum Operand: Equatable, Sendable {
    case integer(Int64)
    case real(Double)
    case text(String)
    /// For `IN` and `NOT IN`.
    case list([String])
    /// For `IS NULL` and `IS NOT NULL`.
    case none
}

/// One key of an ordering.
public struct OrderKey: Equatable, Sendable {
    public let field: Field
    public let ascending: Bool

    public init(field: Field, ascending: Bool) {
        self.field = field
        self.ascending = ascending
    }
}
