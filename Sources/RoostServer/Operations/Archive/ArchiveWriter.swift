// Writes an export from its beginning to its end, so that it may go into a pipe.

internal import Glibc
internal import RoostCore

/// The bytes of an export on their way out.
final class ArchiveWriter {
    private let output: Int32
    private let name: String
    /// Seconds since 1970, in every header.
    private let time: Int64
    private var offset: Int64 = 0
    private var marks: [ArchiveMark] = []
    private var lists = 0
    var counts = ArchiveCounts()

    /// - Parameter name: how messages call the output.
    init(to output: Int32, named name: String, time: Int64) {
        self.output = output
        self.name = name
        self.time = time
    }

    /// An entry that is at hand.
    func add(_ part: ArchivePart, _ bytes: [UInt8]) throws {
        try add(part, size: Int64(bytes.count)) { write in try bytes.withUnsafeBytes(write) }
    }

    /// An entry that comes in pieces.
    /// - Parameter body: gives all of its bytes to what it is handed, so many as were announced.
    func add(
        _ part: ArchivePart, size: Int64, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        try put(Tar.headers(name: part.name, size: size, time: time))
        var checksum = Checksum()
        var rest = size
        try body { bytes in
            rest -= Int64(bytes.count)
            checksum.add(bytes)
            try put(bytes)
        }
        guard rest == 0 else {
            throw OperationError("\(part.name) became shorter while it was read, so \(name) cannot be finished")
        }
        try put([UInt8](repeating: 0, count: Tar.padding(size)))
        counts.entries += 1
        if case .checksums = part { return }
        marks.append(ArchiveMark(name: part.name, size: size, checksum: checksum.value))
        if marks.count == ArchiveFormat.group { try seal() }
    }

    /// Ends the archive.
    func finish() throws {
        try seal()
        try add(.end, counts.end(after: offset))
        try put(Tar.end)
    }

    private func seal() throws {
        guard !marks.isEmpty else { return }
        lists += 1
        let bytes = ArchiveMark.lines(marks)
        marks = []
        try add(.checksums(lists), bytes)
    }

    private func put(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes(put) }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        try FileTree.write(bytes, to: output, name)
        offset += Int64(bytes.count)
    }
}
