// Which runs of an experiment go to the trash by themselves, as a tag of the experiment says it.

/// A rule like `max_age=90d, max_runs=1000, trash=30d`; each part may be left out, but not all.
public struct RetentionRule: Equatable, Sendable {
    /// The tag of an experiment that holds its rule.
    public static let tag = "roost.retention"
    /// The tag of a run that no rule touches, with the value `true`.
    public static let keepTag = "roost.keep"

    /// Runs that ended longer ago go to the trash.
    public let maxAge: Age?
    /// Only that many runs stay, the newest by their start.
    public let maxRuns: Int64?
    /// How long a run of this experiment lies in the trash before the server removes it for good.
    public let trash: Age?

    /// - Throws: 400 that names the tag.
    public init(_ text: String) throws(APIError) {
        var parts: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false).map(Self.trimmed)
            guard pair.count == 2, ["max_age", "max_runs", "trash"].contains(pair[0]), parts[pair[0]] == nil else {
                throw Self.refusal(text, "'\(Self.trimmed(part))' is not understood, or there twice")
            }
            parts[pair[0]] = pair[1]
        }
        func age(_ name: String) throws(APIError) -> Age? {
            guard let value = parts[name] else { return nil }
            guard let age = try? Age(value), age.milliseconds > 0 else {
                throw Self.refusal(text, "\(name) is a time like 90d")
            }
            return age
        }
        maxAge = try age("max_age")
        trash = try age("trash")
        maxRuns = parts["max_runs"].flatMap { Int64($0) }
        guard parts["max_runs"] == nil || (maxRuns ?? 0) > 0 else {
            throw Self.refusal(text, "max_runs is a whole number above 0")
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private static func refusal(_ text: String, _ why: String) -> APIError {
        .invalid(
            "Invalid value \(pythonRepr(text)) for tag '\(tag)': \(why). Write it like"
                + " 'max_age=90d, max_runs=1000, trash=30d'.")
    }
}
