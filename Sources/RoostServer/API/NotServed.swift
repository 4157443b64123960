// The endpoints of MLflow that are not served, with the reason, out of the one list of all there are.

internal import RoostCore
internal import RoostStore

/// What MLflow 3.17.2 has and Roost has not. The list is `api-spec/mlflow-3.17.2.tsv`; its head explains the columns.
struct NotServed: Sendable {
    private struct Entry: Sendable {
        let method: String
        let pattern: [Segment]
        let reason: String
    }

    private enum Segment: Sendable {
        case word(Substring)
        /// `{name}`, or `{name}:word` with a fixed end.
        case any(suffix: Substring)
        /// `{name...}`: one segment or more.
        case rest
    }

    enum Finding {
        case found(reason: String)
        case otherMethods([String])
        case unknown
    }

    /// Read when somebody first asks for what is not there: no start waits for it.
    static let all = NotServed()

    /// By the number of the pattern's first segment word, so that a miss is quick.
    private let entries: [Substring: [Entry]]

    private init() {
        var entries: [Substring: [Entry]] = [:]
        for line in (Asset.text("api-spec/mlflow-3.17.2.tsv") ?? "").split(separator: "\n") where !line.hasPrefix("#") {
            let columns = line.split(separator: "\t", maxSplits: 4)
            guard columns.count == 5, columns[3] != "done" else { continue }
            var paths = [columns[1]]
            if columns[2] == "yes" { paths.append("/ajax-api" + columns[1].dropFirst("/api".count)) }
            for path in paths {
                let segments = path.split(separator: "/", omittingEmptySubsequences: true)
                let entry = Entry(
                    method: String(columns[0]), pattern: segments.map(Self.segment), reason: String(columns[4]))
                entries[segments.first.map { $0.hasPrefix("{") ? "" : $0 } ?? "/", default: []].append(entry)
            }
        }
        self.entries = entries
    }

    func find(_ method: String, _ path: String) -> Finding {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)[...]
        let candidates = entries[segments.first ?? "/", default: []]
        let matching = candidates.filter { Self.matches($0.pattern[...], segments) }
        if let entry = matching.first(where: { $0.method == method || method == "HEAD" && $0.method == "GET" }) {
            return .found(reason: entry.reason)
        }
        return matching.isEmpty ? .unknown : .otherMethods(Set(matching.map(\.method)).sorted())
    }

    private static func segment(_ text: Substring) -> Segment {
        guard text.hasPrefix("{"), let end = text.firstIndex(of: "}") else { return .word(text) }
        if text[..<end].hasSuffix("...") { return .rest }
        return .any(suffix: text[text.index(after: end)...])
    }

    private static func matches(_ pattern: ArraySlice<Segment>, _ path: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        guard let segment = path.first else { return false }
        switch first {
        case .word(let word): return word == segment && matches(pattern.dropFirst(), path.dropFirst())
        case .any(let suffix):
            return segment.hasSuffix(suffix) && matches(pattern.dropFirst(), path.dropFirst())
        case .rest:
            return (1...path.count).contains { matches(pattern.dropFirst(), path.dropFirst($0)) }
        }
    }
}
