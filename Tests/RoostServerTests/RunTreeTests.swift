// POST roost/1.0/runs/tree: levels of the tree, counts, roll-ups, orders, and its refusals.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("The tree of runs")
struct RunTreeTests {
    private let path = "/ajax-api/roost/1.0/runs/tree"

    private func run(
        _ server: TestServer, _ name: String, in experiment: String = "0", below parent: String? = nil,
        start: Int = 1000,
        took: Int? = nil, status: String = "FINISHED"
    ) async throws -> String {
        let tags = parent.map { ",\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"\($0)\"}]" } ?? ""
        let made = await server.post(
            "runs/create",
            "{\"experiment_id\":\"\(experiment)\",\"run_name\":\"\(name)\",\"start_time\":\(start)\(tags)}")
        let id = try #require(made.json["run"]?["info"]?["run_id"]?.text)
        if let took {
            _ = await server.post(
                "runs/update", "{\"run_id\":\"\(id)\",\"status\":\"\(status)\",\"end_time\":\(start + took)}")
        }
        return id
    }

    private func names(_ server: TestServer, _ body: String) async -> [String] {
        let reply = await server.send(.post, path, body)
        #expect(reply.status == 200, "\(reply.text)")
        return reply.json["runs"]?.items.compactMap { $0["run"]?["info"]?["run_name"]?.text } ?? []
    }

    @Test("the top has the runs without a parent, and those whose parent is deleted, elsewhere, gone or themselves")
    func top() async throws {
        let server = try TestServer()
        let other = await server.post("experiments/create", "{\"name\":\"other\"}")
        let elsewhere = try #require(other.json["experiment_id"]?.text)
        let parent = try await run(server, "parent", start: 9)
        _ = try await run(server, "child", below: parent, start: 8)
        let deleted = try await run(server, "deleted", start: 7)
        _ = try await run(server, "of deleted", below: deleted, start: 6)
        let away = try await run(server, "away", in: elsewhere, start: 5)
        _ = try await run(server, "of away", below: away, start: 4)
        _ = try await run(server, "of nobody", below: "nobody", start: 3)
        let own = try await run(server, "own", start: 2)
        _ = await server.post(
            "runs/set-tag", "{\"run_id\":\"\(own)\",\"key\":\"mlflow.parentRunId\",\"value\":\"\(own)\"}")
        _ = await server.post("runs/delete", "{\"run_id\":\"\(deleted)\"}")
        let expected = ["parent", "of deleted", "of away", "of nobody", "own"]
        #expect(await names(server, "{\"experiment_ids\":[\"0\"],\"top_level\":true}") == expected)
        // In pages too, and with a filter.
        var found: [String] = []
        var token = ""
        repeat {
            let reply = await server.send(
                .post, path,
                "{\"experiment_ids\":[\"0\"],\"top_level\":true,\"max_results\":2,\"page_token\":\"\(token)\"}")
            found += reply.json["runs"]?.items.compactMap { $0["run"]?["info"]?["run_name"]?.text } ?? []
            token = reply.json["next_page_token"]?.text ?? ""
        } while !token.isEmpty
        #expect(found == expected)
        #expect(
            await names(server, "{\"experiment_ids\":[\"0\"],\"top_level\":true,\"filter\":\"run_name LIKE 'of %'\"}")
                == ["of deleted", "of away", "of nobody"])
        // The same by the index of a metric: the one that has it, then the others.
        _ = await server.post(
            "runs/log-metric", "{\"run_id\":\"\(own)\",\"key\":\"loss\",\"value\":2,\"timestamp\":1}")
        #expect(
            await names(
                server, "{\"experiment_ids\":[\"0\"],\"top_level\":true,\"order_by\":[\"metrics.loss DESC\"]}")
                == ["own"] + expected.dropLast())
        // With both experiments nothing is elsewhere.
        #expect(
            await names(server, "{\"experiment_ids\":[\"0\",\"\(elsewhere)\"],\"top_level\":true}")
                == ["parent", "of deleted", "away", "of nobody", "own"])
        // Without a level every run is meant.
        #expect(await names(server, "{\"experiment_ids\":[\"0\"]}").count == 6)
    }

    @Test("children come with their parent and are counted by status, without deleted ones")
    func children() async throws {
        let server = try TestServer()
        let parent = try await run(server, "parent")
        let lonely = try await run(server, "lonely")
        var children: [String] = []
        for (number, status) in ["FINISHED", "FAILED", "FAILED", "RUNNING"].enumerated() {
            children.append(
                try await run(
                    server, "child \(number)", below: parent, start: number, took: number + 1, status: status))
        }
        _ = await server.post("runs/delete", "{\"run_id\":\"\(children[1])\"}")
        _ = await server.post(
            "runs/log-metric", "{\"run_id\":\"\(children[0])\",\"key\":\"loss\",\"value\":2,\"timestamp\":1}")
        let below = await server.send(
            .post, path,
            "{\"experiment_ids\":[\"0\"],\"parent_run_id\":\"\(parent)\",\"order_by\":[\"start_time ASC\"]}")
        #expect(
            below.json["runs"]?.items.map { $0["run"]?["info"]?["run_name"]?.text } == [
                "child 0", "child 2", "child 3",
            ])
        #expect(below.json["parent"]?["info"]?["run_id"]?.text == parent)
        #expect(below.json["runs"]?.items.allSatisfy { $0["children"] == .integer(0) } == true)

        let named = await server.send(
            .post, path,
            "{\"run_ids\":[\"\(lonely)\",\"nope\",\"\(parent)\",\"\(lonely)\",\"\(children[1])\"],\"roll_up\":true}")
        let nodes = named.json["runs"]?.items ?? []
        #expect(nodes.map { $0["run"]?["info"]?["run_id"]?.text } == [lonely, parent, children[1]])
        #expect(nodes.map { $0["children"] } == [.integer(0), .integer(3), .integer(0)])
        #expect(nodes[1]["status"]?["FAILED"] == .integer(1) && nodes[1]["status"]?["RUNNING"] == .integer(1))
        #expect(nodes[1]["metrics"]?.items.first?["mean"] == .decimal(2) && nodes[0]["metrics"] == nil)
        #expect(named.json["parent"] == nil && named.json["next_page_token"] == nil)
        // Of many runs a few values may be enough.
        for (keys, metrics, tags) in [("[\"loss\"]", 1, 0), ("[\"x\",\"mlflow.parentRunId\"]", 0, 1)] {
            let few = await server.send(.post, path, "{\"run_ids\":[\"\(children[0])\"],\"keys\":\(keys)}")
            let data = few.json["runs"]?.items.first?["run"]?["data"]
            #expect((data?["metrics"]?.items.count ?? 0) == metrics && (data?["tags"]?.items.count ?? 0) == tags)
        }
        #expect(
            await server.send(
                .post, path, "{\"experiment_ids\":[\"0\"],\"parent_run_id\":\"nobody\"}"
            ).text == "{}")
    }

    @Test("the wall time orders and filters, with runs that go on at the end; MLflow's own search does not know it")
    func wallTime() async throws {
        let server = try TestServer()
        for (name, took) in [("middle", 50), ("slow", 700), ("quick", 3)] as [(String, Int)] {
            _ = try await run(server, name, start: 1000 - took, took: took)
        }
        _ = try await run(server, "going")
        for (order, expected) in [
            ("wall_time DESC", ["slow", "middle", "quick", "going"]),
            ("attributes.wall_time", ["quick", "middle", "slow", "going"]),
        ] {
            var found: [String] = []
            var token = ""
            repeat {
                let reply = await server.send(
                    .post, path,
                    "{\"experiment_ids\":[\"0\"],\"order_by\":[\"\(order)\"],\"max_results\":1,\"page_token\":\"\(token)\"}"
                )
                found += reply.json["runs"]?.items.compactMap { $0["run"]?["info"]?["run_name"]?.text } ?? []
                token = reply.json["next_page_token"]?.text ?? ""
            } while !token.isEmpty
            #expect(found == expected, "\(order)")
        }
        #expect(
            await names(server, "{\"experiment_ids\":[\"0\"],\"filter\":\"attributes.wall_time >= 50\"}")
                == ["slow", "middle"].reversed())
        let refused = await server.post("runs/search", "{\"experiment_ids\":[\"0\"],\"order_by\":[\"wall_time DESC\"]}")
        #expect(refused.status == 400 && refused.message.contains("Invalid attribute key 'wall_time' specified"))
    }

    @Test("a run is shown with those around it, and where they stand")
    func around() async throws {
        let server = try TestServer()
        let parent = try await run(server, "parent")
        var children: [String] = []
        for number in 0..<7 { children.append(try await run(server, "child \(number)", below: parent, start: number)) }
        func page(_ middle: String, _ count: Int) -> String {
            "{\"experiment_ids\":[\"0\"],\"parent_run_id\":\"\(parent)\",\"order_by\":[\"start_time ASC\"],"
                + "\"around\":\"\(middle)\",\"max_results\":\(count)}"
        }
        for (middle, count, expected) in [
            (3, 3, 2...4), (0, 3, 0...2), (6, 3, 4...6), (5, 4, 3...6), (2, 100, 0...6), (4, 1, 4...4),
        ] {
            let reply = await server.send(.post, path, page(children[middle], count))
            #expect(reply.json["runs"]?.items.map { $0["run"]?["info"]?["run_id"]?.text } == Array(children[expected]))
            #expect(reply.json["before"] == .integer(Int64(expected.lowerBound)))
            #expect(reply.json["total"] == .integer(7))
            #expect((reply.json["next_page_token"] == nil) == (expected.upperBound == 6))
        }
        // A run that the search does not find, because it is elsewhere, deleted or unknown, has nothing around it.
        _ = await server.post("runs/delete", "{\"run_id\":\"\(children[1])\"}")
        for middle in [parent, children[1], "nobody"] {
            let reply = await server.send(.post, path, page(middle, 3))
            #expect(reply.status == 200 && reply.json["runs"] == nil && reply.json["total"] == nil, "\(reply.text)")
            #expect(reply.json["parent"]?["info"]?["run_id"]?.text == parent)
        }
    }

    @Test("the compact form has the same in fewer bytes")
    func compact() async throws {
        let server = try TestServer()
        let parent = try await run(server, "parent")
        let child = try await run(server, "child", below: parent, took: 5, status: "FAILED")
        let logged = await server.post(
            "runs/log-batch",
            "{\"run_id\":\"\(child)\",\"metrics\":[{\"key\":\"a b\",\"value\":0.5,\"timestamp\":7,\"step\":3},"
                + "{\"key\":\"n\",\"value\":\"NaN\",\"timestamp\":8,\"step\":0}],"
                + "\"params\":[{\"key\":\"input\",\"value\":\"猫\\\"\"}]}")
        #expect(logged.status == 200)
        let body = "{\"experiment_ids\":[\"0\"],\"parent_run_id\":\"\(parent)\""
        let whole = await server.send(.post, path, body + "}")
        let reply = await server.send(.post, path, body + ",\"compact\":true}")
        #expect(reply.text.utf8.count * 3 < whole.text.utf8.count * 2)
        let node = reply.json["runs"]?.items.first
        let found = node?["run"]
        #expect(found?["run_id"]?.text == child && found?["run_name"]?.text == "child")
        #expect(found?["status"]?.text == "FAILED" && found?["experiment_id"]?.text == "0")
        #expect(found?["start_time"] == .integer(1000) && found?["end_time"] == .integer(1005))
        #expect(found?["metrics"]?["a b"] == .array([.decimal(0.5), .integer(3), .integer(7)]))
        #expect(found?["metrics"]?["n"]?.items.first == .string("NaN"))
        #expect(found?["params"]?["input"]?.text == "猫\"" && found?["tags"]?["mlflow.parentRunId"]?.text == parent)
        #expect(found?["artifact_uri"]?.text?.contains(child) == true)
        #expect(node?["children"] == nil && reply.json["parent"]?["run_id"]?.text == parent)
        // Of some values alone neither the rest nor where files are.
        let part = await server.send(.post, path, body + ",\"compact\":true,\"keys\":[\"n\"]}")
        let few = part.json["runs"]?.items.first?["run"]
        #expect(few?["metrics"]?["n"] != nil && few?["metrics"]?["a b"] == nil)
        #expect(few?["params"] == nil && few?["tags"] == nil && few?["artifact_uri"] == nil)
        // What differs from the usual is said.
        _ = await server.post("runs/delete", "{\"run_id\":\"\(child)\"}")
        let named = await server.send(
            .post, path, "{\"run_ids\":[\"\(child)\",\"\(parent)\"],\"compact\":true}")
        let stages = named.json["runs"]?.items.map { $0["run"]?["lifecycle_stage"]?.text }
        #expect(stages == ["deleted", nil])
    }

    @Test(
        "refuses with the name of the field",
        arguments: [
            ("{\"run_ids\":[\"a\"],\"top_level\":true}", "Only one of 'run_ids', 'parent_run_id' and 'top_level'"),
            ("{\"parent_run_id\":\"a\",\"top_level\":true}", "Only one of 'run_ids', 'parent_run_id' and 'top_level'"),
            ("{\"roll_up\":true}", "'roll_up' goes with 1 to 100 'run_ids'. Got 0."),
            (
                "{\"run_ids\":[\"a\"],\"around\":\"a\"}",
                "'around' goes with a search, without 'run_ids' and 'page_token'."
            ),
            (
                "{\"experiment_ids\":[\"0\"],\"around\":\"a\",\"page_token\":\"5b2231222c315d\"}",
                "'around' goes with a search, without 'run_ids' and 'page_token'."
            ),
            ("{\"around\":[\"a\"]}", "around"), ("{\"compact\":\"yes\"}", "compact"),
            ("{\"top_level\":\"yes\"}", "top_level"), ("{\"run_ids\":\"a\"}", "run_ids"),
            ("{\"experiment_ids\":[\"0\"],\"order_by\":[\"attributes.walltime\"]}", "Invalid attribute key 'walltime'"),
            ("{\"experiment_ids\":[\"0\"],\"page_token\":\"x\"}", "token"),
        ])
    func refusals(body: String, message: String) async throws {
        let reply = await (try TestServer()).send(.post, path, body)
        #expect(reply.status == 400 && reply.message.contains(message), "\(reply.text)")
    }

    @Test("takes a thousand ids and no more, and rolls up a hundred")
    func bounds() async throws {
        let server = try TestServer()
        func ids(_ count: Int) -> String { "[" + Array(repeating: "\"x\"", count: count).joined(separator: ",") + "]" }
        #expect(await server.send(.post, path, "{\"run_ids\":\(ids(1000))}").status == 200)
        let many = await server.send(.post, path, "{\"run_ids\":\(ids(1001))}")
        #expect(many.status == 400 && many.message.contains("run_ids"))
        #expect(await server.send(.post, path, "{\"run_ids\":\(ids(100)),\"roll_up\":true}").status == 200)
        #expect(await server.send(.post, path, "{\"run_ids\":\(ids(101)),\"roll_up\":true}").status == 400)
    }
}
