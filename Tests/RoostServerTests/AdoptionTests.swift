// Adoption of PromptFlow's root runs, and get-or-create: who makes what, and that it is made once.

import HTTPTypes
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

private let batch = "web_classification_variant_0_20261124_093000_123456"

@Suite("Adoption")
struct AdoptionTests {
    private func adopting(_ pattern: String = AdoptionRule.promptFlowNames) throws -> TestServer {
        let rule = try AdoptionRule(experiment: "batches", pattern: pattern)
        return try TestServer { $0.adoption = rule }
    }

    @Test("a first get makes the run, a second finds the same, search finds it, and its cache is forbidden")
    func adopted() async throws {
        let server = try adopting()
        let first = await server.get("runs/get?run_uuid=\(batch)&run_id=\(batch)")
        #expect(first.status == 200 && first.headers[.cacheControl] == "no-store")
        let info = first.json["run"]?["info"]
        #expect(
            info?["run_id"]?.text == batch && info?["run_name"]?.text == batch && info?["status"]?.text == "RUNNING")
        #expect(info?["artifact_uri"]?.text == "mlflow-artifacts:/1/\(batch)/artifacts")
        let tags = first.json["run"]?["data"]?["tags"]?.items.map {
            "\($0["key"]?.text ?? "")=\($0["value"]?.text ?? "")"
        }
        #expect(
            Set(tags ?? []) == [
                "mlflow.runName=\(batch)", "promptflow.root_run_id=\(batch)", "framework=Prompt Flow",
                "mlflow.source.type=LOCAL", "roost.adopted=true",
            ])
        #expect(await server.get("runs/get?run_id=\(batch)").text == first.text)
        let found = await server.post(
            "runs/search", "{\"experiment_ids\":[\"1\"],\"filter\":\"tags.roost.adopted = 'true'\"}")
        #expect(found.json["runs"]?.items.count == 1)
    }

    @Test("sixteen at once make one run")
    func race() async throws {
        let server = try adopting()
        let answers = await withTaskGroup(of: TestServer.Reply.self) { group in
            for _ in 0..<16 { group.addTask { await server.get("runs/get?run_id=\(batch)") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 } && Set(answers.map(\.text)).count == 1)
        let runs = await server.post("runs/search", "{\"experiment_ids\":[\"1\"]}")
        #expect(runs.json["runs"]?.items.count == 1)
    }

    @Test(
        "what is never adopted, whatever the pattern",
        arguments: [
            "0123456789abcdef0123456789abcdef", "123E4567-E89B-12D3-A456-426614174000", "a/b", "..",
            "日報_20261124_093000_123456",
            "-x", "a b", "", String(repeating: "x", count: 257),
        ])
    func never(_ id: String) async throws {
        let server = try adopting(".*")
        let escaped = id.utf8.map { "%" + (String($0, radix: 16).count < 2 ? "0" : "") + String($0, radix: 16) }
            .joined()
        let reply = await server.get("runs/get?run_id=\(escaped)")
        #expect(reply.status == (id.isEmpty ? 400 : 404))
        #expect(await server.get("experiments/get-by-name?experiment_name=batches").status == 404)
    }

    @Test("the whole id must match, and only a client's GET adopts")
    func only() async throws {
        let server = try adopting("nightly_.*")
        #expect(await server.get("runs/get?run_id=my_nightly_1").status == 404)
        #expect(await server.send(.head, "/api/2.0/mlflow/runs/get?run_id=nightly_1").status == 404)
        #expect(await server.send(.get, "/ajax-api/2.0/mlflow/runs/get?run_id=nightly_1").status == 404)
        #expect(await server.post("runs/update", #"{"run_id":"nightly_1"}"#).status == 404)
        #expect(await server.get("experiments/get-by-name?experiment_name=batches").status == 404)
        #expect(await server.get("runs/get?run_id=nightly_1").status == 200)
    }

    @Test("off by default: the answer is the one without the feature")
    func off() async throws {
        let reply = await (try TestServer()).get("runs/get?run_id=\(batch)")
        #expect(reply.status == 404 && reply.message == "Run with id=\(batch) not found")
        #expect(reply.headers[.cacheControl] == nil)
    }

    @Test("a deleted run stays known, a deleted experiment is not revived")
    func deleted() async throws {
        let server = try adopting()
        _ = await server.get("runs/get?run_id=\(batch)")
        #expect(await server.post("runs/delete", "{\"run_id\":\"\(batch)\"}").status == 200)
        let known = await server.get("runs/get?run_id=\(batch)")
        #expect(known.json["run"]?["info"]?["lifecycle_stage"]?.text == "deleted")
        #expect(await server.post("experiments/delete", #"{"experiment_id":"1"}"#).status == 200)
        #expect(await server.get("runs/get?run_id=other_20261124_093000_123456").status == 404)
    }

    @Test("a thousand an hour, then no more until the next")
    func capped() {
        let count = AdoptionCount()
        let decisions = (0..<1003).map { _ in count.next(now: 7_200_000) }
        #expect(decisions.filter { if case .go = $0 { true } else { false } }.count == 1000)
        #expect(decisions.filter { if case .stopAndTell = $0 { true } else { false } }.count == 1)
        guard case .go = count.next(now: 10_800_000) else { return #expect(Bool(false), "a new hour begins at none") }
    }

    @Test("a pattern that is none is refused")
    func badPattern() {
        #expect(throws: APIError.self) { try AdoptionRule(experiment: "e", pattern: "(") }
    }
}

@Suite("Get or create")
struct GetOrCreateTests {
    private func post(_ server: TestServer, _ path: String, _ body: String) async -> TestServer.Reply {
        await server.send(.post, "/api/roost/1.0/" + path, body)
    }

    @Test("one experiment and one run for all callers, whoever comes first")
    func once() async throws {
        let server = try TestServer()
        let made = await withTaskGroup(of: [TestServer.Reply].self) { group in
            for number in 0..<16 {
                group.addTask {
                    let experiment = await post(server, "experiments/get-or-create", #"{"name":"flow"}"#)
                    let id = experiment.json["experiment"]?["experiment_id"]?.text ?? ""
                    let run = await post(
                        server, "runs/get-or-create",
                        "{\"experiment_id\":\"\(id)\",\"key\":\"batch-1\",\"run_name\":\"worker \(number)\"}")
                    return [experiment, run]
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for position in 0...1 {
            let replies = made.map { $0[position] }
            #expect(replies.allSatisfy { $0.status == 200 })
            #expect(replies.filter { $0.json["created"] == .bool(true) }.count == 1)
        }
        #expect(Set(made.compactMap { $0[1].json["run"]?["info"]?["run_id"]?.text }).count == 1)
        #expect(Set(made.compactMap { $0[1].json["run"]?["info"]?["run_name"]?.text }).count == 1)
    }

    @Test("keys belong to their experiment, a run of an id is one everywhere")
    func scopes() async throws {
        let server = try TestServer()
        _ = await server.post("experiments/create", #"{"name":"other"}"#)
        let here = await post(server, "runs/get-or-create", #"{"experiment_id":"0","key":"k"}"#)
        let there = await post(server, "runs/get-or-create", #"{"experiment_id":"1","key":"k"}"#)
        #expect(here.json["run"]?["info"]?["run_id"] != there.json["run"]?["info"]?["run_id"])
        let named = await post(server, "runs/get-or-create", #"{"experiment_id":"0","run_id":"my-batch"}"#)
        let again = await post(server, "runs/get-or-create", #"{"experiment_id":"1","run_id":"my-batch"}"#)
        #expect(named.json["created"] == .bool(true) && again.json["created"] == .bool(false))
        #expect(again.json["run"] == named.json["run"])
        #expect(await server.get("runs/get?run_id=my-batch").status == 200)
    }

    @Test(
        "what is refused",
        arguments: [
            #"{"experiment_id":"0"}"#, #"{"experiment_id":"0","key":"k","run_id":"r"}"#,
            #"{"experiment_id":"0","run_id":"0123456789abcdef0123456789abcdef"}"#,
            #"{"experiment_id":"0","run_id":"a/b"}"#,
            #"{"key":"k"}"#, "{\"experiment_id\":\"0\",\"key\":\"\(String(repeating: "k", count: 251))\"}",
        ])
    func refused(_ body: String) async throws {
        let reply = await post(try TestServer(), "runs/get-or-create", body)
        #expect(reply.status == 400 && reply.code == "INVALID_PARAMETER_VALUE")
    }

    @Test("the children of a run are counted by status and their metrics rolled up, deleted ones and NaN apart")
    func children() async throws {
        let server = try TestServer()
        let parent = try await server.makeRun()
        for (number, value) in ["1", "3", "\"NaN\"", "100"].enumerated() {
            let child = await post(
                server, "runs/get-or-create",
                "{\"experiment_id\":\"0\",\"key\":\"\(parent)/\(number)\",\"start_time\":\(number + 5),"
                    + "\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"\(parent)\"}]}")
            let id = try #require(child.json["run"]?["info"]?["run_id"]?.text)
            _ = await server.post(
                "runs/log-metric", "{\"run_id\":\"\(id)\",\"key\":\"tokens\",\"value\":\(value),\"timestamp\":1}")
            let status = number == 1 ? "FAILED" : "FINISHED"
            _ = await server.post(
                "runs/update", "{\"run_id\":\"\(id)\",\"status\":\"\(status)\",\"end_time\":\(number + 10)}")
            if number == 3 { _ = await server.post("runs/delete", "{\"run_id\":\"\(id)\"}") }
        }
        let summary = await server.send(.get, "/api/roost/1.0/runs/children-summary?run_id=\(parent)").json
        #expect(summary["children"] == .integer(3))
        #expect(summary["status"] == .object([.init("FAILED", .integer(1)), .init("FINISHED", .integer(2))]))
        #expect(summary["start_time"] == .integer(5) && summary["end_time"] == .integer(12))
        let tokens = try #require(summary["metrics"]?.items.first)
        #expect(tokens["count"] == .integer(2) && tokens["nan"] == .integer(1))
        #expect(tokens["sum"] == .decimal(4) && tokens["mean"] == .decimal(2) && tokens["max"] == .decimal(3))
        #expect(await server.send(.get, "/api/roost/1.0/runs/children-summary?run_id=nope").status == 404)
    }
}
