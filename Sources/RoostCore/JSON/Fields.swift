// One reader for the fields of a request, from a JSON body or a query string, with MLflow's messages.
// Rules and texts: `mlflow/server/handlers.py` (`_validate_param_against_schema`) and protobuf's JSON mapping.

/// Hands out the fields of a request by name and type.
///
/// A field may be spelled `run_id` or `runId`, as protobuf's JSON allows, but not both at once; a required one only counts
/// under its first name, as in MLflow. `null` counts as absent.
/// Unknown fields are ignored. Where MLflow silently drops a value of the wrong type, this reader refuses it with 400.
public struct Fields {
    private enum Source {
        case body, query, describing
    }

    private let source: Source
    private let members: [JSON.Member]
    /// Whether a name has a capital letter, as every `runId` has. Where none has, as in what Python's client sends, each
    /// field is looked for under one spelling.
    private let hasCapitals: Bool
    /// Where this object stands in the request. Kept in parts: only messages need the text.
    private let place: Place?
    private(set) var shapes: [FieldShape] = []

    /// The fields of a JSON body.
    /// - Throws: 400 when the body is not an object.
    public init(body: JSON) throws(APIError) {
        guard case .object(let members) = body else {
            throw .invalid("The request body must be a JSON object, not a value of type '\(body.pythonType)'.")
        }
        self.init(.body, members)
    }

    /// The fields of a query string, decoded; a name may occur several times.
    public init(query: [(name: String, value: String)]) {
        self.init(.query, query.map { JSON.Member($0.name, .string($0.value)) })
    }

    init(describing: Void) { self.init(.describing, []) }

    private init(_ source: Source, _ members: [JSON.Member], at place: Place? = nil) {
        self.source = source
        self.members = members
        self.place = place
        hasCapitals = !members.allSatisfy { $0.name.hasOnly { !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0) } }
    }

    /// An object within a request, like `metrics[3]` or `dataset`.
    private struct Place {
        let above: String
        let name: String
        let index: Int?

        var path: String {
            let own = index.map { "\(name)[\($0)]" } ?? name
            return above.isEmpty ? own : above + "." + own
        }
    }

    // MARK: Fields by type

    /// Text; empty when absent.
    public mutating func string(_ name: String, required: Bool = false) throws(APIError) -> String {
        try optionalString(name, required: required) ?? ""
    }

    /// Text; nil when absent.
    public mutating func optionalString(_ name: String, required: Bool = false) throws(APIError) -> String? {
        describe(name, .string, required)
        guard let value = try present(name, required: required) else { return nil }
        guard case .string(let text) = value else { throw wrongType(name, value) }
        return text
    }

    /// The id of a run, which old clients call `run_uuid`. MLflow looks at that only when `run_id` is absent.
    public mutating func runID() throws(APIError) -> String {
        if isDescribing {
            describe("run_id", .string, true)
            describe("run_uuid", .string, false)
            return ""
        }
        guard try value("run_id", required: true) == nil, let old = try optionalString("run_uuid"), !old.isEmpty else {
            return try string("run_id", required: true)
        }
        return old
    }

    /// A 64-bit integer, given as a number or as digits in a string.
    public mutating func int64(_ name: String, required: Bool = false) throws(APIError) -> Int64? {
        describe(name, .int64, required)
        guard let value = try present(name, required: required) else { return nil }
        switch value {
        case .integer(let number): return number
        case .decimal(let number): if let whole = Int64(exactly: number) { return whole }
        case .string(let text):
            // Protobuf's JSON takes "1.0" for an integer too.
            let bare = text.trimmingSpaces()
            if let number = Int64(bare) ?? Double(bare).flatMap({ Int64(exactly: $0) }) { return number }
        default: break
        }
        throw wrongType(name, value)
    }

    /// A double, given as a number, as digits in a string, or as `"NaN"`, `"Infinity"`, `"-Infinity"`.
    public mutating func double(_ name: String, required: Bool = false) throws(APIError) -> Double? {
        describe(name, .double, required)
        guard let value = try present(name, required: required) else { return nil }
        switch value {
        case .integer(let number): return Double(number)
        case .decimal(let number): return number
        case .bigInteger(let digits): if let number = Double(digits), number.isFinite { return number }
        case .string(let text):
            // "NaN", "Infinity", "inf" and the like are numbers; digits that come out infinite are not the one sent.
            let isDigit = { (byte: UInt8) in UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
            if let number = Double(text.trimmingSpaces()), number.isFinite || !text.utf8.contains(where: isDigit) {
                return number
            }
        default: break
        }
        throw wrongType(name, value)
    }

    /// True or false.
    public mutating func bool(_ name: String) throws(APIError) -> Bool? {
        describe(name, .bool, false)
        guard let value = try present(name, required: false) else { return nil }
        switch value {
        case .bool(let flag): return flag
        case .string(let text) where isQuery:
            switch text.lowercased() {
            case "true": return true
            case "false": return false
            default: throw .invalid("Invalid boolean value: \(text), must be 'true' or 'false'.")
            }
        default: throw wrongType(name, value)
        }
    }

    /// One word out of a closed list, or its number, as protobuf's enums are written. `first` is the number of the first.
    public mutating func word<Word: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, of: Word.Type, first: Int = 1, required: Bool = false
    ) throws(APIError) -> Word? where Word.RawValue == String {
        describe(name, .words(Word.allCases.map(\.rawValue)), required)
        guard let value = try present(name, required: required) else { return nil }
        let words = Array(Word.allCases)
        switch value {
        case .string(let text):
            if let word = Word(rawValue: text) { return word }
            // In a query a number arrives as text.
            if let number = Int(text), words.indices.contains(number - first) { return words[number - first] }
        case .integer(let number):
            guard let index = Int(exactly: number), words.indices.contains(index - first) else {
                throw wrongType(name, value)
            }
            return words[index - first]
        default: throw wrongType(name, value)
        }
        let known = words.map(\.rawValue).joined(separator: ", ")
        throw .invalid(
            "Invalid value \(value.asciiText) for parameter '\(at(name))' supplied: it must be one of \(known).")
    }

    /// A list of texts; empty when absent. With `numbers`, integers are taken by their digits (ids of experiments).
    public mutating func strings(
        _ name: String, required: Bool = false, max: Int? = nil, numbers: Bool = false
    ) throws(APIError) -> [String] {
        describe(name, .strings, required, max)
        var texts: [String] = []
        let found = try items(name, required: required)
        texts.reserveCapacity(found.count)
        for item in found {
            switch item {
            case .string(let text): texts.append(text)
            case .integer(let number) where numbers: texts.append(String(number))
            case .bigInteger(let digits) where numbers: texts.append(digits)
            default: throw wrongType(name, .array(found))
            }
        }
        if let max, texts.count > max { throw tooMany(name, texts.count, max) }
        return texts
    }

    /// A list of objects; empty when absent.
    public mutating func list<Element: FieldsReadable>(
        _ name: String, of: Element.Type, required: Bool = false, max: Int? = nil
    ) throws(APIError) -> [Element] {
        describe(name, .list(Element.shape), required, max)
        let found = try items(name, required: required)
        if let max, found.count > max { throw tooMany(name, found.count, max) }
        let above = place?.path ?? ""
        var elements: [Element] = []
        elements.reserveCapacity(found.count)
        for (index, item) in found.enumerated() {
            guard case .object(let members) = item else { throw wrongType("\(name)[\(index)]", item) }
            var fields = Fields(.body, members, at: Place(above: above, name: name, index: index))
            elements.append(try Element(from: &fields))
        }
        return elements
    }

    /// A nested object; nil when absent.
    public mutating func object<Element: FieldsReadable>(
        _ name: String, of: Element.Type, required: Bool = false
    ) throws(APIError) -> Element? {
        describe(name, .object(Element.shape), required)
        guard isReading else {
            var fields = Fields(describing: ())
            return try Element(from: &fields)
        }
        guard let value = try present(name, required: required) else { return nil }
        guard case .object(let members) = value else { throw wrongType(name, value) }
        var fields = Fields(.body, members, at: Place(above: place?.path ?? "", name: name, index: nil))
        return try Element(from: &fields)
    }

    /// True when only the shape is asked for: values are placeholders, and checks of them mean nothing.
    public var isDescribing: Bool { source == .describing }

    /// The refusal of a value that has the right type but cannot be used, in the words of a wrong type, as MLflow's are.
    public func unfit(_ name: String, _ value: JSON) -> APIError { wrongType(name, value) }

    // MARK: Behind them

    private var isReading: Bool { !isDescribing }
    private var isQuery: Bool { source == .query }

    private mutating func describe(
        _ name: String, _ kind: @autoclosure () -> FieldKind, _ required: Bool, _ max: Int? = nil
    ) {
        guard !isReading else { return }
        shapes.append(FieldShape(name: name, kind: kind(), required: required, maxItems: max))
    }

    private func at(_ name: String) -> String { place.map { $0.path + "." + name } ?? name }

    /// The value under either spelling of the name; nil when absent or null.
    private func value(_ name: String, required: Bool) throws(APIError) -> JSON? {
        // In a query the first of several values counts, in a body the last.
        let found = (isQuery ? members.first { $0.name == name } : members.last { $0.name == name })?.value
        guard hasCapitals, !isQuery, let other = members.last(where: { isCamelCase($0.name, of: name) }) else {
            return found?.unlessNull
        }
        guard found == nil else {
            throw .invalid("Request specifies both '\(name)' and '\(other.name)'; provide only one of them.")
        }
        return required ? nil : other.value.unlessNull
    }

    private func present(_ name: String, required: Bool) throws(APIError) -> JSON? {
        let found = try value(name, required: required)
        if required, isReading, found == nil || found == .string("") { throw missing(name) }
        return found
    }

    private func items(_ name: String, required: Bool) throws(APIError) -> [JSON] {
        if isQuery {
            let found = members.filter { $0.name == name }.map(\.value)
            if required, found.isEmpty { throw missing(name) }
            return found
        }
        guard let value = try present(name, required: required) else { return [] }
        guard case .array(let items) = value else { throw wrongType(name, value) }
        return items
    }

    private func missing(_ name: String) -> APIError {
        .invalid("Missing value for required parameter '\(at(name))'.\(Self.seeDocs)")
    }

    private func wrongType(_ name: String, _ value: JSON) -> APIError {
        .invalid(
            "Invalid value \(value.asciiText) for parameter '\(at(name))' supplied:"
                + "  Hint: Value was of type '\(value.pythonType)'.\(Self.seeDocs)")
    }

    private func tooMany(_ name: String, _ count: Int, _ max: Int) -> APIError {
        .invalid("Parameter '\(at(name))' may hold at most \(max) items. Got \(count).")
    }

    private static let seeDocs = " See the API docs for more information about request parameters."
}

/// Whether a name is `runId` where the field is `run_id`.
private func isCamelCase(_ candidate: String, of name: String) -> Bool {
    guard candidate.utf8.count < name.utf8.count else { return false }
    var rest = candidate.utf8.makeIterator()
    var upper = false
    var differs = false
    for byte in name.utf8 {
        if byte == UInt8(ascii: "_") {
            upper = true
            differs = true
            continue
        }
        guard rest.next() == (upper && UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte ? byte - 32 : byte) else {
            return false
        }
        upper = false
    }
    return differs && rest.next() == nil
}
