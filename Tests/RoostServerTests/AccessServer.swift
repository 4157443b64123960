// A server with users, for a test: who they are, and what each was granted.

import HTTPTypes
import RoostAuth
import RoostCore
import RoostServer
import RoostStore
import Testing

@testable import RoostServer

/// Who asks in a test.
enum Who: String, CaseIterable, Sendable {
    case nobody
    /// The admin's name with a wrong password.
    case wrong
    case none = "NO_PERMISSIONS"
    case reader = "READ"
    case user = "USE"
    case editor = "EDIT"
    case manager = "MANAGE"
    /// The manager, by a token.
    case bearer
    case admin

    var isKnown: Bool { self != .nobody && self != .wrong }

    /// Whether a level is held on what the test's requests name.
    func holds(_ level: AccessLevel) -> Bool {
        let own: AccessLevel =
            switch self {
            case .reader: .read
            case .user: .use
            case .editor: .edit
            case .manager, .bearer, .admin: .manage
            case .nobody, .wrong, .none: .none
            }
        return isKnown && own.joined(level) == own
    }
}

/// A server where nothing is granted but what the test grants.
struct AccessServer {
    let artifacts: ArtifactServer
    var server: TestServer { artifacts.server }
    private(set) var token = ""

    static let password = "a-long-password"

    init(standard: AccessLevel = .none, _ change: @Sendable (inout Settings) -> Void = { _ in }) throws {
        artifacts = try ArtifactServer { settings, _ in
            settings.access = AccessSettings(
                users: .memory, standard: standard, adminName: "admin", adminPassword: Self.password, cost: .trifling)
            settings.exposePrometheus = true
            change(&settings)
        }
    }

    static func basic(_ username: String, _ password: String = Self.password) -> HTTPFields {
        let text = username + ":" + password
        return [.authorization: "Basic " + base64(Array(text.utf8))]
    }

    func headers(_ who: Who) -> HTTPFields {
        switch who {
        case .nobody: [:]
        case .wrong: Self.basic("admin", "a-wrong-password")
        case .bearer: [.authorization: "Bearer \(token)"]
        default: Self.basic(who == .admin ? "admin" : who.rawValue)
        }
    }

    func send(
        _ who: Who, _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil
    ) async -> TestServer.Reply { await server.send(method, target, body, headers: headers(who)) }

    func send(
        as username: String, _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil
    ) async -> TestServer.Reply { await server.send(method, target, body, headers: Self.basic(username)) }

    /// As the admin, and well.
    @discardableResult
    func admin(_ method: HTTPRequest.Method, _ target: String, _ body: String? = nil) async throws -> JSON {
        let reply = await send(.admin, method, target, body)
        try #require(reply.status == 200, "\(target): \(reply.text)")
        return reply.json
    }

    func addUser(_ name: String) async throws {
        try await admin(
            .post, "/api/2.0/mlflow/users/create", #"{"username":"\#(name)","password":"\#(Self.password)"}"#)
    }

    func grant(_ name: String, _ level: String, _ type: String, _ id: String) async throws {
        try await admin(
            .post, "/api/3.0/mlflow/users/permissions/grant",
            #"{"username":"\#(name)","resource_type":"\#(type)","resource_id":"\#(id)","permission":"\#(level)"}"#)
    }

    /// What the requests of the matrix name.
    struct Things {
        var run = ""
        var model = ""
        var role = ""
        var permission = ""
    }

    /// Experiment 1 with a run and a logged model, the registered model `shared` with a version, a user for each level, and
    /// a token of the manager.
    mutating func fill() async throws -> Things {
        var things = Things()
        try await admin(.post, "/api/2.0/mlflow/experiments/create", #"{"name":"shared"}"#)
        let run = try await admin(.post, "/api/2.0/mlflow/runs/create", #"{"experiment_id":"1"}"#)
        things.run = run["run"]?["info"]?["run_id"]?.text ?? ""
        let model = try await admin(.post, "/api/2.0/mlflow/logged-models", #"{"experiment_id":"1","name":"m"}"#)
        things.model = model["model"]?["info"]?["model_id"]?.text ?? ""
        try await admin(.post, "/api/2.0/mlflow/registered-models/create", #"{"name":"shared"}"#)
        try await admin(
            .post, "/api/2.0/mlflow/model-versions/create", #"{"name":"shared","source":"s3://bucket/model"}"#)
        let role = try await admin(
            .post, "/api/3.0/mlflow/roles/create", #"{"name":"some","workspace":"default"}"#)
        if case .integer(let id)? = role["role"]?["id"] { things.role = String(id) }
        let permission = try await admin(
            .post, "/api/3.0/mlflow/roles/permissions/add",
            #"{"role_id":\#(things.role),"resource_type":"prompt","resource_pattern":"x","permission":"READ"}"#)
        if case .integer(let id)? = permission["role_permission"]?["id"] { things.permission = String(id) }
        for who in Who.allCases where who.isKnown && who != .admin && who != .bearer {
            try await addUser(who.rawValue)
            guard who != .none else { continue }
            try await grant(who.rawValue, who.rawValue, "experiment", "1")
            try await grant(who.rawValue, who.rawValue, "registered_model", "shared")
        }
        let made = await send(.manager, .post, "/api/roost/1.0/tokens/create", #"{"name":"test"}"#)
        token = try #require(made.json["token"]?.text)
        return things
    }
}

private func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits = group.reduce(0) { $0 << 8 | Int($1) }
        bits <<= 8 * (3 - group.count)
        for index in 0...3 { text.append(index <= group.count ? letters[bits >> (18 - 6 * index) & 63] : "=") }
    }
    return text
}
