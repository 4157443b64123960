// The OpenAPI document of what is served, made from the route table alone.

internal import HTTPTypes
internal import RoostCore

/// The bytes of `api-spec/openapi.json`.
public func openAPIDocument() -> [UInt8] {
    let document = OpenAPI.document
    return Array(Pretty.text(of: document).utf8) + [UInt8(ascii: "\n")]
}

/// Builds the document.
enum OpenAPI {
    static var document: JSON {
        var paths: [(String, [(String, JSON)])] = []
        for route in Routes.all where route.area != .pages {
            for path in route.scope.paths(route.path) {
                let operation = (route.method.rawValue.lowercased(), operation(route, path))
                let path = path.replacing("...}", with: "}")
                if let index = paths.firstIndex(where: { $0.0 == path }) {
                    paths[index].1.append(operation)
                } else {
                    paths.append((path, [operation]))
                }
            }
        }
        return object([
            ("openapi", .string("3.1.0")),
            (
                "info",
                object([
                    ("title", .string("Roost")), ("version", .string(roostVersion)),
                    (
                        "description",
                        .string(
                            "The endpoints that Roost serves, compatible with MLflow \(mlflowVersion). Made from the route"
                                + " table: do not edit.")
                    ),
                    ("license", object([("name", .string("Apache-2.0")), ("identifier", .string("Apache-2.0"))])),
                ])
            ),
            ("paths", object(paths.sorted { $0.0 < $1.0 }.map { ($0.0, object($0.1)) })),
            ("components", object([("schemas", object([("Error", errorSchema)]))])),
        ])
    }

    private static func operation(_ route: Route, _ path: String) -> JSON {
        let id =
            route.method.rawValue.lowercased()
            + path.split(whereSeparator: { "/.-{}".contains($0) })
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        var members: [(String, JSON)] = [
            ("operationId", .string(id)),
            ("summary", .string(route.summary)),
            ("x-permission", .string(route.permission.rawValue)),
        ]
        let inQuery = route.method == .get || route.media.takesBytes
        let parameters =
            PathPattern.names(in: path).map(pathParameter) + (inQuery ? route.fields.map(parameter) : [])
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if route.media.takesBytes {
            if route.bodyLimit != .max { members.append(("x-body-limit", .integer(Int64(route.bodyLimit)))) }
            members.append(("requestBody", object([("required", .bool(true)), ("content", bytes)])))
        } else if !route.fields.isEmpty, !inQuery {
            members.append(("x-body-limit", .integer(Int64(route.bodyLimit))))
            members.append(("requestBody", body(route.fields)))
        }
        let well = route.media.isRefused ? ("501", failure) : ("200", success(route))
        members.append(("responses", object([well, ("default", failure)])))
        return object(members)
    }

    private static func parameter(_ field: FieldShape) -> JSON {
        object([
            ("name", .string(field.name)), ("in", .string("query")), ("required", .bool(field.required)),
            ("schema", schema(field)),
        ])
    }

    /// A parameter of the path; one that may hold slashes is written with them, or with `%2F`.
    private static func pathParameter(_ name: String) -> JSON {
        object([
            ("name", .string(name)), ("in", .string("path")), ("required", .bool(true)),
            ("schema", object([("type", .string("string")), ("minLength", .integer(1))])),
        ])
    }

    private static let bytes = object([
        ("*/*", object([("schema", object([("type", .string("string")), ("format", .string("binary"))]))]))
    ])

    private static func body(_ fields: [FieldShape]) -> JSON {
        object([
            ("required", .bool(true)),
            ("content", object([("application/json", object([("schema", schema(fields))]))])),
        ])
    }

    private static func success(_ route: Route) -> JSON {
        if route.media.answersNothing { return object([("description", .string("Stored."))]) }
        if route.media.answersBytes {
            return object([("description", .string("The file, as a download.")), ("content", bytes)])
        }
        guard let example = route.example, let value = try? JSONReader.parse(example) else {
            return object([
                ("description", .string("Text.")),
                ("content", object([("text/*", object([("schema", object([("type", .string("string"))]))]))])),
            ])
        }
        let schema = route.media.variesInShape ? object([("type", .string("object"))]) : schema(like: value)
        return object([
            ("description", .string("What was asked for.")),
            (
                "content",
                object([("application/json", object([("schema", schema), ("example", value)]))])
            ),
        ])
    }

    private static let failure = object([
        ("description", .string("A refusal; the status goes with the code.")),
        (
            "content",
            object([
                ("application/json", object([("schema", object([("$ref", .string("#/components/schemas/Error"))]))]))
            ])
        ),
    ])

    private static let errorSchema = object([
        ("type", .string("object")),
        ("required", .array([.string("error_code"), .string("message")])),
        (
            "properties",
            object([
                (
                    "error_code",
                    object([
                        ("type", .string("string")), ("enum", .array(ErrorCode.allCases.map { .string($0.rawValue) })),
                    ])
                ),
                ("message", object([("type", .string("string"))])),
            ])
        ),
    ])

    // MARK: Schemas

    private static func schema(_ fields: [FieldShape]) -> JSON {
        var members: [(String, JSON)] = [
            ("type", .string("object")),
            ("properties", object(fields.map { ($0.name, schema($0)) })),
        ]
        let required = fields.filter(\.required).map { JSON.string($0.name) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        return object(members)
    }

    private static func schema(_ field: FieldShape) -> JSON {
        switch field.kind {
        case .string: return object([("type", .string("string"))])
        case .int64: return object([("type", .string("integer")), ("format", .string("int64"))])
        case .double: return object([("type", .string("number")), ("format", .string("double"))])
        case .bool: return object([("type", .string("boolean"))])
        case .words(let words):
            return object([("type", .string("string")), ("enum", .array(words.map { .string($0) }))])
        case .strings: return list(object([("type", .string("string"))]), field.maxItems)
        case .list(let fields): return list(schema(fields), field.maxItems)
        case .object(let fields): return schema(fields)
        }
    }

    private static func list(_ items: JSON, _ max: Int?) -> JSON {
        var members: [(String, JSON)] = [("type", .string("array")), ("items", items)]
        if let max { members.append(("maxItems", .integer(Int64(max)))) }
        return object(members)
    }

    /// The schema of values like this example: every member may be absent, as protobuf leaves out what is empty.
    private static func schema(like value: JSON) -> JSON {
        switch value {
        case .null: return object([("type", .string("null"))])
        case .bool: return object([("type", .string("boolean"))])
        case .integer, .bigInteger: return object([("type", .string("integer"))])
        // Not-a-number goes out as text.
        case .decimal: return object([("type", .array([.string("number"), .string("string")]))])
        case .string: return object([("type", .string("string"))])
        case .array(let items): return list(items.first.map(schema(like:)) ?? object([]), nil)
        case .object(let members):
            return object([
                ("type", .string("object")),
                ("properties", object(members.map { ($0.name, schema(like: $0.value)) })),
            ])
        }
    }

    private static func object(_ members: [(String, JSON)]) -> JSON {
        .object(members.map { JSON.Member($0.0, $0.1) })
    }
}

/// JSON for people: one member a line.
private enum Pretty {
    static func text(of value: JSON, indent: String = "") -> String {
        let inner = indent + "  "
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { inner + plain(.string($0.name)) + ": " + text(of: $0.value, indent: inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n" + indent + "}"
        case .array(let items) where !items.isEmpty:
            let lines = items.map { inner + text(of: $0, indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n" + indent + "]"
        default: return plain(value)
        }
    }

    private static func plain(_ value: JSON) -> String { String(decoding: JSONWriter.bytes(of: value), as: UTF8.self) }
}
