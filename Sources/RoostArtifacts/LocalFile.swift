// A file of a local repository, open for reading.

internal import Glibc
internal import NIOCore

/// Reads by position, so that several may read one file.
final class LocalFile: ArtifactFile {
    /// Bytes of a piece: one download holds two of them.
    private static let piece: Int64 = 1 << 20

    let size: Int64
    let tag: String
    let modified: Int
    private let file: Descriptor

    init(_ file: Descriptor, size: Int64, _ status: stat) {
        self.file = file
        self.size = size
        modified = status.st_mtim.tv_sec
        tag = Self.tag(status)
    }

    /// An upload always makes a new file, so its number and time tell contents apart; the size helps where a clock jumps.
    static func tag(_ status: stat) -> String {
        let parts = [UInt64(status.st_ino), UInt64(bitPattern: Int64(status.st_mtim.tv_sec))]
        return parts.map { String($0, radix: 16) }.joined(separator: "-") + "-"
            + String(status.st_mtim.tv_nsec, radix: 16) + "-" + String(Int64(status.st_size), radix: 16)
    }

    func read(_ range: Range<Int64>, to sink: ByteSink) async throws {
        guard !range.isEmpty else { return }
        var offset = range.lowerBound
        var buffer = try await piece(at: offset, before: range.upperBound)
        while true {
            let start = offset + Int64(buffer.readableBytes)
            guard start < range.upperBound else { return try await sink(buffer) }
            // The next piece is read while this one is sent.
            async let next = piece(at: start, before: range.upperBound)
            try await sink(buffer)
            buffer = try await next
            offset = start
        }
    }

    private func piece(at offset: Int64, before end: Int64) async throws -> ByteBuffer {
        let count = Int(min(Self.piece, end - offset))
        let buffer = try await FilePool.shared.run { [file] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
            }
            return buffer
        }
        // Somebody cut it in place: the length that was announced cannot be kept.
        guard buffer.readableBytes == count else { throw FileFailure(number: EIO) }
        return buffer
    }
}
