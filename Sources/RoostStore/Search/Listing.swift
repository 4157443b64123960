// A listing in a total order, a page at a time: the columns that order it, and the condition "after this row".

internal import RoostCore

/// A query text with its parameters, built in step.
struct SQLText {
    private(set) var text = ""
    private(set) var values: [SQLValue] = []

    /// Appends text of ours.
    mutating func append(_ sql: String) { text += sql }

    /// Appends another text with its parameters.
    mutating func append(_ other: SQLText) {
        text += other.text
        values += other.values
    }

    /// Appends a parameter.
    mutating func append(bound value: SQLValue) {
        values.append(value)
        text += "?"
    }
}

/// A column of an ordering. The expression is ours; nothing of a client stands in it.
struct OrderColumn {
    let sql: String
    let ascending: Bool
}

/// The columns that order a listing; the last one is unique, so the order is total.
struct ListingOrder {
    let columns: [OrderColumn]

    /// `ORDER BY …`
    var clause: String {
        "ORDER BY " + columns.map { $0.sql + ($0.ascending ? "" : " DESC") }.joined(separator: ", ")
    }

    /// The columns for a `SELECT`, so that the last row of a page can be remembered.
    var selection: String { columns.map(\.sql).joined(separator: ", ") }

    /// Appends the condition that a row comes after the one with these values.
    ///
    /// The directions may differ, so this is no row value but one alternative for each column that may decide:
    /// `(a > ? OR (a = ? AND b < ?) OR (a = ? AND b = ? AND …))`. They are not nested, since SQLite's parser takes only
    /// so many levels.
    func appendAfter(_ values: [SQLValue], to sql: inout SQLText) {
        // The first column alone bounds the scan of an index that starts with it.
        if let first = columns.first, let value = values.first, value != .null {
            sql.append(" AND \(first.sql) \(first.ascending ? ">=" : "<=") ")
            sql.append(bound: value)
        }
        sql.append(" AND (0")
        // A missing value is last in its class, and all of them are equal: nothing comes after it.
        for (index, column) in columns.enumerated() where values[index] != .null {
            sql.append(" OR (")
            for (column, value) in zip(columns, values).prefix(index) {
                sql.append(column.sql)
                if value == .null {
                    sql.append(" IS NULL AND ")
                } else {
                    sql.append(" = ")
                    sql.append(bound: value)
                    sql.append(" AND ")
                }
            }
            sql.append("\(column.sql) \(column.ascending ? ">" : "<") ")
            sql.append(bound: values[index])
            sql.append(")")
        }
        sql.append(")")
    }
}

/// A query whose rows are a part of a listing: those whose first ordering values are given, as a rank is.
struct ListingStage {
    /// Selects the item's columns first, then those of `order`, and has its conditions already.
    let sql: SQLText
    /// The ordering values that all rows of this stage share.
    let fixed: [SQLValue]
    /// What orders the rows within the stage.
    let order: ListingOrder

    init(sql: SQLText, fixed: [SQLValue] = [], order: ListingOrder) {
        self.sql = sql
        self.fixed = fixed
        self.order = order
    }

    /// The query from the row after these values on; nil when all of the stage comes before.
    func query(after values: [SQLValue]?, limit: Int) -> SQLText? {
        var sql = sql
        if let values {
            // The first fixed value is the number of the stage.
            if case .integer(let number)? = fixed.first, case .integer(let reached)? = values.first {
                if number < reached { return nil }
                if number == reached { order.appendAfter(Array(values.dropFirst(fixed.count)), to: &sql) }
            } else {
                order.appendAfter(values, to: &sql)
            }
        }
        sql.append(" \(order.clause) LIMIT ")
        sql.append(bound: .integer(Int64(limit)))
        return sql
    }
}

/// A page of a listing.
struct ListingPage<Item> {
    let items: [Item]
    let nextPageToken: String?
}

extension ListingPage: Sendable where Item: Sendable {}

extension Snapshot {
    /// Runs a listing, stage by stage, and cuts the page.
    ///
    /// - Parameters:
    ///   - columns: how many ordering values a row has.
    ///   - width: how many columns the item has.
    func page<Item>(
        _ stages: [ListingStage], columns: Int, query: String, limit: Int, after token: PageToken?, width: Int32,
        item: (Row) throws -> Item
    ) throws -> ListingPage<Item> {
        let after = try token?.continuing(query, columns: columns)
        var items: [Item] = []
        var last: [SQLValue] = []
        var more = false
        for stage in stages where !more {
            guard let sql = stage.query(after: after, limit: limit + 1 - items.count) else { continue }
            try db.query(compiled: sql.text, sql.values) { row in
                guard items.count < limit else {
                    more = true
                    return
                }
                items.append(try item(row))
                if items.count == limit {
                    last = stage.fixed + stage.order.columns.indices.map { row.value(width + Int32($0)) }
                }
            }
        }
        return ListingPage(items: items, nextPageToken: more ? PageToken(query: query, values: last).text : nil)
    }
}
