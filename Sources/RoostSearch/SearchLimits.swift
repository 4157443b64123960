// The bounds of the search language, named once. Crossing one is a 400, never a slow query.

/// What a filter or an ordering may measure at most.
public enum SearchLimits {
    /// UTF-8 bytes of a filter, or of one key of an ordering.
    public static let textBytes = 64 * 1024
    /// Comparisons in one filter.
    public static let clauses = 256
    /// Levels of parentheses and square brackets in one filter.
    public static let nesting = 64
    /// Keys in one ordering; each may take a join, of which SQLite allows 64.
    public static let orderKeys = 60
}
