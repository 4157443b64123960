// A path of the table with names in it: `runs/{run_id}/files/{path...}`.

/// Matches paths as they were sent. What stands for a name is handed on undecoded: whoever knows what it is decodes it.
struct PathPattern: Sendable {
    private enum Part: Sendable {
        case word(Substring)
        /// `{name}`: one segment, not empty.
        case one(String)
        /// `{name...}`: all that is left, slashes and nothing included.
        case rest(String)
    }

    let text: String
    private let parts: [Part]

    init(_ text: String) {
        self.text = text
        parts = text.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .word(segment) }
            let name = segment.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .one(String(name))
        }
    }

    /// The more, the more particular.
    var fixedWords: Int { parts.count { if case .word = $0 { true } else { false } } }

    /// The names of a pattern, in order.
    static func names(in path: String) -> [String] {
        PathPattern(path).parts.compactMap { part in
            switch part {
            case .word: nil
            case .one(let name), .rest(let name): name
            }
        }
    }

    func match(_ path: String) -> [String: String]? {
        var found: [String: String] = [:]
        var rest = path[...]
        for (index, part) in parts.enumerated() {
            if case .rest(let name) = part {
                found[name] = String(rest)
                return found
            }
            let end = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            switch part {
            case .word(let word): guard rest[..<end] == word else { return nil }
            case .one(let name):
                guard end != rest.startIndex else { return nil }
                found[name] = String(rest[..<end])
            case .rest: break
            }
            if index == parts.count - 1 { return end == rest.endIndex ? found : nil }
            guard end != rest.endIndex else { return nil }
            rest = rest[rest.index(after: end)...]
        }
        return nil
    }
}
