// Rules for the names of registered models, their aliases, tags and versions. Texts: `mlflow/utils/validation.py` of 3.17.2.

/// The number of a version as a client writes it. It may be one that no version can have: that is unknown, not malformed.
public struct ModelVersionNumber: Equatable, Sendable {
    /// Nil when the digits do not fit a 64-bit integer.
    public var number: Int64? { integer.number }
    /// As messages print it.
    public var text: String { integer.text }
    private let integer: IntegerText

    /// - Throws: 400 unless the text is an integer, white space around it allowed as in MLflow.
    public init(_ text: String) throws(APIError) {
        guard let integer = IntegerText(text) else {
            throw .invalid("Parameter 'version' must be an integer, got '\(text)'.")
        }
        self.integer = integer
    }

    public init(_ number: Int64) { integer = IntegerText(number) }
}

extension Check {
    /// The name of a registered model.
    /// - Parameter field: how the message calls it when it is blank.
    public static func modelName(_ name: String, at field: String = "name") throws(APIError) {
        guard !name.trimmingSpaces().isEmpty else {
            throw .invalid("Missing value for required parameter '\(field)'.")
        }
        guard !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }) else {
            throw .invalid("Invalid model name '\(name)'. Names cannot contain '/' or ':'.")
        }
        // Without slashes these are the only names that a path would read otherwise.
        guard !name.utf8.starts(with: "..".utf8), name != "." else {
            throw invalidValue(
                name, at: "name",
                "Names may be treated as files in certain cases, and must not resolve to other names when treated as such."
                    + " This name would resolve to \(pythonRepr(name))")
        }
    }

    /// The name of a registered model that is to be: what MLflow takes, without control characters and not too long.
    public static func newModelName(_ name: String, at field: String = "name") throws(APIError) {
        try modelName(name, at: field)
        guard !holdsControls(name) else { throw invalidValue(name, at: field, "it holds a control character.") }
        try length(name, Limits.registeredModelName, field)
    }

    /// An alias of a version.
    public static func modelAlias(_ alias: String) throws(APIError) {
        guard !alias.isEmpty else { throw .invalid("Registered model alias name cannot be empty.") }
        guard alias.unicodeScalars.allSatisfy({ $0 == "-" || isWordScalar($0) }) else {
            throw .invalid(
                "Invalid alias name: '\(alias)'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
            )
        }
        try length(alias, Limits.modelAlias, "Registered model alias name")
    }

    /// An alias that is to be set: not one that means a version by itself.
    public static func newModelAlias(_ alias: String) throws(APIError) {
        try modelAlias(alias)
        guard alias.lowercased() != "latest" else {
            throw .invalid("'latest' alias name (case insensitive) is reserved.")
        }
        let rest = alias.unicodeScalars.dropFirst()
        let isVersion = alias.hasPrefix("v") || alias.hasPrefix("V")
        if isVersion, !rest.isEmpty, rest.allSatisfy({ $0.properties.generalCategory == .decimalNumber }) {
            throw .invalid("Version alias name '\(alias)' is reserved.")
        }
    }

    /// A tag of a registered model.
    public static func registeredModelTag(_ tag: KeyValue) throws(APIError) {
        try key(tag.key, at: "key")
        try length(tag.key, Limits.registryTagKey, "key")
        try length(tag.value, Limits.registryTagValue, "value")
    }

    /// A tag of a version; the text of a prompt is one.
    public static func modelVersionTag(_ tag: KeyValue) throws(APIError) {
        try key(tag.key, at: "key")
        try length(tag.key, Limits.registryTagKey, "key")
        if tag.key == PromptTag.text, tag.value.unicodeScalars.count > Limits.registryTagValue {
            throw .invalid("Prompt text exceeds max length of \(Limits.registryTagValue) characters.")
        }
        try length(tag.value, Limits.registryTagValue, "value")
    }

    static func holdsControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }
}
