// Reads what stands on the left of a comparison, or in an ordering: prefix, dot, key, each with or without quotes.

import RoostCore

/// A field as written, known to be one of the vocabulary.
struct FieldName {
    let kind: Vocabulary.Kind
    /// The key without its quotes; an alias is still an alias.
    let key: String
    let field: Field
    /// Set for attributes alone.
    let attribute: Vocabulary.Attribute?
}

extension Vocabulary {
    func fieldName(_ written: String, for use: Use) throws(APIError) -> FieldName {
        let (prefix, rest) = written.cutAtFirstDot()
        let kind = try prefix.map { prefix throws(APIError) in try self.kind(of: prefix) } ?? .attribute
        let key = rest.withoutQuotes.trimmingQuotes("`") ?? rest.withoutQuotes
        switch kind {
        case .metric: return FieldName(kind: kind, key: key, field: .metric(key), attribute: nil)
        case .param: return FieldName(kind: kind, key: key, field: .param(key), attribute: nil)
        case .tag: return FieldName(kind: kind, key: key, field: .tag(key), attribute: nil)
        case .dataset:
            guard Self.datasetKeys.contains(key) else {
                let valid = PythonText.set(Self.datasetKeys)
                throw .invalid("Invalid dataset key '\(key)' specified. Valid keys are '\(valid)'")
            }
            return FieldName(kind: kind, key: key, field: .dataset(key), attribute: nil)
        case .attribute:
            guard let attribute = attribute(key, for: use) else {
                let valid = PythonText.set(attributes.flatMap(use.names))
                throw .invalid("Invalid attribute key '\(key)' specified. Valid keys are '\(valid)'")
            }
            return FieldName(kind: kind, key: key, field: .attribute(attribute.name), attribute: attribute)
        }
    }

    private func kind(of prefix: String) throws(APIError) -> Kind {
        switch wording {
        case .runs:
            let name = prefix.trimmingQuotes("`") ?? prefix
            if let kind = prefixes[name] { return kind }
            let valid = PythonText.list([Kind.metric, .param, .tag, .attribute, .dataset].map(\.rawValue))
            throw .invalid("Invalid entity type '\(name)'. Valid values are \(valid)")
        case .experiments, .registeredModels, .modelVersions:
            if let kind = prefixes[prefix] { return kind }
            let valid = PythonText.tuple(PythonText.sorted(prefixes.keys).map(PythonText.quoted))
            throw .invalid("Invalid entity type '\(prefix)'. Valid entity types are \(valid)")
        case .loggedModels:
            if let kind = prefixes[prefix] { return kind }
            let valid = PythonText.list(PythonText.sorted(prefixes.keys))
            throw .invalid("Invalid entity type: \(PythonText.quoted(prefix)). Expected one of \(valid).")
        }
    }
}

// By scalar: a quote or a dot that a combining mark follows is still one.
extension String {
    /// What stands between two of `quote`, or nil if the text is not quoted so.
    func trimmingQuotes(_ quote: Unicode.Scalar) -> String? {
        let scalars = unicodeScalars
        guard scalars.count >= 2, scalars.first == quote, scalars.last == quote else { return nil }
        return String(scalars.dropFirst().dropLast())
    }

    /// What stands between single or double quotes, or nil.
    var unquoted: String? { trimmingQuotes("'") ?? trimmingQuotes("\"") }

    var withoutQuotes: String { unquoted ?? self }

    func cutAtFirstDot() -> (prefix: String?, key: String) {
        guard let dot = unicodeScalars.firstIndex(of: ".") else { return (nil, self) }
        return (String(unicodeScalars[..<dot]), String(unicodeScalars[unicodeScalars.index(after: dot)...]))
    }
}
