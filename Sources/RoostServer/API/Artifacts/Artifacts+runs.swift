// Artifacts of a run by its id: listing, fetching one, the small uploads of MLflow's web page.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

extension Artifacts {
    static func listOfRun(_ request: ListArtifacts, _ services: Services) async throws -> FoundArtifacts {
        let run = try await info(request.runID, services)
        let (repository, base) = try services.artifacts.place(of: run)
        let entries = try await repository.list(base.appending(request.path))
        return FoundArtifacts(
            rootURI: run.artifactURI, directory: request.path, entries: entries, after: request.after)
    }

    static let getFields = [
        FieldShape(name: "run_id", kind: .string, required: false),
        FieldShape(name: "run_uuid", kind: .string, required: false),
        FieldShape(name: "path", kind: .string, required: true),
    ]

    /// The run of a file that is asked for by the query.
    static func runID(_ head: RequestHead) -> String { head.value("run_id") ?? head.value("run_uuid") ?? "None" }

    /// The run that a small upload is for.
    static func runOfUpload(_ head: RequestHead) -> [Resource] { [.run(head.value("run_uuid") ?? "")] }

    static func get(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let runID = runID(head)
        guard let text = head.firstValue("path") else { throw APIError.invalid("Request must specify path.") }
        let path = text.isEmpty ? nil : try ArtifactPath(file: text)
        let run = try await info(runID, services)
        let (repository, base) = try services.artifacts.place(of: run)
        guard let path else { throw APIError.isDirectory("") }
        // In the proxy's store MLflow names the whole path, in a directory of the operator's what was asked for.
        let named = run.artifactURI.hasPrefix("mlflow-artifacts:") ? base.appending(path).text : text
        return try await FileAnswer.make(base.appending(path), in: repository, named: named, head)
    }

    /// An HTML file for the web UI's frame. The answer's own policy puts the page into no origin and off the network,
    /// however it was opened; everything that is not HTML stays a download.
    static func preview(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        var response = try await get(head, body, services)
        guard response.headers[.contentType] == "text/html" else { return response }
        response.headers[.contentType] = "text/html; charset=utf-8"
        response.headers[.contentDisposition] = nil
        // Without a tag nobody asks whether it changed: a 304 would bring back the headers of a download.
        response.headers[.eTag] = nil
        response.headers[.lastModified] = nil
        response.headers[.cacheControl] = "no-store"
        response.headers[.contentSecurityPolicy] =
            "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:;"
            + " style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:;"
            + " frame-ancestors 'self'"
        return response
    }

    static let uploadFields = [
        FieldShape(name: "run_uuid", kind: .string, required: true),
        FieldShape(name: "path", kind: .string, required: true),
    ]

    static func uploadToRun(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        guard let runID = head.value("run_uuid") else { throw APIError.invalid("Request must specify run_uuid.") }
        guard let text = head.value("path") else { throw APIError.invalid("Request must specify path.") }
        let path = try ArtifactPath(file: text)
        try refuseEncodings(head)
        let data: [UInt8]
        do { data = try await body(Limits.artifactUpload) } catch let error as APIError where error.status == 413 {
            throw APIError.invalid("Artifact size is too large. Max size is 10MB.")
        }
        guard !data.isEmpty else { throw APIError.invalid("Request must specify data.") }
        let (repository, base) = try services.artifacts.place(of: try await info(runID, services))
        try await repository.write(base.appending(path), from: BodyReader(data).stream)
        return APIResponse(headers: [.contentType: "application/json"], body: [])
    }

    // MARK: Links to another store, which a local one cannot give

    static func presignedUpload(_ request: PresignUpload, _ services: Services) async throws -> Nothing {
        let modelID = request.modelID
        let uri =
            modelID.isEmpty
            ? try await info(request.runID, services).artifactURI
            : try await services.store.read { try $0.loggedModelLocation(modelID) }
        return try refuseLink(
            uri, "upload", proxied: "proxied artifact storage",
            needs: "a direct cloud storage artifact URI")
    }

    static func presignedDownload(_ request: PresignDownload, _ services: Services) async throws -> Nothing {
        try refuseLink(
            try await info(request.runID, services).artifactURI, "download",
            proxied: "runs with proxied artifact storage", needs: "a run with a direct cloud storage artifact URI")
    }

    private static func refuseLink(
        _ uri: String, _ verb: String, proxied: String, needs: String
    ) throws(APIError) -> Nothing {
        let scheme = uri.firstIndex(of: ":").map { uri[..<$0] } ?? ""
        guard scheme != "mlflow-artifacts" else {
            throw .invalid(
                "Presigned \(verb) is not supported for \(proxied) (artifact URI scheme: \(scheme)). This endpoint requires"
                    + " \(needs).")
        }
        throw APIError(.notImplemented, "Presigned \(verb) is not supported for the current artifact repository")
    }

    private static func info(_ runID: String, _ services: Services) async throws -> RunInfo {
        try await services.store.read { try $0.runInfo(runID) }
    }
}

extension RequestHead {
    /// The first value of a field of the query.
    fileprivate func firstValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The same, where an empty one counts as none.
    fileprivate func value(_ name: String) -> String? { firstValue(name).flatMap { $0.isEmpty ? nil : $0 } }
}
