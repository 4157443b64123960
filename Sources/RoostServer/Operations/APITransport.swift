// How an import reaches a server: over HTTP, or inside of this process on a database that no server holds.

public import RoostCore

/// Sends requests to the API and hands back the JSON of the answers.
public protocol APITransport: Sendable {
    /// - Parameter target: path and query.
    /// - Returns: the status and the body; a body that is not JSON is null.
    /// - Throws: when there is no answer.
    func send(_ method: String, _ target: String, type: String?, body: [UInt8]) async throws -> (
        status: Int, body: JSON
    )
}

extension APITransport {
    /// A request with a JSON body, or with none.
    func send(_ method: String, _ target: String, body: JSON?) async throws -> (status: Int, body: JSON) {
        try await send(
            method, target, type: body == nil ? nil : "application/json",
            body: body.map { JSONWriter.bytes(of: $0) } ?? [])
    }

    /// A request whose refusal is an error.
    func ask(_ method: String, _ target: String, body: JSON? = nil) async throws -> JSON {
        let answer = try await send(method, target, body: body)
        guard answer.status == 200 else {
            let said = answer.body["message"].flatMap { if case .string(let text) = $0 { text } else { nil } }
            throw ImportError(
                "the server refused \(target.prefix { $0 != "?" }) with \(answer.status): \(said ?? (answer.status == 401 ? logIn : "no reason"))"
            )
        }
        return answer.body
    }
}

/// Why something could not be imported, in words for the person who asked.
public struct ImportError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A server's API without a socket.
public struct InProcessTransport: APITransport {
    private let app: App

    public init(_ app: App) { self.app = app }

    public func send(
        _ method: String, _ target: String, type: String?, body: [UInt8]
    ) async throws -> (status: Int, body: JSON) {
        let response = await app.answer(method, target, type: type, body: body)
        return (response.status, (try? JSONReader.parse(response.body)) ?? .null)
    }

    /// Closes the database.
    public func close() { app.close() }
}

/// What to do where a server has users; its own words are no JSON.
private let logIn = "it has users; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
