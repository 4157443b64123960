// The text being read, as an array of Unicode scalars, and the runs of characters in it. Every reader here goes
// forward over what it returns and no further than one look ahead, which keeps the whole of reading linear.

struct Source {
    private let scalars: [Unicode.Scalar]
    /// Where the last `*/` ends: without it each of many `/*` would search the rest of the text.
    private let lastCommentEnd: Int

    init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        self.scalars = scalars
        lastCommentEnd = scalars.indices.last { $0 > 0 && scalars[$0] == "/" && scalars[$0 - 1] == "*" } ?? -1
    }

    var count: Int { scalars.count }

    /// The scalar at `index`, or nil past the end.
    subscript(index: Int) -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    subscript(range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    /// A word in capitals. Only ASCII is folded: no keyword has other letters.
    func upperASCII(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        for scalar in scalars[range] {
            let isLower = scalar.value >= 0x61 && scalar.value <= 0x7A
            view.append(isLower ? Unicode.Scalar(UInt8(scalar.value - 0x20)) : scalar)
        }
        return String(view)
    }

    private func end(from start: Int, while holds: (Unicode.Scalar) -> Bool) -> Int {
        var index = start
        while index < scalars.count, holds(scalars[index]) { index += 1 }
        return index
    }

    func skipBlanks(at start: Int) -> Int { end(from: start) { $0.isBlank } }

    func endOfDigits(at start: Int) -> Int { end(from: start) { $0.isDigit } }

    /// The end of the word characters; with `extra` also of `$` and `#`, which some words may contain.
    func endOfWord(at start: Int, extra: Bool = false) -> Int {
        end(from: start) { $0.continuesWord || (extra && ($0 == "$" || $0 == "#")) }
    }

    func end(of characters: String, at start: Int) -> Int {
        end(from: start) { characters.unicodeScalars.contains($0) }
    }

    /// ` NULLS FIRST` or ` NULLS LAST`.
    func endOfNullsOrder(after end: Int) -> Int? {
        let nulls = skipBlanks(at: end)
        let nullsEnd = endOfWord(at: nulls)
        let place = skipBlanks(at: nullsEnd)
        let placeEnd = endOfWord(at: place)
        guard nulls > end, place > nullsEnd, upperASCII(nulls..<nullsEnd) == "NULLS" else { return nil }
        return ["FIRST", "LAST"].contains(upperASCII(place..<placeEnd)) ? placeEnd : nil
    }

    /// The end of a quoted text that opens at `start`, or nil if nothing closes it.
    ///
    /// A doubled quote does not close it, nor one after a backslash where `escapes` says so; but if nothing else does,
    /// the last of those is taken for the closing one.
    func endOfQuoted(at start: Int, escapes: Bool) -> Int? {
        let quote = scalars[start]
        var fallback: Int?
        var index = start + 1
        while index < scalars.count {
            if scalars[index] == quote {
                guard self[index + 1] == quote else { return index + 1 }
                fallback = index + 1
                index += 2
            } else if escapes, scalars[index] == "\\", self[index + 1] == quote {
                fallback = index + 2
                index += 2
            } else {
                index += 1
            }
        }
        return fallback
    }

    /// The end of `-- …`, `# …` (to the end of the line) or `/* … */`, or nil.
    func endOfComment(at start: Int) -> Int? {
        switch (scalars[start], self[start + 1]) {
        case ("-", "-"), ("#", " "):
            return end(from: start) { !$0.isLineEnd }
        case ("/", "*"):
            guard lastCommentEnd > start + 2 else { return nil }
            var index = start + 3
            while scalars[index] != "/" || scalars[index - 1] != "*" { index += 1 }
            return index + 1
        default: return nil
        }
    }
}
