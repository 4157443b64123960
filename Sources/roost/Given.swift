// A value and where it came from: the flag before the variable.

/// What somebody set, with the name to blame in messages. An empty value is none.
struct Given: Equatable {
    let value: String
    /// `--port`, or `MLFLOW_PORT`.
    let source: String

    init?(_ flag: String, _ value: String?, _ variable: Variable?, _ environment: Environment) {
        if let value {
            guard !value.isEmpty else { return nil }
            self.init(value, flag)
        } else {
            guard let variable, let value = environment[variable] else { return nil }
            self.init(value, variable.rawValue)
        }
    }

    init?(_ variable: Variable, _ environment: Environment) {
        guard let value = environment[variable] else { return nil }
        self.init(value, variable.rawValue)
    }

    private init(_ value: String, _ source: String) {
        self.value = value
        self.source = source
    }

    /// As MLflow's command line reads booleans.
    func boolean() throws(Refusal) -> Bool {
        switch value.lowercased() {
        case "true", "1", "yes", "y", "on", "t": return true
        case "false", "0", "no", "n", "off", "f": return false
        default: throw .usage("\(source): '\(value)' is neither true nor false.")
        }
    }

    func number(in range: ClosedRange<Int>) throws(Refusal) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw .usage("\(source): '\(value)' is no whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// One of a few words, in any case of letters; the answer has the case of the list.
    func word(of words: [String]) throws(Refusal) -> String {
        guard let word = words.first(where: { $0.lowercased() == value.lowercased() }) else {
            throw .usage("\(source): '\(value)' is none of \(words.joined(separator: ", ")).")
        }
        return word
    }

    /// The entries between commas.
    func list() -> [String] {
        value.split(separator: ",").map { entry in
            var entry = entry
            while entry.first == " " { entry.removeFirst() }
            while entry.last == " " { entry.removeLast() }
            return String(entry)
        }.filter { !$0.isEmpty }
    }
}
