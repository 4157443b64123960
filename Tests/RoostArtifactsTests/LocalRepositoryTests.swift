// A directory as a repository: what goes in comes out, whole or not at all, and nothing else is left behind.

import Foundation
import NIOCore
import RoostCore
import Testing

@testable import RoostArtifacts

@Suite("A local repository")
struct LocalRepositoryTests {
    @Test("what is written is read and listed, in the order of the bytes", arguments: [true, false])
    func roundTrip(_ isDurable: Bool) async throws {
        let directory = try TestDirectory(isDurable: isDurable)
        #expect(try await directory.list("") == [])
        for path in ["b/x.txt", "B.txt", "a b", "b/y/z", "e\u{301}", "\u{E9}", "b/.hidden"] {
            try await directory.put(path, path)
        }
        #expect(try await directory.list("") == ["B.txt 5", "a b 3", "b/", "e\u{301} 3", "\u{E9} 2"])
        #expect(try await directory.list("b/") == [".hidden 9", "x.txt 7", "y/"])
        #expect(try await directory.get("b/y/z") == "b/y/z")
        #expect(try await directory.get("e\u{301}") == "e\u{301}")
        try await directory.put("b/x.txt", "new")
        #expect(try await directory.get("b/x.txt") == "new")
        // A file, and what is not there, list as nothing.
        #expect(try await directory.list("b/x.txt") == [])
        #expect(try await directory.list("b/x.txt/deeper") == [])
        #expect(try await directory.list("nope") == [])
        #expect(try await directory.get("nope/nope") == nil)
        #expect(try await directory.get("b/x.txt/deeper") == nil)
        #expect(try await directory.repository.list(.root).map(\.name).contains(".roost-tmp") == false)
    }

    @Test("ranges are read exactly, and an open file stays as it was")
    func reading() async throws {
        let directory = try TestDirectory()
        let text = String((0..<300_000).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
        try await directory.put("a", text)
        guard case .file(let file) = try await directory.repository.open(ArtifactPath(file: "a")) else {
            Issue.record("no file")
            return
        }
        try await directory.put("a", "new")
        try await directory.repository.delete(ArtifactPath(file: "a"))
        #expect(file.size == 300_000)
        let part = try await TestDirectory.content(file, 262_100..<262_200)
        #expect(part == String(text.dropFirst(262_100).prefix(100)))
        #expect(try await TestDirectory.content(file) == text)
        #expect(try await TestDirectory.content(file, 5..<5) == "")
    }

    @Test("every content has a tag of its own")
    func tags() async throws {
        let directory = try TestDirectory()
        var tags: Set<String> = []
        for text in ["a", "b", "a"] {
            try await directory.put("x", text)
            guard case .file(let file) = try await directory.repository.open(ArtifactPath(file: "x")) else { continue }
            tags.insert(file.tag)
        }
        #expect(tags.count == 3)
    }

    @Test("an upload that breaks off leaves the old content and no litter", arguments: [0, 1, 3])
    func brokenOff(_ pieces: Int) async throws {
        let directory = try TestDirectory()
        try await directory.put("d/a", "old")
        for path in ["d/a", "d/new", "other/deep/new"] {
            await #expect(throws: BrokeOff.self) {
                try await directory.repository.write(ArtifactPath(file: path)) { sink in
                    for _ in 0..<pieces { try await sink(ByteBuffer(string: "new")) }
                    throw BrokeOff()
                }
            }
        }
        #expect(try await directory.get("d/a") == "old")
        #expect(directory.everything() == [".roost-tmp", "d", "d/a"])
    }

    @Test("an upload whose task is cancelled leaves no litter either")
    func cancelled() async throws {
        let directory = try TestDirectory()
        let repository = directory.repository
        let upload = Task {
            try await repository.write(ArtifactPath(file: "a")) { sink in
                while true {
                    try Task.checkCancellation()
                    try await sink(ByteBuffer(string: "x"))
                }
            }
        }
        while directory.everything().count < 2 { await Task.yield() }
        upload.cancel()
        await #expect(throws: CancellationError.self) { try await upload.value }
        #expect(directory.everything() == [".roost-tmp"])
    }

    @Test("nothing is seen of a file before it is whole")
    func unseen() async throws {
        let directory = try TestDirectory()
        let repository = directory.repository
        try await repository.write(ArtifactPath(file: "d/a")) { sink in
            try await sink(ByteBuffer(string: "half"))
            #expect(try await repository.list(.root) == [])
            #expect(try await directory.get("d/a") == nil)
            try await sink(ByteBuffer(string: "whole"))
        }
        #expect(try await directory.get("d/a") == "halfwhole")
    }

    @Test("many writers of one path end with one of their contents, and readers always see a whole one")
    func manyWriters() async throws {
        let directory = try TestDirectory()
        let size = 100_000
        try await directory.put("a/b", String(repeating: "0", count: size))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 1..<9 {
                group.addTask {
                    for _ in 0..<10 {
                        try await directory.repository.write(ArtifactPath(file: "a/b")) { sink in
                            for _ in 0..<10 {
                                try await sink(ByteBuffer(repeating: UInt8(48 + writer), count: size / 10))
                            }
                        }
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<100 {
                        let text = try #require(try await directory.get("a/b"))
                        #expect(text.utf8.count == size && Set(text.utf8).count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(directory.everything() == [".roost-tmp", "a", "a/b"])
    }

    @Test(
        "a file where a directory is and a directory where a file is are refused, before more of a large body is read",
        arguments: [1, 300 * 1024])
    func conflicts(first: Int) async throws {
        let directory = try TestDirectory()
        try await directory.put("d/f", "x")
        for path in ["d", "d/f/g", "d/f/g/h"] {
            do {
                try await directory.repository.write(ArtifactPath(file: path)) { sink in
                    try await sink(ByteBuffer(repeating: 48, count: first))
                    if first > 1 { Issue.record("more of the body of \(path) was asked for") }
                }
                Issue.record("\(path) was written")
            } catch let error as APIError { #expect(error.status == 400) }
        }
        #expect(directory.everything() == [".roost-tmp", "d", "d/f"])
        guard case .directory = try await directory.repository.open(ArtifactPath(file: "d")) else {
            Issue.record("not a directory")
            return
        }
    }

    @Test("deleting takes a file, a tree, or nothing, and never the root")
    func deleting() async throws {
        let directory = try TestDirectory(isDurable: true)
        for path in ["a", "t/1", "t/u/2", "t/u/v/3", "keep"] { try await directory.put(path, "x") }
        for path in ["a", "t", "nope", "nope/deeper", "keep/deeper"] {
            try await directory.repository.delete(ArtifactPath(file: path))
        }
        #expect(directory.everything() == [".roost-tmp", "keep"])
        await #expect(throws: APIError.self) { try await directory.repository.delete(.root) }
        await #expect(throws: APIError.self) { try await directory.repository.removeAll(ofRun: .root) }
        try await directory.put("1/r/artifacts/a", "x")
        try await directory.repository.removeAll(ofRun: ArtifactPath(directory: "1/r"))
        #expect(directory.everything() == [".roost-tmp", "1", "keep"])
        try await TestDirectory().repository.delete(ArtifactPath(file: "a"))
    }

    @Test("uploads into a directory that is deleted all the time arrive or are deleted, and never fail")
    func deletedMeanwhile() async throws {
        let directory = try TestDirectory()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { for turn in 0..<100 { try await directory.put("d/e/\(writer)-\(turn)", "x") } }
            }
            group.addTask {
                for _ in 0..<100 { try await directory.repository.delete(ArtifactPath(directory: "d")) }
            }
            try await group.waitForAll()
        }
        try await directory.put("d/e/last", "x")
        #expect(try await directory.get("d/e/last") == "x")
        #expect(directory.everything().filter { $0.hasPrefix(".roost-tmp/") } == [])
    }

    @Test("left-over files and trees of servers that are gone are removed, those of running ones stay")
    func sweeping() async throws {
        let directory = try TestDirectory()
        try directory.repository.sweep()
        #expect(directory.everything() == [])
        try await directory.put("a", "x")
        let workshop = directory.root + "/.roost-tmp/"
        try Data("left".utf8).write(to: URL(fileURLWithPath: workshop + "left"))
        try FileManager.default.createDirectory(atPath: workshop + "tree/deep", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: workshop + "link", withDestinationPath: directory.root + "/a")
        let repository = directory.repository
        try await repository.write(ArtifactPath(file: "b")) { sink in
            try await sink(ByteBuffer(string: "half"))
            // Another server that starts on the same directory meanwhile.
            try LocalRepository(root: repository.root, isDurable: false, world: .real).sweep()
            try await sink(ByteBuffer(string: "whole"))
        }
        #expect(try await directory.get("b") == "halfwhole")
        #expect(directory.everything() == [".roost-tmp", "a", "b"])
        #expect(try await directory.get("a") == "x")
    }

    @Test("a root that is replaced while the server runs is found again")
    func replacedRoot() async throws {
        let directory = try TestDirectory()
        try await directory.put("a", "old")
        try FileManager.default.moveItem(atPath: directory.root, toPath: directory.around + "/moved")
        #expect(try await directory.get("a") == nil)
        try await directory.put("a", "new")
        #expect(try await directory.get("a") == "new")
    }

    @Test("an upload ends well while its directories are deleted over and over")
    func vanishing() async throws {
        let directory = try TestDirectory()
        let done = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    while done.value == 0 {
                        rmdir(directory.root + "/d/e")
                        rmdir(directory.root + "/d")
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                defer { done.add() }
                for turn in 0..<100 {
                    try await directory.put("d/e/file", "\(turn)")
                    #expect(try await directory.get("d/e/file") == "\(turn)")
                    try await directory.repository.delete(ArtifactPath(file: "d"))
                }
            }
            try await group.waitForAll()
        }
    }
}
