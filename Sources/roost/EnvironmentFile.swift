// The format of `--env-file`: lines `NAME=value`, as Python's dotenv reads them.

/// Reads files of variables. What would mean something else than it says (a value over several lines, `${NAME}`) is
/// refused rather than taken as it stands.
enum EnvironmentFile {
    /// - Parameter name: of the file, for messages.
    static func parse(_ text: String, name: String) throws(Refusal) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var rest = trimmed(line)
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if rest.hasPrefix("export ") { rest = trimmed(rest.dropFirst(7)) }
            // A name alone sets nothing.
            guard let equals = rest.firstIndex(of: "=") else { continue }
            let key = trimmed(rest[..<equals])
            guard !key.isEmpty, !key.contains(where: \.isWhitespace),
                let value = value(of: trimmed(rest[rest.index(after: equals)...]))
            else {
                throw .usage("--env-file: line \(index + 1) of '\(name)' is no variable with a plain or quoted value.")
            }
            values[String(key)] = value
        }
        return values
    }

    private static func value(of text: Substring) -> String? {
        guard let quote = text.first, quote == "'" || quote == "\"" else {
            var plain = text
            if let comment = text.indices.first(where: { isComment(at: $0, in: text) }) {
                plain = trimmed(text[..<comment])
            }
            return plain.contains("${") ? nil : String(plain)
        }
        var value = ""
        var index = text.index(after: text.startIndex)
        while index < text.endIndex, text[index] != quote {
            if text[index] == "\\", text.index(after: index) < text.endIndex {
                index = text.index(after: index)
                value += unescaped(text[index], quote)
            } else {
                value.append(text[index])
            }
            index = text.index(after: index)
        }
        guard index < text.endIndex else { return nil }
        let behind = trimmed(text[text.index(after: index)...])
        guard behind.isEmpty || behind.hasPrefix("#") else { return nil }
        return quote == "\"" && value.contains("${") ? nil : value
    }

    private static func isComment(at index: Substring.Index, in text: Substring) -> Bool {
        guard text[index] == "#" else { return false }
        return index == text.startIndex || text[text.index(before: index)].isWhitespace
    }

    /// What a backslash and a character stand for.
    private static func unescaped(_ character: Character, _ quote: Character) -> String {
        if character == "\\" || character == quote { return String(character) }
        guard quote == "\"" else { return "\\\(character)" }
        return switch character {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        default: "\\\(character)"
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return text
    }
}
