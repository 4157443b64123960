// Every limit of the registry at N and at N and one more, and what a source may name.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("Limits of the registry")
struct RegistryLimitsTests {
    private func text(_ count: Int) -> String { String(repeating: "猫", count: count) }

    private func server() async throws -> TestServer {
        let server = try TestServer()
        #expect(await server.post("registered-models/create", #"{"name":"m"}"#).status == 200)
        return server
    }

    @Test(
        "lengths",
        arguments: [
            ("registered-models/create", "name", 256, ""),
            ("registered-models/create", "description", 100_000, #""name":"d""#),
            ("registered-models/set-tag", "value", 100_000, #""name":"m","key":"k""#),
            ("registered-models/rename", "new_name", 256, #""name":"m""#),
            ("model-versions/create", "description", 100_000, #""name":"m","source":"s3://b/x""#),
            ("model-versions/create", "run_link", 8192, #""name":"m","source":"s3://b/x""#),
            ("model-versions/create", "run_id", 256, #""name":"m","source":"s3://b/x""#),
        ])
    func lengths(_ path: String, _ field: String, _ limit: Int, _ rest: String) async throws {
        let server = try await server()
        let beginning = rest.isEmpty ? "{" : "{\(rest),"
        let over = await server.post(path, "\(beginning)\"\(field)\":\"\(text(limit + 1))\"}")
        #expect(over.status == 400)
        #expect(over.message == "'\(field)' exceeds the maximum length of \(limit) characters")
        #expect(await server.post(path, "\(beginning)\"\(field)\":\"\(text(limit))\"}").status == 200)
    }

    @Test("tags of a new model and of a new version, and the tags of one request")
    func tags() async throws {
        let server = try await server()
        for (path, rest) in [
            ("registered-models/create", #""name":"t""#), ("model-versions/create", #""name":"m","source":"s3://b/x""#),
        ] {
            let tags = { (count: Int) in
                (0..<count).map { "{\"key\":\"k\($0)\",\"value\":\"v\"}" }.joined(separator: ",")
            }
            let over = await server.post(path, "{\(rest),\"tags\":[\(tags(1001))]}")
            #expect(over.status == 400)
            #expect(over.message == "Parameter 'tags' may hold at most 1000 items. Got 1001.")
            #expect(await server.post(path, "{\(rest),\"tags\":[\(tags(1000))]}").status == 200)
        }
        for (length, status) in [(250, 200), (251, 400)] {
            let key = String(repeating: "k", count: length)
            let reply = await server.post(
                "model-versions/set-tag", "{\"name\":\"m\",\"version\":\"1\",\"key\":\"\(key)\",\"value\":\"\"}")
            #expect(reply.status == status)
        }
        let prompt = await server.post(
            "model-versions/set-tag",
            "{\"name\":\"m\",\"version\":\"1\",\"key\":\"mlflow.prompt.text\",\"value\":\"\(text(100_001))\"}")
        #expect(prompt.message == "Prompt text exceeds max length of 100000 characters.")
    }

    @Test(
        "rows of a page",
        arguments: [("registered-models", 1000), ("model-versions", 200_000)])
    func pages(_ area: String, _ limit: Int) async throws {
        let server = try await server()
        for (rows, status) in [(limit, 200), (limit + 1, 400), (limit * 1000, 400), (1, 200), (0, 400), (-1, 400)] {
            #expect(await server.get("\(area)/search?max_results=\(rows)").status == status, "\(rows)")
        }
        let stages = String(repeating: "&stages=None", count: 100)
        #expect(await server.get("registered-models/get-latest-versions?name=m\(stages)").status == 200)
        #expect(await server.get("registered-models/get-latest-versions?name=m\(stages)&stages=None").status == 400)
    }

    /// BI-40 to BI-46, below both prefixes.
    @Test(
        "sources that lie in no run of the request are refused",
        arguments: [
            "/etc", "file:///etc/", "file:/etc", "FILE:///etc", "//proc/self/root", #"\\..\\..\\etc"#,
            "file://etc/passwd", "mlflow-artifacts:/1/../../etc", "mlflow-artifacts:/..%2f..%2fetc",
            "dbfs:/x/a%3f/../../", "models://evil/m/1", "runs:/RUN/model", "mlflow-artifacts:/0/RUN/artifacts",
        ])
    func sources(_ source: String) async throws {
        let server = try await server()
        let run = try await server.makeRun()
        let source = source.replacing("RUN", with: run)
        for prefix in ["/api", "/ajax-api"] {
            let path = prefix + "/2.0/mlflow/model-versions/create"
            let prompt = #"[{"key":"mlflow.prompt.is_prompt","value":"true"}]"#
            for tags in ["[]", prompt] {
                let reply = await server.send(.post, path, "{\"name\":\"m\",\"source\":\"\(source)\",\"tags\":\(tags)}")
                #expect(reply.status == 400 && reply.code == "INVALID_PARAMETER_VALUE", "\(reply.text)")
            }
            guard !source.contains(run) else { continue }
            let given = await server.send(
                .post, path, "{\"name\":\"m\",\"source\":\"\(source)\",\"run_id\":\"\(run)\"}")
            #expect(given.status == 400)
        }
        #expect(await server.get("model-versions/search").text == "{}")
    }

    @Test("a source of another model's version that is not there is 404")
    func missingSource() async throws {
        let server = try await server()
        for source in ["models:/nope/1", "models:/m/1", "models:/m/latest", "models:/m/Production"] {
            let reply = await server.post("model-versions/create", "{\"name\":\"m\",\"source\":\"\(source)\"}")
            #expect(reply.status == 404, "\(source)")
        }
    }

    @Test("the operator's expression is found anywhere in a source, and refuses all others")
    func operatorsRule() async throws {
        let rule = try ModelSourceRule("^s3://team-[a-z]+/")
        let server = try TestServer { $0.modelSourceRule = rule }
        #expect(await server.post("registered-models/create", #"{"name":"m"}"#).status == 200)
        func create(_ source: String) async -> TestServer.Reply {
            await server.post("model-versions/create", #"{"name":"m","source":"\#(source)"}"#)
        }
        #expect(await create("s3://team-a/x").status == 200)
        let refused = await create("s3://other/x")
        #expect(refused.status == 400 && refused.message == "Invalid model version source: 's3://other/x'.")
        #expect(throws: APIError.self) { try ModelSourceRule("(") }
    }

    @Test("a file of a version: from the run it names, as a download, and by no path that leaves it")
    func files() async throws {
        let artifacts = try ArtifactServer()
        let server = artifacts.server
        let run = try await server.makeRun()
        try await artifacts.put("0/\(run)/artifacts/model/w.txt", "weights")
        #expect(await server.post("registered-models/create", #"{"name":"m"}"#).status == 200)
        for source in ["runs:/\(run)/model", "mlflow-artifacts:/0/\(run)/artifacts/model", "models:/m/1"] {
            let run = source.hasPrefix("models:") ? "" : ",\"run_id\":\"\(run)\""
            let made = await server.post("model-versions/create", "{\"name\":\"m\",\"source\":\"\(source)\"\(run)}")
            #expect(made.status == 200, "\(made.text)")
        }
        func get(_ version: String, _ path: String) async -> TestServer.Reply {
            await server.send(.get, "/model-versions/get-artifact?name=m&version=\(version)&path=\(path)")
        }
        for version in ["1", "2", "3"] {
            let reply = await get(version, "w.txt")
            #expect(reply.text == "weights")
            #expect(reply.headers[.contentDisposition] == "attachment; filename=w.txt")
            #expect(reply.headers[.contentSecurityPolicy] == "sandbox")
            #expect(await get(version, "zz").status == 404)
            for path in ["../../x", "..%2f..%2fx", "%252e%252e/x", "/etc/passwd", "", "."] {
                #expect(await get(version, path).status == 400, "\(path)")
            }
        }
        #expect(await get("9", "w.txt").status == 404)
        #expect(await get("x", "w.txt").status == 400)
        #expect(await server.send(.get, "/model-versions/get-artifact?name=m&version=1").status == 400)
        let elsewhere = await server.post("model-versions/create", #"{"name":"m","source":"s3://b/x"}"#)
        #expect(elsewhere.status == 200)
        #expect(await get("4", "w.txt").status == 501)
    }
}
