// The artifact routes: what is answered to whom, with which headers. Texts as mlflow 3.17.2 has them.

import Foundation
import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("Artifact routes")
struct ArtifactTests {
    @Test("a file goes up, is listed, comes down and is deleted")
    func life() async throws {
        let artifacts = try ArtifactServer()
        let run = try await artifacts.server.makeRun()
        let root = "0/\(run)/artifacts"
        try await artifacts.put(root + "/d/a.txt", "hello")
        try await artifacts.put(root + "/b", "")
        #expect(await artifacts.get(root + "/d/a.txt").text == "hello")
        let listed = await artifacts.server.get("artifacts/list?run_id=\(run)")
        #expect(
            listed.text
                == #"{"root_uri":"mlflow-artifacts:/\#(root)","files":[{"path":"b","is_dir":false},{"path":"d","is_dir":true}]}"#
        )
        let deeper = await artifacts.server.get("artifacts/list?run_uuid=\(run)&path=d")
        #expect(deeper.json["files"]?.items.first?["path"]?.text == "d/a.txt")
        let proxied = await artifacts.server.send(.get, "/api/2.0/mlflow-artifacts/artifacts?path=\(root)/d")
        #expect(proxied.text == #"{"files":[{"path":"a.txt","is_dir":false,"file_size":5}]}"#)
        for path in ["nope", "d/a.txt"] {
            #expect(
                await artifacts.server.get("artifacts/list?run_id=\(run)&path=\(path)").text
                    == #"{"root_uri":"mlflow-artifacts:/\#(root)"}"#)
        }
        for _ in 0..<2 {
            let gone = await artifacts.server.send(.delete, ArtifactServer.files + root + "/d")
            #expect(gone.status == 200 && gone.text == "{}")
        }
        let missing = await artifacts.get(root + "/d/a.txt")
        #expect(missing.status == 404 && missing.code == "RESOURCE_DOES_NOT_EXIST")
        #expect(missing.message == "No such artifact: '\(root)/d/a.txt'")
        #expect(artifacts.everything().filter { $0.hasSuffix("/b") }.count == 1)
    }

    @Test("BI-22: what a browser could run is a download in a sandbox", arguments: ["x.html", "x.svg", "x.js", "x"])
    func sandbox(_ name: String) async throws {
        let artifacts = try ArtifactServer()
        let run = try await artifacts.server.makeRun()
        try await artifacts.put("0/\(run)/artifacts/\(name)", "<script>")
        for reply in [
            await artifacts.get("0/\(run)/artifacts/\(name)"),
            await artifacts.server.send(.get, "/get-artifact?run_id=\(run)&path=\(name)"),
            await artifacts.server.send(
                .get, "/get-artifact?run_uuid=\(run)&path=\(name)", headers: [.range: "bytes=0-1"]),
        ] {
            #expect(reply.status == 200 || reply.status == 206)
            #expect(reply.headers[.contentDisposition] == "attachment; filename=\(name)")
            #expect(reply.headers[.xContentTypeOptions] == "nosniff")
            #expect(reply.headers[.contentSecurityPolicy] == "sandbox")
        }
    }

    @Test(
        "content types as MLflow's",
        arguments: [
            ("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.js", "text/plain"), ("a.json", "text/plain"),
            ("A.JSON", "application/json"), ("a.png", "image/png"), ("MLmodel", "text/plain"),
            ("a.MLmodel", "text/plain"),
            ("a", "application/octet-stream"), ("a.unknown", "application/octet-stream"), ("a.yaml", "text/plain"),
            ("a.tar.gz", "application/x-tar"), ("a.tgz", "application/x-tar"), ("a.gz", "application/octet-stream"),
            ("a.csv.gz", "text/csv"), ("a.svgz", "image/svg+xml"), (".json", "application/octet-stream"),
            ("log", "text/plain"),
            ("a.pdf", "application/pdf"), ("a.HTML", "text/html"), ("a.", "application/octet-stream"),
            ("a.parquet", "application/octet-stream"), ("a.tar.Z", "application/x-tar"),
            ("a.tar.z", "application/octet-stream"),
        ])
    func contentTypes(_ name: String, _ type: String) { #expect(ContentType.guess(name) == type) }

    @Test(
        "BI-23: no name breaks out of its header",
        arguments: [
            ("a.txt", "attachment; filename=a.txt"), ("a b", #"attachment; filename="a b""#),
            (#"a"b"#, #"attachment; filename="a\"b""#), ("a;b", #"attachment; filename="a;b""#),
            ("\u{E9}\"x.svg", #"attachment; filename="_\"x.svg"; filename*=UTF-8''%C3%A9%22x.svg"#),
            ("日本.txt", "attachment; filename=__.txt; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt"),
            ("a%b", "attachment; filename=a%b"), ("a'b", "attachment; filename=a'b"),
        ])
    func dispositions(_ name: String, _ header: String) { #expect(Disposition.attachment(name) == header) }

    @Test(
        "BI-24: one range is served, none amplifies",
        arguments: [
            ("bytes=0-1", 206, "he", "bytes 0-1/5"), ("bytes=1-", 206, "ello", "bytes 1-4/5"),
            ("bytes=-2", 206, "lo", "bytes 3-4/5"),
            ("bytes=0-100", 206, "hello", "bytes 0-4/5"), ("bytes=-100", 206, "hello", "bytes 0-4/5"),
            ("bytes=4-4", 206, "o", "bytes 4-4/5"), ("bytes=5-", 416, "", "bytes */5"),
            ("bytes=9-", 416, "", "bytes */5"),
            ("bytes=-0", 416, "", "bytes */5"), ("bytes=99999999999999999999-", 416, "", "bytes */5"),
            ("bytes=0-9223372036854775807", 206, "hello", "bytes 0-4/5"), ("bytes=0-1,3-4", 200, "hello", ""),
            ("bytes=0-4,0-4,0-4", 200, "hello", ""), ("bytes=3-1", 400, "", ""), ("bytes=a", 400, "", ""),
            ("bytes=", 400, "", ""),
            ("bytes=-", 400, "", ""), ("items=0-1", 400, "", ""), ("bytes=+1-2", 400, "", ""),
            ("bytes=1-2-3", 400, "", ""),
            ("bytes", 400, "", ""), ("BYTES=0-1", 206, "he", "bytes 0-1/5"),
        ])
    func ranges(_ range: String, _ status: Int, _ text: String, _ contentRange: String) async throws {
        let artifacts = try ArtifactServer()
        try await artifacts.put("a", "hello")
        let reply = await artifacts.get("a", [.range: range])
        #expect(reply.status == status)
        if status < 400 { #expect(reply.text == text) }
        #expect(reply.headers[.contentRange] ?? "" == contentRange)
    }

    @Test("thousands of ranges are one file, and a range of nothing is outside of it")
    func manyRanges() async throws {
        let artifacts = try ArtifactServer()
        try await artifacts.put("a", "hello")
        try await artifacts.put("empty", "")
        let many = await artifacts.get(
            "a", [.range: "bytes=" + Array(repeating: "0-4", count: 5000).joined(separator: ",")])
        #expect(many.status == 200 && many.text == "hello")
        #expect(await artifacts.get("empty", [.range: "bytes=0-"]).status == 416)
        #expect(await artifacts.get("empty").status == 200)
    }

    @Test("a tag saves the transfer while the content is the same")
    func tags() async throws {
        let artifacts = try ArtifactServer()
        try await artifacts.put("a", "hello")
        let tag = try #require(await artifacts.get("a").headers[.eTag])
        for known in [tag, "W/" + tag, "\"x\", " + tag, "*"] {
            let reply = await artifacts.get("a", [.ifNoneMatch: known])
            #expect(reply.status == 304 && reply.text.isEmpty && reply.headers[.eTag] == tag, "\(known)")
        }
        #expect(await artifacts.get("a", [.ifNoneMatch: "\"x\""]).status == 200)
        #expect(await artifacts.get("a", [.ifRange: tag, .range: "bytes=0-1"]).status == 206)
        try await artifacts.put("a", "HELLO")
        #expect(await artifacts.get("a", [.ifNoneMatch: tag]).text == "HELLO")
        #expect(await artifacts.get("a", [.ifRange: tag, .range: "bytes=0-1"]).text == "HELLO")
    }

    @Test("HEAD tells of a file without its bytes")
    func head() async throws {
        let artifacts = try ArtifactServer()
        try await artifacts.put("a.txt", "hello")
        let reply = await artifacts.server.send(.head, ArtifactServer.files + "a.txt")
        #expect(reply.status == 200 && reply.text.isEmpty && reply.headers[.contentLength] == "5")
        #expect(reply.headers[.contentType] == "text/plain" && reply.headers[.acceptRanges] == "bytes")
        #expect(await artifacts.server.send(.head, ArtifactServer.files + "nope").status == 404)
    }

    @Test("upload-artifact as MLflow's page uses it")
    func upload() async throws {
        let artifacts = try ArtifactServer()
        let run = try await artifacts.server.makeRun()
        let path = "/ajax-api/2.0/mlflow/upload-artifact"
        for (query, body, message) in [
            ("", "x", "Request must specify run_uuid."),
            ("?run_id=\(run)&path=a", "x", "Request must specify run_uuid."),
            ("?run_uuid=\(run)", "x", "Request must specify path."),
            ("?run_uuid=\(run)&path=", "x", "Request must specify path."),
            ("?run_uuid=\(run)&path=a", "", "Request must specify data."),
            ("?run_uuid=\(run)&path=../x", "x", "Invalid path"),
            ("?run_uuid=zz&path=a", "x", "Run with id=zz not found"),
            (
                "?run_uuid=\(run)&path=a", String(repeating: "x", count: Limits.artifactUpload + 1),
                "Artifact size is too large. Max size is 10MB."
            ),
        ] {
            let reply = await artifacts.server.send(.post, path + query, body, headers: [.contentType: "text/plain"])
            #expect(reply.status == (query.contains("zz") ? 404 : 400) && reply.message == message)
        }
        let full = String(repeating: "x", count: Limits.artifactUpload)
        let reply = await artifacts.server.send(.post, path + "?run_uuid=\(run)&path=u/v.txt", full)
        #expect(reply.status == 200 && reply.text.isEmpty && reply.headers[.contentType] == "application/json")
        #expect(await artifacts.get("0/\(run)/artifacts/u/v.txt").text == full)
        #expect(await artifacts.server.send(.post, "/api/2.0/mlflow/upload-artifact", "x").status == 404)
    }

    @Test("what a directory cannot do is told in MLflow's words")
    func refusals() async throws {
        let artifacts = try ArtifactServer()
        let run = try await artifacts.server.makeRun()
        let upload = await artifacts.server.post("artifacts/presigned-upload-url", #"{"run_id":"\#(run)","path":"a"}"#)
        #expect(upload.status == 400)
        #expect(
            upload.message.hasPrefix(
                "Presigned upload is not supported for proxied artifact storage (artifact URI scheme:"))
        let download = await artifacts.server.post(
            "artifacts/presigned-download-url", #"{"run_id":"\#(run)","path":"a"}"#)
        #expect(
            download.message.hasPrefix("Presigned download is not supported for runs with proxied artifact storage"))
        let both = await artifacts.server.post("artifacts/presigned-upload-url", #"{"path":"a"}"#)
        #expect(both.message == "Exactly one of run_id and model_id must be provided.")
        for seconds in [0, 604_801] {
            let reply = await artifacts.server.post(
                "artifacts/presigned-download-url", #"{"run_id":"\#(run)","path":"a","expiration":\#(seconds)}"#)
            #expect(reply.message == "expiration must be between 1 and 604800 seconds (got \(seconds)).")
        }
    }

    @Test("an encoded body is refused, since it would be stored as it comes")
    func encodings() async throws {
        let artifacts = try ArtifactServer()
        let reply = await artifacts.server.send(
            .put, ArtifactServer.files + "a", "x", headers: [.contentEncoding: "gzip"])
        #expect(reply.status == 415)
        #expect(await artifacts.get("a").status == 404)
    }
}
