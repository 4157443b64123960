// MLflow's own web UI, for those who want it: the files of a build that the operator names, at MLflow's paths.

internal import HTTPTypes
internal import RoostArtifacts
internal import RoostCore

/// Serves a build of MLflow's UI out of a directory.
///
/// Files are reached as artifacts are: from a handle on the directory, name by name, no link followed. So whatever a path
/// says, it stays in the build.
struct MLflowUI: Sendable {
    private let files: LocalRepository

    init(directory: String, world: World) { files = LocalRepository(root: directory, isDurable: false, world: world) }

    /// Whether a directory holds such a build; nil if it does, else what is wrong with it.
    static func defect(of directory: String) async -> String? {
        do {
            let found = try await MLflowUI(directory: directory, world: .real).files.open(try ArtifactPath(file: page))
            if case .file = found { return nil }
            return "there is no '\(page)' in '\(directory)'"
        } catch {
            return "'\(directory)' cannot be read"
        }
    }

    private static let page = "index.html"

    /// The one document; its script reads what follows the `#` of the address.
    func index(_ head: RequestHead) async throws -> APIResponse {
        // The document names its files relative to itself, so its own address must be a directory.
        guard head.path.utf8.last == UInt8(ascii: "/") else {
            let name = head.path.split(separator: "/").last ?? ""
            return APIResponse(status: 308, headers: [.location: "\(name)/"], body: [])
        }
        return try await file(Self.page[...], head, caching: "no-cache")
    }

    /// A file below `/static-files/`. Their names hold a digest of the content, so they may be kept for long, as MLflow says.
    func file(_ head: RequestHead) async throws -> APIResponse {
        try await file((head.parameters["path"] ?? "")[...], head, caching: "public, max-age=2419200")
    }

    private func file(_ raw: Substring, _ head: RequestHead, caching: String) async throws -> APIResponse {
        let path = try ArtifactPath(file: try ArtifactPath.decode(raw))
        guard case .file(let file) = try await files.open(path) else {
            throw APIError.missing("MLflow's UI has no file '\(path.text)'.")
        }
        let tag = "\"\(file.tag)\""
        let headers: HTTPFields = [
            .contentType: Self.type(of: path.names.last ?? ""), .eTag: tag, .cacheControl: caching,
            .lastModified: DateHeader.text(file.modified),
        ]
        if head.headers[.ifNoneMatch]?.contains(tag) == true {
            return APIResponse(status: 304, headers: headers, content: .bytes([]))
        }
        return APIResponse(status: 200, headers: headers, content: .file(file, 0..<file.size))
    }

    /// What browsers want to be told; an artifact of the same name would be shown as text.
    static func type(of name: String) -> String {
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return types[ending] ?? "application/octet-stream"
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
        "json": "application/json", "map": "application/json", "txt": "text/plain; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "ico": "image/vnd.microsoft.icon", "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf",
        "wasm": "application/wasm", "pdf": "application/pdf", "webmanifest": "application/manifest+json",
    ]
}

/// What MLflow's pages ask beside the API, and what Roost has to say to it.
enum MLflowPages {
    /// What stands at `/`: MLflow's page if it was asked for, else Roost's own, which is at `/ui/` in any case.
    static func index(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        guard let ui = services.mlflowUI else { return try WebUI.page(head, body, services) }
        return try await ui.index(head)
    }

    static func file(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        guard let ui = services.mlflowUI else {
            throw APIError.missing(
                "MLflow's UI is not served: start the server with --ui mlflow or --ui-dir DIRECTORY.")
        }
        return try await ui.file(head)
    }

    /// The gateway's endpoints: there is no gateway, so there are none.
    static func gateway(_ request: GatewayQuery, _ services: Services) async throws -> NoEndpoints { NoEndpoints() }

    static func telemetrySettings(_ request: NoFields, _ services: Services) async throws -> TelemetrySettings {
        TelemetrySettings()
    }

    static func telemetry(_ request: NoFields, _ services: Services) async throws -> TelemetryDropped {
        TelemetryDropped()
    }

    static func assistant(_ request: NoFields, _ services: Services) async throws -> NoAssistant { NoAssistant() }

    static func assistantProviders(_ request: NoFields, _ services: Services) async throws -> NoProviders {
        NoProviders()
    }

    /// Traces are not kept, so the tab of a run has none to show. Only for these pages: whoever else asks is told so.
    static func traces(_ request: NoFields, _ services: Services) async throws -> Nothing {
        guard services.mlflowUI != nil else {
            throw APIError(
                .notImplemented,
                "Roost does not serve POST /ajax-api/3.0/mlflow/traces/search: traces are not kept yet.")
        }
        return Nothing()
    }
}

struct GatewayQuery: FieldsReadable {
    init(from fields: inout Fields) throws(APIError) {
        let path = try fields.string("gateway_path", required: true)
        guard fields.isDescribing || path == "api/2.0/endpoints/" else {
            throw APIError(
                .notImplemented, "Roost does not serve '\(path)' of the AI gateway, which calls language models.")
        }
    }
}

struct NoEndpoints: JSONWritable, Sendable {
    func write(to json: inout JSONWriter) { json.object { $0.emptyList("endpoints") } }
}

struct TelemetrySettings: JSONWritable, Sendable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("disable_ui_telemetry", true)
            json.emptyList("disable_ui_events")
            json.member("ui_rollout_percentage", 0)
        }
    }
}

/// What was sent is neither kept nor passed on.
struct TelemetryDropped: JSONWritable, Sendable {
    func write(to json: inout JSONWriter) { json.object { $0.member("status", "disabled") } }
}

struct NoAssistant: JSONWritable, Sendable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("providers")
            json.object { _ in }
            json.name("projects")
            json.object { _ in }
            json.member("remote_access_allowed", false)
        }
    }
}

struct NoProviders: JSONWritable, Sendable {
    func write(to json: inout JSONWriter) { json.object { $0.emptyList("providers") } }
}

extension JSONWriter {
    fileprivate mutating func emptyList(_ name: StaticString) {
        self.name(name)
        array { _ in }
    }
}
