// From the clauses of an ordering (`metrics.acc DESC`) to its keys.

public import RoostCore

extension Vocabulary {
    /// Reads the clauses of an ordering, the most significant first; none is none, not the entity's usual order.
    ///
    /// - Throws: `INVALID_PARAMETER_VALUE` with the words of MLflow for what orders nothing of this entity, and for
    ///   what crosses ``SearchLimits``.
    public func ordering(_ clauses: [String]) throws(APIError) -> [OrderKey] {
        guard clauses.count <= SearchLimits.orderKeys else {
            throw .invalid(
                "order_by has \(clauses.count) clauses; at most \(SearchLimits.orderKeys) are allowed."
            )
        }
        var keys: [OrderKey] = []
        var seen: Set<Field> = []
        for clause in clauses {
            let key = try orderKey(clause)
            // Experiments may name a field twice; the second time has no effect.
            guard seen.insert(key.field).inserted || wording == .experiments else {
                throw .invalid("`order_by` contains duplicate fields: \(PythonText.list(clauses))")
            }
            keys.append(key)
        }
        return keys
    }

    private func orderKey(_ clause: String) throws(APIError) -> OrderKey {
        try Parser.checkText(clause, "order_by clause")
        let unreadable = APIError.invalid("Invalid order_by clause '\(clause)'. Could not be parsed.")
        if wording.isRegistry, Self.misspellsTimestamp(clause) { throw unreadable }
        let source = Source(clause)
        let grouper = Grouper(source: source)
        let nodes = grouper.level(try grouper.enclose(Lexer(source).tokens))
        guard nodes.count == 1, nodes[0].kind == .identifier, nodes[0].range == 0..<source.count else {
            throw unreadable
        }
        guard let words = Self.splitWords(clause), !words.isEmpty, words.count <= 2 else { throw unreadable }

        var written = clause
        var ascending = true
        if words.count == 2 {
            switch words[1].lowercased() {
            case "asc": break
            case "desc": ascending = false
            default: throw .invalid("Invalid ordering key in order_by clause '\(clause)'.")
            }
            written = words[0]
        }
        if wording == .registeredModels {
            return OrderKey(field: try registeredModelOrder(written.trimmingBlanks), ascending: ascending)
        }
        let name = try fieldName(written.trimmingBlanks, for: .order)
        switch (wording, name.kind) {
        case (.runs, .dataset): throw .invalid("Invalid identifier type '\(name.kind.rawValue)'")
        case (.experiments, let kind) where kind != .attribute:
            throw .invalid("Invalid order_by entity: \(kind.rawValue)")
        case (.modelVersions, .tag):
            let valid = PythonText.set(attributes.flatMap(\.orderNames))
            throw .invalid("Invalid order by key '\(name.key)' specified. Valid keys are \(valid)")
        default: return OrderKey(field: name.field, ascending: ascending)
        }
    }

    /// The words of a clause as a shell would cut it, backquotes being double quotes; nil if a quote stays open.
    private static func splitWords(_ clause: String) -> [String]? {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var isInWord = false
        var quote: Unicode.Scalar?
        var isEscaped = false
        for written in clause.unicodeScalars {
            let scalar = written == "`" ? "\"" : written
            if isEscaped {
                // Between double quotes a backslash is only lost before a quote or another backslash.
                if quote != nil, scalar != "\"", scalar != "\\" { word.append("\\") }
                word.append(scalar)
                isEscaped = false
            } else if scalar == "\\", quote != "'" {
                isEscaped = true
                isInWord = true
            } else if let open = quote {
                if scalar == open { quote = nil } else { word.append(scalar) }
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
                isInWord = true
            } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
                if isInWord { words.append(String(word)) }
                word = .init()
                isInWord = false
            } else {
                word.append(scalar)
                isInWord = true
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        if isInWord { words.append(String(word)) }
        return words
    }
}

extension String {
    /// Without the blanks at its ends.
    var trimmingBlanks: String {
        let head = unicodeScalars.drop(while: \.isBlank)
        guard let last = head.lastIndex(where: { !$0.isBlank }) else { return "" }
        return String(head[...last])
    }
}
