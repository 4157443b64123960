// BI-150: every row of the table, under each of its paths, asked by everybody. What must come out stands in the row: the
// permission it needs, and here, in words, what that means. How the server decides plays no part in the expectation.

import HTTPTypes
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite("Who may do what")
struct AccessMatrixTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let route: Int
        let path: String
        var testDescription: String { "\(Routes.all[route].method) \(path)" }
    }

    static let lines: [Line] = Routes.all.indices.flatMap { index in
        Routes.all[index].scope.paths(Routes.all[index].path).map { Line(route: index, path: $0) }
    }

    @Test("the matrix has 241 lines of 9 callers, 2169 cells")
    func size() { #expect(Self.lines.count * Who.allCases.count == 2169) }

    @Test("401, 403 or neither, as the row says", arguments: lines)
    func line(_ line: Line) async throws {
        let route = Routes.all[line.route]
        // What takes something away is asked of a server of its own each time.
        let words = ["delete", "remove", "revoke", "rename", "unassign", "update-password"]
        let isOnce = route.method == .delete || words.contains { line.path.contains($0) }
        var shared: (AccessServer, AccessServer.Things)?
        for (number, who) in Who.allCases.enumerated() {
            if shared == nil || isOnce {
                var server = try AccessServer()
                shared = (server, try await server.fill())
                shared?.0 = server
            }
            guard let (server, things) = shared else { return }
            let request = Request(route, line.path, things, number)
            let reply = await server.send(who, route.method, request.target, request.body)
            let expected = Self.expected(route, line.path, who)
            switch expected {
            case .login:
                #expect(reply.status == 401, "\(who): \(reply.status) \(reply.text)")
                #expect(reply.headers[.wwwAuthenticate] == #"Basic realm="mlflow""#)
                #expect(reply.text.hasPrefix("You are not authenticated."))
            case .refused:
                #expect(
                    reply.status == 403 && reply.text == "Permission denied", "\(who): \(reply.status) \(reply.text)")
            case .passed:
                #expect(reply.status != 401 && reply.status != 403, "\(who): \(reply.status) \(reply.text)")
                #expect(reply.status < 500 || reply.code == "NOT_IMPLEMENTED", "\(who): \(reply.status) \(reply.text)")
            }
        }
    }

    enum Outcome { case login, refused, passed }

    static func expected(_ route: Route, _ path: String, _ who: Who) -> Outcome {
        if route.permission == .open || route.permission == .holder { return .passed }
        guard who.isKnown else { return .login }
        if who == .admin { return .passed }
        // A token makes no token and changes no password.
        if who == .bearer, path.hasSuffix("tokens/create") { return .refused }
        // Users and roles are the admin's, but for permissions on what one manages.
        if route.area == .accounts, route.permission != .signedIn, !path.contains("users/permissions/grant"),
            !path.contains("users/permissions/revoke")
        {
            // Roles are seen by whoever has one beside, and a grant to one user is a role of that user.
            let seen = ["roles/get", "roles/list", "roles/permissions/list"]
            return who.holds(.read) && seen.contains { path.hasSuffix("3.0/mlflow/" + $0) } ? .passed : .refused
        }
        let isAllowed =
            switch route.permission {
            case .open, .holder, .signedIn: true
            // Whoever is there makes new things, and listings show each what is theirs.
            case .create: true
            case .administer: false
            case .read, .readOrAdopt: listings.contains { path.hasSuffix($0) } || who.holds(.read)
            case .edit: who.holds(.edit)
            case .manage: who.holds(.manage)
            }
        return isAllowed ? .passed : .refused
    }

    private static let listings = [
        "experiments/search", "runs/search", "logged-models/search", "registered-models/search",
        "model-versions/search", "runs/tree", "graphql", "traces/search",
    ]
}

/// A request that a row understands, about the things of the test.
private struct Request {
    let target: String
    let body: String?

    init(_ route: Route, _ path: String, _ things: AccessServer.Things, _ number: Int) {
        var values: [String: String] = [
            "experiment_id": "1", "run_id": things.run, "run_ids": things.run, "experiment_ids": "1",
            "model_id": things.model, "name": "shared", "version": "1", "username": "admin", "role_id": things.role,
            "role_permission_id": things.permission, "resource_type": "experiment", "resource_id": "1",
            "permission": "READ", "workspace": "default", "password": "a-long-password", "experiment_name": "shared",
            "artifact_path...": "1/\(things.run)/artifacts/a.txt", "upload_id": String(repeating: "0", count: 32),
            "part_number": "1", "source": "s3://bucket/model", "stage": "Staging", "path": "a.txt", "view_type": "ALL",
            "model_json": #"{\"artifact_path\":\"a\",\"flavors\":{},\"utc_time_created\":\"x\",\"run_id\":\"x\"}"#,
            "new_name": "other\(number)", "query": "query { __typename }", "status": "FINISHED", "max_results": "10",
            "resource_pattern": "other\(number)", "alias": "champion", "is_admin": "true", "metric_key": "loss",
        ]
        var left: Set<String> = ["run_uuid"]
        if path.hasSuffix("create"), route.permission == .create || path.contains("roles/create") {
            values["name"] = "new\(number)"
        }
        if path.hasSuffix("users/create") { values["username"] = "new\(number)" }
        if path.hasSuffix("runs/get-or-create") {
            left.insert("run_id")
            values["key"] = "key\(number)"
        }
        if path.hasSuffix("mlflow-artifacts/artifacts") { values["path"] = "1/\(things.run)" }
        if path.hasSuffix("presigned-upload-url") || path.hasSuffix("model-versions/create") { left.insert("model_id") }
        if path.hasSuffix("upload-artifact") { left = [] }
        if path.hasSuffix("tokens/list") { left.insert("username") }
        values["run_uuid"] = things.run
        let words = ["artifact_path...": "", "file...": "x", "id": "1", "tab": "x", "tag_key": "k", "path...": "x"]
        var filled = path
        for name in PathPattern.names(in: path) {
            let text = values[name] ?? values[name + "..."] ?? words[name] ?? words[name + "..."] ?? "x"
            filled = filled.replacing("{\(name)}", with: text).replacing("{\(name)...}", with: text)
        }
        let fields = route.fields.filter { !left.contains($0.name) && ($0.required || values[$0.name] != nil) }
        guard route.method != .get, !route.media.takesBytes else {
            let query = fields.map { $0.name + "=" + (values[$0.name] ?? "1") }.joined(separator: "&")
            target = query.isEmpty ? filled : filled + "?" + query
            body = route.media.takesBytes ? "x" : nil
            return
        }
        target = filled
        body = Self.object(fields, values)
    }

    private static func object(_ fields: [FieldShape], _ values: [String: String]) -> String {
        "{" + fields.map { "\"\($0.name)\":" + value($0, values) }.joined(separator: ",") + "}"
    }

    private static func value(_ field: FieldShape, _ values: [String: String]) -> String {
        let text = values[field.name]
        return switch field.kind {
        case .string: "\"\(text ?? "x")\""
        case .int64, .double: text ?? "1"
        case .bool: "true"
        case .words(let words): "\"\(words.contains(text ?? "") ? text ?? "" : words[0])\""
        case .strings: "[\"\(text ?? "x")\"]"
        case .list(let fields): "[" + object(fields.filter(\.required), values) + "]"
        case .object(let fields): object(fields.filter(\.required), values)
        }
    }
}
