// Makes random conditions and prints them as a person could have written them; and makes garbage.

import RoostSearch

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Array {
    /// An element that the generator picks; the array is not empty.
    fileprivate func picked(_ random: inout SeededGenerator) -> Element {
        self[Int.random(in: 0..<count, using: &random)]
    }
}

enum ConditionMaker {
    private static let keys = [
        "a", "val_loss", "mlflow.parentRunId", "a b", "猫", "ключ", "a'b", "x--y", "IN", "日.本", "_1",
    ]
    private static let texts = ["", "x", "a b", "AND", "(x)", "猫", "%a_", "a; b", "--", "`", "100", "it is", "é", "🚀"]
    private static let reals = [0, 1, -1, 0.5, -2.25, 1e10, 1e-7, 123456.789]

    /// A condition in the shape that reading gives it: no level within a like one, none of a single part.
    static func condition(depth: Int, _ random: inout SeededGenerator) -> Condition {
        switch depth == 0 ? 0 : Int.random(in: 0..<3, using: &random) {
        case 1: .all(parts(depth: depth, &random, unlike: isAll))
        case 2: .any(parts(depth: depth, &random, unlike: isAny))
        default: clause(&random)
        }
    }

    private static func isAll(_ condition: Condition) -> Bool { if case .all = condition { true } else { false } }

    private static func isAny(_ condition: Condition) -> Bool { if case .any = condition { true } else { false } }

    private static func parts(
        depth: Int, _ random: inout SeededGenerator, unlike outer: (Condition) -> Bool
    ) -> [Condition] {
        (0..<Int.random(in: 2...3, using: &random)).map { _ in
            let part = condition(depth: depth - 1, &random)
            return outer(part) ? clause(&random) : part
        }
    }

    private static func clause(_ random: inout SeededGenerator) -> Condition {
        let numeric: [Comparator] = [.equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual]
        let textual: [Comparator] = [.equal, .notEqual, .like, .ilike]
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return test(.metric(keys.picked(&random)), numeric.picked(&random), .real(reals.picked(&random)))
        case 1:
            let time = Int64.random(in: .min ... .max, using: &random)
            return test(
                .attribute(["start_time", "end_time"].picked(&random)), numeric.picked(&random), .integer(time))
        case 2:
            let field = [Field.tag(keys.picked(&random)), .param(keys.picked(&random))].picked(&random)
            return test(field, [.isNull, .isNotNull].picked(&random), .none)
        case 3:
            let field = [Field.attribute("run_id"), .dataset("name"), .dataset("context")].picked(&random)
            let values = (0..<Int.random(in: 1...3, using: &random)).map { _ in texts.picked(&random) }
            return test(field, [.in, .notIn].picked(&random), .list(values))
        default:
            let fields = [
                Field.tag(keys.picked(&random)), .param(keys.picked(&random)), .attribute("status"),
                .attribute("run_name"), .dataset("digest"),
            ]
            return test(fields.picked(&random), textual.picked(&random), .text(texts.picked(&random)))
        }
    }

    static func print(_ condition: Condition, _ random: inout SeededGenerator) -> String {
        switch condition {
        case .test(let clause): return print(clause, &random)
        case .all(let parts):
            // An OR inside an AND needs its parentheses; any other level may have some.
            let printed = parts.map { enclosed(print($0, &random), always: isAny($0), &random) }
            return printed.joined(separator: [" AND ", " and ", "\nAND "].picked(&random))
        case .any(let parts):
            let printed = parts.map { enclosed(print($0, &random), always: false, &random) }
            return printed.joined(separator: [" OR ", " or ", " OR\t"].picked(&random))
        }
    }

    private static func enclosed(_ text: String, always: Bool, _ random: inout SeededGenerator) -> String {
        always || Int.random(in: 0..<4, using: &random) == 0 ? "(\(text))" : text
    }

    private static func print(_ clause: Clause, _ random: inout SeededGenerator) -> String {
        let comparator = clause.comparator.rawValue
        let word = [comparator, comparator.lowercased()].picked(&random)
        let left = print(clause.field, &random)
        switch clause.operand {
        case .integer(let value): return "\(left) \(word) \(value)"
        // Python and Swift write a positive exponent with a sign, the language has none.
        case .real(let value): return "\(left) \(word) " + "\(value)".filter { $0 != "+" }
        case .text(let value): return "\(left) \(word) " + ["'\(value)'", "\"\(value)\""].picked(&random)
        case .list(let values): return "\(left) \(word) (" + values.map { "'\($0)'" }.joined(separator: ", ") + ")"
        case .none: return "\(left) \(word)"
        }
    }

    private static func print(_ field: Field, _ random: inout SeededGenerator) -> String {
        switch field {
        case .metric(let key): ["metrics.", "metric."].picked(&random) + quoted(key, &random)
        case .param(let key): ["params.", "param.", "parameter.", "parameters."].picked(&random) + quoted(key, &random)
        case .tag(let key): ["tags.", "tag."].picked(&random) + quoted(key, &random)
        case .attribute(let name): ["", "attributes.", "attribute.", "attr.", "run."].picked(&random) + name
        case .dataset(let name): ["datasets.", "dataset."].picked(&random) + name
        }
    }

    private static func quoted(_ key: String, _ random: inout SeededGenerator) -> String {
        let needsQuotes = key.contains { $0 == " " || $0 == "'" || $0 == "-" }
        return (["`\(key)`", "\"\(key)\""] + (needsQuotes ? [] : [key])).picked(&random)
    }

    /// Pieces of the language and of nothing, one after another.
    static func garbage(_ random: inout SeededGenerator) -> String {
        let pieces = [
            "metrics.a", "params.", "tags.`k`", "status", "run_id", "start_time", "name", "dataset.name", ".", "=",
            "!=",
            ">", "LIKE", "IN", "NOT", "NULL", "IS", "AND", "OR", "(", ")", "[", "]", ",", ";", "'", "\"", "`", "'x'",
            "1",
            "-2", "3.5e", "猫", "\u{301}", "🏳️‍🌈", "\\", "\0", "\n", "--", "/*", "*/", "#", "$1", "?", "DESC", "NULLS LAST",
        ]
        return (0..<Int.random(in: 1...12, using: &random)).map { _ in
            Int.random(in: 0..<8, using: &random) == 0
                ? String(Unicode.Scalar(UInt32.random(in: 1..<0xD800, using: &random)) ?? "x")
                : pieces.picked(&random) + ["", " "].picked(&random)
        }.joined()
    }
}
