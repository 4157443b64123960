// The import of PromptFlow's run folders: a real folder as it was left, times, keys, and damage.

import Glibc
import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

private let fixture: String = {
    let root = "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let folders = root + "/Tests/promptflow/fixtures/run-folder"
    return folders + "/" + ((Disk.names(in: folders) ?? []).first { $0.hasPrefix("child_runs") } ?? "")
}()

@Suite("Import of PromptFlow's folders")
struct ImportTests {
    @Test("a real folder: lines in order, statuses, errors, metrics")
    func folder() throws {
        let batch = try RunFolder.read(fixture)
        #expect(batch.lines.map(\.number) == [0, 1, 2])
        #expect(batch.lines.map(\.status) == [.finished, .failed, .finished])
        #expect(batch.lines[1].error?.contains("失敗") == true)
        #expect(batch.lines[0].metrics.first { $0.key == "prompt_tokens" }?.value == 37)
        #expect(batch.lines[0].runName == "Run 000000000")
        #expect(batch.status == .failed && batch.failedLines == 1)
        #expect(batch.metrics.map(\.key) == ["lines_answered"])
    }

    @Test("imported twice, the second time changes nothing; what a node logged is left as it is")
    func twice() async throws {
        let files = try ArtifactServer { settings, _ in
            settings.adoption = try? AdoptionRule(experiment: "batches")
        }
        let server = files.server
        let name = try RunFolder.read(fixture).name
        // The batch's root run is there, and a node has logged to the child of line 0 and ended it.
        let parent = await server.get("runs/get?run_id=\(name)")
        #expect(parent.status == 200)
        let child = await server.post(
            "runs/create",
            "{\"experiment_id\":\"1\",\"run_name\":\"Run 000000000\",\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"\(name)\"}]}"
        )
        let id = try #require(child.json["run"]?["info"]?["run_id"]?.text)
        _ = await server.post(
            "runs/log-parameter", "{\"run_id\":\"\(id)\",\"key\":\"topic\",\"value\":\"from the node\"}")
        _ = await server.post("runs/update", "{\"run_id\":\"\(id)\",\"status\":\"FAILED\"}")

        let importer = PromptFlowImport(InProcessTransport(server.app), experiment: "elsewhere")
        let first = try await importer.run(fixture)
        #expect(first.created == 2 && first.lines == 3 && first.files > 0)
        let stored = files.everything()
        #expect(stored.contains { $0.hasSuffix("/artifacts/promptflow/logs.txt") })
        let after = await server.post("runs/search", #"{"experiment_ids":["1"],"order_by":["run_name"]}"#)
        #expect(after.json["runs"]?.items.count == 4)
        let second = try await importer.run(fixture)
        #expect(second.created == 0 && second.values == 0 && second.files == 0)
        #expect(files.everything() == stored)
        #expect(
            await server.post("runs/search", #"{"experiment_ids":["1"],"order_by":["run_name"]}"#).text == after.text)

        let kept = await server.get("runs/get?run_id=\(id)")
        #expect(kept.text.contains("from the node") && kept.json["run"]?["info"]?["status"]?.text == "FAILED")
    }

    @Test("a parent that the flow made under the batch's name as its key is found, not made again")
    func keyedParent() async throws {
        let files = try ArtifactServer()
        let server = files.server
        let name = try RunFolder.read(fixture).name
        _ = await server.send(.post, "/api/roost/1.0/experiments/get-or-create", #"{"name":"own"}"#)
        let parent = await server.send(
            .post, "/api/roost/1.0/runs/get-or-create", "{\"experiment_id\":\"1\",\"key\":\"\(name)\"}")
        let id = try #require(parent.json["run"]?["info"]?["run_id"]?.text)
        let report = try await PromptFlowImport(InProcessTransport(server.app), experiment: "own").run(fixture)
        #expect(report.created == 3)
        let children = await server.send(.get, "/api/roost/1.0/runs/children-summary?run_id=\(id)")
        #expect(children.json["children"] == .integer(3))
    }

    @Test(
        "PromptFlow's times",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-24T04:19:14.981938Z", 1_795_493_954_981),
            ("2026-11-24T04:19:14Z", 1_795_493_954_000), ("2026-11-24T13:19:14.981938+09:00", 1_795_493_954_981),
            ("2024-02-29T23:59:59.5", 1_709_251_199_500), ("2000-03-01T00:00:00.000001-01:30", 951_874_200_000),
        ] as [(String, Int64)])
    func times(_ text: String, _ milliseconds: Int64) {
        #expect(RoostServer.milliseconds(iso: text) == milliseconds)
    }

    @Test(
        "what is no time", arguments: ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-24", "2026-11-24T04:19:14+0"])
    func noTimes(_ text: String) { #expect(RoostServer.milliseconds(iso: text) == nil) }

    @Test("names become keys that MLflow takes")
    func keys() throws {
        #expect(RunFolder.key("topic") == "topic" && RunFolder.key("猫 1") == "猫 1")
        for name in ["a<b>", "../x", "", ".", String(repeating: "k", count: 300), "/", "a\nb"] {
            try Check.key(RunFolder.key(name), at: "key")
        }
    }

    @Test("what is no folder, no run folder, or a damaged one is named")
    func damaged() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/roost-import-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            unlink(path + "/flow_artifacts/000000000_000000000.jsonl")
            rmdir(path + "/flow_artifacts")
            rmdir(path)
        }
        #expect(throws: ImportError.self) { try RunFolder.read(path + "/none") }
        #expect(throws: ImportError.self) { try RunFolder.read(path) }
        mkdir(path + "/flow_artifacts", 0o755)
        for text in ["{\"line_number\": 0,", "[]", "{\"line_number\":\"x\",\"run_info\":{\"status\":\"Completed\"}}"] {
            let file = try #require(fopen(path + "/flow_artifacts/000000000_000000000.jsonl", "w"))
            fputs(text, file)
            fclose(file)
            let error = #expect(throws: ImportError.self) { try RunFolder.read(path) }
            #expect(error?.description.contains("flow_artifacts/000000000_000000000.jsonl") == true)
        }
    }
}
