// Reads the entries of an export one after another, and takes nothing for granted: a header must be the very one that an
// export has for that name and size, so links, devices and what other tools add are no entries.

internal import Glibc
internal import NIOCore
internal import RoostCore

/// The file of an export, open for reading by position.
final class ArchiveFile: Sendable {
    let path: String
    let size: Int64
    private let file: Int32
    /// Changes when somebody writes to the file.
    private let modified: [Int]

    /// - Throws: ``OperationError`` when there is no such plain file.
    init(_ path: String) throws {
        guard let file = try FileTree.reading(path) else { throw OperationError("there is no file \(path)") }
        self.file = file
        self.path = path
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw OperationError("\(path) is no plain file")
        }
        size = Int64(status.st_size)
        modified = Self.modified(status)
    }

    deinit { close(file) }

    private static func modified(_ status: stat) -> [Int] {
        [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, Int(status.st_size)]
    }

    /// - Throws: when the file is not the one that was opened any more.
    func checkUnchanged() throws {
        var status = stat()
        guard fstat(file, &status) == 0, Self.modified(status) == modified else {
            throw OperationError("\(path) was changed while it was read; import it again")
        }
    }

    /// Fills a buffer.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        var filled = 0
        while filled < buffer.count {
            let count = pread(
                file, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(offset) + off_t(filled))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileTree.failure(path, "cannot be read") }
            guard count > 0 else { throw OperationError("\(path) became shorter while it was read") }
            filled += count
        }
    }

    func bytes(_ count: Int, at offset: Int64) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            try read(into: UnsafeMutableRawBufferPointer(rebasing: raw[..<count]), at: offset)
            filled = count
        }
    }

    /// The bytes of a range, piece by piece.
    func pieces(_ range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let count = Int(min(Int64(buffer.count), range.upperBound - offset))
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                try read(into: piece, at: offset)
                try body(UnsafeRawBufferPointer(piece))
                offset += Int64(count)
            }
        }
    }

    /// The same for somebody who takes his time.
    func give(_ range: Range<Int64>, to sink: (ByteBuffer) async throws -> Void) async throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try bytes(Int(min(1 << 18, range.upperBound - offset)), at: offset)
            try await sink(ByteBuffer(bytes: piece))
            offset += Int64(piece.count)
        }
    }
}

/// An entry of an export.
struct ArchiveEntry: Sendable {
    let part: ArchivePart
    /// Where its first header is.
    let start: Int64
    /// Where its bytes are.
    let range: Range<Int64>
    /// Seconds since 1970.
    let time: Int64

    var size: Int64 { range.upperBound - range.lowerBound }
    /// Where the next entry begins.
    var next: Int64 { range.upperBound + Int64(Tar.padding(size)) }
}

/// Steps from entry to entry.
struct ArchiveReader {
    let file: ArchiveFile
    var offset: Int64 = 0

    /// The next entry; nil at the end of the archive.
    /// - Throws: ``OperationError`` that names where the archive is damaged.
    mutating func next() throws -> ArchiveEntry? {
        let start = offset
        var plain = try header(at: start)
        if plain == nil { return nil }
        var name: String?
        var size: Int64?
        if plain?.kind == .extended, let extended = plain {
            guard extended.size <= 64 << 10 else {
                throw damaged("the entry at byte \(start) has a name that is too long")
            }
            let records = try bytes(extended.size, at: start + Int64(Tar.block), "the entry at byte \(start)")
            (name, size) =
                try Self.records(records) ?? { throw damaged("the entry at byte \(start) has a damaged header") }()
            let after = start + Int64(Tar.block) + extended.size + Int64(Tar.padding(extended.size))
            plain = try header(at: after)
            guard plain?.kind == .file else { throw damaged("the entry at byte \(start) has two headers") }
            offset = after
        }
        guard let plain else { throw damaged("the entry at byte \(start) has no header") }
        let whole = name ?? plain.name
        let count = size ?? plain.size
        let begin = offset + Int64(Tar.block)
        // There is one way to write an entry.
        let expected = Tar.headers(name: whole, size: count, time: plain.time)
        guard Int64(expected.count) == begin - start, try expected == file.bytes(expected.count, at: start) else {
            throw damaged("the header of \(shown(whole)) is not one that an export has")
        }
        guard let part = ArchivePart(whole) else {
            throw damaged("\(shown(whole)) is no entry of an export")
        }
        guard count <= file.size - begin else { throw damaged("it ends within \(whole)") }
        let entry = ArchiveEntry(part: part, start: start, range: begin..<begin + count, time: plain.time)
        guard entry.next <= file.size else { throw damaged("it ends within \(whole)") }
        offset = entry.next
        return entry
    }

    func damaged(_ what: String) -> OperationError { OperationError("\(file.path) is damaged: \(what)") }

    private func shown(_ name: String) -> String { JSON.string(String(name.prefix(200))).pythonDump }

    private func bytes(_ count: Int64, at offset: Int64, _ what: String) throws -> [UInt8] {
        guard count >= 0, offset <= file.size, count <= file.size - offset else {
            throw damaged("it ends within \(what)")
        }
        return try file.bytes(Int(count), at: offset)
    }

    private struct Plain {
        let name: String
        let size: Int64
        let time: Int64
        let kind: Tar.Kind
    }

    /// Nil for the end.
    private func header(at offset: Int64) throws -> Plain? {
        guard offset + Int64(Tar.block) <= file.size else {
            throw damaged("it ends at byte \(file.size) without its last entry")
        }
        let block = try file.bytes(Tar.block, at: offset)
        if block.allSatisfy({ $0 == 0 }) { return nil }
        func field(_ range: Range<Int>) -> String? {
            String(validating: block[range].prefix { $0 != 0 }, as: UTF8.self)
        }
        func number(_ range: Range<Int>) -> Int64? {
            field(range).flatMap { Int64($0, radix: 8) }.flatMap { $0 < 0 ? nil : $0 }
        }
        guard block[257..<262].elementsEqual("ustar".utf8), let name = field(0..<100) else {
            throw damaged("the bytes at \(offset) are no header of an entry")
        }
        guard let kind = Tar.Kind(rawValue: block[156]) else {
            throw damaged(
                "\(shown(name)) is a link, a directory or the like: an export holds plain files only")
        }
        guard let size = number(124..<136), let time = number(136..<148) else {
            throw damaged("the header of \(shown(name)) is not one that an export has")
        }
        return Plain(name: name, size: size, time: time, kind: kind)
    }

    /// The name and the size that an extended header holds; nil when it holds anything else.
    private static func records(_ bytes: [UInt8]) throws -> (name: String?, size: Int64?)? {
        var rest = bytes[...]
        var name: String?
        var size: Int64?
        while !rest.isEmpty {
            guard let blank = rest.firstIndex(of: 0x20),
                let length = Int(String(decoding: rest[..<blank], as: UTF8.self)), length > 0, length <= rest.count
            else { return nil }
            let record = rest[blank..<rest.startIndex + length].dropFirst()
            guard record.last == 0x0A, let equals = record.firstIndex(of: UInt8(ascii: "=")),
                let value = String(validating: record[equals...].dropFirst().dropLast(), as: UTF8.self)
            else { return nil }
            switch String(decoding: record[..<equals], as: UTF8.self) {
            case "path" where name == nil: name = value
            case "size" where size == nil: size = Int64(value)
            default: return nil
            }
            rest = rest.dropFirst(length)
        }
        return (name, size)
    }
}
