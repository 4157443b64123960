// The web UI as it is sent: the scripts made of its modules, headers, addresses, and what it asks beyond MLflow's API.

import Glibc
import HTTPTypes
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite("The pages")
struct PagesTests {
    @Test("modules become one script: imports are constants, exports members, each module once, after what it needs")
    func joining() throws {
        var bundle = ScriptBundle(sources: [
            "app.js": """
            // Begins.
            import { a, b as c } from "./lib/x.js";
            import * as y from '../y.js';
              c(a, y);
              c(a ? y : "a ? b");
              c(a ? y : /a ? b/);
            """,
            "lib/x.js": """
            import {
              d,
            } from "../y.js";
            /** Says
             * more. */
            export const a = d;
            export async function b() {}
            """,
            "y.js": "class d {}\nexport { d };\n",
        ])
        let script = try bundle.join(entry: "app.js")
        #expect(
            script == """
                // Modules of ui/ in one file; see ui/app.js.
                const modules = (globalThis.roostModules ??= {});
                modules["y.js"] ??= (() => {
                class d{}
                return { d: d };
                })();
                modules["lib/x.js"] ??= (() => {
                const { d } = modules["y.js"];
                const a=d;
                async function b(){}
                return { a, b };
                })();
                modules["app.js"] ??= (() => {
                const { a, b: c } = modules["lib/x.js"];
                const y = modules["y.js"];
                c(a,y);
                c(a?y:"a ? b");
                c(a ? y : /a ? b/);
                return {  };
                })();

                """)
    }

    @Test(
        "what cannot be joined is a defect with the name of the module",
        arguments: [
            ("import { a } from \"./nothing.js\";", "there is no module nothing.js"),
            ("import { a } from \"./app.js\";", "app.js imports itself through others"),
            ("import \"./x.js\";", "app.js: not an import of names: import \"./x.js\"; "),
            ("import { a } from\n", "app.js: an import does not end"),
            (
                "export default 5;", "app.js: not an export of a function, constant or class: default 5;"
            ),
        ])
    func defects(_ source: String, _ message: String) {
        var bundle = ScriptBundle(sources: ["app.js": source])
        #expect(throws: ScriptBundle.Defect(description: message)) { try bundle.join(entry: "app.js") }
    }

    @Test("every file of ui/ is embedded, and the scripts can be made of them")
    func embedded() throws {
        let root = "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        var names: Set<String> = []
        for folder in ["", "/lib", "/runs", "/views", "/charts"] {
            let directory = try #require(opendir(root + "/ui" + folder))
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.contains("."), !name.hasPrefix(".") { names.insert("ui\(folder)/\(name)") }
            }
        }
        let files = Asset.names.filter { $0.hasPrefix("ui/") }
        #expect(Set(files) == names, "Sources/CAssets/pages.c lists them")
        let scripts = try WebUI.scripts()
        #expect(scripts.map(\.name) == WebUI.entries)
        for script in scripts {
            // Each stands alone, and knows where the others are.
            #expect(script.text.contains("modules[\"app.js\"] ??=") && script.text.utf8.count < 125_000)
            #expect(WebUI.entries.allSatisfy { script.text.contains("import(\"./\($0)\")") })
        }
    }

    @Test("each address answers the page, which names its files from where it is")
    func addresses() async throws {
        let server = try TestServer { $0.staticPrefix = "/tracking" }
        for (path, base) in [
            ("/", "./"), ("/ui/", "../"), ("/compare", "./"), ("/e/1", "../"), ("/e/1/runs", "../../"),
            ("/runs/a%2Fb", "../"), ("/models/x/3", "../../"), ("/tracking", "/tracking/"), ("/tracking/", "./"),
            ("/tracking/e/1/runs", "../../"),
        ] {
            let reply = await server.send(.get, path)
            let script =
                path == "/runs/a%2Fb"
                ? "boards" : path == "/compare" ? "compare" : path.contains("models") ? "registry" : "tables"
            #expect(reply.text.contains("src=\"ui/\(script).js?v="), "\(path)")
            #expect(reply.status == 200 && reply.text.contains("<base href=\"\(base)\">"), "\(path)")
            #expect(reply.headers[.contentSecurityPolicy] == WebUI.policy)
            #expect(reply.headers[.cacheControl] == "no-cache")
        }
        #expect(await server.send(.get, "/e/1/runs/more").status == 404)
        #expect(await server.send(.post, "/", "{}").status == 405)
        #expect(await server.send(.get, "/", host: "evil.com").status == 403)
        let artifacts = try TestServer { $0.artifactsOnly = true }
        #expect(await artifacts.send(.get, "/").status == 503)
    }

    @Test("files carry a tag, and never change below the address that has it")
    func files() async throws {
        let server = try TestServer()
        for (name, address) in [
            ("tables.js", "/"), ("boards.js", "/runs/a"), ("boards.js", "/e/1/dashboard"), ("compare.js", "/compare"),
            ("registry.js", "/models/x"),
            ("style.css", "/"),
        ] {
            let page = await server.send(.get, address)
            let file = await server.send(.get, "/ui/\(name)")
            let tag = try #require(file.headers[.eTag])
            let version = tag.filter { $0 != "\"" }
            #expect(file.headers[.cacheControl] == "no-cache" && file.text.utf8.count > 5000)
            let named = await server.send(.get, "/ui/\(name)?v=\(version)")
            #expect(named.headers[.cacheControl] == "public, max-age=31536000, immutable")
            let known = await server.send(.get, "/ui/\(name)", headers: [.ifNoneMatch: "\"x\", W/\(tag)"])
            #expect(known.status == 304 && known.text.isEmpty && known.headers[.eTag] == tag)
            #expect(page.text.contains("ui/\(name)?v=\(version)"))
        }
        let wrong = await server.send(.get, "/ui/../app.js")
        #expect(wrong.status == 404 && wrong.code == "ENDPOINT_NOT_FOUND")
    }

    @Test("an HTML artifact is shown in no origin and without a network, everything else stays a download")
    func preview() async throws {
        let artifacts = try ArtifactServer()
        let run = try await artifacts.server.makeRun()
        for name in ["report.html", "plot.svg", "log.txt"] {
            try await artifacts.put("0/\(run)/artifacts/\(name)", "<b>hi</b>")
        }
        let address = "/ajax-api/roost/1.0/artifacts/preview?run_id=\(run)&path="
        let page = await artifacts.server.send(.get, address + "report.html")
        #expect(page.text == "<b>hi</b>" && page.headers[.contentType] == "text/html; charset=utf-8")
        let policy = try #require(page.headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("sandbox allow-scripts; default-src 'none';") && !policy.contains("allow-same-origin"))
        #expect(!policy.contains("connect-src") && page.headers[.contentDisposition] == nil)
        #expect(page.headers[.eTag] == nil && page.headers[.cacheControl] == "no-store")
        for name in ["plot.svg", "log.txt"] {
            let file = await artifacts.server.send(.get, address + name)
            #expect(file.headers[.contentSecurityPolicy] == "sandbox")
            #expect(file.headers[.contentDisposition]?.hasPrefix("attachment") == true)
        }
        #expect(await artifacts.server.send(.get, address + "no.html").status == 404)
        // For scripts of others there is no way to ask for it: the API's own address has it not.
        let api = await artifacts.server.send(.get, "/api/roost/1.0/artifacts/preview?run_id=\(run)&path=x")
        #expect(api.status == 404)
    }
}
