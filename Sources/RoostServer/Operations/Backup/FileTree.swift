// Trees of files as commands of an operator see them: listed, copied, measured. Links are never followed.

internal import Glibc

/// Plain files below a directory.
enum FileTree {
    struct File: Sendable {
        /// Relative to the directory.
        let path: String
        let size: Int64
    }

    /// What a walk has met.
    struct Listing: Sendable {
        /// In the order of their paths' bytes, directory by directory.
        var files: [File] = []
        /// Links, pipes, and names that are no text: what no client could fetch either.
        var others: [String] = []
    }

    /// Everything below a directory but for names that are left out at its top; nothing when it is not there.
    static func list(_ root: String, without left: Set<String> = []) throws -> Listing {
        var listing = Listing()
        var waiting = [""]
        while let prefix = waiting.popLast() {
            guard let names = Disk.names(in: prefix.isEmpty ? root : root + "/" + prefix) else {
                if errno == ENOENT { continue }
                throw failure("\(root)/\(prefix)", "cannot be read")
            }
            var directories: [String] = []
            for name in names.sorted() where !(prefix.isEmpty && left.contains(name)) {
                let path = prefix.isEmpty ? name : prefix + "/" + name
                var status = stat()
                guard lstat(root + "/" + path, &status) == 0 else {
                    if errno == ENOENT, !name.unicodeScalars.contains("\u{FFFD}") { continue }
                    listing.others.append(path)
                    continue
                }
                switch status.st_mode & S_IFMT {
                case S_IFREG: listing.files.append(File(path: path, size: Int64(status.st_size)))
                case S_IFDIR: directories.append(path)
                default: listing.others.append(path)
                }
            }
            waiting += directories.reversed()
        }
        return listing
    }

    /// Copies a file to a new one, which is on the disk on return.
    /// - Returns: its bytes and their checksum; nil when there is no such file (any more).
    static func copy(_ source: String, to target: String, mode: mode_t = 0o666) throws -> (
        size: Int64, checksum: UInt32
    )? {
        guard let input = try reading(source) else { return nil }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard output >= 0 else { throw failure(target, "cannot be made") }
        defer { close(output) }
        let mark = try pass(input, source) { bytes in try write(bytes, to: output, target) }
        guard fsync(output) == 0 else { throw failure(target, "cannot be written") }
        return mark
    }

    /// The bytes of a file and their checksum; nil when there is no such file.
    static func measure(_ path: String) throws -> (size: Int64, checksum: UInt32)? {
        guard let input = try reading(path) else { return nil }
        defer { close(input) }
        return try pass(input, path) { _ in }
    }

    /// Writes a small file whole or not at all, over what was there.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let unfinished = path + ".unfinished"
        unlink(unfinished)
        let output = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard output >= 0 else { throw failure(path, "cannot be made") }
        defer { close(output) }
        try bytes.withUnsafeBytes { try write($0, to: output, path) }
        guard fsync(output) == 0, rename(unfinished, path) == 0 else { throw failure(path, "cannot be written") }
    }

    /// Makes a directory and those around it.
    static func makeDirectories(_ path: String) throws {
        if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
            if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
        }
        throw failure(path, "cannot be made")
    }

    /// Waits until the disk has a file, or a directory with the names in all directories below it.
    static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw failure(path, "cannot be read") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path, "cannot be written") }
        for name in isDirectory(path) ? Disk.names(in: path) ?? [] : [] {
            var status = stat()
            if lstat(path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                try sync(path + "/" + name)
            }
        }
    }

    /// Waits until the disk has the names in one directory.
    static func syncNames(_ path: String) throws {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, "cannot be read") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path, "cannot be written") }
    }

    /// Removes a tree; what is not there is no error.
    static func remove(_ path: String) throws {
        if unlink(path) == 0 || errno == ENOENT { return }
        for name in Disk.names(in: path) ?? [] { try remove(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure(path, "cannot be removed") }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The same of a directory that is no link.
    static func isPlainDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A plain file for reading, with the size it had when it was opened; nil when there is none (any more).
    static func openFile(_ path: String) throws -> OpenedFile? {
        guard let input = try reading(path) else { return nil }
        var status = stat()
        guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(input)
            return nil
        }
        return OpenedFile(input, path, Int64(status.st_size))
    }

    static func failure(_ path: String, _ what: String) -> OperationError {
        OperationError("\(path) \(what): \(String(cString: strerror(errno)))")
    }

    static func reading(_ path: String) throws -> Int32? {
        let input = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard input >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(path, "cannot be read")
        }
        return input
    }

    private static func pass(
        _ input: Int32, _ name: String, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> (size: Int64, checksum: UInt32) {
        var checksum = Checksum()
        var size: Int64 = 0
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while true {
                let count = Glibc.read(input, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw failure(name, "cannot be read") }
                if count == 0 { return }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                checksum.add(bytes)
                size += Int64(count)
                try sink(bytes)
            }
        }
        return (size, checksum.value)
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to output: Int32, _ name: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(output, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(name, "cannot be written") }
            rest = rest.dropFirst(count)
        }
    }
}

/// A file that is open for reading, once, from its beginning.
final class OpenedFile {
    let size: Int64
    private let input: Int32
    private let path: String

    fileprivate init(_ input: Int32, _ path: String, _ size: Int64) {
        self.input = input
        self.path = path
        self.size = size
    }

    deinit { close(input) }

    /// Gives its bytes, up to the size that it had.
    func read(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        var rest = size
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while rest > 0 {
                let count = Glibc.read(input, buffer.baseAddress, min(buffer.count, Int(rest)))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw FileTree.failure(path, "cannot be read") }
                if count == 0 { return }
                rest -= Int64(count)
                try sink(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
