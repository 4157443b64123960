// Every limit of the logging endpoints at N and at N and one more, with MLflow's words (BI-100, BI-101, BI-104 to BI-106, BI-116).

import RoostCore
import Testing

@testable import RoostServer

@Suite("Limits")
struct LimitsTests {
    private func batch(_ run: String, metrics: Int = 0, params: Int = 0, tags: Int = 0) -> String {
        let metric = (0..<metrics).map { "{\"key\":\"m\($0)\",\"value\":1,\"timestamp\":1,\"step\":0}" }
        let param = (0..<params).map { "{\"key\":\"p\($0)\",\"value\":\"v\"}" }
        let tag = (0..<tags).map { "{\"key\":\"t\($0)\",\"value\":\"v\"}" }
        return "{\"run_id\":\"\(run)\",\"metrics\":[\(metric.joined(separator: ","))],"
            + "\"params\":[\(param.joined(separator: ","))],\"tags\":[\(tag.joined(separator: ","))]}"
    }

    @Test(
        "counts of a batch",
        arguments: [
            (1000, 0, 0, ""), (1001, 0, 0, "at most 1000 metrics. Got 1001 metrics."),
            (0, 100, 0, ""), (0, 101, 0, "at most 100 params. Got 101 params."),
            (0, 0, 100, ""), (0, 0, 101, "at most 100 tags. Got 101 tags."),
            (800, 100, 100, ""),
            (801, 100, 100, "at most 1000 metrics, params, and tags. Got 1001 metrics, params, and tags."),
        ])
    func counts(_ metrics: Int, _ params: Int, _ tags: Int, _ words: String) async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        let reply = await server.post("runs/log-batch", batch(run, metrics: metrics, params: params, tags: tags))
        #expect(reply.status == (words.isEmpty ? 200 : 400))
        #expect(reply.message.contains(words))
        let stored = await server.get("runs/get?run_id=\(run)").json["run"]?["data"]
        #expect(stored?["metrics"]?.items.count ?? 0 == (words.isEmpty ? metrics : 0))
    }

    @Test(
        "lengths of keys",
        arguments: [
            ("runs/log-parameter", "\"value\":\"v\"", "Param key"), ("runs/set-tag", "\"value\":\"v\"", "key"),
            ("runs/log-metric", "\"value\":1,\"timestamp\":1", "Metric name"),
        ])
    func keys(_ path: String, _ rest: String, _ name: String) async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        for (length, status) in [(250, 200), (251, 400), (250_000, 400)] {
            let key = String(repeating: "k", count: length)
            let reply = await server.post(path, "{\"run_id\":\"\(run)\",\"key\":\"\(key)\",\(rest)}")
            #expect(reply.status == status)
            if status == 400 { #expect(reply.message == "'\(name)' exceeds the maximum length of 250 characters") }
        }
    }

    @Test("long params and tags are cut, or refused where the server is told not to cut")
    func values() async throws {
        for (path, limit, list) in [("runs/log-parameter", 6000, "params"), ("runs/set-tag", 8000, "tags")] {
            let long = String(repeating: "猫", count: limit + 1)
            let cutting = try TestServer()
            let run = try await cutting.makeRun()
            #expect(
                await cutting.post(path, "{\"run_id\":\"\(run)\",\"key\":\"k\",\"value\":\"\(long)\"}").status == 200)
            let stored = await cutting.get("runs/get?run_id=\(run)").json["run"]?["data"]?[list]?.items
            #expect(stored?.first { $0["key"]?.text == "k" }?["value"]?.text?.count == limit)
            let strict = try TestServer { $0.truncateLongValues = false }
            let other = try await strict.makeRun()
            #expect(
                await strict.post(path, "{\"run_id\":\"\(other)\",\"key\":\"k\",\"value\":\"\(long)\"}").status == 400)
            #expect(
                await strict.post(path, "{\"run_id\":\"\(other)\",\"key\":\"k\",\"value\":\"\(long.dropFirst())\"}")
                    .status
                    == 200)
        }
    }

    @Test(
        "page sizes of searches",
        arguments: [("50000", 200), ("50001", 400), ("0", 400), ("-1", 400), ("1e9", 400), ("\"x\"", 400)])
    func pageSizes(_ size: String, _ status: Int) async throws {
        let server = try TestServer()
        for path in ["runs/search", "experiments/search"] {
            #expect(await server.post(path, "{\"experiment_ids\":[\"0\"],\"max_results\":\(size)}").status == status)
        }
    }

    @Test("names and tags of experiments")
    func experiments() async throws {
        let server = try TestServer()
        func create(_ name: Int, _ key: Int, _ value: Int) async -> Int {
            let text = { (count: Int) in String(repeating: "x", count: count) }
            let tags = "[{\"key\":\"\(text(key))\",\"value\":\"\(text(value))\"}]"
            return await server.post("experiments/create", "{\"name\":\"\(text(name))\",\"tags\":\(tags)}").status
        }
        #expect(await create(500, 250, 20_000) == 200)
        #expect(await create(501, 1, 1) == 400)
        #expect(await create(3, 251, 1) == 400)
        #expect(await create(4, 1, 20_001) == 400)
    }

    @Test("a body over the limit of its route is 413")
    func bodies() async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        let huge = String(repeating: "x", count: Limits.bodyBytes)
        let reply = await server.post("runs/set-tag", "{\"run_id\":\"\(run)\",\"key\":\"k\",\"value\":\"\(huge)\"}")
        #expect(reply.status == 413)
    }

    @Test("an ordering of as many keys as are allowed has its pages", arguments: ["metrics", "params", "tags"])
    func longestOrdering(_ kind: String) async throws {
        let server = try TestServer()
        for _ in 0..<3 { _ = try await server.makeRun() }
        let keys = (0..<60).map { "\"\(kind).k\($0)\"" }.joined(separator: ",")
        let search = "{\"experiment_ids\":[\"0\"],\"max_results\":2,\"order_by\":[\(keys)]"
        let first = await server.post("runs/search", search + "}")
        let token = try #require(first.json["next_page_token"]?.text, "\(first.text.prefix(300))")
        let second = await server.post("runs/search", search + ",\"page_token\":\"\(token)\"}")
        #expect(second.status == 200 && second.json["runs"]?.items.count == 1, "\(second.text.prefix(300))")
    }
}
