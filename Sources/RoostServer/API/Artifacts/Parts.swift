// Files in several requests at once, as MLflow's client sends and fetches large ones: parts of an upload, ranges of a
// download. In MLflow an object store takes and gives them; here it is this server, so the addresses are its own.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore

extension Artifacts {
    static func createUpload(
        _ request: CreateMultipart, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let path = try directory(head).appending(request.name)
        guard 1...Int64(Limits.uploadParts) ~= request.parts else {
            // With these first words MLflow's client sends the file in one piece.
            throw APIError.invalid(
                "Multipart upload is not supported for the current artifact repository with \(request.parts) parts: num_parts"
                    + " must be from 1 to \(Limits.uploadParts).")
        }
        let address = try OwnAddress.make(head, services)
        let id = try await proxy(services).beginUpload(path, parts: Int(request.parts))
        return uncached(
            StartedUpload(
                id: id, base: address + "/api/2.0/mlflow-artifacts/mpu/part/\(id)/", parts: Int(request.parts)))
    }

    static func uploadPart(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let id = try uploadID(head.parameters["upload_id"] ?? "")
        let number = try partNumber(head.parameters["part_number"] ?? "")
        try refuseEncodings(head)
        let tag = try await proxy(services).writePart(number, of: id, from: body.stream)
        return APIResponse(headers: [.eTag: "\"\(tag)\""], body: [])
    }

    static func completeUpload(
        _ request: CompleteMultipart, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let path = try directory(head).appending(request.name)
        let parts = try request.parts.map { part throws(APIError) in
            guard 1...Int64(Limits.uploadParts) ~= part.number else { throw noPart("\(part.number)") }
            // As it stood in the header, or without the quotes around.
            let isQuoted = part.tag.utf8.count > 1 && part.tag.hasPrefix("\"") && part.tag.hasSuffix("\"")
            return UploadedPart(
                number: Int(part.number), tag: isQuoted ? String(part.tag.dropFirst().dropLast()) : part.tag)
        }
        try await proxy(services).completeUpload(try uploadID(request.uploadID), of: path, parts: parts)
        return .json(JSONWriter.bytes(of: Nothing()))
    }

    static func abortUpload(
        _ request: AbortMultipart, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let path = try directory(head).appending(request.name)
        try await proxy(services).abortUpload(try uploadID(request.uploadID), of: path)
        return .json(JSONWriter.bytes(of: Nothing()))
    }

    static func presigned(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let text = try ArtifactPath.decode(rawPath(head))
        let path = try ArtifactPath(file: text)
        let address = try OwnAddress.make(head, services)
        switch try await proxy(services).open(path) {
        case .nothing: throw APIError.missing("No such artifact: '\(text)'")
        case .directory: throw APIError.isDirectory(text)
        case .file(let file):
            let place = "/api/2.0/mlflow-artifacts/artifacts/" + percentEncode(path.text)
            return uncached(FileLink(url: address + place, size: file.size))
        }
    }

    /// The directory that the path names; the name of the file is in the body.
    private static func directory(_ head: RequestHead) throws(APIError) -> ArtifactPath {
        try ArtifactPath(beneathRoot: ArtifactPath.decode(rawPath(head)))
    }

    /// What is no id stands for no upload.
    private static func uploadID(_ text: String) throws(APIError) -> String {
        let isID =
            text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isID else { throw .missing("There is no upload with this id.") }
        return text
    }

    private static func partNumber(_ text: String) throws(APIError) -> Int {
        guard text.utf8.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.first != 0x30,
            let number = Int(text), 1...Limits.uploadParts ~= number
        else { throw noPart(text) }
        return number
    }

    private static func noPart(_ text: String) -> APIError {
        .invalid("part_number must be from 1 to \(Limits.uploadParts), not '\(text.prefix(20))'.")
    }

    /// Addresses are made for who asks, so nobody on the way keeps them for another.
    private static func uncached(_ answer: some JSONWritable) -> APIResponse {
        var response = APIResponse.json(JSONWriter.bytes(of: answer))
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

/// How the caller reaches this server.
enum OwnAddress {
    /// Scheme and host as the request has them, and the static prefix if it came by that: `https://host:1/tracking`.
    ///
    /// What a proxy has noted of the request before it counts, as far as it is harmless: the scheme when it is one of the
    /// two, the host when this server answers to it. The answer goes to nobody but the one who sent these headers.
    static func make(_ head: RequestHead, _ services: Services) throws(APIError) -> String {
        let settings = services.settings
        var host = head.host.flatMap { Authority($0) }
        if let forwarded = first(.xForwardedHost, head), let authority = Authority(forwarded),
            !settings.securityEnabled || HostGuard(allowed: settings.allowedHosts).check(forwarded) == nil
        {
            host = authority
        }
        guard let host else {
            throw APIError(.badRequest, "The request names no host, so no address of this server can be told.")
        }
        let scheme = first(.xForwardedProto, head)?.lowercased()
        let prefix = settings.staticPrefix
        return (scheme == "https" ? "https" : "http") + "://" + host.text
            + (!prefix.isEmpty && head.path.hasPrefix(prefix + "/") ? prefix : "")
    }

    /// The first entry of a list: what the proxy nearest to the caller has seen.
    private static func first(_ name: HTTPField.Name, _ head: RequestHead) -> String? {
        head.headers[name]?.split(separator: ",").first.map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}
