// From the text of a filter to a condition: every clause is first read, then checked. The two rounds are MLflow's, and
// show in which of several faults is reported.

public import RoostCore

extension Vocabulary {
    /// Reads a filter; an empty one matches everything.
    ///
    /// - Throws: `INVALID_PARAMETER_VALUE` with the words of MLflow for what is no filter on this entity, and for one
    ///   that crosses ``SearchLimits``.
    public func filter(_ text: String) throws(APIError) -> Condition {
        guard !text.isEmpty else { return .all([]) }
        let (written, source) = try Parser.parse(text, wording)
        let count = written.leafCount
        guard count <= SearchLimits.clauses else {
            throw .invalid("The filter has \(count) clauses; at most \(SearchLimits.clauses) are allowed.")
        }
        let read = try written.map { comparison throws(APIError) in try self.read(comparison, in: source) }
        return try read.map { clause throws(APIError) in try self.check(clause) }.condition
    }

    /// A clause whose field and value are right, each on its own.
    struct ReadClause {
        let name: FieldName
        let comparator: String
        let value: Value
    }

    /// A value as written, without its quotes.
    enum Value {
        case number(Number)
        case text(String)
        case list([String])
        case none
    }

    private func read(_ comparison: Comparison, in source: Source) throws(APIError) -> ReadClause {
        let left = source[comparison.left.range]
        guard comparison.left.kind == .identifier else {
            throw .invalid("Invalid comparison clause. Expected 'Identifier' found '\(left)'")
        }
        let name = try wording.isRegistry ? registryFieldName(left) : fieldName(left, for: .filter)
        if wording == .loggedModels { return try readOfLoggedModel(comparison, name, in: source) }
        guard let right = comparison.right else {
            try checkNullTest(name)
            return ReadClause(name: name, comparator: comparison.comparator, value: .none)
        }
        let value = try value(right, as: source[right.range], of: name)
        return ReadClause(name: name, comparator: comparison.comparator, value: value)
    }

    private func checkNullTest(_ name: FieldName) throws(APIError) {
        let refusal = "IS NULL / IS NOT NULL is only supported for tags"
        switch wording {
        case .runs:
            guard name.kind == .tag || name.kind == .param else {
                throw .invalid("\(refusal) and params, not for '\(name.kind.rawValue)' '\(name.key)'")
            }
        case .experiments, .loggedModels:
            guard name.kind == .tag else { throw .invalid("\(refusal), not for attribute '\(name.key)'") }
        case .registeredModels, .modelVersions:
            throw .invalid("IS NULL / IS NOT NULL is not supported in searches of the model registry")
        }
    }

    private func value(_ node: Node, as written: String, of name: FieldName) throws(APIError) -> Value {
        if wording.isRegistry, name.kind == .attribute { return try registryValue(node, as: written, of: name) }
        switch name.kind {
        case .metric:
            guard let number = Number(node, written) else {
                throw .invalid("Expected numeric value type for metric. Found \(written)")
            }
            return .number(number)
        case .param, .tag:
            guard node.mayBeText else {
                throw .invalid(
                    "Expected a quoted string value for \(name.kind.rawValue) (e.g. 'my-value'). Got value \(written)"
                )
            }
            return .text(try text(written))
        case .attribute:
            if name.attribute?.isNumeric == true {
                guard let number = Number(node, written) else {
                    throw .invalid(
                        "Expected numeric value type for numeric attribute: \(name.key). Found \(written)"
                    )
                }
                return .number(number)
            }
            if node.mayBeText { return .text(try text(written)) }
            guard node.kind == .parenthesis else {
                throw .invalid("Expected a quoted string value for attributes. Got value \(written)")
            }
            guard name.attribute?.takesList == true else {
                let listed = PythonText.sorted(attributes.filter(\.takesList).map(\.name))
                throw .invalid(
                    "Only \(PythonText.list(listed)) attributes support comparison with a list of quoted "
                        + "string values."
                )
            }
            return .list(try ListLiteral.parse(written))
        case .dataset:
            if node.mayBeText { return .text(try text(written)) }
            guard node.kind == .parenthesis else {
                throw .invalid("Expected a quoted string value for dataset attributes. Got value \(written)")
            }
            return .list(try ListLiteral.parse(written))
        }
    }

    func text(_ written: String) throws(APIError) -> String {
        if let text = written.unquoted { return text }
        throw .invalid(
            "Parameter value is either not quoted or unidentified quote types used for string value \(written). "
                + "Use either single or double quotes."
        )
    }
}

extension Node {
    /// A string in quotes, or a word that should have had them.
    var mayBeText: Bool { kind == .token(.string) || kind == .identifier }
}

extension Vocabulary {
    /// A number as written.
    struct Number {
        let isInteger: Bool
        private let integer: Int64?
        let real: Double

        init?(_ node: Node, _ written: String) {
            guard node.kind == .token(.integer) || node.kind == .token(.real), let real = Double(written) else {
                return nil
            }
            isInteger = node.kind == .token(.integer)
            integer = isInteger ? Int64(written) : nil
            self.real = real
        }

        /// The exact integer if 64 bits hold it, else the nearest double.
        var operand: Operand {
            if let integer { .integer(integer) } else { .real(real) }
        }
    }
}
