// What is particular to searches for logged models: values need no quotes, and an ordering comes in fields, not in text.

public import RoostCore

extension Vocabulary {
    // In the order in which the refusal of another one lists them.
    private static let numericOfModel: [Comparator] = [
        .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual,
    ]
    private static let textualOfModel: [Comparator] = [.equal, .notEqual, .like, .ilike, .in, .notIn]

    /// A clause whose field is right; its value is read once the comparator is known.
    func readOfLoggedModel(
        _ comparison: Comparison, _ name: FieldName, in source: Source
    ) throws(APIError) -> ReadClause {
        guard let right = comparison.right else {
            let left = source[comparison.left.range]
            throw .invalid("Invalid comparison: \(left)\(comparison.comparator). Expected a comparison with 3 tokens.")
        }
        return ReadClause(name: name, comparator: comparison.comparator, value: .text(source[right.range]))
    }

    func checkOfLoggedModel(_ clause: ReadClause) throws(APIError) -> Clause {
        let written = clause.comparator.uppercased()
        let isNumeric = clause.name.kind == .metric || clause.name.attribute?.isNumeric == true
        let allowed = isNumeric ? Self.numericOfModel : Self.textualOfModel
        guard let comparator = Comparator(rawValue: written), allowed.contains(comparator) else {
            throw .invalid(
                "Invalid comparison operator for \(Self.printed(clause.name)): \(PythonText.quoted(written))."
                    + " Expected one of \(PythonText.tuple(allowed.map { PythonText.quoted($0.rawValue) })).")
        }
        guard case .text(let value) = clause.value else {
            throw .invalid("Invalid comparison of \(Self.printed(clause.name)).")
        }
        let operand =
            isNumeric
            ? try Self.number(value, of: clause.name) : try Self.text(value, comparator, of: clause.name)
        return Clause(field: clause.name.field, comparator: comparator, operand: operand)
    }

    /// The field by which an ordering of logged models goes.
    ///
    /// - Parameter name: an attribute, or `metrics.` with the key of a metric, whatever characters that has.
    public func orderFieldOfLoggedModel(_ name: String) throws(APIError) -> Field {
        try Parser.checkText(name, "field name of an order_by")
        guard let dot = name.unicodeScalars.firstIndex(of: ".") else {
            guard let attribute = attribute(name, for: .order) else {
                throw .invalid("Invalid order by field name: \(name)")
            }
            return .attribute(attribute.name)
        }
        guard name[..<dot] == "metrics" else {
            throw .invalid("Invalid order by field name: \(name). Only metrics are supported.")
        }
        return .metric(String(name.unicodeScalars[name.unicodeScalars.index(after: dot)...]))
    }

    private static func number(_ written: String, of name: FieldName) throws(APIError) -> Operand {
        let isPlain = written.unicodeScalars.allSatisfy { $0.isDigit || "+-.eE".unicodeScalars.contains($0) }
        guard isPlain, let real = Double(written) else {
            throw .invalid("Expected a number to compare \(printed(name)) with. Found \(written)")
        }
        // A metric is a double, and so is what it is compared with: nothing else is equal to what was logged.
        if name.kind == .attribute, let integer = Int64(written) { return .integer(integer) }
        return .real(real)
    }

    private static func text(
        _ written: String, _ comparator: Comparator, of name: FieldName
    ) throws(APIError) -> Operand {
        let isList = written.hasPrefix("(") && written.hasSuffix(")")
        let takesList = comparator == .in || comparator == .notIn
        guard isList == takesList else {
            throw .invalid(
                takesList
                    ? "Comparator '\(comparator.rawValue)' takes a list of quoted string values."
                    : "Comparator '\(comparator.rawValue)' takes one value, not a list: use IN or NOT IN for"
                        + " '\(name.key)'.")
        }
        let isStatus = name.field == .attribute("status")
        if takesList {
            let values = try ListLiteral.parse(written)
            return .list(isStatus ? values.map(statusNumber) : values)
        }
        let value = written.unquoted ?? written
        return .text(isStatus ? statusNumber(value) : value)
    }

    /// The number by which a status is stored, for the words that clients and answers have for it.
    private static func statusNumber(_ word: String) -> String {
        LoggedModelStatus.allCases.first { $0.word == word || $0.rawValue == word }.map { String($0.number) } ?? word
    }

    private static func printed(_ name: FieldName) -> String {
        switch name.kind {
        case .attribute: "attributes.\(name.attribute?.name ?? name.key)"
        case .metric: "metrics.\(name.key)"
        case .param: "params.\(name.key)"
        case .tag: "tags.\(name.key)"
        case .dataset: "datasets.\(name.key)"
        }
    }
}
