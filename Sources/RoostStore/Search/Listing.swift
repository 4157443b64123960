// A listing in a total order, a page at a time: the columns that order it, and the condition "after this row".

internal import RoostCore

/// A query text with its parameters, built in step.
struct SQLText {
    private(set) var text = ""
    private(set) var values: [SQLValue] = []

    /// Appends text of ours.
    mutating func append(_ sql: String) { text += sql }

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
    /// The directions may differ, so this is a chain and not a row value:
    /// `(a > ? OR (a = ? AND (b < ? OR (b = ? AND …))))`.
    func appendAfter(_ values: [SQLValue], to sql: inout SQLText) {
        // The first column alone bounds the scan of an index that starts with it.
        if let first = columns.first, let value = values.first, value != .null {
            sql.append(" AND \(first.sql) \(first.ascending ? ">=" : "<=") ")
            sql.append(bound: value)
        }
        sql.append(" AND (")
        for (index, column) in columns.enumerated() {
            let isLast = index == columns.count - 1
            let value = values[index]
            if value == .null {
                // A missing value is last in its class, and all of them are equal.
                sql.append(isLast ? "0" : "(\(column.sql) IS NULL AND (")
            } else {
                sql.append("\(column.sql) \(column.ascending ? ">" : "<") ")
                sql.append(bound: value)
                if isLast { break }
                sql.append(" OR (\(column.sql) = ")
                sql.append(bound: value)
                sql.append(" AND (")
            }
        }
        sql.append(String(repeating: "))", count: columns.count - 1) + ")")
    }
}

/// A page of a listing.
struct ListingPage<Item> {
    let items: [Item]
    let nextPageToken: String?
}

extension Snapshot {
    /// Runs a listing query and cuts the page.
    ///
    /// - Parameters:
    ///   - sql: selects the item's columns first, then ``ListingOrder/selection``, and has its conditions already.
    ///   - width: how many columns the item has.
    func page<Item>(
        _ sql: SQLText, order: ListingOrder, query: String, limit: Int, after token: PageToken?, width: Int32,
        item: (Row) throws -> Item
    ) throws -> ListingPage<Item> {
        var sql = sql
        if let token { order.appendAfter(try token.continuing(query, columns: order.columns.count), to: &sql) }
        sql.append(" \(order.clause) LIMIT ")
        sql.append(bound: .integer(Int64(limit) + 1))
        var items: [Item] = []
        var last: [SQLValue] = []
        var more = false
        try db.query(compiled: sql.text, sql.values) { row in
            guard items.count < limit else {
                more = true
                return
            }
            items.append(try item(row))
            if items.count == limit { last = order.columns.indices.map { row.value(width + Int32($0)) } }
        }
        return ListingPage(items: items, nextPageToken: more ? PageToken(query: query, values: last).text : nil)
    }
}
