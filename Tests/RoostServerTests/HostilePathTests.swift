// Hostile artifact paths (BI-01 to BI-21, BI-25) on every verb and both prefixes: a table, made of paths and of ways to send them.

import Foundation
import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("Hostile artifact paths")
struct HostilePathTests {
    /// A way to name a path in a request. The path is written as it stands in a URL; in a query and in JSON it is decoded
    /// or escaped as their rules are, so that the server sees the same text.
    enum Way: String, CaseIterable, Sendable {
        case get, head, put, delete, list, listRun, getArtifact, upload
        case mpuCreate, mpuComplete, mpuAbort, presigned, presignUpload, presignDownload

        var isFile: Bool {
            self == .get || self == .head || self == .put || self == .getArtifact || self == .upload
                || self == .presigned
        }
    }

    static let prefixes = ["/api", "/ajax-api", "/tracking/api", "/tracking/ajax-api"]

    static let refusedByAll = [
        "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x", "%2e%2e",
        "%252e%252e%252fx", "%252525252525252525252525252e", "/etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd",
        "C:/windows", "C:%5Cwindows", "..%5c..%5cetc", "a%23/../../x", "a%3f/../../x", "a;/../../x", "a%23b", "a%00b",
        "a%0d%0ab", "n%2f../x", "a//b", "./a", "a%5cb", "%ff", "%c0%ae%c0%ae/x", "a%3fb", "a%2523b", ".roost-tmp/x",
        String(repeating: "n", count: 300),
        "out/file", "out", "secret", "inside/a.txt",
        // BI-25: one character to Swift, a slash to the system.
        "..%2f%cc%81x", "a/..%2f%cc%81x", "a%d8%80%2f..%2fy", "..%2f%cc%81a%d8%80%2f..%2fz", ".roost-tmp%2f%cc%81x",
    ]
    /// What names a directory, or nothing: a listing may have it, a file may not.
    static let refusedForFiles = ["", ".", "d/", "d", "a.txt/"]

    @Test("refused with 400, never touching the disk", arguments: Way.allCases, prefixes)
    func refused(_ way: Way, _ prefix: String) async throws {
        let artifacts = try ArtifactServer { settings, _ in settings.staticPrefix = "/tracking" }
        let run = try await prepare(artifacts)
        let before = artifacts.everything()
        for path in Self.refusedByAll {
            // Paths of the proxy and of runs: both inside of the run's own directory.
            guard let reply = await send(way, path, prefix, run, artifacts.server) else { continue }
            #expect(reply.status == 400, "\(way) \(prefix) \(path): \(reply.status) \(reply.text)")
            if way != .head {
                #expect(reply.code == "INVALID_PARAMETER_VALUE" && !reply.message.contains(artifacts.around))
            }
        }
        if way.isFile {
            for path in Self.refusedForFiles {
                guard let reply = await send(way, path, prefix, run, artifacts.server) else { continue }
                #expect(reply.status == 400, "\(way) \(prefix) \(path): \(reply.status) \(reply.text)")
            }
        }
        #expect(artifacts.everything() == before)
        #expect(try String(contentsOfFile: artifacts.around + "/outside/file", encoding: .utf8) == "secret")
    }

    @Test("BI-11 to BI-13: the root is no file, and cannot be deleted", arguments: prefixes)
    func root(_ prefix: String) async throws {
        let artifacts = try ArtifactServer { settings, _ in settings.staticPrefix = "/tracking" }
        try await artifacts.put("keep", "x")
        for path in ["/", "/.", "/./", "//", "/%2e", "/%2f", "/..", "/%2e%2e", "/./keep", "/keep/..", "/keep/."] {
            for method in [HTTPRequest.Method.get, .put, .delete] {
                let reply = await artifacts.server.send(
                    method, "\(prefix)/2.0/mlflow-artifacts/artifacts\(path)", method == .put ? "x" : nil)
                #expect(reply.status == 400, "\(method) \(path): \(reply.text)")
            }
        }
        for method in [HTTPRequest.Method.put, .delete] {
            let reply = await artifacts.server.send(method, "\(prefix)/2.0/mlflow-artifacts/artifacts", "x")
            #expect(reply.status == 405)
        }
        #expect(await artifacts.get("keep").text == "x")
    }

    @Test(
        "BI-20: no path reaches files by the names of the web page",
        arguments: ["/static-files/../../x", "/static-files/..%2f..%2fx"])
    func staticFiles(_ path: String) async throws {
        // 501 as long as there is no web page.
        #expect(try await [404, 501].contains(TestServer().send(.get, path).status))
    }

    @Test("a path of the operator's own root is checked alike")
    func operatorsRoot() async throws {
        let artifacts = try ArtifactServer { settings, around in settings.artifactRoot = around + "/root" }
        let run = try await prepare(artifacts)
        for path in Self.refusedByAll {
            for way in [Way.listRun, .getArtifact, .upload] {
                guard let reply = await send(way, path, "/ajax-api", run, artifacts.server) else { continue }
                #expect(reply.status == 400, "\(way) \(path): \(reply.text)")
            }
        }
    }

    /// A run with files, a directory, and links: to the outside and to the inside.
    private func prepare(_ artifacts: ArtifactServer) async throws -> String {
        let run = try await artifacts.server.makeRun()
        let root = "0/\(run)/artifacts/"
        for path in ["a.txt", "d/b.txt"] { try await artifacts.put(root + path, "fine") }
        try FileManager.default.createDirectory(
            atPath: artifacts.around + "/outside", withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(fileURLWithPath: artifacts.around + "/outside/file"))
        try artifacts.link(root + "out", to: artifacts.around + "/outside")
        try artifacts.link(root + "secret", to: artifacts.around + "/outside/file")
        try artifacts.link(root + "inside", to: ".")
        return run
    }

    /// Nil where the way cannot say such a path, or has no such prefix.
    private func send(
        _ way: Way, _ path: String, _ prefix: String, _ run: String, _ server: TestServer
    ) async -> TestServer.Reply? {
        let isLink = ["out/file", "out", "secret", "inside/a.txt"].contains(path)
        let proxy = "\(prefix)/2.0/mlflow-artifacts/"
        // Absolute and drive paths are such at the beginning alone; the others stand where files are.
        let atStart = path.hasPrefix("/") || path.hasPrefix("%2f") || path.hasPrefix("C:") || path.hasPrefix("file:")
        let deep = atStart || path.hasPrefix(".roost-tmp") ? path : "0/\(run)/artifacts/\(path)"
        switch way {
        case .get: return await server.send(.get, proxy + "artifacts/" + deep)
        case .head: return await server.send(.head, proxy + "artifacts/" + deep)
        case .put: return await server.send(.put, proxy + "artifacts/" + deep, "x")
        case .delete: return await server.send(.delete, proxy + "artifacts/" + deep)
        case .list:
            if isLink, path == "secret" || path == "inside/a.txt" { return nil }
            if path == "out/file" { return nil }
            return await server.send(.get, proxy + "artifacts?path=" + query(deep))
        case .presigned: return await server.send(.get, proxy + "presigned/" + deep)
        case .mpuCreate, .mpuComplete, .mpuAbort:
            // Where there is no upload, nothing is looked for on the disk.
            if isLink, way != .mpuCreate { return nil }
            let verb = way == .mpuCreate ? "create" : way == .mpuComplete ? "complete" : "abort"
            return await server.send(
                .post, proxy + "mpu/\(verb)/" + deep,
                #"{"path":"a","num_parts":1,"parts":[{"part_number":1,"etag":"e"}]}"#)
        case .listRun:
            if path == "secret" || path == "inside/a.txt" || path == "out/file" || path.hasPrefix(".roost-tmp") {
                return nil
            }
            return await server.send(.get, "\(prefix)/2.0/mlflow/artifacts/list?run_id=\(run)&path=" + query(path))
        case .getArtifact:
            if path.hasPrefix(".roost-tmp") { return nil }
            let front = prefix.hasPrefix("/tracking") ? "/tracking" : ""
            return await server.send(.get, "\(front)/get-artifact?run_id=\(run)&path=" + query(path))
        case .upload:
            guard prefix.hasSuffix("/ajax-api"), !path.hasPrefix(".roost-tmp") else { return nil }
            return await server.send(
                .post, "\(prefix)/2.0/mlflow/upload-artifact?run_uuid=\(run)&path=" + query(path), "x")
        case .presignUpload, .presignDownload:
            let verb = way == .presignUpload ? "upload" : "download"
            let text = decodeComponent(path[...], plusIsSpace: false)
            if isLink || path.hasPrefix(".roost-tmp") { return nil }
            let body = JSON.object([JSON.Member("run_id", .string(run)), JSON.Member("path", .string(text))])
            return await server.send(
                .post, "\(prefix)/2.0/mlflow/artifacts/presigned-\(verb)-url",
                String(decoding: JSONWriter.bytes(of: body), as: UTF8.self))
        }
    }

    /// The same in a query, where `;`, `+` and `&` would mean something else.
    private func query(_ path: String) -> String { path.replacing("+", with: "%2b").replacing("&", with: "%26") }
}
