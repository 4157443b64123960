// Whether a comparator suits a field and its value, and what the store is handed.

import RoostCore

extension Vocabulary {
    private static let numeric: [Comparator] = [.equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual]
    private static let textual: [Comparator] = [.equal, .notEqual, .like, .ilike]
    private static let listable = textual + [.in, .notIn]
    private static let nullable = textual + [.isNull, .isNotNull]

    func check(_ clause: ReadClause) throws(APIError) -> Clause {
        switch wording {
        case .runs: return try checkOfRun(clause)
        case .experiments: return try checkOfExperiment(clause)
        case .loggedModels: return try checkOfLoggedModel(clause)
        case .registeredModels, .modelVersions: return try checkOfRegistry(clause)
        }
    }

    private func checkOfRun(_ clause: ReadClause) throws(APIError) -> Clause {
        let written = clause.comparator.uppercased()
        let comparator: Comparator
        // Which of these texts close their quote is not a choice: clients compare them.
        switch clause.name.kind {
        case .metric:
            comparator = try pick(written, of: Self.numeric, ending: "")
        case .param:
            comparator = try pick(written, of: Self.nullable, ending: "'")
        case .tag:
            comparator = try pick(written, of: Self.nullable, ending: "")
        case .dataset:
            comparator = try pick(written, of: Self.listable, ending: "")
        case .attribute:
            comparator = try pickForAttribute(written, clause.name)
        }
        return Clause(field: clause.name.field, comparator: comparator, operand: try operand(clause, comparator))
    }

    private func checkOfExperiment(_ clause: ReadClause) throws(APIError) -> Clause {
        // Comparators in small letters are refused here, unlike in searches of runs.
        let written = clause.comparator
        guard clause.name.kind == .attribute else {
            guard let comparator = Comparator(rawValue: written), Self.nullable.contains(comparator) else {
                throw .invalid("Invalid comparator for tag: \(written)")
            }
            return Clause(field: clause.name.field, comparator: comparator, operand: try operand(clause, comparator))
        }
        if clause.name.key == "experiment_id" { return try checkOfExperimentID(clause) }
        let comparator = try pickForAttribute(written, clause.name)
        if case .number(let number) = clause.value, !number.isInteger {
            throw .invalid(
                "Invalid value for numeric attribute '\(clause.name.key)': \(PythonText.quoted("\(number.real)"))"
            )
        }
        return Clause(field: clause.name.field, comparator: comparator, operand: try operand(clause, comparator))
    }

    /// Ids are integers that are written as strings: they become integers, or decimal strings in a list.
    private func checkOfExperimentID(_ clause: ReadClause) throws(APIError) -> Clause {
        let allowed: [Comparator] = [.equal, .notEqual, .in, .notIn]
        guard let comparator = Comparator(rawValue: clause.comparator), allowed.contains(comparator) else {
            throw .invalid("Invalid comparator for experiment_id: \(clause.comparator)")
        }
        switch try operand(clause, comparator) {
        case .list(let ids):
            var decimal: [String] = []
            for id in ids { decimal.append(try Self.experimentID(id).map { String($0) } ?? id) }
            return Clause(field: clause.name.field, comparator: comparator, operand: .list(decimal))
        case .text(let id):
            // An integer beyond 64 bits is an id that no experiment has.
            let operand = try Self.experimentID(id).map { Operand.integer($0) } ?? .text(id)
            return Clause(field: clause.name.field, comparator: comparator, operand: operand)
        case let other: return Clause(field: clause.name.field, comparator: comparator, operand: other)
        }
    }

    /// The id, or nil for an integer that is too big to be one.
    private static func experimentID(_ text: String) throws(APIError) -> Int64? {
        let trimmed = text.trimmingBlanks
        if let id = Int64(trimmed) { return id }
        let digits = trimmed.unicodeScalars.drop { $0 == "-" || $0 == "+" }
        guard !digits.isEmpty, trimmed.unicodeScalars.count - digits.count <= 1, digits.allSatisfy(\.isDigit) else {
            throw .invalid("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer.")
        }
        return nil
    }

    /// Numeric attributes are refused with the comparators of textual ones, and without the last quote.
    private func pickForAttribute(_ written: String, _ name: FieldName) throws(APIError) -> Comparator {
        let isNumeric = name.attribute?.isNumeric == true
        let allowed = isNumeric ? Self.numeric : Self.listable
        return try pick(written, of: allowed, printing: Self.listable, ending: isNumeric ? "" : "'")
    }

    private func pick(
        _ written: String, of allowed: [Comparator], printing printed: [Comparator]? = nil, ending: String
    ) throws(APIError) -> Comparator {
        if let comparator = Comparator(rawValue: written), allowed.contains(comparator) { return comparator }
        let valid = PythonText.set((printed ?? allowed).map(\.rawValue))
        throw .invalid("Invalid comparator '\(written)' not one of '\(valid)\(ending)")
    }

    func operand(_ clause: ReadClause, _ comparator: Comparator) throws(APIError) -> Operand {
        let wantsList = comparator == .in || comparator == .notIn
        switch clause.value {
        case .none: return .none
        case .text(let text) where !wantsList: return .text(text)
        case .list(let values) where wantsList: return .list(values)
        // A metric is a double, and so is what it is compared with: nothing else is equal to what was logged.
        case .number(let number): return clause.name.kind == .metric ? .real(number.real) : number.operand
        case .list:
            throw .invalid(
                "Comparator '\(comparator.rawValue)' takes a quoted string value, not a list: "
                    + "use IN or NOT IN for '\(clause.name.key)'."
            )
        case .text:
            throw .invalid("Comparator '\(comparator.rawValue)' takes a list of quoted string values.")
        }
    }
}
