// A server without a socket, for a test: on a database in memory, asked by method, path and body.

import HTTPTypes
import Logging
import NIOCore
import RoostArtifacts
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

/// A server of its own for each test.
struct TestServer {
    let app: App

    init(_ change: (inout Settings) -> Void = { _ in }) throws {
        var settings = Settings(store: .memory, port: 0)
        change(&settings)
        app = try App(settings: settings, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// An answer: its status, and its body as JSON where it is.
    struct Reply {
        let status: Int
        let headers: HTTPFields
        let text: String
        let json: JSON

        var code: String { json["error_code"]?.text ?? "" }
        var message: String { json["message"]?.text ?? "" }
    }

    func send(
        _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil, headers: HTTPFields = [:],
        host: String? = "localhost"
    ) async -> Reply {
        var headers = headers
        if body != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let head = RequestHead(method: method, target: target, headers: headers, host: host)
        let response = await app.respond(head, body: Array((body ?? "").utf8))
        let bytes = await Self.bytes(of: response)
        return Reply(
            status: response.status, headers: response.headers, text: String(decoding: bytes, as: UTF8.self),
            json: (try? JSONReader.parse(bytes)) ?? .null)
    }

    private static func bytes(of response: APIResponse) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            switch response.content {
            case .bytes: return response.body
            case .file(let file, let range): try await file.read(range) { bytes += Array(buffer: $0) }
            case .pieces(let source): try await source { bytes += Array(buffer: $0) }
            }
        } catch {
            Issue.record("the content could not be read: \(error)")
        }
        return bytes
    }

    /// POST to an endpoint below `/api/2.0/mlflow/`.
    func post(_ path: String, _ body: String) async -> Reply { await send(.post, "/api/2.0/mlflow/" + path, body) }

    /// GET of an endpoint below `/api/2.0/mlflow/`.
    func get(_ path: String) async -> Reply { await send(.get, "/api/2.0/mlflow/" + path) }

    /// A new run in experiment 0.
    func makeRun() async throws -> String {
        let reply = await post("runs/create", #"{"experiment_id":"0"}"#)
        return try #require(reply.json["run"]?["info"]?["run_id"]?.text)
    }
}

extension JSON {
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var items: [JSON] { if case .array(let items) = self { items } else { [] } }
}
