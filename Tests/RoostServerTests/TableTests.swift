// The route table against the lists that are kept by hand, and what holds for every row of it (BI-80 to BI-82).

import Glibc
import HTTPTypes
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite("The route table")
struct TableTests {
    @Test("what the list of MLflow's routes calls done is in the table, and the table has nothing else of MLflow's")
    func inStep() {
        var done: Set<String> = []
        for line in (Asset.text("api-spec/mlflow-3.17.2.tsv") ?? "").split(separator: "\n") where !line.hasPrefix("#") {
            let columns = line.split(separator: "\t")
            guard columns.count == 5, columns[3] == "done" else { continue }
            done.insert("\(columns[0]) \(columns[1])")
            if columns[2] == "yes" { done.insert("\(columns[0]) /ajax-api\(columns[1].dropFirst("/api".count))") }
        }
        // Of the pages only `/` is MLflow's too.
        let rows = Routes.all.filter { $0.area != .pages || $0.path.isEmpty }
        let served = Set(rows.flatMap { route in route.scope.paths(route.path).map { "\(route.method) \($0)" } })
        #expect(done.subtracting(served).isEmpty)
        let beyond = served.subtracting(done).filter { !$0.contains("api/roost/1.0/") }
        #expect(
            beyond == [
                "GET /metrics", "GET /ready", "PUT /api/2.0/mlflow-artifacts/mpu/part/{upload_id}/{part_number}",
                // For MLflow's pages alone, and only while they are served.
                "POST /ajax-api/3.0/mlflow/traces/search",
            ])
    }

    @Test("the committed document is the one that the table makes")
    func openAPI() throws {
        let path = "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/api-spec/openapi.json"
        let file = try #require(fopen(path, "r"), "run `make spec`")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        #expect(bytes == openAPIDocument(), "run `make spec` and read the difference")
    }

    @Test(
        "every POST refuses an empty body, an array, a missing content type and a wrong one with 400", arguments: posts)
    func bodies(_ path: String) async throws {
        let server = try TestServer()
        for body in ["", "[1,2]", "{\"run_id\":", "5", "{\"a\":\(String(repeating: "[", count: 5000))"] {
            let reply = await server.send(.post, path, body)
            #expect(
                reply.status == 400 && reply.code == "INVALID_PARAMETER_VALUE",
                "\(path) \(body.prefix(20)) \(reply.text)")
        }
        let missing = await server.send(.post, path)
        #expect(missing.message == "Bad Request. Content-Type header is missing.")
        for type in ["text/plain", "application/x-www-form-urlencoded", "<script>", "APPLICATION/JSON"] {
            let wrong = await server.send(.post, path, "{}", headers: [.contentType: type])
            #expect(wrong.message == "Bad Request. Content-Type must be one of ['application/json'].")
        }
    }

    private static let posts = Routes.all
        .filter { $0.method == .post && !$0.media.takesBytes && $0.area != .accounts }
        .map { $0.scope.paths($0.path)[0] }

    @Test("no row answers 5xx to fields of every wrong type", arguments: 0..<Routes.all.count)
    func wrongTypes(_ index: Int) async throws {
        let route = Routes.all[index]
        let server = try TestServer()
        let path = route.scope.paths(route.path)[0]
        for field in route.fields {
            for value in ["5", "1.5", "true", "{}", "[]", "[[1]]", "[{}]", "\"x\"", "null", "\"\"", "1e300", "-1"] {
                let body = "{\"\(field.name)\":\(value)}"
                let reply =
                    route.method == .get
                    ? await server.send(.get, "\(path)?\(field.name)=\(value)") : await server.send(.post, path, body)
                // What MLflow answers for uploads in parts on a directory is 501.
                #expect(reply.status < 500 || reply.code == "NOT_IMPLEMENTED", "\(path) \(body): \(reply.text)")
            }
        }
    }

    @Test(
        "each row's fields are told without branching: the same again, and none twice",
        arguments: Routes.all.map(\.name))
    func shapes(_ name: String) throws {
        let route = try #require(Routes.all.first { $0.name == name })
        let names = route.fields.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("HEAD is GET without the body, OPTIONS and a wrong method name what is allowed")
    func methods() async throws {
        let server = try TestServer()
        let get = await server.get("experiments/get?experiment_id=0")
        let head = await server.send(.head, "/api/2.0/mlflow/experiments/get?experiment_id=0")
        #expect(head.status == 200 && head.text.isEmpty)
        #expect(head.headers[.contentLength] == String(get.text.utf8.count))
        let wrong = await server.send(.delete, "/api/2.0/mlflow/runs/create")
        #expect(wrong.status == 405 && wrong.headers[.allow] == "POST, OPTIONS" && wrong.code == "ENDPOINT_NOT_FOUND")
        let options = await server.send(.options, "/api/2.0/mlflow/runs/create")
        #expect(options.status == 204 && options.headers[.allow] == "POST, OPTIONS")
    }

    @Test("what MLflow has and Roost has not is 501 with the reason; what nobody has is 404")
    func notServed() async throws {
        let server = try TestServer()
        let planned = await server.get("traces")
        #expect(planned.status == 501 && planned.code == "NOT_IMPLEMENTED" && planned.message.contains("traces"))
        let deep = await server.send(.get, "/ajax-api/3.0/mlflow/mcp-servers/a/b/versions/1")
        #expect(deep.status == 501)
        for path in [
            "/nope", "/api/2.0/mlflow/runs/get/", "//api/2.0/mlflow/runs/get", "/API/2.0/mlflow/runs/get", "/healthX",
        ] {
            let unknown = await server.send(.get, path)
            #expect(unknown.status == 404 && unknown.code == "ENDPOINT_NOT_FOUND", "\(path)")
        }
    }

    @Test("with a static prefix every path answers with it and without it")
    func prefix() async throws {
        let server = try TestServer { $0.staticPrefix = "/tracking" }
        for prefix in ["", "/tracking"] {
            #expect(await server.send(.get, prefix + "/health").text == "OK")
            #expect(await server.send(.get, prefix + "/api/2.0/mlflow/experiments/get?experiment_id=0").status == 200)
        }
        #expect(await server.send(.get, "/trackingX/health").status == 404)
    }

    @Test("every answer forbids sniffing and framing; probes answer any host, the rest does not")
    func headers() async throws {
        let server = try TestServer()
        for path in ["/health", "/nope", "/api/2.0/mlflow/experiments/get?experiment_id=0"] {
            let reply = await server.send(.get, path)
            #expect(reply.headers[.xContentTypeOptions] == "nosniff" && reply.headers[.xFrameOptions] == "SAMEORIGIN")
        }
        #expect(await server.send(.get, "/health", host: "evil.com").status == 200)
        #expect(await server.send(.get, "/version", host: "evil.com").text == "3.17.2")
        #expect(await server.send(.get, "/metrics", host: "evil.com").status == 403)
    }
}
