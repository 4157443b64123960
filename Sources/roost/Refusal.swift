// Why a command does not run, in one sentence, and with which status the process ends.

/// A reason not to start, for the person at the terminal.
enum Refusal: Error, Equatable {
    /// What was asked for cannot be asked for: status 2.
    case usage(String)
    /// What was asked for cannot be done: status 1.
    case failed(String)
}
