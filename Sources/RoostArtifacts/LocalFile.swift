// A file of a local repository, open for reading.

internal import Glibc
internal import NIOCore

/// Reads by position, so that several may read one file.
final class LocalFile: ArtifactFile {
    /// Bytes of a piece: what one download holds of a file.
    private static let piece: Int64 = 256 << 10

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
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(Self.piece, range.upperBound - offset))
            let file = file
            let start = offset
            let buffer = try await FilePool.shared.run {
                var buffer = ByteBufferAllocator().buffer(capacity: count)
                try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: start)
                }
                return buffer
            }
            // Somebody cut it in place: the length that was announced cannot be kept.
            guard buffer.readableBytes == count else { throw FileFailure(number: EIO) }
            try await sink(buffer)
            offset += Int64(count)
        }
    }
}
