// The rows BI-151 to BI-155: no trick with the path, nothing told of what one may not see, the same time for an unknown user
// and a wrong password, bounded passwords, and changes that count from the next request on. And what grants mean.

import HTTPTypes
import RoostAuth
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite("Access")
struct AccessTests {
    @Test(
        "BI-151: a path that only begins like an open one, or is spelled another way, is asked for a login",
        arguments: [
            "//api/2.0/mlflow/experiments/search", "/api/./2.0/mlflow/experiments/search", "/healthX", "/health/",
            "/health/../api/2.0/mlflow/experiments/get?experiment_id=0", "/static-anything", "/static/../api", "/uiX",
            "/API/2.0/mlflow/experiments/get?experiment_id=0", "/api/2.0/mlflow/experiments/get/?experiment_id=0",
            "/api/2.0/mlflow/experiments%2fget?experiment_id=0", "/api/2.0/mlflow/experiments/get;x?experiment_id=0",
            "/favicon.ico/x", "/api/2.0/mlflow/server-info", "/nope", "/", "/runs/x", "/metrics", "/version",
            "/api/3.0/mlflow/traces",
        ])
    func paths(_ path: String) async throws {
        let server = try AccessServer(standard: .read)
        for who in [Who.nobody, .wrong] {
            let reply = await server.send(who, .get, path)
            #expect(reply.status == 401 && reply.headers[.wwwAuthenticate] == #"Basic realm="mlflow""#, "\(reply.text)")
        }
        #expect(await server.send(.nobody, .post, path, "{}").status == 401)
    }

    @Test("what anyone may ask needs no login, whatever login it has")
    func open() async throws {
        let server = try AccessServer()
        for path in ["/health", "/ready", "/api/3.0/mlflow/server-info"] {
            for who in [Who.nobody, .wrong, .admin] {
                #expect(await server.send(who, .get, path).status == 200, "\(path) \(who)")
            }
        }
    }

    @Test("with a static prefix the rules are the same")
    func prefix() async throws {
        let server = try AccessServer { $0.staticPrefix = "/tracking" }
        #expect(await server.send(.nobody, .get, "/tracking/health").status == 200)
        #expect(await server.send(.nobody, .get, "/tracking/").status == 401)
        #expect(await server.send(.nobody, .get, "/tracking/api/2.0/mlflow/users/current").status == 401)
        #expect(await server.send(.admin, .get, "/tracking/api/2.0/mlflow/users/current").status == 200)
    }

    @Test("malformed credentials are none")
    func malformed() async throws {
        let server = try AccessServer()
        for text in [
            "", "Basic", "Basic !!!", "Basic YWRtaW4=", "Basic =", "Digest x", "Bearer", "Bearer roost_", "x y z",
        ] {
            let reply = await server.server.send(
                .get, "/api/2.0/mlflow/users/current", headers: [.authorization: text])
            #expect(reply.status == 401, "\(text)")
        }
    }

    @Test("BI-152: pages, counts and tokens of a search are those of what one may see")
    func searches() async throws {
        let server = try AccessServer()
        try await server.addUser("ann")
        for number in 1...30 {
            try await server.admin(.post, "/api/2.0/mlflow/experiments/create", #"{"name":"e\#(number)"}"#)
            try await server.admin(.post, "/api/2.0/mlflow/runs/create", #"{"experiment_id":"\#(number)"}"#)
            try await server.admin(.post, "/api/2.0/mlflow/registered-models/create", #"{"name":"m\#(number)"}"#)
            try await server.admin(
                .post, "/api/2.0/mlflow/model-versions/create", #"{"name":"m\#(number)","source":"s3://b/\#(number)"}"#)
        }
        for number in [3, 17, 29] {
            try await server.grant("ann", "READ", "experiment", "\(number)")
            try await server.grant("ann", "READ", "registered_model", "m\(number)")
        }
        let seen = try await pages(server, "experiments/search", "experiments", #"{"max_results":2"#) {
            $0["experiment_id"]?.text
        }
        #expect(seen == [["29", "17"], ["3"]])
        let names = try await queryPages(server, "registered-models/search", "registered_models", "max_results=2")
        #expect(names == [["m17", "m29"], ["m3"]])
        let versions = try await queryPages(server, "model-versions/search", "model_versions", "max_results=2")
        #expect(versions.map(\.count) == [2, 1] && Set(versions.joined()) == ["m17", "m29", "m3"])
        let all = (0...30).map { "\"\($0)\"" }.joined(separator: ",")
        let runs = try await pages(server, "runs/search", "runs", #"{"experiment_ids":[\#(all)],"max_results":2"#) {
            $0["info"]?["experiment_id"]?.text
        }
        #expect(runs.map(\.count) == [2, 1] && Set(runs.joined()) == ["3", "17", "29"])
    }

    private func pages(
        _ server: AccessServer, _ path: String, _ list: String, _ body: String, _ item: (JSON) -> String?
    ) async throws -> [[String]] {
        var found: [[String]] = []
        var token = ""
        repeat {
            let reply = await server.send(
                as: "ann", .post, "/api/2.0/mlflow/" + path,
                body + (token.isEmpty ? "}" : #","page_token":"\#(token)"}"#))
            try #require(reply.status == 200, "\(reply.text)")
            found.append((reply.json[list]?.items ?? []).compactMap(item))
            token = reply.json["next_page_token"]?.text ?? ""
        } while !token.isEmpty && found.count < 10
        return found
    }

    private func queryPages(
        _ server: AccessServer, _ path: String, _ list: String, _ query: String
    ) async throws -> [[String]] {
        var found: [[String]] = []
        var token = ""
        repeat {
            let reply = await server.send(
                as: "ann", .get, "/api/2.0/mlflow/\(path)?\(query)" + (token.isEmpty ? "" : "&page_token=\(token)"))
            try #require(reply.status == 200, "\(reply.text)")
            found.append((reply.json[list]?.items ?? []).compactMap { $0["name"]?.text })
            token = reply.json["next_page_token"]?.text ?? ""
        } while !token.isEmpty && found.count < 10
        return found
    }

    @Test("BI-152: a run that one may not see and a run that is not there are refused alike; so are their files")
    func unseen() async throws {
        let server = try AccessServer()
        try await server.addUser("ann")
        let made = try await server.admin(.post, "/api/2.0/mlflow/runs/create", #"{"experiment_id":"0"}"#)
        let run = try #require(made["run"]?["info"]?["run_id"]?.text)
        for id in [run, "0123456789abcdef0123456789abcdef"] {
            for target in ["/api/2.0/mlflow/runs/get?run_id=\(id)", "/get-artifact?run_id=\(id)&path=a"] {
                let reply = await server.send(as: "ann", .get, target)
                #expect(reply.status == 403 && reply.text == "Permission denied", "\(reply.text)")
            }
        }
        let counts = await server.send(
            as: "ann", .post, "/api/roost/1.0/runs/tree", #"{"run_ids":["\#(run)"]}"#)
        #expect(counts.status == 200 && (counts.json["runs"]?.items ?? []).isEmpty)
        let query =
            #"{"query":"query Q($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { run { info { runName } } } }","variables":{"data":{"runId":"\#(run)"}}}"#
        let graph = await server.send(as: "ann", .post, "/graphql", query)
        #expect(graph.status == 200 && graph.json["data"]?["mlflowGetRun"] == .null, "\(graph.text)")
    }

    @Test("BI-153: an unknown user costs a hash, as a wrong password does, and both are told the same")
    func sameTime() async throws {
        let server = try AccessServer { $0.access?.cost = .standard }
        func time(_ username: String) async -> (Duration, TestServer.Reply) {
            let begun = ContinuousClock.now
            let reply = await server.server.send(
                .get, "/api/2.0/mlflow/users/current", headers: AccessServer.basic(username, "a-wrong-password"))
            return (ContinuousClock.now - begun, reply)
        }
        var (known, unknown): ([Duration], [Duration]) = ([], [])
        for _ in 0..<3 {
            let (one, other) = (await time("admin"), await time("nobody"))
            known.append(one.0)
            unknown.append(other.0)
            #expect(one.1.status == 401 && one.1.text == other.1.text && one.1.headers == other.1.headers)
        }
        // Whoever else works on this machine, an unknown user is not answered without the work.
        let (least, usual) = (unknown.min() ?? .zero, known.min() ?? .zero)
        #expect(least > usual / 4 && usual > least / 4, "\(known) \(unknown)")
    }

    @Test(
        "BI-154: what is no password is 400, before any work",
        arguments: [
            "", "short", "elevenchars", String(repeating: "x", count: 257), String(repeating: "x", count: 900_000),
        ])
    func passwords(_ password: String) async throws {
        let server = try AccessServer()
        let reply = await server.send(
            .admin, .post, "/api/2.0/mlflow/users/create", #"{"username":"ann","password":"\#(password)"}"#)
        #expect(reply.status == 400 && reply.code == "INVALID_PARAMETER_VALUE", "\(reply.text)")
        #expect(!reply.text.contains("xxxxx"))
    }

    @Test("BI-154: the password that MLflow once came with opens no admin's account")
    func oldDefault() async throws {
        #expect(throws: ServerStartError.self) {
            _ = try AccessServer { $0.access?.adminPassword = "password1234" }
        }
        let server = try AccessServer()
        try await server.admin(
            .post, "/api/2.0/mlflow/users/create", #"{"username":"ann","password":"password1234"}"#)
        let headers = AccessServer.basic("ann", "password1234")
        #expect(await server.server.send(.get, "/api/2.0/mlflow/users/current", headers: headers).status == 200)
        try await server.admin(.patch, "/api/2.0/mlflow/users/update-admin", #"{"username":"ann","is_admin":true}"#)
        #expect(await server.server.send(.get, "/api/2.0/mlflow/users/current", headers: headers).status == 401)
    }

    @Test("wrong passwords are answered with 429 after a few, and who is logged in goes on")
    func guessing() async throws {
        let server = try AccessServer()
        #expect(await server.send(.admin, .get, "/api/2.0/mlflow/users/current").status == 200)
        var statuses: [Int] = []
        for _ in 0..<12 { statuses.append(await server.send(.wrong, .get, "/api/2.0/mlflow/users/current").status) }
        #expect(statuses.prefix(5).allSatisfy { $0 == 401 } && statuses.last == 429)
        let last = await server.send(.wrong, .get, "/api/2.0/mlflow/users/current")
        #expect(last.code == "REQUEST_LIMIT_EXCEEDED" && Int(last.headers[.retryAfter] ?? "") ?? 0 > 0)
        #expect(await server.send(.admin, .get, "/api/2.0/mlflow/users/current").status == 200)
    }
}
