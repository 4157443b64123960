// What the routes ask of a place that keeps artifacts, whether a directory or, later, an object store.

public import NIOCore
internal import RoostCore

/// Takes the next piece of some bytes; returns when it wants another.
public typealias ByteSink = (ByteBuffer) async throws -> Void

/// Gives all of its bytes to a sink, piece by piece, and waits for it each time. Throws when it has not got them all.
public typealias ByteSource = @Sendable (_ sink: ByteSink) async throws -> Void

/// A file or a directory in a listing.
public struct ArtifactEntry: Sendable, Equatable {
    /// The name in its directory.
    public let name: String
    /// Bytes; nil for a directory.
    public let size: Int64?

    public init(name: String, size: Int64?) {
        self.name = name
        self.size = size
    }

    public var isDirectory: Bool { size == nil }
}

/// What stands at a path.
public enum ArtifactFinding: Sendable {
    case file(any ArtifactFile)
    case directory
    case nothing
}

/// A file opened for reading: it stays as it was when it was opened, whatever is uploaded meanwhile.
public protocol ArtifactFile: Sendable {
    /// Bytes.
    var size: Int64 { get }
    /// A text that changes with the content, for the header `ETag`, without quotes.
    var tag: String { get }
    /// Seconds since 1970 of the last change.
    var modified: Int { get }
    /// Gives the bytes of a range to a sink, in pieces of bounded size.
    func read(_ range: Range<Int64>, to sink: ByteSink) async throws
}

/// A part that a client says it has sent.
public struct UploadedPart: Sendable, Equatable {
    /// From 1 on.
    public let number: Int
    /// What `writePart` has answered.
    public let tag: String

    public init(number: Int, tag: String) {
        self.number = number
        self.tag = tag
    }
}

/// Keeps files by path. Paths were parsed at the edge; every refusal is an `APIError`.
public protocol ArtifactRepository: Sendable {
    /// What a directory holds, by name in the order of its bytes; nothing when it is no directory or not there.
    func list(_ directory: ArtifactPath) async throws -> [ArtifactEntry]

    /// Opens what stands at a path.
    func open(_ path: ArtifactPath) async throws -> ArtifactFinding

    /// Stores a file. It becomes visible whole, once the source has given all its bytes; until then, and if the source
    /// throws, what was there before stays. On return it is as durable as the repository promises.
    func write(_ path: ArtifactPath, from source: ByteSource) async throws

    // MARK: In parts. Nothing is visible before the upload is completed, then the file is, whole.

    /// Begins an upload of a file in as many parts as are told.
    /// - Returns: the id of the upload. Who has it may send parts, so it cannot be guessed.
    func beginUpload(_ path: ArtifactPath, parts: Int) async throws -> String

    /// Stores a part; one that was sent before is replaced, once the source has given all its bytes.
    /// - Returns: the tag that `completeUpload` wants to see: another one each time.
    func writePart(_ number: Int, of id: String, from source: ByteSource) async throws -> String

    /// Makes the file of its parts: all of them, in order. Doing it twice is no error as long as that file is there.
    func completeUpload(_ id: String, of path: ArtifactPath, parts: [UploadedPart]) async throws

    /// Gives an upload up and removes its parts.
    func abortUpload(_ id: String, of path: ArtifactPath) async throws

    /// Gives up the uploads that nobody has sent a part of for a day.
    func abortIdleUploads() async

    /// Removes a file, or a directory with everything below it; one that is not there is no error. The root stays.
    func delete(_ path: ArtifactPath) async throws
}

extension ArtifactRepository {
    /// Removes everything of a run, for good.
    public func removeAll(ofRun location: ArtifactPath) async throws {
        guard !location.names.isEmpty else { throw APIError.invalidPath("it names the root") }
        try await delete(location)
    }
}
