// The id of an experiment as a client writes it.

/// An integer that may name an experiment. It may be one that no experiment can have: that is unknown, not malformed.
public struct ExperimentID: Equatable, Sendable {
    /// Nil when the digits do not fit a 64-bit integer.
    public let number: Int64?
    /// As messages print it.
    public let text: String

    /// - Throws: 400 unless the text is an integer, white space around it allowed as in MLflow.
    public init(_ text: String) throws(APIError) {
        let trimmed = text.trimmingSpaces()
        if let number = Int64(trimmed) {
            self.number = number
            self.text = String(number)
            return
        }
        let digits = trimmed.hasPrefix("-") || trimmed.hasPrefix("+") ? trimmed.dropFirst() : trimmed[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            throw .invalid("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer.")
        }
        number = nil
        self.text = trimmed
    }

    public init(_ number: Int64) {
        self.number = number
        text = String(number)
    }
}
