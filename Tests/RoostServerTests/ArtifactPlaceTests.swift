// Where the files of a run are: the proxy's directory, a directory of the operator's, or a place that is not served.

import Foundation
import HTTPTypes
import RoostArtifacts
import RoostCore
import Testing

@testable import RoostServer

@Suite("Places of artifacts")
struct ArtifactPlaceTests {
    @Test(
        "--default-artifact-root: clients write there themselves, the server lists and fetches",
        arguments: ["", "file://"])
    func operatorsRoot(_ scheme: String) async throws {
        let artifacts = try ArtifactServer { settings, around in settings.artifactRoot = scheme + around + "/own" }
        let run = try await artifacts.server.makeRun()
        let uri = try #require(
            await artifacts.server.get("runs/get?run_id=\(run)").json["run"]?["info"]?["artifact_uri"]?.text)
        #expect(uri == "\(scheme)\(artifacts.around)/own/0/\(run)/artifacts")
        #expect(await artifacts.server.get("artifacts/list?run_id=\(run)").text == #"{"root_uri":"\#(uri)"}"#)
        let directory = "\(artifacts.around)/own/0/\(run)/artifacts"
        try FileManager.default.createDirectory(atPath: directory + "/d", withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: directory + "/d/a.txt"))
        let listed = await artifacts.server.get("artifacts/list?run_id=\(run)&path=d")
        #expect(listed.json["files"]?.items.map { $0["path"]?.text } == ["d/a.txt"])
        #expect(await artifacts.server.send(.get, "/get-artifact?run_id=\(run)&path=d/a.txt").text == "mine")
        let missing = await artifacts.server.send(.get, "/get-artifact?run_id=\(run)&path=zz")
        #expect(missing.status == 404 && missing.message == "No such artifact: 'zz'")
        let uploaded = await artifacts.server.send(
            .post, "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=\(run)&path=up.txt", "x")
        #expect(uploaded.status == 200)
        #expect(FileManager.default.fileExists(atPath: directory + "/up.txt"))
        let link = await artifacts.server.post("artifacts/presigned-download-url", #"{"run_id":"\#(run)","path":"a"}"#)
        #expect(link.status == 501)
    }

    @Test("a location below the operator's root is served, and one that shares only its beginning is not taken")
    func below() async throws {
        let artifacts = try ArtifactServer { settings, around in settings.artifactRoot = around + "/own" }
        func create(_ location: String) async -> TestServer.Reply {
            await artifacts.server.post(
                "experiments/create", #"{"name":"\#(location)","artifact_location":"\#(location)"}"#)
        }
        #expect(await create(artifacts.around + "/own/team").status == 200)
        for location in [
            artifacts.around + "/ownership", artifacts.around, artifacts.around + "/own/../x", "/etc", "file:///etc",
            "../../etc",
        ] { #expect(await create(location).status == 400, "\(location)") }
    }

    /// BI-30 to BI-39, by the proxy's default root.
    @Test(
        "locations that name a host, a place of the server or nothing known are refused",
        arguments: [
            "http:///?/../../etc/", "http:///#/../../etc/", "http://host#/../..", "http:///;../../etc",
            "http://169.254.169.254/latest", "ftp://127.0.0.1/x", "hdfs://h/x", "mlflow-artifacts://evil:80/x",
            "file:///etc", "/etc",
            "../../etc", "mlflow-artifacts:/../../outside", "s3://b/../x", "dbfs:/", "runs:/x",
            String(repeating: "s", count: 3000),
            "FILE:///etc", "file:/etc", "//proc/self/root", "file://etc/passwd", "mlflow-artifacts:/..%2f..%2fetc",
            "models:/m/1",
            "mlflow-artifacts:/1/../../etc",
        ])
    func refused(_ location: String) async throws {
        for prefix in ["/api", "/ajax-api"] {
            let body = JSON.object([
                JSON.Member("name", .string("e")), JSON.Member("artifact_location", .string(location)),
            ])
            let reply = try await TestServer().send(
                .post, prefix + "/2.0/mlflow/experiments/create",
                String(decoding: JSONWriter.bytes(of: body), as: UTF8.self))
            #expect(reply.status == 400, "\(location): \(reply.text)")
        }
    }

    @Test("a location below the proxy is where the files go, with its escapes undone once")
    func proxied() async throws {
        let artifacts = try ArtifactServer()
        for (name, location, directory) in [
            ("plain", "mlflow-artifacts:/team/a", "team/a"), ("space", "mlflow-artifacts:/team%20b", "team b"),
            ("slashes", "mlflow-artifacts:///team/c", "team/c"),
        ] {
            let made = await artifacts.server.post(
                "experiments/create", #"{"name":"\#(name)","artifact_location":"\#(location)"}"#)
            let id = try #require(made.json["experiment_id"]?.text)
            let run = await artifacts.server.post("runs/create", #"{"experiment_id":"\#(id)"}"#)
            let runID = try #require(run.json["run"]?["info"]?["run_id"]?.text)
            let up = await artifacts.server.send(
                .post, "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=\(runID)&path=a", "x")
            #expect(up.status == 200, "\(up.text)")
            #expect(artifacts.everything().contains("root/\(directory)/\(runID)/artifacts/a"))
        }
    }

    @Test("artifacts elsewhere are said to be elsewhere")
    func elsewhere() async throws {
        let artifacts = try ArtifactServer { settings, _ in settings.artifactRoot = "s3://bucket/root" }
        let run = try await artifacts.server.makeRun()
        for reply in [
            await artifacts.server.get("artifacts/list?run_id=\(run)"),
            await artifacts.server.send(.get, "/get-artifact?run_id=\(run)&path=a"),
            await artifacts.server.send(.post, "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=\(run)&path=a", "x"),
        ] { #expect(reply.status == 501 && reply.message.contains("'s3:'")) }
    }

    @Test(
        "--no-serve-artifacts: the proxy answers 503 in MLflow's words, the rest goes on",
        arguments: ["/api", "/ajax-api"])
    func notServing(_ prefix: String) async throws {
        let artifacts = try ArtifactServer { settings, around in
            settings.serveArtifacts = false
            settings.artifactRoot = around + "/mlruns"
        }
        let run = try await artifacts.server.makeRun()
        let proxy = prefix + "/2.0/mlflow-artifacts/"
        let files = "Artifact serving is disabled. Run `mlflow server` with `--serve-artifacts` to enable."
        func words(_ rule: String) -> String {
            "Endpoint: \(rule) disabled due to the mlflow server running with `--no-serve-artifacts`. To enable artifacts"
                + " server functionality, run `mlflow server` with `--serve-artifacts`"
        }
        for (method, path, message) in [
            (HTTPRequest.Method.get, "artifacts", words(proxy + "artifacts")), (.get, "artifacts/a", files),
            (.put, "artifacts/a", files),
            (.delete, "artifacts/a", words(proxy + "artifacts/<path:artifact_path>")),
            (.post, "mpu/create/a", words(proxy + "mpu/create/<path:artifact_path>")),
            (.get, "presigned/a", words(proxy + "presigned/<path:artifact_path>")),
        ] {
            let reply = await artifacts.server.send(method, proxy + path, method == .get ? nil : "{}")
            #expect(reply.status == 503 && reply.message == message)
        }
        #expect(await artifacts.server.get("artifacts/list?run_id=\(run)").status == 200)
    }

    @Test("--artifacts-only: everything but the proxy answers 503 in MLflow's words")
    func artifactsOnly() async throws {
        let artifacts = try ArtifactServer { settings, _ in settings.artifactsOnly = true }
        try await artifacts.put("a", "x")
        #expect(await artifacts.get("a").text == "x")
        #expect(await artifacts.server.send(.get, "/api/2.0/mlflow-artifacts/artifacts").status == 200)
        for path in ["/health", "/ready", "/version", "/api/3.0/mlflow/server-info"] {
            #expect(await artifacts.server.send(.get, path).status == 200, "\(path)")
        }
        for route in Routes.all where route.area == .tracking {
            for path in route.scope.paths(route.path) {
                let reply = await artifacts.server.send(route.method, path, route.method == .get ? nil : "{}")
                // As MLflow's framework writes a path with names in it.
                let shown = path.replacing("{", with: "<").replacing("}", with: ">")
                #expect(reply.status == 503, "\(path)")
                #expect(
                    reply.message
                        == "Endpoint: \(shown) disabled due to the mlflow server running in `--artifacts-only` mode. To enable"
                        + " tracking server functionality, run `mlflow server` without `--artifacts-only`")
            }
        }
    }

    @Test("a listing of more than one page goes on where it ended")
    func paging() throws {
        let entries = (0..<Limits.artifactListing + 3).map { number in
            ArtifactEntry(name: "f" + String(String(1_000_000 + number).dropFirst()), size: 1)
        }
        let first = FoundArtifacts(rootURI: "r", directory: .root, entries: entries, after: nil)
        #expect(first.files.count == Limits.artifactListing)
        let token = try #require(first.nextPageToken)
        let second = FoundArtifacts(
            rootURI: "r", directory: .root, entries: entries, after: try ListingToken.name(token))
        #expect(second.files.map(\.path) == entries.suffix(3).map(\.name) && second.nextPageToken == nil)
        for garbage in ["x", "zz", "6", "ff"] { #expect(throws: APIError.self) { try ListingToken.name(garbage) } }
    }
}
