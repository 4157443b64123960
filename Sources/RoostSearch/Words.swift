// The words with a meaning of their own.

enum Words {
    /// Words that keep their meaning right before a parenthesis, where every other one would name a function.
    static let precedeParentheses: Set<String> = ["AND", "OR", "IN"]

    /// Words that compare; only the first two are ever allowed.
    static let comparators: Set<String> = ["LIKE", "ILIKE", "RLIKE", "REGEXP"]

    /// Words that are neither a name nor a value when they stand alone: those of the language, and those that people
    /// bring along from SQL or Python, so that the refusal quotes the clause and not only the word.
    static let reserved: Set<String> = [
        "ALL", "AND", "ANY", "AS", "BETWEEN", "BY", "CASE", "COUNT", "CREATE", "DELETE", "DISTINCT", "DROP", "ELSE",
        "END", "EXISTS", "FALSE", "FOR", "FROM", "GROUP", "HAVING", "IF", "IN", "INSERT", "INTO", "IS", "JOIN", "KEY",
        "LIMIT", "MAX", "MIN", "NONE", "NOT", "NULL", "OFF", "OFFSET", "ON", "OR", "ORDER", "OVER", "SELECT", "SET",
        "START", "SUM", "TABLE", "THEN", "TIME", "TRUE", "TYPE", "UNION", "UPDATE", "USER", "USING", "VALUES", "WHEN",
        "WHERE", "WITH",
    ]
}
