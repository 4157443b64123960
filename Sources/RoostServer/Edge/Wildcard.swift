// Patterns with `*`, as operators write them in lists of hosts and origins.

/// A pattern in which `*` stands for any characters and `?` for one. `[[]` is a bracket, as Python's `fnmatch` spells it;
/// a bracket that stands alone is one too, so that `[::1]:*` means what it looks like.
struct Wildcard: Equatable, Sendable {
    private let pattern: [UInt8]

    /// nil if there is no `*` in the text.
    init?(_ text: String) {
        var rest = text.lowercased()[...]
        guard rest.contains("*") else { return nil }
        var pattern: [UInt8] = []
        while let next = rest.utf8.first {
            let taken = rest.hasPrefix("[[]") ? 3 : 1
            // Stars in a row are one star, so that matching stays fast.
            if next != UInt8(ascii: "*") || pattern.last != next { pattern.append(next) }
            rest = Substring(rest.utf8.dropFirst(taken))
        }
        self.pattern = pattern
    }

    /// - Parameter text: in small letters.
    func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var at = 0
        var inPattern = 0
        // Where the last star stands, and how much of the text it was given last.
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
                star = (inPattern, at)
                inPattern += 1
            } else if inPattern < pattern.count,
                pattern[inPattern] == text[at] || pattern[inPattern] == UInt8(ascii: "?")
            {
                at += 1
                inPattern += 1
            } else if let last = star {
                // The star takes one character more.
                star = (last.pattern, last.text + 1)
                at = last.text + 1
                inPattern = last.pattern + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
