// Cuts a text into tokens, once, from left to right. The rules and their order are those that MLflow's clients have
// always met, odd ones included (`metrics.12a` is not a key): another cut would read the same text differently.

/// The tokens of a text, and what only the reader of single characters can tell about it.
struct Lexer {
    let source: Source
    private(set) var tokens: [Token] = []
    /// Whether something follows a semicolon that ends a statement.
    private(set) var hasSecondStatement = false

    private var position = 0
    private var level = 0
    private var statementEnded = false

    init(_ source: Source) {
        self.source = source
        while let next = source[position] {
            if next.isBlank {
                position += 1
                continue
            }
            let token = readToken(next)
            append(token)
            position = token.range.upperBound
        }
    }

    private mutating func append(_ token: Token) {
        if statementEnded { hasSecondStatement = true }
        tokens.append(token)
        guard token.kind == .punctuation else { return }
        switch source[token.range.lowerBound] {
        case "(": level += 1
        case ")": level -= 1
        case ";" where level <= 0: statementEnded = true
        default: break
        }
    }

    private func token(_ kind: Token.Kind, to end: Int) -> Token { Token(kind: kind, range: position..<end) }

    /// Tries the rules in order. None but the last may fail to match and still consume anything.
    private func readToken(_ first: Unicode.Scalar) -> Token {
        if let end = source.endOfComment(at: position) { return token(.comment, to: end) }
        if first == "*" { return token(.wildcard, to: position + 1) }
        if first == "`", let end = source.endOfQuoted(at: position, escapes: false) { return token(.name, to: end) }
        if let end = endOfPlaceholder(first) { return token(.placeholder, to: end) }
        if let end = endOfMarkedName(first) { return token(.name, to: end) }
        if let found = readLatinWord(first) ?? readNumber(first) { return found }
        if first == "'", let end = source.endOfQuoted(at: position, escapes: true) { return token(.string, to: end) }
        if first == "\"", let end = source.endOfQuoted(at: position, escapes: true) { return token(.symbol, to: end) }
        if first == "[", let end = endOfBracketName() { return token(.name, to: end) }
        if first.beginsWord { return readWord() }
        return readSign(first)
    }

    private func endOfPlaceholder(_ first: Unicode.Scalar) -> Int? {
        if first == "?" { return position + 1 }
        guard first == "$" || first == ":", !followsWord else { return nil }
        let end = source.endOfWord(at: position + 1)
        return end > position + 1 ? end : nil
    }

    /// `@name`, `#name` and `##name` of at least two characters.
    private func endOfMarkedName(_ first: Unicode.Scalar) -> Int? {
        guard first == "@" || first == "#" else { return nil }
        let start = position + (first == "#" && source[position + 1] == "#" ? 2 : 1)
        guard source[start]?.beginsLatinWord == true else { return nil }
        let end = source.endOfWord(at: start)
        return end > start + 1 ? end : nil
    }

    /// A word that a dot before or after it, or a parenthesis after it, makes a name whatever it means elsewhere.
    private func readLatinWord(_ first: Unicode.Scalar) -> Token? {
        guard first.beginsLatinWord else { return nil }
        let end = source.endOfWord(at: position)
        let word = source.upperASCII(position..<end)
        if position > 0, source[position - 1] == "." { return token(.name, to: end) }
        let next = source.skipBlanks(at: end)
        if source[next] == ".", source[next + 1]?.isDigit != true { return token(.name, to: end) }
        if source[end] == "(", !Words.precedeParentheses.contains(word) { return token(.name, to: end) }
        return nil
    }

    private func readNumber(_ first: Unicode.Scalar) -> Token? {
        let start = first == "-" ? position + 1 : position
        let whole = source.endOfDigits(at: start)
        var fraction = whole
        if source[whole] == "." { fraction = source.endOfDigits(at: whole + 1) }

        if whole > start {
            let mantissa = fraction > whole + 1 ? fraction : whole
            if let end = endOfExponent(after: mantissa) { return token(.real, to: end) }
        }
        if source[whole] == ".", whole > start || fraction > whole + 1 {
            // One digit is given back when a letter follows; the letter then begins no name of its own.
            if source[fraction]?.glues != true { return token(.real, to: fraction) }
            let least = whole > start ? whole + 1 : whole + 2
            if fraction > least { return token(.real, to: fraction - 1) }
        }
        if whole > start {
            if source[whole]?.glues != true { return token(.integer, to: whole) }
            if whole > start + 1 { return token(.integer, to: whole - 1) }
        }
        return nil
    }

    /// `E5` or `e-5`; a plus sign has no place here.
    private func endOfExponent(after mantissa: Int) -> Int? {
        guard source[mantissa] == "e" || source[mantissa] == "E" else { return nil }
        let start = source[mantissa + 1] == "-" ? mantissa + 2 : mantissa + 1
        let end = source.endOfDigits(at: start)
        return end > start ? end : nil
    }

    /// `[name]`, unless it looks like the index of an array.
    private func endOfBracketName() -> Int? {
        if followsWord || (position > 0 && (source[position - 1] == "]" || source[position - 1] == ")")) { return nil }
        var end = position + 1
        while let next = source[end], next != "]" {
            if next == "[" { return nil }
            end += 1
        }
        return source[end] == "]" && end > position + 1 ? end + 1 : nil
    }

    private var followsWord: Bool { position > 0 && source[position - 1]?.continuesWord == true }

    private func readWord() -> Token {
        let end = source.endOfWord(at: position)
        let word = source.upperASCII(position..<end)
        if word == "NOT" {
            let next = source.skipBlanks(at: end)
            let nextEnd = source.endOfWord(at: next)
            let second = next > end ? source.upperASCII(next..<nextEnd) : ""
            if second == "NULL" { return token(.keyword, to: nextEnd) }
            if Words.comparators.contains(second) { return token(.comparison, to: nextEnd) }
        }
        if Words.comparators.contains(word) { return token(.comparison, to: end) }
        if word == "ASC" || word == "DESC" { return token(.order, to: source.endOfNullsOrder(after: end) ?? end) }
        let long = source.endOfWord(at: position, extra: true)
        return token(long == end && Words.reserved.contains(word) ? .keyword : .name, to: long)
    }

    private func readSign(_ first: Unicode.Scalar) -> Token {
        let comparisonEnd = source.end(of: "<>=~!", at: position)
        if comparisonEnd > position { return token(.comparison, to: comparisonEnd) }
        switch first {
        case ";", ":", "(", ")", "[", "]", ",", ".": return token(.punctuation, to: position + 1)
        case "-": return token(.arithmetic, to: position + 1)
        case "\\": return token(.stray, to: source.endOfWord(at: position + 1))
        default:
            let end = source.end(of: "+/@#%^&|-", at: position)
            return end > position ? token(.arithmetic, to: end) : token(.stray, to: position + 1)
        }
    }
}
