// Links and other traps in the directory: none is followed, also when it is put there at the very moment of a request.

import Foundation
import NIOCore
import RoostCore
import Testing

@testable import RoostArtifacts

@Suite("Links in a repository")
struct LinkTests {
    /// A repository with links in it that lead to a secret beside it.
    private func trapped() async throws -> TestDirectory {
        let directory = try TestDirectory()
        try await directory.put("real/file", "fine")
        try FileManager.default.createDirectory(
            atPath: directory.around + "/outside", withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(fileURLWithPath: directory.around + "/outside/file"))
        for (name, target) in [
            ("out", directory.around + "/outside"), ("secret", directory.around + "/outside/file"), ("up", ".."),
            ("inside", "real"), ("loop", "loop"), ("dangling", "nowhere"), ("proc", "/proc/self/root"),
        ] {
            try FileManager.default.createSymbolicLink(atPath: directory.root + "/" + name, withDestinationPath: target)
        }
        mkfifo(directory.root + "/pipe", 0o600)
        return directory
    }

    @Test(
        "links are refused as any part of a path, by every verb",
        arguments: [
            "out", "out/file", "secret", "up/outside/file", "inside/file", "inside", "loop", "loop/x", "dangling",
            "proc/etc",
        ])
    func refused(_ path: String) async throws {
        let directory = try await trapped()
        let place = try ArtifactPath(file: path)
        await #expect(throws: APIError.invalidPath()) { _ = try await directory.repository.open(place) }
        await #expect(throws: APIError.invalidPath()) { try await directory.repository.delete(place) }
        await #expect(throws: APIError.invalidPath()) {
            try await directory.repository.write(place) { sink in try await sink(ByteBuffer(string: "x")) }
        }
        await #expect(throws: APIError.invalidPath()) {
            _ = try await directory.repository.list(place.names.count == 1 ? place : place.parent ?? .root)
        }
        #expect(try String(contentsOfFile: directory.around + "/outside/file", encoding: .utf8) == "secret")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.around + "/outside") == ["file"])
    }

    @Test(
        "links and pipes are not listed, pipes not waited for, and trees with links are deleted without what they lead to"
    )
    func others() async throws {
        let directory = try await trapped()
        #expect(try await directory.list("") == ["real/"])
        await #expect(throws: APIError.invalidPath()) {
            _ = try await directory.repository.open(ArtifactPath(file: "pipe"))
        }
        try FileManager.default.createSymbolicLink(
            atPath: directory.root + "/real/out", withDestinationPath: directory.around + "/outside")
        try await directory.repository.delete(ArtifactPath(file: "real"))
        #expect(FileManager.default.fileExists(atPath: directory.around + "/outside/file"))
        #expect(!FileManager.default.fileExists(atPath: directory.root + "/real"))
    }

    @Test("names that no client can ask for are not listed")
    func unreachable() async throws {
        let directory = try TestDirectory()
        try await directory.put("fine", "x")
        for name in ["a#b", "a?b", "a\\b", "a\nb", "a%20b", ".artifact.uploading.x", "C:"] {
            try Data().write(to: URL(fileURLWithPath: directory.root + "/" + name))
        }
        #expect(try await directory.list("") == ["fine 1"])
    }

    @Test("a directory that turns into a link and back is never followed, by readers, writers and deleters")
    func race() async throws {
        let directory = try TestDirectory()
        try await directory.put("d/e/file", "inside")
        let outside = directory.around + "/outside"
        try FileManager.default.createDirectory(atPath: outside + "/e", withIntermediateDirectories: true)
        for name in ["file", "leak"] { try Data("secret".utf8).write(to: URL(fileURLWithPath: outside + "/e/" + name)) }
        let link = directory.around + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
        let place = directory.root + "/d"
        let parked = directory.around + "/parked"
        let done = Counter()
        let turns = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while done.value == 0 {
                    // The directory away and the link in its place, and back. An upload may make the directory anew in
                    // between; that one is put aside.
                    #expect(rename(place, parked) == 0)
                    while rename(link, place) != 0 { rename(place, directory.around + "/aside-\(World.real.newID())") }
                    await Task.yield()
                    #expect(rename(place, link) == 0)
                    while rename(parked, place) != 0 {
                        rename(place, directory.around + "/aside-\(World.real.newID())")
                    }
                    turns.add()
                    await Task.yield()
                }
            }
            group.addTask {
                var seen = 0
                for turn in 0..<500 {
                    do {
                        if let text = try await directory.get("d/e/file") {
                            #expect(text != "secret")
                            seen += 1
                        }
                    } catch let error as APIError { #expect(error.status == 400) }
                    do { try await directory.put("d/e/new-\(turn % 10)", "x") } catch let error as APIError {
                        #expect(error.status == 400)
                    }
                    do { #expect(try await !directory.list("d/e").contains("leak 6")) } catch let error as APIError {
                        #expect(error.status == 400)
                    }
                    do { try await directory.repository.delete(ArtifactPath(file: "d/e/new-\(turn % 10)")) } catch let
                        error as APIError
                    {
                        #expect(error.status == 400)
                    }
                }
                #expect(seen > 0)
                done.add()
            }
            try await group.waitForAll()
        }
        #expect(turns.value > 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["e"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside + "/e").sorted() == ["file", "leak"])
        #expect(try String(contentsOfFile: outside + "/e/file", encoding: .utf8) == "secret")
    }
}
