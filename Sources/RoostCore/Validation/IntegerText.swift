// An integer as a client writes it: any number of digits.

/// The digits of an id or number. They may be more than an id can have: that is unknown, not malformed.
struct IntegerText: Equatable, Sendable {
    /// Nil when the digits do not fit a 64-bit integer.
    let number: Int64?
    /// As messages print it.
    let text: String

    init(_ number: Int64) {
        self.number = number
        text = String(number)
    }

    /// Nil unless the text is an integer, white space around it allowed as in MLflow.
    init?(_ text: String) {
        let trimmed = text.trimmingSpaces()
        number = Int64(trimmed)
        self.text = number.map { String($0) } ?? trimmed
        if number != nil { return }
        let digits = trimmed.hasPrefix("-") || trimmed.hasPrefix("+") ? trimmed.dropFirst() : trimmed[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
    }
}
