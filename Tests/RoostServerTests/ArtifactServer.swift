// A server whose artifacts are in a directory of the test's own, with links that lead out of it.

import Foundation
import HTTPTypes
import RoostCore
import RoostServer
import RoostStore
import Testing

/// Removes its directory with the test.
final class ArtifactServer: Sendable {
    /// Around the artifact root, so that there is an outside.
    let around: String
    let server: TestServer

    /// - Parameter change: of the settings, given the directory around.
    init(_ change: (inout Settings, String) -> Void = { _, _ in }) throws {
        let around = FileManager.default.temporaryDirectory.path + "/roost-routes-" + World.real.newID()
        self.around = around
        try FileManager.default.createDirectory(atPath: around + "/root", withIntermediateDirectories: true)
        server = try TestServer { settings in
            settings.artifactsDestination = around + "/root"
            settings.durability = .normal
            change(&settings, around)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: around) }

    static let files = "/api/2.0/mlflow-artifacts/artifacts/"

    func put(_ path: String, _ text: String) async throws {
        let reply = await server.send(.put, Self.files + path, text, headers: [.contentType: "text/plain"])
        try #require(reply.status == 200, "\(reply.text)")
        #expect(reply.text.isEmpty && reply.headers[.contentType] == nil)
    }

    func get(_ path: String, _ headers: HTTPFields = [:]) async -> TestServer.Reply {
        await server.send(.get, Self.files + path, headers: headers)
    }

    /// Everything below the directory around, but for the directory of unfinished files.
    func everything() -> [String] {
        let found = FileManager.default.enumerator(atPath: around)?.allObjects as? [String] ?? []
        return found.filter { !$0.contains(".roost-tmp") }.sorted()
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: around + "/root/" + name, withDestinationPath: target)
    }
}
