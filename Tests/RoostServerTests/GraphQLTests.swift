// POST /graphql: the queries of MLflow's pages, and how everything else is refused.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("GraphQL")
struct GraphQLTests {
    private func ask(_ server: TestServer, _ query: String, _ variables: String = "{}") async -> TestServer.Reply {
        let body = JSONWriter.bytes(of: JSON.object([JSON.Member("query", .string(query))]))
        let text = String(decoding: body, as: UTF8.self).dropLast() + ",\"variables\":\(variables)}"
        return await server.send(.post, "/graphql", String(text))
    }

    private func error(_ query: String, _ variables: String = "{}") async throws -> String {
        let reply = await ask(try TestServer(), query, variables)
        #expect(reply.status == 200 && reply.json["data"] == .null, "\(query): \(reply.text)")
        return reply.json["errors"]?.items.first?.text ?? ""
    }

    /// The beginning of what MLflow's run page sends.
    private let getRun = """
        query GetRun($data: MlflowGetRunInput!) @component(name: "MLflow.ExperimentRunTracking") {
          mlflowGetRun(input: $data) { __typename apiError { helpUrl code message } run { __typename
            info { runName status runUuid experimentId artifactUri endTime lifecycleStage startTime userId }
            experiment { experimentId name tags { key value } artifactLocation lifecycleStage lastUpdateTime }
            modelVersions { status version name source }
            data { metrics { key value step timestamp } params { key value } tags { key value } }
            inputs { datasetInputs { dataset { digest name profile schema source sourceType } tags { key value } }
              modelInputs { modelId } }
            outputs { modelOutputs { modelId step } } } } }
        """

    @Test("a run is answered with the fields asked for, whole numbers as text and NaN as null")
    func run() async throws {
        let server = try TestServer()
        let id = try await server.makeRun()
        for (key, value) in [("loss", "0.5"), ("bad", "\"NaN\"")] {
            let body = #"{"run_id":"\#(id)","key":"\#(key)","value":\#(value),"timestamp":1764000000000,"step":7}"#
            #expect(await server.post("runs/log-metric", body).status == 200)
        }
        #expect(await server.post("runs/log-parameter", #"{"run_id":"\#(id)","key":"題","value":"猫"}"#).status == 200)
        #expect(await server.post("registered-models/create", #"{"name":"狐"}"#).status == 200)
        let version = #"{"name":"狐","source":"runs:/\#(id)/model","run_id":"\#(id)"}"#
        #expect(await server.post("model-versions/create", version).status == 200)
        let reply = await ask(server, getRun, #"{"data":{"runId":"\#(id)"}}"#)
        let answer = reply.json["data"]?["mlflowGetRun"]
        #expect(reply.json["errors"] == .null && answer?["__typename"]?.text == "MlflowGetRunResponse")
        let run = try #require(answer?["run"])
        #expect(run["__typename"]?.text == "MlflowRunExtension")
        #expect(run["info"]?["runUuid"]?.text == id && run["info"]?["endTime"] == .null)
        #expect(run["info"]?["runId"] == nil, "nobody asked for it")
        #expect(run["experiment"]?["name"]?.text == "Default")
        #expect(
            run["data"]?["metrics"]?.items.map { [$0["key"], $0["value"], $0["step"], $0["timestamp"]] } == [
                [.string("bad"), .null, .string("7"), .string("1764000000000")],
                [.string("loss"), .decimal(0.5), .string("7"), .string("1764000000000")],
            ])
        #expect(run["data"]?["params"]?.items.first?["value"]?.text == "猫")
        #expect(run["inputs"]?["datasetInputs"] == .array([]))
        #expect(
            run["modelVersions"]?.items.map { [$0["name"], $0["version"], $0["status"]] } == [
                [.string("狐"), .string("1"), .string("READY")]
            ])
    }

    @Test("experiments and searches are answered, several in one query and under other names")
    func others() async throws {
        let server = try TestServer()
        let id = try await server.makeRun()
        let query = """
            query A($input: MlflowGetExperimentInput!, $data: MlflowSearchRunsInput!) { # two of them
              e: mlflowGetExperiment(input: $input) { experiment { id: experimentId, name } },
              mlflowSearchRuns(input: $data) { runs { info { runId } } nextPageToken } }
            """
        let reply = await ask(
            server, query, #"{"input":{"experimentId":"0"},"data":{"experimentIds":["0"],"maxResults":5}}"#)
        #expect(reply.json["data"]?["e"]?["experiment"]?["id"]?.text == "0", "\(reply.text)")
        #expect(reply.json["data"]?["mlflowSearchRuns"]?["runs"]?.items.first?["info"]?["runId"]?.text == id)
        #expect(reply.json["data"]?["mlflowSearchRuns"]?["nextPageToken"] == .null)
    }

    @Test("what is not there and what cannot be asked is an error of the query")
    func errors() async throws {
        #expect(try await error(getRun, #"{"data":{"runId":"nope"}}"#) == "Run with id=nope not found")
        #expect(try await error(getRun) == "Variable '$data' was not provided.")
        let run = "query A($data: X!) { mlflowGetRun(input: $data) "
        for (rest, message) in [
            ("{ run { nope } } }", "Cannot query field 'nope' on type 'MlflowRunExtension'."),
            ("{ run } }", "Field 'run' of type 'MlflowRunExtension' must have a selection of subfields."),
            ("{ run { info { runId { x } } } } }", "Field 'runId' must not have a selection, it has no subfields."),
        ] {
            let server = try TestServer()
            let id = try await server.makeRun()
            let reply = await ask(server, run + rest, #"{"data":{"runId":"\#(id)"}}"#)
            #expect(reply.json["errors"]?.items.first?.text == message)
        }
        for (query, part) in [
            ("{ __schema { types { name } } }", "Cannot query field '__schema'"),
            ("mutation { testMutation(inputString: \"x\") { output } }", "begins with 'mutation'"),
            ("fragment F on X { a }", "begins with 'fragment'"),
            ("{ ...F } fragment F on X { a }", "without fragments"),
            ("{ a } { b }", "one operation"), ("{ a ", "Syntax Error"), ("{ }", "Syntax Error"),
            ("{ a(b: \"never ends", "Syntax Error"), ("{ a(b: {{{[", "Syntax Error"), ("{ a(b: }", "Syntax Error"),
            ("query ( { a }", "Syntax Error"), ("{ a: }", "Syntax Error"), ("\u{1}", "Syntax Error"),
            ("{ mlflowGetRun(input: {runId: \"x\"}) { run { x } } }", "must be a variable"),
            ("{ mlflowGetRun(input: $other) { run { x } } }", "not '$other'"),
            ("{ mlflowGetExperiment(input: $input) { experiment { name } } }", "Variable '$input'"),
        ] {
            #expect(try await error(query).contains(part), "\(query)")
        }
    }

    @Test("nesting, fields and aliases are bounded: at the bound it is read, beyond it is refused")
    func bounds() async throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{a", count: depth) + String(repeating: "}", count: depth)
        }
        func wide(_ count: Int, _ prefix: String) -> String {
            "{ m { " + (0..<count).map { "\(prefix)\($0)\(prefix == "a" ? ": x" : "")" }.joined(separator: " ") + " } }"
        }
        #expect(try GraphQLDocument(nested(10)).fields.count == 1)
        #expect(try await error(nested(11)) == "Query exceeds maximum depth of 10")
        #expect(try await error(nested(100_000)) == "Query exceeds maximum depth of 10")
        #expect(try GraphQLDocument(wide(10, "a")).fields.first?.fields.count == 10)
        #expect(
            try await error(wide(11, "a")) == "GraphQL queries should have at most 10 aliases, got 11 aliases.")
        #expect(try GraphQLDocument(wide(999, "f")).fields.first?.fields.count == 999)
        #expect(try await error(wide(1000, "f")) == "Query exceeds maximum total selections of 1000")
        let eleven = "{ " + (0..<11).map { "f\($0)" }.joined(separator: " ") + " }"
        #expect(try await error(eleven) == "GraphQL queries should have at most 10 root fields, got 11 root fields.")
        #expect(
            try GraphQLDocument(
                "{ a(b: \(String(repeating: "[", count: 9999))\(String(repeating: "]", count: 9999))) }"
            )
            .fields.count == 1)
    }

    @Test("any text is read or refused, and what is read is within the bounds", arguments: 0..<20)
    func anyText(seed: Int) {
        let words = [
            "{", "}", "(", ")", "[", "]", ":", "$", "@", "\"", "\\", "#", "\n", " ", ",", ".", "...", "query", "a",
            "input", "-1.5",
            "猫", "\u{0}", "mutation", "{a", "(b:$c)", "\"\"\"",
        ]
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next() -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 33)
        }
        for _ in 0..<500 {
            let text = (0..<(next() % 40)).map { _ in words[next() % words.count] }.joined(separator: " ")
            guard let document = try? GraphQLDocument("{ a " + text) else { continue }
            #expect((1...10).contains(document.fields.count), "\(text)")
        }
    }

    @Test("a body that is no query is 400, one that is too large 413, one of another page's 403")
    func bodies() async throws {
        let server = try TestServer()
        for body in ["[]", "[{\"query\":\"{a}\"}]", "{}", "{\"query\":5}", "{\"query\":\"{a}\",\"variables\":[]}"] {
            let reply = await server.send(.post, "/graphql", body)
            #expect(reply.status == 400 && reply.code == "INVALID_PARAMETER_VALUE", "\(body) \(reply.text)")
        }
        let long = "{\"query\":\"{ a } #\(String(repeating: "x", count: Limits.graphQLBodyBytes))\"}"
        #expect(await server.send(.post, "/graphql", long).status == 413)
        let foreign = await server.send(
            .post, "/graphql", "{\"query\":\"{ a }\"}", headers: [.origin: "https://evil.com"])
        #expect(foreign.status == 403)
        #expect(await server.send(.get, "/graphql").status == 501)
    }
}
