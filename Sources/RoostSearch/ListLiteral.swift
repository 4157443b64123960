// The list of an IN: quoted strings between parentheses, written as Python writes a tuple of strings.

import RoostCore

struct ListLiteral {
    private static let illFormed = APIError.invalid(
        "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list."
    )

    private let scalars: [Unicode.Scalar]
    private var index = 1

    /// Reads `('a', "b")`, parentheses included. Escapes are Python's, and neighbours without a comma are one string.
    static func parse(_ text: String) throws(APIError) -> [String] {
        var reader = ListLiteral(scalars: Array(text.unicodeScalars))
        return try reader.read()
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func read() throws(APIError) -> [String] {
        var values: [String] = []
        var printed: [String] = []
        skipBlanks()
        while current != ")" {
            if current == "'" || current == "\"" {
                let value = try readStrings()
                values.append(value)
                printed.append(PythonText.quoted(value))
            } else {
                printed.append(try readNumber())
            }
            skipBlanks()
            guard current == "," || current == ")" else { throw Self.illFormed }
            if current == "," {
                index += 1
                skipBlanks()
            }
        }
        guard !printed.isEmpty else {
            throw .invalid(
                "While parsing a list in the query, expected a non-empty list of string values, but got empty list"
            )
        }
        guard printed.count == values.count else {
            throw .invalid(
                "While parsing a list in the query, expected string value, punctuation, or whitespace, "
                    + "but got different type in list: \(PythonText.tuple(printed))"
            )
        }
        return values
    }

    private mutating func skipBlanks() {
        while let next = current, next == " " || next == "\t" || next == "\n" || next == "\r" || next == "\u{c}" {
            index += 1
        }
    }

    private mutating func readStrings() throws(APIError) -> String {
        var value = String.UnicodeScalarView()
        while let quote = current, quote == "'" || quote == "\"" {
            // Three quotes open another kind of string in Python: `'''a''b'''` must not be read as two neighbours.
            if scalars[index...].prefix(3).elementsEqual([quote, quote, quote]) { throw Self.illFormed }
            index += 1
            while let next = current, next != quote {
                index += 1
                switch next {
                case "\n", "\r": throw Self.illFormed
                case "\\": try readEscape(into: &value)
                default: value.append(next)
                }
            }
            guard current == quote else { throw Self.illFormed }
            index += 1
            skipBlanks()
        }
        return String(value)
    }

    private mutating func readEscape(into value: inout String.UnicodeScalarView) throws(APIError) {
        guard let mark = current else { throw Self.illFormed }
        index += 1
        switch mark {
        case "\n": return
        case "\\", "'", "\"": value.append(mark)
        case "n": value.append("\n")
        case "t": value.append("\t")
        case "r": value.append("\r")
        case "a": value.append("\u{7}")
        case "b": value.append("\u{8}")
        case "f": value.append("\u{c}")
        case "v": value.append("\u{b}")
        case "0"..."7":
            index -= 1
            value.append(try readCode(radix: 8, atLeast: 1, atMost: 3))
        case "x": value.append(try readCode(radix: 16, atLeast: 2, atMost: 2))
        case "u": value.append(try readCode(radix: 16, atLeast: 4, atMost: 4))
        case "U": value.append(try readCode(radix: 16, atLeast: 8, atMost: 8))
        case "N": throw Self.illFormed
        default:
            // Python keeps the backslash of an escape that it does not know.
            value.append("\\")
            value.append(mark)
        }
    }

    private mutating func readCode(radix: Int, atLeast: Int, atMost: Int) throws(APIError) -> Unicode.Scalar {
        var code: UInt32 = 0
        var digits = 0
        while digits < atMost, let digit = current.flatMap({ Character($0).hexDigitValue }), digit < radix {
            code = code * UInt32(radix) + UInt32(digit)
            digits += 1
            index += 1
        }
        // A NUL or half a surrogate pair is no text.
        guard digits >= atLeast, code != 0, let scalar = Unicode.Scalar(code) else { throw Self.illFormed }
        return scalar
    }

    /// A number has no place in the list, but the refusal prints it.
    private mutating func readNumber() throws(APIError) -> String {
        let start = index
        while let next = current, next.isASCII, next.continuesWord || next == "." || next == "-" { index += 1 }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<index])
        let text = String(view)
        if let integer = Int64(text) { return String(integer) }
        guard text.unicodeScalars.contains(where: \.isDigit), let real = Double(text), real.isFinite else {
            throw Self.illFormed
        }
        return "\(real)"
    }
}
