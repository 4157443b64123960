// Uploads in parts: the file is made of what was acknowledged, whole or not at all, and nothing else is left behind.

import Foundation
import NIOCore
import RoostCore
import Synchronization
import Testing

@testable import RoostArtifacts

@Suite("Uploads in parts")
struct PartsTests {
    @Test("the parts become the file, in the order of their numbers", arguments: [1, 2, 30], [true, false])
    func made(_ count: Int, _ isDurable: Bool) async throws {
        let directory = try TestDirectory(isDurable: isDurable)
        try await directory.put("d/x", "old")
        let upload = try await directory.begin("d/x", parts: count)
        var parts: [UploadedPart] = []
        for number in (1...count).reversed() {
            // Of different lengths, one of them empty.
            parts.append(try await directory.part(number, upload, String(repeating: "\(number),", count: number - 1)))
        }
        #expect(try await directory.get("d/x") == "old")
        try await directory.complete(upload, "d/x", parts.reversed())
        let whole = (1...count).map { String(repeating: "\($0),", count: $0 - 1) }.joined()
        #expect(try await directory.get("d/x") == whole)
        #expect(directory.everything() == [".roost-tmp", "d", "d/x"])
    }

    @Test("a part sent again takes the place of the first, and one that breaks off does not")
    func again() async throws {
        let directory = try TestDirectory()
        let upload = try await directory.begin("x", parts: 2)
        let first = try await directory.part(1, upload, "wrong")
        let second = try await directory.part(2, upload, "b")
        let right = try await directory.part(1, upload, "a")
        #expect(first.tag != right.tag)
        await #expect(throws: BrokeOff.self) {
            _ = try await directory.repository.writePart(2, of: upload) { sink in
                try await sink(ByteBuffer(string: "torn"))
                throw BrokeOff()
            }
        }
        // Two files, whatever was sent before.
        #expect(directory.everything().filter { $0.contains("/") }.count == 3)
        await directory.refuses(400, "Part 1 was uploaded with another etag than the one given.") {
            try await directory.complete(upload, "x", [first, second])
        }
        try await directory.complete(upload, "x", [right, second])
        #expect(try await directory.get("x") == "ab")
        #expect(directory.everything() == [".roost-tmp", "x"])
    }

    @Test("a list of parts that is not the upload's is refused with the part named, and the upload goes on")
    func lists() async throws {
        let directory = try TestDirectory()
        let upload = try await directory.begin("x", parts: 3)
        let one = try await directory.part(1, upload, "1")
        let three = try await directory.part(3, upload, "3")
        let two = UploadedPart(number: 2, tag: three.tag)
        for (parts, message) in [
            ([], "Part 1 is missing in the list of parts."), ([one], "Part 2 is missing in the list of parts."),
            ([one, three], "Part 2 is missing in the list of parts."), ([one, two, three], "Part 2 was not uploaded."),
            ([one, one], "Part 1 is named twice, or not in the order of the numbers."),
            ([UploadedPart(number: 4, tag: "x")], "The upload has parts 1 to 3, so there is no part 4."),
            ([UploadedPart(number: 0, tag: "x")], "The upload has parts 1 to 3, so there is no part 0."),
            ([UploadedPart(number: 1, tag: "")], "Part 1 was uploaded with another etag than the one given."),
        ] {
            await directory.refuses(400, message) { try await directory.complete(upload, "x", parts) }
        }
        for number in [0, 4, .max] {
            await directory.refuses(400, "The upload has parts 1 to 3, so there is no part \(number).") {
                _ = try await directory.part(number, upload, "x")
            }
        }
        let sent = try await directory.part(2, upload, "2")
        try await directory.complete(upload, "x", [one, sent, three])
        #expect(try await directory.get("x") == "123")
    }

    @Test("completing again is no error as long as the file is that one")
    func twice() async throws {
        let directory = try TestDirectory()
        let upload = try await directory.begin("x", parts: 1)
        let part = try await directory.part(1, upload, "new")
        for _ in 0..<3 { try await directory.complete(upload, "x", [part]) }
        #expect(try await directory.get("x") == "new")
        await directory.refuses(404) { try await directory.complete(upload, "y", [part]) }
        await directory.refuses(404) { _ = try await directory.part(1, upload, "late") }
        await directory.refuses(404) { try await directory.repository.abortUpload(upload, of: ArtifactPath(file: "x")) }
        try await directory.put("x", "newer")
        await directory.refuses(404) { try await directory.complete(upload, "x", [part]) }
        #expect(try await directory.get("x") == "newer")
    }

    @Test("whoever completes at the same time gets the same answer")
    func together() async throws {
        let directory = try TestDirectory()
        let upload = try await directory.begin("x", parts: 40)
        var parts: [UploadedPart] = []
        for number in 1...40 { parts.append(try await directory.part(number, upload, "\(number)\n")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let list = parts
            for _ in 0..<8 { group.addTask { try await directory.complete(upload, "x", list) } }
            try await group.waitForAll()
        }
        #expect(try await directory.get("x") == (1...40).map { "\($0)\n" }.joined())
    }

    @Test("what was aborted is gone, also for a part that is on its way")
    func aborted() async throws {
        let directory = try TestDirectory()
        try await directory.put("x", "old")
        let upload = try await directory.begin("x", parts: 2)
        let part = try await directory.part(1, upload, "1")
        await directory.refuses(404) { try await directory.repository.abortUpload(upload, of: ArtifactPath(file: "y")) }
        await directory.refuses(404) {
            _ = try await directory.repository.writePart(2, of: upload) { sink in
                try await sink(ByteBuffer(string: "2"))
                try await directory.repository.abortUpload(upload, of: ArtifactPath(file: "x"))
                try await sink(ByteBuffer(string: "2"))
            }
        }
        await directory.refuses(404) { try await directory.complete(upload, "x", [part]) }
        await directory.refuses(404) { try await directory.repository.abortUpload(upload, of: ArtifactPath(file: "x")) }
        await directory.refuses(404) { _ = try await directory.part(1, World.real.newID(), "x") }
        #expect(try await directory.get("x") == "old")
        #expect(directory.everything() == [".roost-tmp", "x"])
    }

    @Test("two uploads of one path end with one of the two")
    func two() async throws {
        let directory = try TestDirectory()
        let uploads = [try await directory.begin("x", parts: 2), try await directory.begin("x", parts: 2)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, upload) in uploads.enumerated() {
                group.addTask {
                    var parts: [UploadedPart] = []
                    for number in 1...2 { parts.append(try await directory.part(number, upload, "\(index)")) }
                    try await directory.complete(upload, "x", parts)
                }
            }
            try await group.waitForAll()
        }
        let text = try await directory.get("x")
        #expect(text == "00" || text == "11")
        #expect(directory.everything() == [".roost-tmp", "x"])
    }

    @Test("a place that no file can come to is refused before anything is sent, and at the end too")
    func places() async throws {
        let directory = try TestDirectory()
        try await directory.put("d/x", "x")
        for path in ["d", "d/x/y"] { await directory.refuses(400) { _ = try await directory.begin(path, parts: 1) } }
        let upload = try await directory.begin("new", parts: 1)
        let part = try await directory.part(1, upload, "1")
        try await directory.put("new/in/the/way", "x")
        await directory.refuses(400) { try await directory.complete(upload, "new", [part]) }
        #expect(try await directory.get("new/in/the/way") == "x")
        #expect(directory.everything().filter { $0.hasPrefix(".roost-tmp/") }.isEmpty)
    }

    @Test("no more than a number at once: then the client is told to send the file in one piece")
    func room() async throws {
        let directory = try TestDirectory()
        var uploads: [String] = []
        for _ in 0..<Limits.openUploads { uploads.append(try await directory.begin("x", parts: 1)) }
        await directory.refuses(501) { _ = try await directory.begin("x", parts: 1) }
        // What is completed leaves room.
        let part = try await directory.part(1, uploads[0], "1")
        try await directory.complete(uploads[0], "x", [part])
        _ = try await directory.begin("x", parts: 1)
        await directory.refuses(501) { _ = try await directory.begin("x", parts: 1) }
    }

    @Test("nobody sends anything for a day: given up, but not a millisecond before, and no upload that goes on")
    func idle() async throws {
        let clock = TestClock()
        let directory = try TestDirectory(world: clock.world)
        let idle = try await directory.begin("idle", parts: 1)
        let slow = try await directory.begin("slow", parts: 2)
        let idlePart = try await directory.part(1, idle, "x")
        let first = try await directory.part(1, slow, "1")
        clock.pass(Limits.uploadIdle)
        await directory.repository.abortIdleUploads()
        let second = try await directory.part(2, slow, "2")
        clock.pass(1)
        await directory.repository.abortIdleUploads()
        await directory.refuses(404) { try await directory.complete(idle, "idle", [idlePart]) }
        try await directory.complete(slow, "slow", [first, second])
        #expect(directory.everything() == [".roost-tmp", "slow"])
    }

    @Test("a server that starts leaves the uploads of another alone, and removes those of a dead one")
    func sweep() async throws {
        let directory = try TestDirectory()
        var parts: [UploadedPart] = []
        let upload = try await directory.begin("x", parts: 2)
        parts.append(try await directory.part(1, upload, "1"))
        // As a killed server leaves them, nobody holds a lock on these.
        for path in ["dead", "dead/deep", "dead/deep/er"] {
            try FileManager.default.createDirectory(
                atPath: directory.root + "/.roost-tmp/" + path, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: directory.root + "/.roost-tmp/\(path)/part"))
        }
        let other = LocalRepository(root: directory.root, isDurable: false, world: .real)
        try other.sweep()
        #expect(directory.everything().filter { $0.contains("dead") }.isEmpty)
        parts.append(try await directory.part(2, upload, "2"))
        await directory.refuses(404) {
            try await other.completeUpload(upload, of: ArtifactPath(file: "x"), parts: parts)
        }
        try await directory.complete(upload, "x", parts)
        #expect(try await directory.get("x") == "12")
        #expect(directory.everything() == [".roost-tmp", "x"])
    }
}

/// A clock that a test sets.
private final class TestClock: Sendable {
    private let time = Atomic<Int64>(1_000_000_000_000)

    func pass(_ milliseconds: Int64) { time.add(milliseconds, ordering: .relaxed) }

    var world: World {
        World(now: { self.time.load(ordering: .relaxed) }, random: World.real.random)
    }
}

extension TestDirectory {
    fileprivate func begin(_ path: String, parts: Int) async throws -> String {
        try await repository.beginUpload(ArtifactPath(file: path), parts: parts)
    }

    fileprivate func part(_ number: Int, _ upload: String, _ text: String) async throws -> UploadedPart {
        let tag = try await repository.writePart(number, of: upload) { sink in
            for character in text { try await sink(ByteBuffer(string: String(character))) }
        }
        return UploadedPart(number: number, tag: tag)
    }

    fileprivate func complete(_ upload: String, _ path: String, _ parts: [UploadedPart]) async throws {
        try await repository.completeUpload(upload, of: ArtifactPath(file: path), parts: parts)
    }

    fileprivate func refuses(
        _ status: Int, _ message: String? = nil, _ body: () async throws -> Void,
        location: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await body()
            Issue.record("not refused", sourceLocation: location)
        } catch {
            let refusal = error as? APIError
            #expect(refusal?.status == status, "\(error)", sourceLocation: location)
            if let message { #expect(refusal?.message == message, sourceLocation: location) }
        }
    }
}
