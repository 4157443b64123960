// What a request looks like, as told by its own initialiser in describe mode. The OpenAPI document is made from this.

/// The type of a request field.
public indirect enum FieldKind: Equatable, Sendable {
    case string
    case int64
    case double
    case bool
    /// One of a closed list of words.
    case words([String])
    case strings
    case list([FieldShape])
    case object([FieldShape])
}

/// One field of a request.
public struct FieldShape: Equatable, Sendable {
    public let name: String
    public let kind: FieldKind
    public let required: Bool
    /// The most items of a list, if it is bounded.
    public let maxItems: Int?

    public init(name: String, kind: FieldKind, required: Bool, maxItems: Int? = nil) {
        self.name = name
        self.kind = kind
        self.required = required
        self.maxItems = maxItems
    }
}

/// A request that can be read from a body or a query.
///
/// The initialiser lists the fields in the order in which MLflow validates them and has no branch before the last one:
/// in describe mode it runs on placeholders, and what it asks for becomes the documentation.
public protocol FieldsReadable: Sendable {
    init(from fields: inout Fields) throws(APIError)
}

extension FieldsReadable {
    /// The fields of this request, in order.
    public static var shape: [FieldShape] {
        var fields = Fields(describing: ())
        // Placeholders satisfy every check of `Fields`; a throw here is a branch that describe mode must not have.
        _ = try? Self(from: &fields)
        return fields.shapes
    }
}

/// A request without fields.
public struct NoFields: FieldsReadable {
    public init() {}
    public init(from fields: inout Fields) throws(APIError) {}
}
