// Tokens put together: what stands on either side of a comparison is often more than one token.

/// A token, or several that belong together.
struct Node {
    enum Kind: Equatable {
        case token(Token.Kind)
        /// A key or a word, with all that the dots in it hold together.
        case identifier
        /// A name with a parenthesis.
        case function
        /// `parts` is what stands inside.
        case parenthesis
        case brackets
        /// Operands joined by arithmetic, which nothing here computes.
        case arithmetic
        /// `parts` is the left side, the comparator and the right side; for `IS NULL` the first two.
        case comparison
        /// What commas join outside of parentheses.
        case list
    }

    let kind: Kind
    /// Where it stands, in Unicode scalars, with the blanks inside.
    let range: Range<Int>
    var parts: [Node] = []

    init(_ kind: Kind, _ range: Range<Int>, parts: [Node] = []) {
        self.kind = kind
        self.range = range
        self.parts = parts
    }

    init(_ kind: Kind, from first: Node, to last: Node, parts: [Node] = []) {
        self.init(kind, first.range.lowerBound..<last.range.upperBound, parts: parts)
    }

    func isKeyword(_ word: String, in source: Source) -> Bool {
        kind == .token(.keyword) && source.upperASCII(range) == word
    }

    func isPunctuation(_ sign: Unicode.Scalar, in source: Source) -> Bool {
        kind == .token(.punctuation) && source[range.lowerBound] == sign
    }
}
