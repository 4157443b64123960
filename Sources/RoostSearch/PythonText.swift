// Texts as Python prints them, since MLflow's messages quote values in that way and clients match on them.

enum PythonText {
    /// A string with quotes: single ones, unless it contains those and no double ones.
    static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar =
            text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case quote: result.append(contentsOf: "\\\(quote)".unicodeScalars)
            default:
                if isPrintable(scalar) {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: escaped(scalar).unicodeScalars)
                }
            }
        }
        result.append(quote)
        return String(result)
    }

    /// A set of strings. Python's order is arbitrary; this one is by code point.
    static func set(_ members: some Sequence<String>) -> String {
        "{" + sorted(members).map(quoted).joined(separator: ", ") + "}"
    }

    /// A list of strings in their order.
    static func list(_ members: some Sequence<String>) -> String {
        "[" + members.map(quoted).joined(separator: ", ") + "]"
    }

    /// A tuple of texts that are printed already.
    static func tuple(_ members: [String]) -> String {
        members.count == 1 ? "(\(members[0]),)" : "(" + members.joined(separator: ", ") + ")"
    }

    static func sorted(_ members: some Sequence<String>) -> [String] {
        members.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == " " { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        let (mark, width) =
            switch scalar.value {
            case ..<0x100: ("x", 2)
            case ..<0x1_0000: ("u", 4)
            default: ("U", 8)
            }
        return "\\" + mark + String(repeating: "0", count: max(0, width - hex.count)) + hex
    }
}
