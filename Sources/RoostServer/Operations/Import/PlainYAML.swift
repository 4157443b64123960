// The YAML that MLflow's file store writes: one mapping of plain values, sometimes with another mapping in it. What PyYAML's
// dumper can make of such data is read, and nothing else of the language: no anchors, tags, blocks or flows.

internal import RoostCore

/// A mapping out of a `meta.yaml`.
struct PlainYAML: Equatable {
    enum Value: Equatable {
        /// A text, and whether it stood without quotes: only then can it mean a number or nothing.
        case scalar(String, isPlain: Bool)
        case mapping([String: String])
        /// A list, which no field that is read here has.
        case list
    }

    /// What cannot be read, and in which line.
    struct Malformed: Error, Equatable {
        let line: Int
        let what: String
    }

    let values: [String: Value]

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(line: 1, what: "no UTF-8") }
        var parser = YAMLParser(Array(text.unicodeScalars))
        values = try parser.document()
    }

    /// A text; nil when it is absent or null.
    func text(_ name: String) -> String? {
        guard case .scalar(let text, let isPlain)? = values[name] else { return nil }
        return isPlain && Self.isNull(text) ? nil : text
    }

    /// An integer, also in quotes; nil when it is absent, null or no integer.
    func integer(_ name: String) -> Int64? { text(name).flatMap { Int64($0) } }

    /// A mapping of texts; empty when it is absent or empty.
    func mapping(_ name: String) -> [String: String] {
        if case .mapping(let pairs)? = values[name] { pairs } else { [:] }
    }

    static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }
}

/// Goes over the characters once.
private struct YAMLParser {
    private let text: [Unicode.Scalar]
    private var position = 0

    init(_ text: [Unicode.Scalar]) { self.text = text }

    mutating func document() throws -> [String: PlainYAML.Value] {
        var values: [String: PlainYAML.Value] = [:]
        skipEmptyLines()
        // An empty mapping has no lines.
        if rest(is: "{}") {
            position += 2
            try endOfLine()
            skipEmptyLines()
        }
        while position < text.count {
            guard indent == 0 else { throw malformed("a line is indented that should not be") }
            let key = try key(indent: 0)
            guard values[key] == nil else { throw malformed("a key is there twice") }
            values[key] = try value(indent: 0)
            skipEmptyLines()
        }
        return values
    }

    // MARK: Lines

    private var current: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func rest(is word: String) -> Bool { text[position...].starts(with: word.unicodeScalars) }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    private func malformed(_ what: String) -> PlainYAML.Malformed {
        PlainYAML.Malformed(line: text[..<min(position, text.count)].count { $0 == "\n" } + 1, what: what)
    }

    /// Blanks before the first character of this line; the position is at its start.
    private var indent: Int { text[position...].prefix { $0 == " " }.count }

    private mutating func skipEmptyLines() {
        while position < text.count {
            let end = text[position...].firstIndex(of: "\n") ?? text.count
            guard text[position..<end].allSatisfy({ $0 == " " || $0 == "\r" }) else { return }
            position = min(end + 1, text.count)
        }
    }

    private mutating func skipBlanks() { while current == " " { position += 1 } }

    private mutating func endOfLine() throws {
        skipBlanks()
        guard let scalar = current else { return }
        guard scalar == "\n" else { throw malformed("something stands behind a value") }
        position += 1
    }

    // MARK: Keys and values

    private mutating func key(indent: Int) throws -> String {
        let isLong = rest(is: "? ")
        if isLong { position += 2 }
        let key: String
        switch current {
        case "'", "\"": key = try quoted()
        default:
            guard let start = current, !Self.starts.contains(start) else { throw malformed("no key can start here") }
            key = isLong ? try plain(indent: indent) : try plainKey()
        }
        if isLong {
            if current == "\n" { position += 1 }
            skipBlanks()
        }
        guard current == ":" else { throw malformed("':' is missing after a key") }
        position += 1
        guard current == nil || current == " " || current == "\n" else {
            throw malformed("a blank is missing after ':'")
        }
        return key
    }

    /// Up to a colon that a blank or the end of the line follows.
    private mutating func plainKey() throws -> String {
        let start = position
        while let scalar = current, scalar != "\n" {
            if scalar == ":", position + 1 == text.count || text[position + 1] == " " || text[position + 1] == "\n" {
                return string(start..<position)
            }
            position += 1
        }
        throw malformed("':' is missing after a key")
    }

    private mutating func value(indent: Int) throws -> PlainYAML.Value {
        skipBlanks()
        switch current {
        case nil, "\n":
            if current != nil { position += 1 }
            return try block()
        case "'", "\"":
            let text = try quoted()
            try endOfLine()
            return .scalar(text, isPlain: false)
        case "[" where rest(is: "[]"), "{" where rest(is: "{}"):
            let isList = current == "["
            position += 2
            try endOfLine()
            return isList ? .list : .mapping([:])
        case let start? where Self.starts.contains(start):
            // A minus or a colon with something behind it is text.
            guard start == "-" || start == "?" || start == ":", position + 1 < text.count, text[position + 1] != " "
            else {
                throw malformed("this part of YAML is not understood")
            }
            return .scalar(try plain(indent: indent), isPlain: true)
        default: return .scalar(try plain(indent: indent), isPlain: true)
        }
    }

    /// Characters that plain text does not start with.
    private static let starts: Set<Unicode.Scalar> = [
        "-", "?", ":", ",", "[", "]", "{", "}", "#", "&", "*", "!", "|", ">", "%", "@", "`",
    ]

    /// What follows a key on lines of its own: a mapping, a list, or nothing.
    private mutating func block() throws -> PlainYAML.Value {
        skipEmptyLines()
        guard position < text.count else { return .scalar("", isPlain: true) }
        let depth = indent
        if text[(position + depth)...].starts(with: "- ".unicodeScalars) {
            // The items, and whatever belongs to them, stand deeper or begin with a minus.
            while position < text.count,
                indent > depth || text[(position + indent)...].starts(with: "- ".unicodeScalars)
            {
                position = (text[position...].firstIndex(of: "\n") ?? text.count - 1) + 1
                skipEmptyLines()
            }
            return .list
        }
        guard depth > 0 else { return .scalar("", isPlain: true) }
        var pairs: [String: String] = [:]
        while position < text.count, indent == depth {
            position += depth
            let key = try key(indent: depth)
            guard case .scalar(let text, let isPlain) = try value(indent: depth) else {
                throw malformed("it is nested too deep")
            }
            pairs[key] = isPlain && PlainYAML.isNull(text) ? "" : text
            skipEmptyLines()
        }
        guard position == text.count || indent < depth else { throw malformed("a line is indented that should not be") }
        return .mapping(pairs)
    }

    // MARK: Scalars

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range])
        return String(view)
    }

    /// Plain text, which goes on in lines that are indented.
    private mutating func plain(indent least: Int) throws -> String {
        var out = String.UnicodeScalarView()
        while true {
            let start = position
            while let scalar = current, scalar != "\n" {
                if scalar == "#", position > start, text[position - 1] == " " {
                    throw malformed("a comment is not understood")
                }
                if scalar == ":", position + 1 == text.count || text[position + 1] == " " || text[position + 1] == "\n"
                {
                    throw malformed("a colon stands within plain text")
                }
                position += 1
            }
            var end = position
            while end > start, text[end - 1] == " " || text[end - 1] == "\r" { end -= 1 }
            out.append(contentsOf: text[start..<end])
            // Lines that follow: empty ones are line breaks, an indented one goes on.
            var look = position
            var breaks = 0
            while look < text.count, text[look] == "\n" {
                breaks += 1
                look += 1
                let line = look
                while look < text.count, text[look] == " " { look += 1 }
                if look < text.count, text[look] == "\n" { continue }
                guard look < text.count, look - line > least else {
                    if position < text.count { position += 1 }
                    return String(out)
                }
            }
            guard look < text.count else {
                position = text.count
                return String(out)
            }
            position = look
            out.append(contentsOf: breaks == 1 ? [" "] : Array(repeating: "\n" as Unicode.Scalar, count: breaks - 1))
        }
    }

    private mutating func quoted() throws -> String {
        let quote = text[position]
        let opening = position
        position += 1
        var out = String.UnicodeScalarView()
        while let scalar = current {
            switch scalar {
            case quote where quote == "'" && position + 1 < text.count && text[position + 1] == "'":
                out.append("'")
                position += 2
            case quote:
                position += 1
                return String(out)
            case "\\" where quote == "\"": try escape(&out)
            case " ", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": fold(&out)
            default:
                out.append(scalar)
                position += 1
            }
        }
        position = opening
        throw malformed("a quote is not closed")
    }

    /// White space within quotes: as it is, unless a line ends in it. One end of a line is a blank, each further one itself.
    private mutating func fold(_ out: inout String.UnicodeScalarView) {
        let start = position
        while current == " " || current == "\t" { position += 1 }
        guard let end = current, Self.isBreak(end) else {
            out.append(contentsOf: text[start..<position])
            return
        }
        let first = lineBreak()
        var more: [Unicode.Scalar] = []
        while let scalar = current {
            if scalar == " " || scalar == "\t" {
                position += 1
            } else if Self.isBreak(scalar) {
                more.append(lineBreak())
            } else {
                break
            }
        }
        if first != "\n" { out.append(first) } else if more.isEmpty { out.append(" ") }
        out.append(contentsOf: more)
    }

    /// Steps over the end of a line.
    private mutating func lineBreak() -> Unicode.Scalar {
        let scalar = text[position]
        position += 1
        if scalar == "\r", current == "\n" { position += 1 }
        return ["\n", "\r", "\u{85}"].contains(scalar) ? "\n" : scalar
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "0": "\0", "a": "\u{7}", "b": "\u{8}", "t": "\t", "\t": "\t", "n": "\n", "v": "\u{B}", "f": "\u{C}", "r": "\r",
        "e": "\u{1B}", " ": " ", "\"": "\"", "/": "/", "\\": "\\", "N": "\u{85}", "_": "\u{A0}", "L": "\u{2028}",
        "P": "\u{2029}",
    ]

    private mutating func escape(_ out: inout String.UnicodeScalarView) throws {
        position += 1
        guard let letter = current else { throw malformed("an escape is cut off") }
        position += 1
        if let scalar = Self.escapes[letter] {
            out.append(scalar)
        } else if let digits = ["x": 2, "u": 4, "U": 8][letter] {
            guard position + digits <= text.count, let value = UInt32(string(position..<position + digits), radix: 16)
            else {
                throw malformed("an escape has no digits")
            }
            position += digits
            // Two halves of a pair, as some writers have it.
            if 0xD800..<0xDC00 ~= value, rest(is: "\\u"), position + 6 <= text.count,
                let low = UInt32(string(position + 2..<position + 6), radix: 16), 0xDC00..<0xE000 ~= low,
                let scalar = Unicode.Scalar(0x10000 + (value - 0xD800) << 10 + (low - 0xDC00))
            {
                position += 6
                out.append(scalar)
            } else if let scalar = Unicode.Scalar(value) {
                out.append(scalar)
            } else {
                throw malformed("an escape is no character")
            }
        } else if letter == "\n" {
            // The line goes on without a blank.
            while current == " " || current == "\t" { position += 1 }
        } else {
            throw malformed("an escape is not understood")
        }
    }
}
