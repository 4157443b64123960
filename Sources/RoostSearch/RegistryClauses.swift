// What searches of registered models and of their versions read and refuse in another way than those of runs.

import RoostCore

extension Vocabulary {
    private static let textual: [Comparator] = [.equal, .notEqual, .like, .ilike]
    private static let listable = textual + [.in, .notIn]
    private static let numeric: [Comparator] = [.equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual]

    /// A field on the left of a comparison: an attribute is looked up with the quotes it was written in.
    func registryFieldName(_ written: String) throws(APIError) -> FieldName {
        let (prefix, key) = written.cutAtFirstDot()
        if prefix == nil || prefix == "attribute", attribute(key, for: .filter) == nil {
            let valid = PythonText.set(attributes.flatMap(\.filterNames))
            throw .invalid("Invalid attribute key '\(key)' specified. Valid keys are '\(valid)'")
        }
        return try fieldName(written, for: .filter)
    }

    /// The value that an attribute is compared with.
    func registryValue(_ node: Node, as written: String, of name: FieldName) throws(APIError) -> Value {
        if node.mayBeText { return .text(try text(written)) }
        if node.kind == .parenthesis {
            guard name.attribute?.takesList == true else {
                let listed = PythonText.sorted(attributes.filter(\.takesList).map(\.name))
                throw .invalid(
                    "Only \(PythonText.list(listed)) attributes support comparison with a list of quoted string values."
                )
            }
            return .list(try ListLiteral.parse(written))
        }
        guard wording == .modelVersions, let number = Number(node, written) else {
            throw .invalid(
                "Expected a quoted string value or a list of quoted string values for attributes. Got value \(written)")
        }
        guard name.attribute?.isNumeric == true else {
            let numbers = PythonText.set(attributes.filter(\.isNumeric).map(\.name))
            throw .invalid("Only the '\(numbers)' attributes support comparison with numeric values.")
        }
        return .number(number)
    }

    func checkOfRegistry(_ clause: ReadClause) throws(APIError) -> Clause {
        let written = clause.comparator.uppercased()
        let known = Comparator(rawValue: written)
        guard clause.name.kind == .attribute else {
            guard let known, Self.textual.contains(known) else {
                throw .invalid("Invalid comparator for tag: \(written)")
            }
            return Clause(field: clause.name.field, comparator: known, operand: try operand(clause, known))
        }
        guard clause.name.attribute?.isNumeric == true else {
            guard let known, Self.listable.contains(known) else {
                throw .invalid("Invalid comparator for attribute: \(written)")
            }
            return Clause(field: clause.name.field, comparator: known, operand: try operand(clause, known))
        }
        guard let known, Self.numeric.contains(known) else {
            throw .invalid("Invalid comparator for attribute \(clause.name.key): \(written)")
        }
        return Clause(field: clause.name.field, comparator: known, operand: try Self.whole(clause))
    }

    /// A whole number, which may be written as a text.
    private static func whole(_ clause: ReadClause) throws(APIError) -> Operand {
        let refusal = { (shown: String) in
            APIError.invalid("Invalid value for numeric attribute '\(clause.name.key)': \(shown)")
        }
        switch clause.value {
        case .number(let number):
            guard number.isInteger else { throw refusal("\(number.real)") }
            return number.operand
        case .text(let text):
            guard let number = Int64(text.trimmingBlanks) else { throw refusal(PythonText.quoted(text)) }
            return .integer(number)
        case .list, .none: throw refusal("a list")
        }
    }

    // MARK: Orderings of registered models, which know neither prefixes nor quotes

    func registeredModelOrder(_ key: String) throws(APIError) -> Field {
        guard let attribute = attribute(key, for: .order) else {
            throw .invalid("Invalid order by key '\(key)' specified. Valid keys are '{'name', 'timestamp'}'")
        }
        return .attribute(attribute.name)
    }

    /// `timestamp` is a word of its own to MLflow's reader: in small letters, with a direction or alone.
    static func misspellsTimestamp(_ clause: String) -> Bool {
        let words = clause.split(whereSeparator: \.isWhitespace)
        guard let first = words.first, first.lowercased() == "timestamp" else { return false }
        return first != "timestamp" || words.count > 2
            || words.count == 2 && !["asc", "desc"].contains(words[1].lowercased())
    }
}
