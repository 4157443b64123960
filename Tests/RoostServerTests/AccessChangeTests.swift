// BI-155: changes of users, roles and passwords count for the next request. And tokens, owners, and what cannot be taken.

import HTTPTypes
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite("Changes of access")
struct AccessChangeTests {
    private let get = "/api/2.0/mlflow/experiments/get?experiment_id=1"

    @Test("BI-155: each grant, role, password and deletion counts for the next request")
    func next() async throws {
        let server = try AccessServer()
        try await server.addUser("ann")
        try await server.admin(.post, "/api/2.0/mlflow/experiments/create", #"{"name":"one"}"#)
        func status() async -> Int { await server.send(as: "ann", .get, get).status }
        #expect(await status() == 403)
        try await server.grant("ann", "READ", "experiment", "1")
        #expect(await status() == 200)
        try await server.admin(
            .post, "/api/3.0/mlflow/users/permissions/revoke",
            #"{"username":"ann","resource_type":"experiment","resource_id":"1"}"#)
        #expect(await status() == 403)
        let role = try await server.admin(
            .post, "/api/3.0/mlflow/roles/create", #"{"name":"readers","workspace":"default","description":"all"}"#)
        guard case .integer(let id)? = role["role"]?["id"] else { throw ServerStartError("no role") }
        try await server.admin(
            .post, "/api/3.0/mlflow/roles/permissions/add",
            #"{"role_id":\#(id),"resource_type":"experiment","resource_pattern":"*","permission":"READ"}"#)
        try await server.admin(.post, "/api/3.0/mlflow/roles/assign", #"{"username":"ann","role_id":\#(id)}"#)
        #expect(await status() == 200)
        let permission = try await server.admin(
            .post, "/api/3.0/mlflow/roles/permissions/add",
            #"{"role_id":\#(id),"resource_type":"experiment","resource_pattern":"1","permission":"DENY"}"#)
        #expect(await status() == 403)
        guard case .integer(let deny)? = permission["role_permission"]?["id"] else { throw ServerStartError("none") }
        try await server.admin(
            .delete, "/api/3.0/mlflow/roles/permissions/remove", #"{"role_permission_id":\#(deny)}"#)
        #expect(await status() == 200)
        try await server.admin(.delete, "/api/3.0/mlflow/roles/unassign", #"{"username":"ann","role_id":\#(id)}"#)
        #expect(await status() == 403)
        try await server.admin(.patch, "/api/2.0/mlflow/users/update-admin", #"{"username":"ann","is_admin":true}"#)
        #expect(await status() == 200)
        try await server.admin(
            .patch, "/api/2.0/mlflow/users/update-password", #"{"username":"ann","password":"another-password"}"#)
        #expect(await status() == 401)
        let new = AccessServer.basic("ann", "another-password")
        #expect(await server.server.send(.get, get, headers: new).status == 200)
        try await server.admin(.delete, "/api/2.0/mlflow/users/delete", #"{"username":"ann"}"#)
        #expect(await server.server.send(.get, get, headers: new).status == 401)
    }

    @Test("a token is its user until it is revoked, expires, or the user goes; it makes no other and no password")
    func tokens() async throws {
        let server = try AccessServer(standard: .read)
        try await server.addUser("ann")
        func make(_ lasting: String) async throws -> (id: Int64, headers: HTTPFields) {
            let reply = await server.send(
                as: "ann", .post, "/api/roost/1.0/tokens/create", #"{"name":"ci","expires_in":"\#(lasting)"}"#)
            guard case .integer(let id)? = reply.json["info"]?["id"], let token = reply.json["token"]?.text else {
                throw ServerStartError(reply.text)
            }
            #expect(reply.headers[.cacheControl] == "no-store")
            return (id, [.authorization: "Bearer \(token)"])
        }
        func status(_ headers: HTTPFields) async -> Int {
            await server.server.send(.get, "/api/2.0/mlflow/experiments/get?experiment_id=0", headers: headers).status
        }
        let (first, second) = (try await make("1d"), try await make("30d"))
        #expect(await status(first.headers) == 200)
        #expect(await status([.authorization: "Bearer roost_" + String(repeating: "0", count: 64)]) == 401)
        let list = await server.send(as: "ann", .get, "/api/roost/1.0/tokens/list")
        #expect(list.json["tokens"]?.items.count == 2 && !list.text.contains("roost_"))
        for (path, body) in [
            ("roost/1.0/tokens/create", #"{"name":"more"}"#),
            (
                "2.0/mlflow/users/update-password",
                #"{"username":"ann","password":"another-password","current_password":"a-long-password"}"#
            ),
        ] {
            let method: HTTPRequest.Method = path.hasPrefix("roost") ? .post : .patch
            let reply = await server.server.send(method, "/api/" + path, body, headers: first.headers)
            #expect(reply.status == 403, "\(path)")
        }
        try await server.addUser("bob")
        let others = await server.send(
            as: "bob", .post, "/api/roost/1.0/tokens/revoke", #"{"token_id":\#(first.id)}"#)
        #expect(others.status == 404)
        let own = await server.send(as: "ann", .post, "/api/roost/1.0/tokens/revoke", #"{"token_id":\#(first.id)}"#)
        #expect(own.status == 200)
        #expect(await status(first.headers) == 401)
        #expect(await status(second.headers) == 200)
        try await server.admin(.delete, "/api/2.0/mlflow/users/delete", #"{"username":"ann"}"#)
        #expect(await status(second.headers) == 401)
    }

    @Test("whoever makes an experiment or a model manages it, and what is granted follows a model's name")
    func owners() async throws {
        let server = try AccessServer()
        for name in ["ann", "bob"] { try await server.addUser(name) }
        let made = await server.send(as: "ann", .post, "/api/2.0/mlflow/experiments/create", #"{"name":"mine"}"#)
        #expect(made.status == 200)
        #expect(await server.send(as: "ann", .get, get).status == 200)
        #expect(await server.send(as: "bob", .get, get).status == 403)
        #expect(
            await server.send(as: "ann", .post, "/api/2.0/mlflow/runs/create", #"{"experiment_id":"01"}"#).status == 200
        )
        #expect(
            await server.send(as: "bob", .post, "/api/2.0/mlflow/runs/create", #"{"experiment_id":"01"}"#).status == 403
        )
        // A manager may let others in.
        let grant = #"{"username":"bob","resource_type":"experiment","resource_id":"1","permission":"READ"}"#
        #expect(await server.send(as: "bob", .post, "/api/3.0/mlflow/users/permissions/grant", grant).status == 403)
        #expect(await server.send(as: "ann", .post, "/api/3.0/mlflow/users/permissions/grant", grant).status == 200)
        #expect(await server.send(as: "bob", .get, get).status == 200)
        let models = "/api/2.0/mlflow/registered-models/"
        #expect(await server.send(as: "ann", .post, models + "create", #"{"name":"a"}"#).status == 200)
        #expect(await server.send(as: "ann", .post, models + "rename", #"{"name":"a","new_name":"b"}"#).status == 200)
        #expect(await server.send(as: "ann", .get, models + "get?name=b").status == 200)
        #expect(await server.send(as: "ann", .delete, models + "delete", #"{"name":"b"}"#).status == 200)
        // The next of that name is not hers.
        try await server.admin(.post, models + "create", #"{"name":"b"}"#)
        #expect(await server.send(as: "ann", .get, models + "get?name=b").status == 403)
    }

    @Test("files of others cannot be reached by a place or a source that one names oneself")
    func places() async throws {
        let server = try AccessServer()
        try await server.addUser("ann")
        try await server.admin(.post, "/api/2.0/mlflow/experiments/create", #"{"name":"secret"}"#)
        let create = "/api/2.0/mlflow/experiments/create"
        for place in ["mlflow-artifacts:/1", "mlflow-artifacts:/", "mlflow-artifacts:/1/x", "mlflow-artifacts:/%31"] {
            let reply = await server.send(as: "ann", .post, create, #"{"name":"x","artifact_location":"\#(place)"}"#)
            #expect(reply.status == 403 || reply.status == 400, "\(place) \(reply.text)")
        }
        let models = "/api/2.0/mlflow/"
        #expect(
            await server.send(as: "ann", .post, models + "registered-models/create", #"{"name":"m"}"#).status == 200)
        for source in [
            "mlflow-artifacts:/1/run/artifacts/model", "mlflow-artifacts:/%31/run/artifacts", "runs:/nope/m",
        ] {
            let reply = await server.send(
                as: "ann", .post, models + "model-versions/create", #"{"name":"m","source":"\#(source)"}"#)
            #expect(reply.status == 403 || reply.status == 400, "\(source) \(reply.text)")
        }
        #expect(await server.send(as: "ann", .get, ArtifactServer.files + "1/a.txt").status == 403)
        #expect(await server.send(as: "ann", .get, ArtifactServer.files + "%31/a.txt").status == 403)
        #expect(await server.send(as: "ann", .get, ArtifactServer.files + "01/a.txt").status == 403)
    }

    @Test("one's own password needs the current one; the last admin stays; nobody deletes oneself")
    func users() async throws {
        let server = try AccessServer()
        try await server.addUser("ann")
        func change(_ body: String) async -> TestServer.Reply {
            await server.send(as: "ann", .patch, "/api/2.0/mlflow/users/update-password", body)
        }
        let none = await change(#"{"username":"ann","password":"another-password"}"#)
        #expect(none.status == 400 && none.message == "Current password is required when changing your own password.")
        let wrong = await change(
            #"{"username":"ann","password":"another-password","current_password":"not-the-password"}"#)
        #expect(wrong.status == 400 && wrong.message == "Current password does not match.")
        let same = await change(
            #"{"username":"ann","password":"a-long-password","current_password":"a-long-password"}"#)
        #expect(same.status == 400 && same.message == "New password must differ from the current password.")
        #expect(await change(#"{"username":"admin","password":"another-password"}"#).status == 403)
        let last = await server.send(
            .admin, .patch, "/api/2.0/mlflow/users/update-admin", #"{"username":"admin","is_admin":false}"#)
        #expect(last.status == 400 && last.message.contains("only admin"))
        let own = await server.send(.admin, .delete, "/api/2.0/mlflow/users/delete", #"{"username":"admin"}"#)
        #expect(own.status == 400 && own.message.hasPrefix("Users cannot delete their own account."))
    }

    @Test("the page for new users takes its own form from the admin, and no other")
    func signup() async throws {
        let server = try AccessServer()
        let page = await server.send(.admin, .get, "/signup")
        #expect(page.status == 200 && page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        let mark = try #require(page.text.firstRange(of: "csrf_token\" value=\""))
        let token = String(page.text[mark.upperBound...].prefix(64))
        func send(_ form: String) async -> TestServer.Reply {
            var headers = server.headers(.admin)
            headers[.contentType] = "application/x-www-form-urlencoded"
            return await server.server.send(.post, "/api/2.0/mlflow/users/create-ui", form, headers: headers)
        }
        #expect(await send("username=ann&password=a-long-password").status == 400)
        let made = await send("username=%3Cb%3E&password=a-long-password&csrf_token=\(token)")
        #expect(made.status == 200 && made.text.contains("signed up user: &lt;b&gt;"))
        let again = await send("username=%3Cb%3E&password=a-long-password&csrf_token=\(token)")
        #expect(again.text.contains("already been taken"))
        #expect(await server.send(as: "<b>", .get, "/api/2.0/mlflow/users/current").status == 200)
    }

    @Test("without users the rows of users are not there, and a password is not looked at")
    func off() async throws {
        let server = try TestServer()
        for path in [
            "/api/2.0/mlflow/users/current", "/signup", "/api/3.0/mlflow/roles/list", "/api/roost/1.0/tokens/list",
        ] {
            let reply = await server.send(.get, path, headers: AccessServer.basic("admin"))
            #expect(reply.status == 404 && reply.code == "ENDPOINT_NOT_FOUND", "\(path)")
        }
        let reply = await server.send(
            .get, "/api/2.0/mlflow/experiments/get?experiment_id=0", headers: AccessServer.basic("x"))
        #expect(reply.status == 200)
    }
}
