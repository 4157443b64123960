// Logged models over HTTP: every limit at N and one more, what is refused, and that nothing half-done stays.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("Logged models")
struct LoggedModelTests {
    private func make(_ server: TestServer, _ fields: String = "") async throws -> String {
        let reply = await server.post("logged-models", "{\"experiment_id\":\"0\"\(fields)}")
        return try #require(reply.json["model"]?["info"]?["model_id"]?.text, "\(reply.text)")
    }

    private func text(_ count: Int) -> String { String(repeating: "k", count: count) }

    private func patch(_ server: TestServer, _ path: String, _ body: String) async -> TestServer.Reply {
        await server.send(.patch, "/api/2.0/mlflow/logged-models/" + path, body)
    }

    @Test(
        "lengths of a new model's fields",
        arguments: [
            ("name", Limits.modelName, "name"), ("model_type", Limits.modelType, "model_type"),
            ("source_run_id", Limits.runID, "source_run_id"),
        ])
    func lengths(_ field: String, _ limit: Int, _ name: String) async throws {
        let server = try TestServer()
        _ = try await make(server, ",\"\(field)\":\"\(text(limit))\"")
        let reply = await server.post(
            "logged-models", "{\"experiment_id\":\"0\",\"\(field)\":\"\(text(limit + 1))\"}")
        #expect(reply.status == 400)
        #expect(reply.message == "'\(name)' exceeds the maximum length of \(limit) characters")
    }

    @Test("lengths of params and tags, when made and later", arguments: ["params", "tags"])
    func pairs(_ list: String) async throws {
        let server = try TestServer()
        let id = try await make(server)
        func send(_ key: String, _ value: String) async -> [TestServer.Reply] {
            let pairs = "\"\(list)\":[{\"key\":\"\(key)\",\"value\":\"\(value)\"}]"
            let new = await server.post("logged-models", "{\"experiment_id\":\"0\",\(pairs)}")
            let later =
                list == "tags"
                ? await patch(server, id + "/tags", "{\(pairs)}")
                : await server.post("logged-models/\(id)/params", "{\"model_id\":\"\(id)\",\(pairs)}")
            return [new, later]
        }
        for (key, value, words) in [
            (Limits.modelKey, Limits.modelText, ""), (Limits.modelKey + 1, 1, "\(list)[0].key"),
            (1, Limits.modelText + 1, "\(list)[0].value"),
        ] {
            for reply in await send(text(key), text(value)) {
                #expect(reply.status == (words.isEmpty ? 200 : 400))
                #expect(words.isEmpty || reply.message.hasPrefix("'\(words)' exceeds the maximum length"))
            }
        }
    }

    @Test("how many params and tags one request may hold", arguments: ["params", "tags"])
    func counts(_ list: String) async throws {
        let server = try TestServer()
        for (count, status) in [(Limits.listItems, 200), (Limits.listItems + 1, 400)] {
            let pairs = (0..<count).map { "{\"key\":\"k\($0)\",\"value\":\"v\"}" }.joined(separator: ",")
            let reply = await server.post("logged-models", "{\"experiment_id\":\"0\",\"\(list)\":[\(pairs)]}")
            #expect(reply.status == status)
        }
    }

    @Test("a refused batch of params leaves none of them")
    func allOrNothing() async throws {
        let server = try TestServer()
        let id = try await make(server, ",\"params\":[{\"key\":\"a\",\"value\":\"1\"}]")
        let reply = await server.post(
            "logged-models/\(id)/params",
            "{\"model_id\":\"\(id)\",\"params\":[{\"key\":\"b\",\"value\":\"1\"},{\"key\":\"a\",\"value\":\"2\"}]}")
        #expect(reply.status == 400)
        #expect(reply.message.hasPrefix("Changing param values is not allowed."))
        let model = await server.get("logged-models/\(id)").json["model"]
        #expect(model?["data"]?["params"]?.items.count == 1)
    }

    @Test("a metric that the model refuses is not the run's either")
    func metricOfBoth() async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        let id = try await make(server)
        func log(_ value: Double, _ model: String) async -> TestServer.Reply {
            await server.post(
                "runs/log-metric",
                "{\"run_id\":\"\(run)\",\"key\":\"m\",\"value\":\(value),\"timestamp\":1,\"model_id\":\"\(model)\"}")
        }
        #expect(await log(1, id).status == 200)
        #expect(await log(1, id).status == 200)
        #expect(await log(2, id).status == 400)
        #expect(await log(3, "m-none").status == 404)
        let data = await server.get("runs/get?run_id=\(run)").json["run"]?["data"]
        #expect(data?["metrics"]?.items.map { $0["value"] } == [.decimal(1)])
        let history = await server.get("metrics/get-history?run_id=\(run)&metric_key=m").json
        #expect(history["metrics"]?.items.count == 1)
    }

    @Test(
        "what an ordering and the datasets of a search may weigh",
        arguments: [
            ("order_by", "{\"field_name\":\"metrics.m\"}", 60, "may hold at most 60 items"),
            ("datasets", "{\"dataset_name\":\"d\"}", 20, "may hold at most 20 items"),
        ])
    func searches(_ list: String, _ item: String, _ limit: Int, _ words: String) async throws {
        let server = try TestServer()
        _ = try await make(server)
        for (count, status) in [(limit, 200), (limit + 1, 400)] {
            let items = Array(repeating: item, count: count).joined(separator: ",")
            let reply = await server.post(
                "logged-models/search", "{\"experiment_ids\":[\"0\"],\"\(list)\":[\(items)]}")
            #expect(reply.status == status, "\(reply.text)")
            if status == 400 { #expect(reply.message.contains(words)) }
        }
    }

    @Test("the largest search that is allowed is answered")
    func largestSearch() async throws {
        let server = try TestServer()
        _ = try await make(server)
        let filter = (0..<256).map { "metrics.m\($0) > 0" }.joined(separator: " OR ")
        let datasets = (0..<20).map { "{\"dataset_name\":\"d\($0)\",\"dataset_digest\":\"1\"}" }
        let order = (0..<60).map { "{\"field_name\":\"metrics.o\($0)\",\"dataset_name\":\"d\"}" }
        let body =
            "{\"experiment_ids\":[\"0\"],\"filter\":\"\(filter)\",\"datasets\":[\(datasets.joined(separator: ","))],"
            + "\"order_by\":[\(order.joined(separator: ","))],\"max_results\":1"
        let reply = await server.post("logged-models/search", body + "}")
        #expect(reply.status == 200, "\(reply.text.prefix(300))")
        _ = try await make(server)
        let all = body.replacing("\"filter\":\"\(filter)\",", with: "").replacing(
            "\"datasets\":[\(datasets.joined(separator: ","))],", with: "")
        let first = await server.post("logged-models/search", all + "}")
        let token = try #require(first.json["next_page_token"]?.text, "\(first.text.prefix(300))")
        let second = await server.post("logged-models/search", all + ",\"page_token\":\"\(token)\"}")
        #expect(second.status == 200 && second.json["models"]?.items.count == 1, "\(second.text.prefix(300))")
    }

    @Test("the tag of older clients is refused, not cut, when it grows too long")
    func history() async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        func record(_ count: Int) async -> TestServer.Reply {
            let model =
                "{\\\"artifact_path\\\":\\\"m\\\",\\\"flavors\\\":{\\\"f\\\":\\\"\(text(count))\\\"},"
                + "\\\"utc_time_created\\\":\\\"t\\\",\\\"run_id\\\":\\\"r\\\"}"
            return await server.post("runs/log-model", "{\"run_id\":\"\(run)\",\"model_json\":\"\(model)\"}")
        }
        #expect(await record(600_000).status == 200)
        let refused = await record(600_000)
        #expect(refused.status == 400)
        #expect(refused.message.hasPrefix("'mlflow.log-model.history' exceeds the maximum length"))
        let tags = await server.get("runs/get?run_id=\(run)").json["run"]?["data"]?["tags"]?.items ?? []
        let tag = tags.first { $0["key"]?.text == "mlflow.log-model.history" }?["value"]?.text ?? ""
        #expect((try? JSONReader.parse(Array(tag.utf8)))?.items.count == 1)
    }

    @Test("a tag that is no list of models is named")
    func foreignHistory() async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        _ = await server.post(
            "runs/set-tag", "{\"run_id\":\"\(run)\",\"key\":\"mlflow.log-model.history\",\"value\":\"x\"}")
        let reply = await server.post(
            "runs/log-model",
            "{\"run_id\":\"\(run)\",\"model_json\":\"{\\\"artifact_path\\\":1,\\\"flavors\\\":{},"
                + "\\\"utc_time_created\\\":1,\\\"run_id\\\":1}\"}")
        #expect(reply.status == 400)
        #expect(reply.message.contains("is not a list in JSON"))
    }

    @Test("the files of a model are served from its own directory and from nowhere else")
    func files() async throws {
        let artifacts = try ArtifactServer()
        let server = artifacts.server
        let id = try await make(server)
        let base = "0/models/\(id)/artifacts"
        try await artifacts.put("\(base)/data/a.txt", "hello")
        try await artifacts.put("0/secret.txt", "no")
        try artifacts.link("\(base)/out", to: artifacts.around)
        let files = "/ajax-api/2.0/mlflow/logged-models/\(id)/artifacts/files?artifact_file_path="
        let found = await server.send(.get, files + "data/a.txt")
        #expect(found.status == 200)
        #expect(found.text == "hello")
        #expect(found.headers[.contentDisposition] == "attachment; filename=a.txt")
        for path in [
            "../../../secret.txt", "..%2F..%2F..%2Fsecret.txt", "/etc/passwd", "out/x", "data%5C..%5Cx", "a%00b", "",
        ] {
            let reply = await server.send(.get, files + path)
            #expect(reply.status == 400, "\(path)")
        }
        let listing = await server.get("logged-models/\(id)/artifacts/directories?artifact_directory_path=../..")
        #expect(listing.status == 400)
        let names = await server.get("logged-models/\(id)/artifacts/directories").json["files"]?.items
        #expect(names?.contains { $0["path"]?.text == "data" } == true)
    }

    @Test("an id in the path is decoded once, and names nothing but a model")
    func ids() async throws {
        let server = try TestServer()
        let id = try await make(server)
        let escaped = "m%2D" + id.dropFirst(2)
        #expect(await server.get("logged-models/\(escaped)").status == 200)
        for name in ["m%252D" + id.dropFirst(2), "..%2F..", "%00", "'%20OR%201=1", "search"] {
            let reply = await server.get("logged-models/\(name)")
            #expect(reply.status == 404 || reply.status == 400 || reply.status == 405, "\(name)")
        }
    }
}
