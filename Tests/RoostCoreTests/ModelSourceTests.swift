// What a model version may be made of, before the database is asked.

import RoostCore
import Testing

@Suite("Model sources")
struct ModelSourceTests {
    /// BI-40 to BI-45, as far as no run is needed to tell.
    @Test(
        "places of the server, other hosts and paths that climb are refused",
        arguments: [
            "mlflow-artifacts:/1/../../etc", "mlflow-artifacts:/..%2f..%2fetc", "mlflow-artifacts:/%252e%252e/etc",
            "mlflow-artifacts://h/1", "mlflow-artifacts:1", "dbfs:/x/a%3f/../../", "dbfs:x", "s3://b", "s3:b",
            "s3://b/./c",
            "s3://b/x%00", "s3://b/../\u{301}x", "file://etc/passwd", "http://h/x", "http:/x", "https://h/x",
            "ftp://h/x",
            "sftp://h/x", "hdfs://h/x", "viewfs://h/x", "r2://b/x", "b2://b/x", "abfss://h/x", "models://evil/m/1",
            "models:/",
            "models:/a/b/c", "models:/a/", "models:/a@", "models:x", "runs:/", "runs:x", "runs://h/x", "abc:def",
            "a\u{0}b", "a\nb",
            "s3://b/" + String(repeating: "x", count: Limits.modelSource),
        ])
    func refused(_ text: String) {
        #expect(throws: APIError.self, "\(text)") { try ModelSource(text, isPrompt: false) }
        do throws(APIError) {
            _ = try ModelSource(text, isPrompt: false)
        } catch {
            #expect(error.status == 400)
        }
    }

    @Test(
        "what is left is told apart",
        arguments: [
            ("/etc", .local("/etc")), ("//proc/self/../x", .local("/proc/x")), ("file:///a/./b/", .local("/a/b")),
            ("FILE:/a%20b", .local("/a b")), ("file://localhost/a", .local("/a")), ("a/../../b", .local("../b")),
            ("/a/../../\u{301}/b", .local("/\u{301}/b")),
            ("runs:/r/model", .run("r")), ("Runs:/r", .run("r")), ("models:/m-1", .loggedModel("m-1")),
            ("models:/m/01", .version(name: "m", .number("01"))), ("models:/m/Latest", .version(name: "m", .latest)),
            ("models:/m/prod", .version(name: "m", .stage("prod"))), ("models:/m@a", .version(name: "m", .alias("a"))),
            ("models:/a@b@c", .version(name: "a@b", .alias("c"))), ("mlflow-artifacts:/1/r", .proxied),
            ("s3://b/c?../d", .elsewhere), ("s3://b//c/", .elsewhere), ("dbfs:/x", .elsewhere),
        ] as [(String, ModelSource)])
    func read(_ text: String, _ source: ModelSource) throws {
        #expect(try ModelSource(text, isPrompt: false) == source)
    }

    @Test("a prompt has no source but MLflow's two words for none")
    func prompts() throws {
        for text in ["dummy-source", "prompt-template"] {
            #expect(try ModelSource(text, isPrompt: true) == .prompt)
        }
        for text in ["/etc", "s3://b/x", ""] {
            #expect(throws: APIError.self) { try ModelSource(text, isPrompt: true) }
        }
    }

    @Test(
        "a source lies in a root only by whole names",
        arguments: [
            ("mlflow-artifacts:/1/r/artifacts", true), ("mlflow-artifacts:/1/r/artifacts/m", true),
            ("MLFLOW-ARTIFACTS:///1/r/artifacts/", true), ("mlflow-artifacts:/1/r/artifactsx", false),
            ("mlflow-artifacts:/1/r", false), ("mlflow-artifacts://h/1/r/artifacts", false),
            ("s3://1/r/artifacts", false),
        ])
    func within(_ text: String, _ isWithin: Bool) {
        #expect(ModelSource.isWithin(text, "mlflow-artifacts:/1/r/artifacts") == isWithin)
        #expect(!ModelSource.isWithin(text, "mlflow-artifacts:/"))
    }

    @Test("a local path lies in a directory only by whole names, and a relative one never does")
    func local() {
        #expect(ModelSource.isLocal("/a/b/c", within: "/a/b"))
        #expect(ModelSource.isLocal("/a/b", within: "file:///a/b/"))
        #expect(!ModelSource.isLocal("/a/bc", within: "/a/b"))
        #expect(!ModelSource.isLocal("a/b", within: "/a"))
        #expect(!ModelSource.isLocal("/a/b", within: "mlflow-artifacts:/a"))
    }
}
