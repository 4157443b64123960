// Rules for the keys of metrics, params and tags. Texts and rules: `mlflow/utils/validation.py` of 3.17.2.

/// Checks of names and lengths that several requests share.
public enum Check {
    /// A key of a metric, param or tag: letters and digits of any script, `_ - . : /` and spaces, and no path that
    /// normalises to another one.
    /// - Parameter path: how the message names the place, like `metrics[3].name`.
    public static func key(_ key: String, at path: @autoclosure () -> String) throws(APIError) {
        // Nearly every key is plain: no dots and slashes that could make a path of it.
        if !key.isEmpty, key.hasOnly(isPlainKeyByte) { return }
        let path = path()
        guard key.unicodeScalars.allSatisfy(isKeyScalar) else {
            throw invalidValue(
                key, at: path,
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:)"
                    + " and slashes (/).")
        }
        let normal = normalPath(key)
        guard normal == key, normal != ".", !normal.utf8.starts(with: "..".utf8), normal.utf8.first != UInt8(ascii: "/")
        else {
            throw invalidValue(
                key, at: path,
                "Names may be treated as files in certain cases, and must not resolve to other names when treated as such."
                    + " This name would resolve to \(pythonRepr(normal))")
        }
    }

    /// Length in Unicode code points.
    public static func length(_ text: String, _ limit: Int, _ name: String) throws(APIError) {
        guard !exceeds(text, limit) else {
            throw .invalid("'\(name)' exceeds the maximum length of \(limit) characters")
        }
    }

    /// The text, cut to `limit` code points when `truncate` is set (the server's `MLFLOW_TRUNCATE_LONG_VALUES`).
    public static func cut(_ text: String, _ limit: Int, _ name: String, truncate: Bool) throws(APIError) -> String {
        guard exceeds(text, limit) else { return text }
        guard truncate else { throw .invalid("'\(name)' exceeds the maximum length of \(limit) characters") }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    }

    /// A run id as MLflow's own client accepts it; any other cannot exist.
    public static func runID(_ id: String) throws(APIError) {
        let scalars = id.unicodeScalars
        guard let first = scalars.first, first.isASCII, first.properties.isAlphabetic || isDigit(first),
            scalars.count <= Limits.runID, scalars.allSatisfy({ isWordScalar($0) || $0 == "-" })
        else { throw .invalid("Invalid value \(JSON.string(id).asciiText) for parameter 'run_id' supplied.") }
    }

    /// No key twice among the tags that come with one new thing.
    public static func distinctTags(_ tags: [KeyValue]) throws(APIError) {
        let twice = duplicates(tags.map(\.key))
        guard twice.isEmpty else {
            throw .invalid("Duplicate tag keys have been submitted: \(pythonRepr(twice)). Each key may occur once.")
        }
    }

    /// The keys that occur again, in order, once for each time.
    public static func duplicates(_ keys: [String]) -> [String] {
        var seen: Set<String> = []
        return keys.filter { !seen.insert($0).inserted }
    }

    /// `Invalid value "…" for parameter '…' supplied: …`
    static func invalidValue(_ value: String, at path: String, _ why: String) -> APIError {
        .invalid("Invalid value \(JSON.string(value).asciiText) for parameter '\(path)' supplied: \(why)")
    }

    private static func exceeds(_ text: String, _ limit: Int) -> Bool {
        // A code point takes one to four bytes, so most texts need no counting.
        text.utf8.count > limit && text.unicodeScalars.count > limit
    }
}

extension String {
    /// Whether all bytes are such as are allowed. They are looked at where they lie: for short texts, ten times as fast as
    /// the iterator of `utf8`, which matters for each name in a batch of a thousand.
    func hasOnly(_ isAllowed: (UInt8) -> Bool) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isAllowed) } ?? utf8.allSatisfy(isAllowed)
    }
}

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { "0"..."9" ~= scalar }

private func isPlainKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: ":"):
        true
    default: false
    }
}

private func isKeyScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", " ", ":", "/": true
    default: !scalar.isASCII && isWordScalar(scalar)
    }
}

/// What `\w` matches in a Python pattern: letters and numbers of any script, and the underscore.
func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "_" { return true }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .decimalNumber, .letterNumber, .otherNumber:
        true
    default: false
    }
}

/// A path as `posixpath.normpath` leaves it.
func normalPath(_ path: String) -> String {
    if path.isEmpty { return "." }
    // POSIX keeps exactly two leading slashes.
    let slash = UInt8(ascii: "/")
    let slashes = path.utf8.prefix { $0 == slash }.count
    let root = slashes == 2 ? "//" : slashes > 0 ? "/" : ""
    var kept: [Substring] = []
    for part in path.utf8.split(separator: slash).map(Substring.init) where part != "." {
        if part != ".." || (root.isEmpty && (kept.isEmpty || kept.last == "..")) {
            kept.append(part)
        } else if !kept.isEmpty {
            kept.removeLast()
        }
    }
    let joined = root + kept.joined(separator: "/")
    return joined.isEmpty ? "." : joined
}

extension String {
    /// Without white space at both ends.
    public func trimmingSpaces() -> String {
        let isSpace = { (character: Character) in character.isWhitespace }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
