// The page of a search that has a certain run in its middle, and where that page stands.

/// Where a page stands in its listing.
public struct RunPlace: Equatable, Sendable {
    /// How many runs of the listing come before the page.
    public let before: Int64
    /// How many runs the listing has.
    public let total: Int64

    public init(before: Int64, total: Int64) {
        self.before = before
        self.total = total
    }
}

extension Snapshot {
    /// The page around a run: half of it comes before the run where there is so much, and the page is full where the
    /// listing has as many. Empty and without a place when the search does not find the run.
    public func searchRuns(_ search: RunSearch, around runID: String) throws -> RunPage {
        let order = try ordering(search.order).listing
        // A walk along an index has several queries; the place of a run is asked of one.
        var plan = try plan(search)
        if case .walk = plan { plan = .scan }
        let missing = RunPage(runs: [], nextPageToken: nil, place: nil)
        guard let stage = try stages(search, try ordering(search.order), plan).first else { return missing }
        var own = stage.sql
        own.append(" AND r.run_id = ")
        own.append(bound: .text(runID))
        guard let values = try orderingValues(own, order) else { return missing }
        let back = order.reversed
        var earlier = stage.sql
        back.appendAfter(values, to: &earlier)
        let (ahead, total) = (try count(earlier), try count(stage.sql))
        let limit = Int64(search.limit)
        let before = max(0, min(ahead - limit / 2, total - limit))
        var last: [SQLValue]?
        if before > 0 {
            // Counted backwards from the run.
            earlier.append(" \(back.clause) LIMIT 1 OFFSET \(ahead - before)")
            last = try orderingValues(earlier, order)
        }
        let token = last.map { PageToken(query: search.digest, values: $0) }
        let page = try runIDs(search, plan, after: token)
        return RunPage(
            runs: try runs(page.items), nextPageToken: page.nextPageToken,
            place: RunPlace(before: before, total: total))
    }

    /// The values that order the first row of a query.
    private func orderingValues(_ sql: SQLText, _ order: ListingOrder) throws -> [SQLValue]? {
        var found: [SQLValue]?
        try db.query(compiled: sql.text, sql.values) { row in
            if found == nil { found = order.columns.indices.map { row.value(1 + Int32($0)) } }
        }
        return found
    }

    private func count(_ rows: SQLText) throws -> Int64 {
        var sql = SQLText()
        sql.append("SELECT count(*) FROM (")
        sql.append(rows)
        sql.append(")")
        var found: Int64 = 0
        try db.query(compiled: sql.text, sql.values) { found = $0.int64(0) }
        return found
    }
}

extension ListingOrder {
    /// The same from the end to the beginning. What is missing comes first then, and is all of one class as before.
    fileprivate var reversed: ListingOrder {
        ListingOrder(columns: columns.map { OrderColumn(sql: $0.sql, ascending: !$0.ascending) })
    }
}
