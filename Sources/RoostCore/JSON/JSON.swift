// A JSON value as read from a request, with what error messages need to know about it.

/// A parsed JSON value. Objects keep the order of their members; a member name occurs once (the last one wins, as in
/// Python's `json`, which MLflow reads with).
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer outside of int64, by its digits.
    case bigInteger(String)
    /// Any other number, and the words `NaN`, `Infinity` and `-Infinity` that Python writes.
    case decimal(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    /// A name and its value.
    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a member, or nil when this is not an object or has no such member.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// Nil for null.
    var unlessNull: JSON? { if case .null = self { nil } else { self } }

    /// The name Python has for a value of this type: MLflow's messages say `Value was of type 'str'`.
    var pythonType: String {
        switch self {
        case .null: "NoneType"
        case .bool: "bool"
        case .integer, .bigInteger: "int"
        case .decimal: "float"
        case .string: "str"
        case .array: "list"
        case .object: "dict"
        }
    }

    /// The value as Python's `json.dumps(value, sort_keys=True, separators=(",", ":"))` prints it: ASCII only, names sorted.
    var asciiText: String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .bigInteger(let digits): return digits
        case .decimal(let value): return pythonFloat(value)
        case .string(let value): return asciiQuoted(value)
        case .array(let items): return "[" + items.map(\.asciiText).joined(separator: ",") + "]"
        case .object(let members):
            let sorted = members.sorted { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) }
            return "{" + sorted.map { asciiQuoted($0.name) + ":" + $0.value.asciiText }.joined(separator: ",") + "}"
        }
    }
}

extension JSON {
    /// The value as Python's `json.dumps(value)` prints it: ASCII, a blank after commas and colons, members in their order.
    public var pythonDump: String {
        switch self {
        case .array(let items): "[" + items.map(\.pythonDump).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { asciiQuoted($0.name) + ": " + $0.value.pythonDump }.joined(separator: ", ") + "}"
        default: asciiText
        }
    }
}

/// A double as Python's `repr` prints it, which is also how `json.dumps` does.
public func pythonFloat(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    let magnitude = value.magnitude
    // Python keeps plain digits up to 1e16, Swift's description only up to 2^53.
    if magnitude >= 9_007_199_254_740_992, magnitude < 1e16 { return "\(Int64(value)).0" }
    return value.description
}

/// A JSON string with every character outside of ASCII escaped, surrogate pairs included.
private func asciiQuoted(_ text: String) -> String {
    var out = "\""
    for unit in text.utf16 {
        switch unit {
        case 0x22: out += "\\\""
        case 0x5C: out += "\\\\"
        case 0x0A: out += "\\n"
        case 0x0D: out += "\\r"
        case 0x09: out += "\\t"
        case 0x08: out += "\\b"
        case 0x0C: out += "\\f"
        case 0x20...0x7E: out.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
        default:
            let hex = String(unit, radix: 16)
            out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
    }
    return out + "\""
}

/// Text as Python's `repr` prints a `str`: single quotes unless it holds one and no double quote.
public func pythonRepr(_ text: String) -> String {
    let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var out = String(quote)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": out += "\\\\"
        case "\n": out += "\\n"
        case "\r": out += "\\r"
        case "\t": out += "\\t"
        case "'" where quote == "'": out += "\\'"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let hex = String(scalar.value, radix: 16)
            out += "\\x" + (hex.count < 2 ? "0" : "") + hex
        default: out.unicodeScalars.append(scalar)
        }
    }
    out.append(quote)
    return out
}

/// A list of texts as Python prints it: `['a', 'b']`.
public func pythonRepr(_ texts: [String]) -> String {
    "[" + texts.map { pythonRepr($0) }.joined(separator: ", ") + "]"
}
