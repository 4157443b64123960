// A directory of its own for a test, with a repository in it, and what the tests do to it behind the repository's back.

import Foundation
import NIOCore
import RoostCore

@testable import RoostArtifacts

/// Removed with the test.
final class TestDirectory: Sendable {
    /// Around the root, so that there is an outside.
    let around: String
    let repository: LocalRepository

    init(isDurable: Bool = false, world: World = .real) throws {
        around = FileManager.default.temporaryDirectory.path + "/roost-artifacts-" + World.real.newID()
        try FileManager.default.createDirectory(atPath: around, withIntermediateDirectories: true)
        repository = LocalRepository(root: around + "/root", isDurable: isDurable, world: world)
    }

    deinit { try? FileManager.default.removeItem(atPath: around) }

    var root: String { repository.root }

    func put(_ path: String, _ text: String) async throws {
        try await repository.write(ArtifactPath(file: path)) { sink in try await sink(ByteBuffer(string: text)) }
    }

    /// The content of a file; nil when there is none.
    func get(_ path: String) async throws -> String? {
        guard case .file(let file) = try await repository.open(ArtifactPath(file: path)) else { return nil }
        return try await Self.content(file)
    }

    static func content(_ file: any ArtifactFile, _ range: Range<Int64>? = nil) async throws -> String {
        var buffer = ByteBuffer()
        try await file.read(range ?? 0..<file.size) { buffer.writeImmutableBuffer($0) }
        return String(buffer: buffer)
    }

    func list(_ path: String) async throws -> [String] {
        try await repository.list(ArtifactPath(directory: path)).map {
            $0.name + ($0.isDirectory ? "/" : " \($0.size ?? -1)")
        }
    }

    /// Every file and directory below the root as the disk has it, the directory for unfinished files included.
    func everything() -> [String] {
        (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []).sorted()
    }
}

/// What a source that breaks off throws.
struct BrokeOff: Error {}
