// Requests and answers of uploads in parts and of downloads in ranges.

internal import RoostArtifacts
internal import RoostCore

struct CreateMultipart: FieldsReadable {
    let name: ArtifactPath
    let parts: Int64

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.fileName()
        // Left out it is 0 for MLflow, too.
        parts = try fields.int64("num_parts") ?? 0
    }
}

struct CompleteMultipart: FieldsReadable {
    let name: ArtifactPath
    let uploadID: String
    let parts: [Part]

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.fileName()
        uploadID = try fields.string("upload_id")
        parts = try fields.list("parts", of: Part.self, required: true, max: Limits.uploadParts)
    }

    struct Part: FieldsReadable {
        let number: Int64
        let tag: String

        init(from fields: inout Fields) throws(APIError) {
            number = try fields.int64("part_number") ?? 0
            tag = try fields.string("etag")
            _ = try fields.string("url")
        }
    }
}

struct AbortMultipart: FieldsReadable {
    let name: ArtifactPath
    let uploadID: String

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.fileName()
        uploadID = try fields.string("upload_id")
    }
}

extension Fields {
    /// The name of a file from its path on the client's machine, which is what MLflow's client sends; the directories of
    /// that machine say nothing here.
    fileprivate mutating func fileName() throws(APIError) -> ArtifactPath {
        let path = try string("path", required: true)
        return isDescribing ? .root : try ArtifactPath(file: localName(path))
    }
}

/// The last name of a path on another machine, where backslashes may be the separators.
func localName(_ path: String) -> String {
    let bytes = Array(path.utf8.prefix(3))
    let backslash = UInt8(ascii: "\\")
    let isOfWindows =
        bytes.starts(with: [backslash, backslash]) || bytes.count == 3 && bytes[1...] == [0x3A, backslash]
    let name = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? path.utf8[...]
    guard isOfWindows else { return String(Substring(name)) }
    return String(Substring(name.split(separator: backslash, omittingEmptySubsequences: false).last ?? name))
}

/// An upload that was begun, and where each part goes.
struct StartedUpload: JSONWritable, Sendable {
    let id: String
    /// The address of a part without its number.
    let base: String
    let parts: Int

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("upload_id", id)
            json.member("credentials", list: (1...parts).map { Place(url: base + String($0), number: Int64($0)) })
        }
    }

    static let example = StartedUpload(
        id: "0123456789abcdef0123456789abcdef",
        base: "http://localhost:5000/api/2.0/mlflow-artifacts/mpu/part/0123456789abcdef0123456789abcdef/", parts: 1)

    private struct Place: JSONWritable {
        let url: String
        let number: Int64

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("url", url)
                json.member("part_number", number)
                json.member("headers", Nothing())
            }
        }
    }
}

/// Where a file can be fetched.
struct FileLink: JSONWritable, Sendable {
    let url: String
    let size: Int64

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("url", url)
            json.member("headers", Nothing())
            json.member("file_size", size)
        }
    }

    static let example = FileLink(
        url: "http://localhost:5000/api/2.0/mlflow-artifacts/artifacts/1/model.pkl", size: 1024)
}

/// A path as it stands in a URL, with its slashes.
func percentEncode(_ path: String) -> String {
    path.utf8.reduce(into: "") { text, byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            text.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
