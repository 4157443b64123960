// Which web UI is asked for, and where an installed mlflow is looked for.

import Glibc
import RoostServer
import Testing

@testable import roost

struct MLflowPlaceTests {
    @Test func theFlagsAndVariablesSayWhichUI() throws {
        #expect(try plan().ui == .own)
        #expect(try plan("--ui", "roost").ui == .own)
        #expect(try plan("--ui", "MLflow").ui == .package(source: "--ui"))
        #expect(try plan(variables: ["ROOST_UI": "mlflow"]).ui == .package(source: "ROOST_UI"))
        #expect(try plan("--ui-dir", "/b").ui == .directory("/b", source: "--ui-dir"))
        #expect(try plan("--ui", "mlflow", "--ui-dir", "b").ui == .directory("/somewhere/b", source: "--ui-dir"))
        #expect(try plan(variables: ["ROOST_UI_DIR": "/c"]).ui == .directory("/c", source: "ROOST_UI_DIR"))
        #expect(try plan("--ui", "roost", variables: ["ROOST_UI": "mlflow"]).ui == .own)
    }

    @Test func whatContradictsItselfIsRefused() {
        #expect(throws: Refusal.usage("--ui: 'react' is none of roost, mlflow.")) { try plan("--ui", "react") }
        #expect(throws: Refusal.usage("--ui-dir is where MLflow's UI is, and --ui asks for Roost's.")) {
            try plan("--ui", "roost", "--ui-dir", "/b")
        }
    }

    /// A tree of empty directories and files; programs are made executable.
    private func withTree(_ names: [String], links: [(String, String)] = [], _ body: (String) async throws -> Void)
        async throws
    {
        var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/roost-py-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template).flatMap { realpath($0, nil) })
        let root = String(cString: made)
        free(made)
        var all: [String] = []
        func note(_ path: String) { if !all.contains(path) { all.append(path) } }
        for name in names + links.map(\.0) {
            var path = root
            for part in name.split(separator: "/").dropLast() {
                path += "/\(part)"
                mkdir(path, 0o755)
                note(path)
            }
            note("\(root)/\(name)")
        }
        for name in names {
            let file = try #require(fopen("\(root)/\(name)", "w"))
            fclose(file)
            chmod("\(root)/\(name)", 0o755)
        }
        for (name, target) in links { symlink("\(root)/\(target)", "\(root)/\(name)") }
        defer {
            for path in all.sorted(by: { $0.utf8.count > $1.utf8.count }) { remove(path) }
            rmdir(root)
        }
        try await body(root)
    }

    private let build = "mlflow/server/js/build"

    @Test func theActiveEnvironmentComesFirstThenThePrograms() async throws {
        try await withTree(
            [
                "venv/lib/python3.9/site-packages/x", "venv/lib/python3.11/site-packages/x", "usr/bin/python3.12",
                "usr/lib/python3/dist-packages/x", "tool/bin/mlflow", "tool/lib/python3.12/site-packages/x",
            ], links: [("bin/python3", "usr/bin/python3.12"), ("other/bin/mlflow", "tool/bin/mlflow")]
        ) { root in
            let environment = Environment([
                "VIRTUAL_ENV": "\(root)/venv", "PATH": "relative:\(root)/none:\(root)/other/bin:\(root)/bin",
            ])
            #expect(
                MLflowPlace(environment).directories == [
                    "\(root)/venv/lib/python3.11/site-packages/\(build)",
                    "\(root)/venv/lib/python3.9/site-packages/\(build)",
                    "\(root)/tool/lib/python3.12/site-packages/\(build)",
                    "\(root)/usr/lib/python3/dist-packages/\(build)",
                ])
        }
        #expect(MLflowPlace(Environment([:])).directories.isEmpty)
    }

    @Test func theBuildIsFoundOrTheStartIsRefusedWithWhereItWasLookedFor() async throws {
        try await withTree(["venv/lib/python3.11/site-packages/\(build)/index.html"]) { root in
            let environment = Environment(["VIRTUAL_ENV": "\(root)/venv"])
            let found = try await WebUIChoice.package(source: "--ui").find(environment)
            #expect(found == "\(root)/venv/lib/python3.11/site-packages/\(build)")
            await #expect(throws: Refusal.self) { try await WebUIChoice.package(source: "--ui").find(Environment([:])) }
            await #expect(
                throws: Refusal.failed(
                    "--ui-dir: there is no 'index.html' in '\(root)/venv'. It must name the 'build' directory of MLflow's UI."
                )
            ) {
                try await WebUIChoice.directory("\(root)/venv", source: "--ui-dir").find(environment)
            }
            #expect(try await WebUIChoice.own.find(environment) == nil)
        }
    }
}
