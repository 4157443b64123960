// What PromptFlow's own database knows of a batch. It is only ever read.

internal import RoostCore

/// The row of a batch in PromptFlow's `pf.sqlite`.
public struct PromptFlowRecord: Sendable {
    /// `Completed`, `Failed`, `Canceled`, …
    public let status: String
    public let displayName: String?
    public let description: String?
    /// In ISO 8601, with an offset.
    public let startTime: String?
    public let endTime: String?

    /// - Throws: when there is no such database, or no such row.
    public init(of name: String, inDatabase path: String) throws {
        let connection = try SQLiteConnection(path: path, create: false)
        try connection.execute(script: "PRAGMA query_only = ON")
        let found = try connection.first(
            "SELECT status, display_name, description, start_time, end_time FROM run_info WHERE name = ?1", name
        ) { row in
            (row.optionalText(0), row.optionalText(1), row.optionalText(2), row.optionalText(3), row.optionalText(4))
        }
        guard let found else { throw APIError.missing("There is no run of this name.") }
        status = found.0 ?? ""
        displayName = found.1
        description = found.2
        startTime = found.3
        endTime = found.4
    }
}
