// Requests and answers of the artifact endpoints.

internal import RoostArtifacts
internal import RoostCore

struct ListProxied: FieldsReadable {
    let path: ArtifactPath

    init(from fields: inout Fields) throws(APIError) { path = try ArtifactPath(directory: fields.string("path")) }
}

struct ListArtifacts: FieldsReadable {
    let runID: String
    let path: ArtifactPath
    /// The last name of the page before.
    let after: String?

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        path = try ArtifactPath(directory: fields.string("path"))
        let token = try fields.string("page_token")
        after = token.isEmpty ? nil : try ListingToken.name(token)
    }
}

struct PresignUpload: FieldsReadable {
    /// Empty when a model is named.
    let runID: String
    let modelID: String

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id")
        modelID = try fields.string("model_id")
        let path = try fields.string("path", required: true)
        _ = try fields.int64("expiration")
        if fields.isDescribing { return }
        guard runID.isEmpty != modelID.isEmpty else {
            throw .invalid("Exactly one of run_id and model_id must be provided.")
        }
        _ = try ArtifactPath(beneathRoot: path)
    }
}

struct PresignDownload: FieldsReadable {
    let runID: String

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.string("run_id", required: true)
        let path = try fields.string("path", required: true)
        let seconds = try fields.int64("expiration") ?? 300
        if fields.isDescribing { return }
        _ = try ArtifactPath(beneathRoot: path)
        guard 1...604_800 ~= seconds else {
            throw .invalid("expiration must be between 1 and 604800 seconds (got \(seconds)).")
        }
    }
}

/// A listing of the proxy: names alone.
struct ProxiedFiles: JSONWritable, Sendable {
    let files: [ArtifactEntry]

    func write(to json: inout JSONWriter) {
        json.object { json in
            guard !files.isEmpty else { return }
            json.member("files", list: files.map { ArtifactFileInfo(path: $0.name, size: $0.size) })
        }
    }

    static let example = ProxiedFiles(files: [ArtifactEntry(name: "model.pkl", size: 1024)])
}

/// A listing of a run: paths from the root of its artifacts, in pages only when there are very many.
struct FoundArtifacts: JSONWritable, Sendable {
    let rootURI: String
    let files: [ArtifactFileInfo]
    let nextPageToken: String?

    init(rootURI: String, directory: ArtifactPath, entries: [ArtifactEntry], after: String?) {
        self.rootURI = rootURI
        var rest = entries[...]
        if let after { rest = rest.drop { !after.utf8.lexicographicallyPrecedes($0.name.utf8) } }
        let page = rest.prefix(Limits.artifactListing)
        let before = directory.names.isEmpty ? "" : directory.text + "/"
        files = page.map { ArtifactFileInfo(path: before + $0.name, size: $0.size) }
        nextPageToken = page.count < rest.count ? page.last.map { ListingToken.token($0.name) } : nil
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("root_uri", rootURI)
            if !files.isEmpty { json.member("files", list: files) }
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = FoundArtifacts(
        rootURI: "mlflow-artifacts:/1/0123456789abcdef0123456789abcdef/artifacts", directory: .root,
        entries: [ArtifactEntry(name: "model", size: nil), ArtifactEntry(name: "notes.txt", size: 5)], after: nil)
}

/// A file or a directory as MLflow lists it.
struct ArtifactFileInfo: JSONWritable, Sendable {
    let path: String
    let size: Int64?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("path", path)
            json.member("is_dir", size == nil)
            // As MLflow, which leaves out what is 0; its client reads that as 0 again.
            if let size, size > 0 { json.member("file_size", size) }
        }
    }
}

/// Where a page of a listing ended: the last name, in hexadecimal digits.
enum ListingToken {
    static func token(_ name: String) -> String {
        name.utf8.map { (byte: UInt8) in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    static func name(_ token: String) throws(APIError) -> String {
        var bytes: [UInt8] = []
        var rest = token.utf8[...]
        while !rest.isEmpty {
            guard rest.count >= 2, let byte = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else { throw isNone }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        guard let name = String(validating: bytes, as: UTF8.self) else { throw isNone }
        return name
    }

    private static let isNone = APIError.invalid("Invalid page token, could not base64-decode")
}
