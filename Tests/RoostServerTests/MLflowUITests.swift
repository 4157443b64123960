// MLflow's own UI: which files are served, how, and that no path leaves their directory.

import Glibc
import HTTPTypes
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite("MLflow's own UI")
struct MLflowUITests {
    /// A directory like a build, with a secret beside it.
    private func withBuild(_ body: (String) async throws -> Void) async throws {
        var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/roost-ui-XXXXXX".utf8CString)
        let above = try #require(mkdtemp(&template).map { String(cString: $0) })
        let build = above + "/build"
        mkdir(build, 0o755)
        mkdir(build + "/static", 0o755)
        let files = [
            ("index.html", "<html>MLflow</html>"), ("static/main.js", "run()"), ("static/main.css", "a{}"),
            ("../secret", "s"),
        ]
        for (name, text) in files {
            let file = try #require(fopen("\(build)/\(name)", "w"))
            fputs(text, file)
            fclose(file)
        }
        symlink("../secret", build + "/link")
        symlink("..", build + "/up")
        defer {
            for name in ["build/link", "build/up", "secret"] + files.dropLast().map({ "build/" + $0.0 }) {
                unlink("\(above)/\(name)")
            }
            for name in ["build/static", "build", ""] { rmdir("\(above)/\(name)") }
        }
        try await body(build)
    }

    @Test("the page and its files have their types, may be kept, and are not sent again unchanged")
    func files() async throws {
        try await withBuild { build in
            let server = try TestServer { $0.mlflowUI = build }
            let page = await server.send(.get, "/")
            #expect(page.status == 200 && page.text == "<html>MLflow</html>")
            #expect(
                page.headers[.contentType] == "text/html; charset=utf-8" && page.headers[.cacheControl] == "no-cache")
            let script = await server.send(.get, "/static-files/static/main.js")
            #expect(script.text == "run()" && script.headers[.contentType] == "text/javascript; charset=utf-8")
            #expect(script.headers[.cacheControl] == "public, max-age=2419200")
            #expect(script.headers[.xContentTypeOptions] == "nosniff")
            let tag = try #require(script.headers[.eTag])
            let again = await server.send(.get, "/static-files/static/main.js", headers: [.ifNoneMatch: tag])
            #expect(again.status == 304 && again.text.isEmpty)
            let head = await server.send(.head, "/static-files/static/main.css")
            #expect(head.text.isEmpty && head.headers[.contentLength] == "3")
        }
    }

    @Test(
        "no path leaves the directory",
        arguments: [
            "../secret", "..%2fsecret", "%2e%2e/secret", "static/../../secret", "link", "up/secret",
            "static/%2e%2e/%2e%2e/secret",
            "/secret", "static//main.js", "%00", "static\\..\\..\\secret", "static", "static/", "", ".", "nope.js",
            "....//secret", "%252e%252e/secret",
        ])
    func traversal(_ path: String) async throws {
        try await withBuild { build in
            let server = try TestServer { $0.mlflowUI = build }
            let reply = await server.send(.get, "/static-files/\(path)")
            #expect(reply.status == 404 || reply.status == 400, "\(path): \(reply.status)")
            #expect(reply.text != "s")
        }
    }

    @Test("below a prefix the page is at its directory")
    func prefix() async throws {
        try await withBuild { build in
            let server = try TestServer {
                $0.mlflowUI = build
                $0.staticPrefix = "/a/tracking"
            }
            #expect(await server.send(.get, "/a/tracking/").text == "<html>MLflow</html>")
            let bare = await server.send(.get, "/a/tracking")
            #expect(bare.status == 308 && bare.headers[.location] == "tracking/")
            #expect(await server.send(.get, "/a/tracking/static-files/static/main.js").status == 200)
        }
    }

    @Test("Roost's own first page stays at /ui/, and its links know that / is not its own")
    func ownPages() async throws {
        try await withBuild { build in
            let server = try TestServer { $0.mlflowUI = build }
            let own = await server.send(.get, "/ui/")
            #expect(own.status == 200 && own.text.contains("data-home=\"ui/\"") && own.text.contains("href=\"../\""))
            let alone = await (try TestServer()).send(.get, "/")
            #expect(alone.status == 200 && alone.text.contains("data-home=\"\""))
            #expect(await (try TestServer()).send(.get, "/static-files/x.js").status == 404)
        }
    }

    @Test("a directory without a page is named, one with a page is fine")
    func defects() async throws {
        try await withBuild { build in
            #expect(await App.defectOfUI(in: build) == nil)
            #expect(await App.defectOfUI(in: build + "/static") == "there is no 'index.html' in '\(build)/static'")
            #expect(await App.defectOfUI(in: build + "/none") == "there is no 'index.html' in '\(build)/none'")
        }
    }

    @Test("what its pages ask beside the API has an answer; traces are empty for these pages alone")
    func besides() async throws {
        let server = try TestServer()
        let ask = "/ajax-api/2.0/mlflow/gateway-proxy?gateway_path="
        #expect(await server.send(.get, ask + "api%2F2.0%2Fendpoints%2F").text == #"{"endpoints":[]}"#)
        #expect(await server.send(.get, ask + "other").status == 501)
        #expect(
            await server.send(.get, "/ajax-api/3.0/mlflow/ui-telemetry").json["disable_ui_telemetry"] == .bool(true))
        #expect(
            await server.send(.post, "/ajax-api/3.0/mlflow/ui-telemetry", #"{"records":[]}"#).text
                == #"{"status":"disabled"}"#)
        #expect(await server.send(.get, "/ajax-api/3.0/mlflow/assistant/providers").text == #"{"providers":[]}"#)
        let traces = "/ajax-api/3.0/mlflow/traces/search"
        #expect(await server.send(.post, traces, "{}").status == 501)
        try await withBuild { build in
            let pages = try TestServer { $0.mlflowUI = build }
            #expect(await pages.send(.post, traces, "{}").text == "{}")
            #expect(await pages.send(.post, "/api/3.0/mlflow/traces/search", "{}").status == 501)
        }
    }
}
