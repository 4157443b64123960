// The one place where SQLite's errors become answers. No SQL and no path goes out; the log has them.

internal import CSQLite
internal import Logging
internal import RoostCore

/// What a client is told of a failure of the database.
func answer(to error: any Error, log: Logger) -> APIError {
    if let known = error as? APIError { return known }
    guard let failure = error as? SQLiteError else {
        log.error("unexpected failure in the store: \(error)")
        return APIError(.internalError, "The server failed to carry out this request; its log says why.")
    }
    switch failure.primary {
    case SQLITE_INTERRUPT:
        return .invalid("The search took longer than the server allows. Ask for less: a narrower filter or fewer runs.")
    case SQLITE_FULL:
        log.error("the disk is full: \(failure)")
        return APIError(
            .temporarilyUnavailable, "The server's disk is full. Nothing of this request was stored.", status: 507)
    case SQLITE_NOMEM:
        log.error("the system refused memory: \(failure)")
        return APIError(
            .temporarilyUnavailable, "The server has too little memory for this request. Nothing of it was stored.")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
        log.critical("the database is damaged: \(failure)")
        return APIError(.internalError, "The server's database is damaged; its log says more.")
    default:
        log.error("the database failed: \(failure)")
        return APIError(
            .temporarilyUnavailable, "The server's database failed to carry out this request. Nothing of it was stored."
        )
    }
}
