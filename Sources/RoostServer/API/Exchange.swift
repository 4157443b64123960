// A request and its answer as handlers and tests see them: no framework, no socket.

public import HTTPTypes
internal import NIOCore
internal import RoostArtifacts
public import RoostCore

/// The head of a request, its target taken apart.
public struct RequestHead: Sendable {
    public let method: HTTPRequest.Method
    /// The path as it was sent, without the query.
    public let path: String
    public let query: [(name: String, value: String)]
    public let headers: HTTPFields
    /// What the request names as its host: the `Host` header, or the authority of an absolute target.
    public let host: String?
    /// What the head says how many bytes the body has; nil where it does not say.
    let announcedLength: Int?
    /// What stands where the row's path has `{name}`, by name, as it was sent.
    public internal(set) var parameters: [String: String] = [:]
    /// Where the request comes from, when the server asks who is there.
    var address = ""

    public init(method: HTTPRequest.Method, target: String, headers: HTTPFields, host: String?) {
        self.method = method
        self.headers = headers
        self.host = host
        announcedLength = headers.quick(.contentLength).flatMap { Int($0) }
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = mark.map { String(target[..<$0]) } ?? target
        query = mark.map { parseQuery(target[target.utf8.index(after: $0)...]) } ?? []
    }
}

extension HTTPFields {
    /// The same as the subscript, without its joining of values where there is but one.
    func quick(_ name: HTTPField.Name) -> String? {
        let fields = self[fields: name]
        return fields.count > 1 ? self[name] : fields.first?.value
    }
}

/// Hands over the body: whole, up to a number of bytes, or piece by piece.
public struct BodyReader: Sendable {
    private let collect: @Sendable (_ limit: Int) async throws -> [UInt8]
    /// Gives the body piece by piece and throws 400 when it ends early; nothing holds more than a piece.
    let stream: ByteSource

    init(collect: @escaping @Sendable (_ limit: Int) async throws -> [UInt8], stream: @escaping ByteSource) {
        self.collect = collect
        self.stream = stream
    }

    /// A body that is there already.
    init(_ bytes: [UInt8]) {
        collect = { limit in
            guard bytes.count <= limit else {
                throw APIError(.invalidParameterValue, "The request body is too large.", status: 413)
            }
            return bytes
        }
        stream = { sink in if !bytes.isEmpty { try await sink(ByteBuffer(bytes: bytes)) } }
    }

    func callAsFunction(_ limit: Int) async throws -> [UInt8] { try await collect(limit) }
}

/// What an answer holds.
enum ResponseContent: Sendable {
    case bytes([UInt8])
    /// A part of a file, sent as it is read.
    case file(any ArtifactFile, Range<Int64>)
    /// Bytes whose number nobody knows before they are made.
    case pieces(ByteSource)

    /// How many bytes; nil when that shows at the end.
    var count: Int64? {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): Int64(range.count)
        case .pieces: nil
        }
    }
}

/// An answer.
public struct APIResponse: Sendable {
    public var status: Int
    public var headers: HTTPFields
    var content: ResponseContent

    public init(status: Int = 200, headers: HTTPFields, body: [UInt8]) {
        self.init(status: status, headers: headers, content: .bytes(body))
    }

    init(status: Int, headers: HTTPFields, content: ResponseContent) {
        self.status = status
        self.headers = headers
        self.content = content
    }

    /// The bytes of an answer that was not read from a file.
    public var body: [UInt8] { if case .bytes(let bytes) = content { bytes } else { [] } }

    /// A JSON answer.
    public static func json(_ bytes: [UInt8], status: Int = 200) -> APIResponse {
        APIResponse(status: status, headers: [.contentType: "application/json"], body: bytes)
    }

    /// Plain text.
    public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8")
        -> APIResponse
    {
        APIResponse(status: status, headers: [.contentType: type], body: Array(text.utf8))
    }

    /// A refusal in the shape that MLflow's clients read.
    public init(_ error: APIError) {
        var json = JSONWriter()
        json.object { json in
            json.member("error_code", error.code.rawValue)
            json.member("message", error.message)
        }
        self = .json(json.bytes, status: error.status)
        // The client waits this many seconds before it tries again.
        if error.status == 503 { headers[.retryAfter] = "1" }
    }
}

/// An answer without content: `{}`.
public struct Nothing: JSONWritable, Sendable {
    public init() {}
    public func write(to json: inout JSONWriter) { json.object { _ in } }
}

/// `a=1&b=x+y` to names and values, `+` a space, escapes decoded; what is not an escape stays as it is.
func parseQuery(_ query: Substring) -> [(name: String, value: String)] {
    query.split(separator: "&").map { pair in
        let mark = pair.firstIndex(of: "=")
        let name = pair[..<(mark ?? pair.endIndex)]
        let value = mark.map { pair[pair.index(after: $0)...] } ?? ""
        return (decodeComponent(name, plusIsSpace: true), decodeComponent(value, plusIsSpace: true))
    }
}

/// Undoes percent-encoding once. Bytes that are not UTF-8 become U+FFFD, as in MLflow's server.
func decodeComponent(_ text: Substring, plusIsSpace: Bool) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let high = rest.first?.hexValue, let low = rest.dropFirst().first?.hexValue {
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

extension UInt8 {
    fileprivate var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
