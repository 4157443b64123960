// The text of a GraphQL query, as far as MLflow's pages use the language: one operation, fields, arguments, aliases.

internal import RoostCore

/// A refusal in the shape of GraphQL: 200 with `errors`.
struct GraphQLError: Error, Equatable {
    let message: String
}

/// A field that is asked for.
struct GraphQLField: Equatable {
    let name: String
    /// The name under which it is answered.
    let alias: String
    /// The variable that an argument is taken from, by the argument's name. Other values are not looked at.
    let variables: [String: String]
    let fields: [GraphQLField]
}

/// Reads a query. Nesting, fields and aliases are bounded while it is read, as MLflow bounds them afterwards.
struct GraphQLDocument {
    /// What is asked for at the top.
    let fields: [GraphQLField]

    init(_ text: String) throws(GraphQLError) {
        var reader = Reader(Array(text.utf8))
        fields = try reader.document()
    }
}

private struct Reader {
    private let bytes: [UInt8]
    private var place = 0
    private var selections = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(GraphQLError) -> [GraphQLField] {
        skip()
        if peek != UInt8(ascii: "{") {
            let kind = try name()
            guard kind == "query" else {
                throw GraphQLError(message: "Roost answers queries without fragments; this begins with '\(kind)'.")
            }
            if isName { _ = try name() }
            if peek == UInt8(ascii: "(") { try skipGroup() }
            try directives()
        }
        let fields = try selection(depth: 1)
        guard place == bytes.count else {
            throw GraphQLError(message: "Roost answers one operation a request, without fragments.")
        }
        return fields
    }

    private mutating func selection(depth: Int) throws(GraphQLError) -> [GraphQLField] {
        guard depth <= Limits.graphQLDepth else {
            throw GraphQLError(message: "Query exceeds maximum depth of \(Limits.graphQLDepth)")
        }
        try expect(UInt8(ascii: "{"))
        var fields: [GraphQLField] = []
        var aliases = 0
        while peek != UInt8(ascii: "}") {
            if peek == UInt8(ascii: ".") { throw GraphQLError(message: "Roost answers queries without fragments.") }
            selections += 1
            guard selections <= Limits.graphQLSelections else {
                throw GraphQLError(message: "Query exceeds maximum total selections of \(Limits.graphQLSelections)")
            }
            let field = try field(depth: depth)
            if field.alias != field.name { aliases += 1 }
            fields.append(field)
        }
        try expect(UInt8(ascii: "}"))
        guard !fields.isEmpty else { throw syntax("a name") }
        let counts = [(aliases, "aliases")] + (depth == 1 ? [(fields.count, "root fields")] : [])
        for (count, what) in counts where count > Limits.graphQLFields {
            throw GraphQLError(
                message: "GraphQL queries should have at most \(Limits.graphQLFields) \(what), got \(count) \(what).")
        }
        return fields
    }

    private mutating func field(depth: Int) throws(GraphQLError) -> GraphQLField {
        let alias = try name()
        var called = alias
        if peek == UInt8(ascii: ":") {
            advance()
            called = try name()
        }
        let variables = peek == UInt8(ascii: "(") ? try arguments() : [:]
        try directives()
        let fields = peek == UInt8(ascii: "{") ? try selection(depth: depth + 1) : []
        return GraphQLField(name: called, alias: alias, variables: variables, fields: fields)
    }

    private mutating func arguments() throws(GraphQLError) -> [String: String] {
        var variables: [String: String] = [:]
        try expect(UInt8(ascii: "("))
        while peek != UInt8(ascii: ")") {
            let argument = try name()
            try expect(UInt8(ascii: ":"))
            if peek == UInt8(ascii: "$") {
                advance()
                variables[argument] = try name()
            } else {
                try skipValue()
            }
        }
        try expect(UInt8(ascii: ")"))
        return variables
    }

    /// `@name(…)`: MLflow's pages mark their queries for another server.
    private mutating func directives() throws(GraphQLError) {
        while peek == UInt8(ascii: "@") {
            advance()
            _ = try name()
            if peek == UInt8(ascii: "(") { try skipGroup() }
        }
    }

    // MARK: Tokens

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private var isName: Bool { peek.map(Self.beginsName) ?? false }

    private static func beginsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    /// Past a token, and what does not count between two: space, commas, comments.
    private mutating func advance() {
        place += 1
        skip()
    }

    private mutating func skip() {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: ","):
                place += 1
            case UInt8(ascii: "#"):
                while let byte = peek, byte != UInt8(ascii: "\n") { place += 1 }
            default: return
            }
        }
    }

    private mutating func expect(_ byte: UInt8) throws(GraphQLError) {
        guard peek == byte else { throw syntax("'\(Character(Unicode.Scalar(byte)))'") }
        advance()
    }

    private mutating func name() throws(GraphQLError) -> String {
        guard isName else { throw syntax("a name") }
        let start = place
        while let byte = peek, Self.beginsName(byte) || Self.isDigit(byte) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        skip()
        return text
    }

    /// A value that is not a variable: its shape is checked as far as finding its end needs it.
    private mutating func skipValue() throws(GraphQLError) {
        switch peek {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipGroup()
        case UInt8(ascii: "\""): try skipString()
        default:
            let start = place
            while let byte = peek, Self.beginsName(byte) || Self.isDigit(byte) || "+-.".utf8.contains(byte) {
                place += 1
            }
            guard place > start else { throw syntax("a value") }
            skip()
        }
    }

    /// Something in brackets, with everything in it. Counted, not nested, so that no depth can exhaust the stack.
    private mutating func skipGroup() throws(GraphQLError) {
        var open = 0
        repeat {
            switch peek {
            case nil: throw syntax("a closing bracket")
            case UInt8(ascii: "\""):
                try skipString()
                continue
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
            default: break
            }
            advance()
        } while open > 0
    }

    private mutating func skipString() throws(GraphQLError) {
        place += 1
        while let byte = peek, byte != UInt8(ascii: "\"") { place += byte == UInt8(ascii: "\\") ? 2 : 1 }
        guard peek != nil else { throw syntax("the end of a string") }
        advance()
    }

    private func syntax(_ expected: String) -> GraphQLError {
        GraphQLError(message: "Syntax Error: Expected \(expected) at byte \(place) of the query.")
    }
}
