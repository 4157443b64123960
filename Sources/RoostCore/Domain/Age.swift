// Spans of time as `mlflow gc --older-than` writes them.

/// A span of time: `30d`, `2d8h5m20s`, `1.5h`.
public struct Age: Equatable, Sendable {
    public let milliseconds: Int64
    /// As it was written.
    public let text: String

    /// - Throws: 400 in MLflow's words.
    public init(_ text: String) throws(APIError) {
        let refusal = APIError.invalid(
            "Could not parse any time information from '\(text)'. Examples of valid strings: '8h', '2d8h5m20s', '2m4s'")
        let units: [(name: Character, milliseconds: Double)] = [
            ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ]
        var left = units[...]
        var total = 0.0
        var digits = ""
        guard !text.isEmpty else { throw refusal }
        for character in text {
            if character.isASCII, character.isNumber || character == "." {
                digits.append(character)
                continue
            }
            // Each unit once at most, the larger before the smaller.
            guard let index = left.firstIndex(where: { $0.name == character }), let count = Double(digits) else {
                throw refusal
            }
            total += count * left[index].milliseconds
            left = left[(index + 1)...]
            digits = ""
        }
        guard digits.isEmpty, total < 1e15 else { throw refusal }
        milliseconds = Int64(total)
        self.text = text
    }
}
