// The endpoints below `mlflow-artifacts/`: clients send and fetch files through this server.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore

/// Handlers of artifacts.
enum Artifacts {
    static func list(_ request: ListProxied, _ services: Services) async throws -> ProxiedFiles {
        let files = try await proxy(services).list(request.path)
        guard let caller = services.caller, request.path.names.isEmpty else { return ProxiedFiles(files: files) }
        // The directories of experiments that the caller may not see are not there.
        let shown = caller.experiments
        return ProxiedFiles(files: files.filter { Int64($0.name) == nil || shown.contains($0.name) })
    }

    static func download(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let repository = try proxy(services)
        let text = try ArtifactPath.decode(rawPath(head))
        return try await FileAnswer.make(try ArtifactPath(file: text), in: repository, named: text, head)
    }

    static func upload(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let repository = try proxy(services)
        let text = try ArtifactPath.decode(rawPath(head))
        guard !text.isEmpty, text.utf8.last != UInt8(ascii: "/") else {
            throw APIError.invalid("Artifact path must include a filename (cannot end with '/').")
        }
        try refuseEncodings(head)
        try await repository.write(try ArtifactPath(file: text), from: body.stream)
        return APIResponse(headers: [:], body: [])
    }

    static func delete(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let path = try ArtifactPath(beneathRoot: ArtifactPath.decode(rawPath(head)))
        try await proxy(services).delete(path)
        return .json(JSONWriter.bytes(of: Nothing()))
    }

    // MARK: Behind them

    static func rawPath(_ head: RequestHead) -> Substring { (head.parameters["artifact_path"] ?? "")[...] }

    /// Bytes are stored as they come, so a coding of the transfer would become part of the file.
    static func refuseEncodings(_ head: RequestHead) throws(APIError) {
        if let coding = head.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw APIError(.badRequest, "The request body is encoded as '\(coding)'; send it plain.", status: 415)
        }
    }

    static func proxy(_ services: Services) throws(APIError) -> any ArtifactRepository {
        guard let proxy = services.artifacts.proxy else {
            // The row's area has said so before.
            throw APIError(.temporarilyUnavailable, "Artifact serving is disabled.")
        }
        return proxy
    }
}
