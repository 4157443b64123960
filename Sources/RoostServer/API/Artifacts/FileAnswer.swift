// A file as an answer: a download and never a page, whole or in one range, or 304 when the client has it.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore

/// Makes answers of files.
enum FileAnswer {
    /// - Parameter named: the path as messages show it.
    static func make(
        _ path: ArtifactPath, in repository: any ArtifactRepository, named: String, _ head: RequestHead
    ) async throws -> APIResponse {
        switch try await repository.open(path) {
        case .nothing: throw APIError.missing("No such artifact: '\(named)'")
        case .directory: throw APIError.isDirectory(named)
        case .file(let file): return try answer(file, name: path.names.last ?? "", head)
        }
    }

    private static func answer(_ file: any ArtifactFile, name: String, _ head: RequestHead) throws(APIError)
        -> APIResponse
    {
        let tag = "\"\(file.tag)\""
        var headers: HTTPFields = [
            .contentType: ContentType.guess(name), .contentDisposition: Disposition.attachment(name),
            .contentSecurityPolicy: "sandbox", .acceptRanges: "bytes", .eTag: tag,
            .lastModified: DateHeader.text(file.modified), .cacheControl: "no-cache",
        ]
        if let known = head.headers[.ifNoneMatch], Self.lists(known, tag) {
            headers[.contentType] = nil
            return APIResponse(status: 304, headers: headers, body: [])
        }
        let asked = head.headers[.range]
        // A range of a file that has changed since is of no use: the client gets it whole.
        let isFresh = head.headers[.ifRange].map { $0 == tag || $0 == headers[.lastModified] } ?? true
        guard let asked, isFresh else {
            return APIResponse(status: 200, headers: headers, content: .file(file, 0..<file.size))
        }
        switch try ByteRange.read(asked, size: file.size) {
        case .whole: return APIResponse(status: 200, headers: headers, content: .file(file, 0..<file.size))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            return APIResponse(status: 206, headers: headers, content: .file(file, range))
        case .outside:
            var refusal = APIResponse(
                APIError(.invalidParameterValue, "The range '\(asked.prefix(100))' is not in the file.", status: 416))
            refusal.headers[.contentRange] = "bytes */\(file.size)"
            return refusal
        }
    }

    /// Whether a list of entity tags has this one; weak ones count, as they do for this header.
    private static func lists(_ field: String, _ tag: String) -> Bool {
        field.split(separator: ",").contains { entry in
            var entry = entry.drop { $0 == " " || $0 == "\t" }
            while entry.last == " " || entry.last == "\t" { entry.removeLast() }
            if entry.hasPrefix("W/") { entry = entry.dropFirst(2) }
            return entry == "*" || entry == tag
        }
    }
}

/// The header `Range`.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int64>)
    /// 416.
    case outside

    /// - Throws: 400 in MLflow's words for what is no range of bytes. Several ranges in one are answered with the whole
    ///   file: an answer is never longer than the file, whatever was asked.
    static func read(_ field: String, size: Int64) throws(APIError) -> ByteRange {
        guard let equals = field.firstIndex(of: "="), field[..<equals].lowercased() == "bytes" else {
            throw .invalid("Only support bytes range")
        }
        let ranges = field[field.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: true)
        guard let only = ranges.first else { throw noRange }
        guard ranges.count == 1 else { return .whole }
        let spec = only.filter { $0 != " " && $0 != "\t" }
        guard let dash = spec.firstIndex(of: "-") else { throw noRange }
        let first = spec[..<dash]
        let last = spec[spec.index(after: dash)...]
        if first.isEmpty {
            guard let count = try number(last) else { throw noRange }
            return count == 0 || size == 0 ? .outside : .part(max(0, size - count)..<size)
        }
        guard let start = try number(first) else { throw noRange }
        let end = try number(last) ?? .max
        guard start <= end else { throw .invalid("Range header: start must be less than end") }
        return start >= size ? .outside : .part(start..<min(size, end == .max ? end : end + 1))
    }

    private static let noRange = APIError.invalid("Range header: range must be requested")

    /// Digits; nil for none. More than fit are the greatest there is.
    private static func number(_ text: Substring) throws(APIError) -> Int64? {
        if text.isEmpty { return nil }
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { throw noRange }
        return Int64(text) ?? .max
    }
}

/// The header `Content-Disposition` (RFC 6266).
enum Disposition {
    /// - Parameter name: free of control characters, as every name of a path is.
    static func attachment(_ name: String) -> String {
        let plain = String(String.UnicodeScalarView(name.unicodeScalars.map { $0.isASCII ? $0 : "_" }))
        let isToken = !plain.isEmpty && plain.utf8.allSatisfy { $0.isTokenCharacter }
        let escaped = plain.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : String($1) }
        let ascii = "attachment; filename=" + (isToken ? plain : "\"\(escaped)\"")
        guard plain != name else { return ascii }
        let percent = name.utf8.reduce(into: "") { text, byte in
            if byte.isAttributeCharacter {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text +=
                    "%" + String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true)
            }
        }
        return ascii + "; filename*=UTF-8''" + percent
    }
}

extension UInt8 {
    fileprivate var isASCIIAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
    /// Of a token (RFC 9110).
    fileprivate var isTokenCharacter: Bool { isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(self) }
    /// Of an extended value, unescaped (RFC 8187).
    fileprivate var isAttributeCharacter: Bool { isASCIIAlphanumeric || "!#$&+-.^_`|~".utf8.contains(self) }
}
