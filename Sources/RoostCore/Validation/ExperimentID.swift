// The id of an experiment as a client writes it.

/// An integer that may name an experiment. It may be one that no experiment can have: that is unknown, not malformed.
public struct ExperimentID: Equatable, Sendable {
    /// Nil when the digits do not fit a 64-bit integer.
    public var number: Int64? { integer.number }
    /// As messages print it.
    public var text: String { integer.text }
    private let integer: IntegerText

    /// - Throws: 400 unless the text is an integer, white space around it allowed as in MLflow.
    public init(_ text: String) throws(APIError) {
        guard let integer = IntegerText(text) else {
            throw .invalid("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer.")
        }
        self.integer = integer
    }

    public init(_ number: Int64) { integer = IntegerText(number) }
}
