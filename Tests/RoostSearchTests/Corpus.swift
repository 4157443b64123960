// The answers of mlflow 3.17.2 to many filters and orderings, and ours in the same shape.

import Foundation
import RoostCore
import RoostSearch

/// One text and what mlflow made of it.
struct CorpusEntry: Decodable, CustomStringConvertible {
    enum Kind: String, Decodable {
        case runs
        case experiments

        var vocabulary: Vocabulary { self == .runs ? .runs : .experiments }
    }

    enum What: String, Decodable {
        case filter
        case order
    }

    let kind: Kind
    let what: What
    /// A filter, or the clauses of an ordering.
    let text: Value
    let answer: Value?
    let error: String?
    /// Set when mlflow answers 500.
    let crash: String?
    /// Why Roost answers otherwise.
    let differs: String?

    var description: String { "\(kind) \(what) \(text)" }

    /// What mlflow answered; nil for a 500.
    var expected: Outcome? { error.map(Outcome.refused) ?? answer.map(Outcome.read) }

    /// What Roost answers.
    var actual: Outcome {
        do throws(APIError) {
            switch text {
            case .text(let filter): return .read(.list(try Self.clauses(kind.vocabulary.filter(filter))))
            case .list(let clauses):
                let keys = try kind.vocabulary.ordering(clauses.map(\.description))
                return .read(.list(keys.map { .list($0.field.parts + [.boolean($0.ascending)]) }))
            default: return .refused("the fixture holds no text")
            }
        } catch {
            return error.code == .invalidParameterValue ? .refused(error.message) : .refused("\(error)")
        }
    }

    private static func clauses(_ condition: Condition) -> [Value] {
        switch condition {
        case .test(let clause):
            let comparator = Value.text(clause.comparator.rawValue)
            return [.list(clause.field.parts + [comparator, clause.operand.value])]
        case .all(let parts): return parts.flatMap(clauses)
        case .any(let parts): return [.list([.text("any")] + parts.flatMap(clauses))]
        }
    }

    static func load() throws -> [CorpusEntry] {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/mlflow-filters.json")
        return try JSONDecoder().decode([CorpusEntry].self, from: Data(contentsOf: fixture))
    }
}

/// A filter or an ordering read, or the message it was refused with.
enum Outcome: Equatable, CustomStringConvertible {
    case read(Value)
    case refused(String)

    var description: String {
        switch self {
        case .read(let value): "read \(value)"
        case .refused(let message): "refused: \(message)"
        }
    }
}

/// JSON, as far as the fixture uses it. Numbers compare as doubles, since mlflow's own do.
enum Value: Equatable, Decodable, CustomStringConvertible {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([Value])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .list(try container.decode([Value].self))
        }
    }

    /// Scalar by scalar: Swift's own comparison takes `é` in its two spellings for one.
    static func == (one: Value, other: Value) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.text(let a), .text(let b)): a.unicodeScalars.elementsEqual(b.unicodeScalars)
        case (.list(let a), .list(let b)): a == b
        default: false
        }
    }

    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .list(let values): "\(values)"
        }
    }
}

extension Field {
    /// Type and key as mlflow names them.
    fileprivate var parts: [Value] {
        switch self {
        case .attribute(let name): [.text("attribute"), .text(name)]
        case .metric(let key): [.text("metric"), .text(key)]
        case .param(let key): [.text("parameter"), .text(key)]
        case .tag(let key): [.text("tag"), .text(key)]
        case .dataset(let key): [.text("dataset"), .text(key)]
        }
    }
}

extension Operand {
    fileprivate var value: Value {
        switch self {
        case .integer(let value): .number(Double(value))
        case .real(let value): value.isInfinite ? .text("\(value)") : .number(value)
        case .text(let value): .text(value)
        case .list(let values): .list(values.map(Value.text))
        case .none: .null
        }
    }
}
