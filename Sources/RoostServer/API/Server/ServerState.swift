// What operators and clients ask of the server itself: alive, ready, version, abilities, counters.

internal import HTTPTypes
internal import RoostCore
internal import RoostStore

/// The MLflow version whose behaviour is answered; clients read it at `/version`.
let mlflowVersion = "3.17.2"

/// Roost's own version.
public let roostVersion = "0.1.0"

/// Handlers of the server's own endpoints.
enum ServerState {
    static func health(_ services: Services) async throws -> APIResponse { .text("OK") }

    static func ready(_ services: Services) async throws -> APIResponse {
        guard services.store.isHealthy else {
            throw APIError(.temporarilyUnavailable, "A commit failed; the database is being opened again and checked.")
        }
        return .text("OK")
    }

    static func version(_ services: Services) async throws -> APIResponse {
        .text(mlflowVersion, type: "text/html; charset=utf-8")
    }

    static func info(_ request: NoFields, _ services: Services) async throws -> ServerInfo {
        let settings = services.settings
        return ServerInfo(
            uploadsInParts: settings.serveArtifacts && settings.tellsOfMultipartUploads,
            downloadsInParts: settings.serveArtifacts && settings.tellsOfMultipartDownloads)
    }

    static func metrics(_ services: Services) async throws -> APIResponse {
        guard services.settings.exposePrometheus else {
            throw APIError(.endpointNotFound, "The server was started without --expose-prometheus.")
        }
        return .text(Prometheus.page(services), type: "text/plain; version=0.0.4; charset=utf-8")
    }
}

/// The abilities of the server, by the names that MLflow's client looks for.
struct ServerInfo: JSONWritable, Sendable {
    /// Whether a client that was not told by its user sends large files in parts.
    var uploadsInParts = false
    /// The same for fetching files, small ones included.
    var downloadsInParts = false

    func write(to json: inout JSONWriter) {
        json.object { json in
            // MLflow's client asks whether it is a SQL store; Roost is one.
            json.member("store_type", "SqlStore")
            json.member("workspaces_enabled", false)
            json.member("trace_archival_enabled", false)
            json.member("multipart_uploads_enabled", uploadsInParts)
            json.member("multipart_downloads_enabled", downloadsInParts)
            json.member("presigned_upload_run_id_supported", true)
            json.member("presigned_upload_model_id_supported", true)
            json.name("features_enabled")
            json.object { json in json.member("gateway", false) }
            json.member("roost_version", roostVersion)
        }
    }
}
