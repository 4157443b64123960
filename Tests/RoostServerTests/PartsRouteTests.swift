// Uploads in parts and downloads in ranges over the routes: addresses, ids, numbers, and what MLflow's client reads.

import Foundation
import HTTPTypes
import RoostCore
import RoostServer
import Testing

@Suite("Routes of uploads in parts")
struct PartsRouteTests {
    private static let mpu = "/api/2.0/mlflow-artifacts/mpu/"

    @Test("created, sent, completed and fetched; with any path of the client's machine")
    func life() async throws {
        let artifacts = try ArtifactServer { settings, _ in settings.staticPrefix = "/tracking" }
        for (index, local) in ["m.bin", "/a/b/m.bin", "../../m.bin", #"C:\\a\\m.bin"#, #"\\\\host\\m.bin"#]
            .enumerated()
        {
            for front in ["/tracking/api", "/tracking/ajax-api", "/api"] {
                let path = "0/r/artifacts/\(index)"
                let mpu = front + "/2.0/mlflow-artifacts/mpu/"
                let created = await artifacts.server.send(
                    .post, mpu + "create/" + path, #"{"path":"\#(local)","num_parts":2}"#, host: "LocalHost:5000")
                try #require(created.status == 200, "\(created.text)")
                #expect(created.headers[.cacheControl] == "no-store")
                let id = try #require(created.json["upload_id"]?.text)
                #expect(id.utf8.count == 32)
                let prefix = front == "/api" ? "" : "/tracking"
                var parts: [String] = []
                for (number, credential) in (created.json["credentials"]?.items ?? []).enumerated() {
                    let place = "\(prefix)/api/2.0/mlflow-artifacts/mpu/part/\(id)/\(number + 1)"
                    #expect(credential["url"]?.text == "http://localhost:5000" + place)
                    #expect(credential["part_number"] == .integer(Int64(number + 1)))
                    #expect(credential["headers"] == .object([]))
                    let sent = await artifacts.server.send(
                        .put, place, "part \(number)", headers: [.contentType: "x/y"])
                    #expect(sent.status == 200 && sent.text.isEmpty)
                    let tag = try #require(sent.headers[.eTag])
                    // As it came, and without its quotes.
                    let etag = number == 0 ? tag.replacing("\"", with: "\\\"") : tag.replacing("\"", with: "")
                    parts.append(#"{"part_number":\#(number + 1),"etag":"\#(etag)","url":"ignored"}"#)
                }
                #expect(parts.count == 2)
                let body = #"{"path":"\#(local)","upload_id":"\#(id)","parts":[\#(parts.joined(separator: ","))]}"#
                for _ in 0..<2 {
                    let completed = await artifacts.server.send(.post, mpu + "complete/" + path, body)
                    #expect(completed.status == 200 && completed.text == "{}", "\(completed.text)")
                }
                #expect(await artifacts.get(path + "/m.bin").text == "part 0part 1")
            }
        }
    }

    @Test(
        "num_parts from 1 to 10000; for any other number the client is told to send the file in one piece",
        arguments: [(1, 200), (10_000, 200), (0, 400), (10_001, 400), (-1, 400), (Int64.max, 400)])
    func counts(_ count: Int64, _ status: Int) async throws {
        let artifacts = try ArtifactServer()
        let reply = await artifacts.server.send(
            .post, Self.mpu + "create/d", #"{"path":"a","num_parts":\#(count)}"#)
        #expect(reply.status == status)
        if status == 200 {
            #expect(reply.json["credentials"]?.items.count == Int(count))
        } else {
            #expect(
                reply.message.hasPrefix("Multipart upload is not supported for the current artifact repository"))
        }
    }

    @Test(
        "names of the file are checked as paths are",
        arguments: [
            "", "/", "a/", ".", "..", "a/..", "a#b", "a?b", "a\\b", "a%2fb", "a\\u0000b", "a\\nb", "C:", "C:\\\\..",
            "C:\\\\",
            ".artifact.uploading.x",
        ])
    func names(_ name: String) async throws {
        let artifacts = try ArtifactServer()
        let name = name == "a\\b" ? #"a\\b"# : name
        for verb in ["create", "complete", "abort"] {
            let reply = await artifacts.server.send(
                .post, Self.mpu + verb + "/d",
                #"{"path":"\#(name)","num_parts":1,"upload_id":"u","parts":[{"part_number":1,"etag":"e"}]}"#)
            #expect(reply.status == 400 && reply.code == "INVALID_PARAMETER_VALUE", "\(verb): \(reply.text)")
        }
        #expect(artifacts.everything() == ["root"])
    }

    @Test(
        "an upload that is not there is 404, whatever its id looks like",
        arguments: [
            "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF", "x", "..", "%2e%2e",
            "0123456789abcdef0123456789abcde%C3%A9",
        ])
    func unknown(_ id: String) async throws {
        let artifacts = try ArtifactServer()
        #expect(await artifacts.server.send(.put, Self.mpu + "part/\(id)/1", "x").status == 404)
        for verb in ["complete", "abort"] {
            let reply = await artifacts.server.send(
                .post, Self.mpu + verb + "/d",
                #"{"path":"a","upload_id":"\#(id)","parts":[{"part_number":1,"etag":"e"}]}"#)
            #expect(reply.status == 404 && reply.code == "RESOURCE_DOES_NOT_EXIST", "\(reply.text)")
        }
    }

    @Test(
        "numbers of parts",
        arguments: [
            ("1", 200), ("2", 200), ("3", 400), ("0", 400), ("-1", 400), ("+1", 400), ("01", 400), ("1.0", 400),
            ("x", 400),
            ("10000", 400), ("10001", 400), ("99999999999999999999", 400), ("%31", 400), ("1/2", 404), ("", 404),
        ])
    func numbers(_ number: String, _ status: Int) async throws {
        let artifacts = try ArtifactServer()
        let id = try await begin(artifacts, parts: 2)
        let reply = await artifacts.server.send(.put, Self.mpu + "part/\(id)/\(number)", "x")
        #expect(reply.status == status, "\(reply.text)")
        if status == 400 { #expect(reply.message.contains("part")) }
    }

    @Test("missing fields, and a coding of the transfer that would become part of the file")
    func fields() async throws {
        let artifacts = try ArtifactServer()
        let id = try await begin(artifacts, parts: 1)
        for verb in ["create", "complete", "abort"] {
            let reply = await artifacts.server.send(.post, Self.mpu + verb + "/d", "{}")
            #expect(reply.message.hasPrefix("Missing value for required parameter 'path'"))
        }
        let none = await artifacts.server.send(
            .post, Self.mpu + "complete/d", #"{"path":"a","upload_id":"\#(id)","parts":[]}"#)
        #expect(none.message == "Part 1 is missing in the list of parts.")
        let packed = await artifacts.server.send(
            .put, Self.mpu + "part/\(id)/1", "x", headers: [.contentEncoding: "gzip"])
        #expect(packed.status == 415)
        let aborted = await artifacts.server.send(
            .post, Self.mpu + "abort/d", #"{"path":"a","upload_id":"\#(id)"}"#)
        #expect(aborted.status == 200 && aborted.text == "{}")
        #expect(artifacts.everything() == ["root"])
    }

    @Test("addresses are what the request calls this server, and what a proxy has noted only where it does no harm")
    func addresses() async throws {
        let artifacts = try ArtifactServer { settings, _ in
            settings.allowedHosts = ["inside", "mlflow.example", "[::1]:7"]
        }
        let forwarded = try #require(HTTPField.Name("X-Forwarded-Host"))
        let scheme = try #require(HTTPField.Name("X-Forwarded-Proto"))
        let put = await artifacts.server.send(.put, ArtifactServer.files + "d/50%25%20%C3%A9", "hello", host: "inside")
        #expect(put.status == 200)
        for (host, headers, base) in [
            ("inside", [:], "http://inside"), ("[::1]:7", [:], "http://[::1]:7"),
            ("inside", [scheme: "https"], "https://inside"), ("inside", [scheme: "HTTPS, http"], "https://inside"),
            ("inside", [scheme: "javascript"], "http://inside"),
            ("inside", [forwarded: "mlflow.example", scheme: "https"], "https://mlflow.example"),
            ("inside", [forwarded: "MLflow.example , other"], "http://mlflow.example"),
            ("inside", [forwarded: "evil.example"], "http://inside"),
            ("inside", [forwarded: "mlflow.example/x"], "http://inside"),
            ("inside", [forwarded: "user@mlflow.example"], "http://inside"),
        ] as [(String, HTTPFields, String)] {
            let link = await artifacts.server.send(
                .get, "/ajax-api/2.0/mlflow-artifacts/presigned/d/50%25%20é", headers: headers, host: host)
            #expect(link.status == 200 && link.headers[.cacheControl] == "no-store", "\(link.text)")
            let path = "/api/2.0/mlflow-artifacts/artifacts/d/50%25%20%C3%A9"
            #expect(link.text == #"{"url":"\#(base)\#(path)","headers":{},"file_size":5}"#)
            #expect(await artifacts.server.send(.get, path, host: host).text == "hello")
            let created = await artifacts.server.send(
                .post, Self.mpu + "create/d", #"{"path":"a","num_parts":1}"#, headers: headers, host: host)
            #expect(
                created.json["credentials"]?.items.first?["url"]?.text?.hasPrefix(base + Self.mpu + "part/") == true)
        }
        #expect(await artifacts.server.send(.put, Self.mpu + "part/x/1", "x", host: "evil.example").status == 403)
        let open = try ArtifactServer { settings, _ in settings.securityEnabled = false }
        try await open.put("a", "x")
        let nowhere = await open.server.send(.get, "/api/2.0/mlflow-artifacts/presigned/a", host: nil)
        #expect(nowhere.status == 400)
    }

    @Test("the address of what is no file is refused")
    func links() async throws {
        let artifacts = try ArtifactServer()
        try await artifacts.put("d/a", "x")
        let path = "/api/2.0/mlflow-artifacts/presigned/"
        let missing = await artifacts.server.send(.get, path + "d/b")
        #expect(missing.status == 404 && missing.message == "No such artifact: 'd/b'")
        let directory = await artifacts.server.send(.get, path + "d")
        #expect(directory.status == 400 && directory.message == "Artifact path refers to a directory, not a file: 'd'")
    }

    @Test("a page of another origin sends no part, and without the proxy there are no uploads")
    func guards() async throws {
        let artifacts = try ArtifactServer()
        let id = try await begin(artifacts, parts: 1)
        let foreign = await artifacts.server.send(
            .put, Self.mpu + "part/\(id)/1", "x", headers: [.origin: "https://evil.example"])
        #expect(foreign.status == 403)
        let without = try ArtifactServer { settings, _ in settings.serveArtifacts = false }
        #expect(await without.server.send(.put, Self.mpu + "part/\(id)/1", "x").status == 503)
        #expect(
            await without.server.send(.post, Self.mpu + "create/d", #"{"path":"a","num_parts":1}"#).status == 503)
    }

    @Test("clients are told to use parts when the operator says so, and only where files are served")
    func told() async throws {
        for (uploads, downloads, serves) in [
            (false, false, true), (true, false, true), (false, true, true), (true, true, false),
        ] {
            let server = try TestServer { settings in
                settings.tellsOfMultipartUploads = uploads
                settings.tellsOfMultipartDownloads = downloads
                settings.serveArtifacts = serves
            }
            let info = await server.send(.get, "/api/3.0/mlflow/server-info").json
            #expect(info["multipart_uploads_enabled"] == .bool(uploads && serves))
            #expect(info["multipart_downloads_enabled"] == .bool(downloads && serves))
        }
    }

    private func begin(_ artifacts: ArtifactServer, parts: Int) async throws -> String {
        let created = await artifacts.server.send(
            .post, Self.mpu + "create/d", #"{"path":"a","num_parts":\#(parts)}"#)
        return try #require(created.json["upload_id"]?.text)
    }
}
