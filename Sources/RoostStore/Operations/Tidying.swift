// What the write lane does when it has nothing else to do: indexing values, packing points, and giving back what the file
// no longer needs.

internal import RoostCore

/// When pages are given back to the file system.
enum Shrinking {
    /// Free pages that a file may keep whatever its size: the next writes take them. 256 KiB.
    static let spare: Int64 = 64
    /// And as a part of the file, so that a database at work does not give back today what it needs tomorrow.
    static let part: Int64 = 10
}

extension Transaction {
    /// One piece of the work that can wait.
    /// - Returns: false when nothing is left to do.
    func tidy(_ pace: LanePace) throws -> Bool {
        let hasIndexed = try indexValues(pace)
        if hasIndexed, pace == .quiet { return true }
        // While writes come in, each kind of work has its piece, so that none waits for the others to end.
        if try settle() || hasIndexed { return true }
        return try shrink()
    }

    /// Moves pages from the end of the file into free ones before them, and cuts the file off there.
    ///
    /// A file made by SQLite without `auto_vacuum` cannot: its free pages stay for what is written next.
    private func shrink() throws -> Bool {
        let free = try pages("PRAGMA freelist_count")
        guard free > Shrinking.spare, free > (try pages("PRAGMA page_count")) / Shrinking.part else { return false }
        // So many in one transaction take a few milliseconds.
        try db.run("PRAGMA incremental_vacuum(256)")
        return try pages("PRAGMA freelist_count") < free
    }

    private func pages(_ question: StaticString) throws -> Int64 { try db.first(question) { $0.int64(0) } ?? 0 }
}
