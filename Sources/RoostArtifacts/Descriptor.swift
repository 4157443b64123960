// File descriptors that close themselves, and the calls on them with errors that can be answered.

internal import CHost
internal import Glibc
internal import RoostCore

/// A call of the operating system that failed.
struct FileFailure: Error {
    let number: Int32

    /// The failure of the call that has just returned.
    static var last: FileFailure { FileFailure(number: errno) }

    /// What a client is told: nothing of the server's paths.
    var asAPIError: APIError {
        switch number {
        case ENOSPC, EDQUOT, EFBIG:
            APIError(
                .resourceExhausted, "The server's artifact disk is full. Nothing of this request was stored.",
                status: 507)
        case EMFILE, ENFILE, ENOMEM, EAGAIN:
            APIError(.temporarilyUnavailable, "The server has too many files open. Try again in a moment.")
        case ENAMETOOLONG: .invalidPath("a name in it is too long")
        case EXDEV:
            APIError(
                .internalError, "A directory below the artifact root is on another disk; files cannot be moved there.")
        default:
            APIError(.internalError, "The server's artifact store failed: \(String(cString: strerror(number))).")
        }
    }
}

/// Which file or directory it is, as long as somebody has it open.
struct FileIdentity: Hashable {
    let device: UInt64
    let number: UInt64
}

/// An open file or directory. Closed when nobody holds it any more; its number stays in here, so that no call is made on
/// one that was closed meanwhile.
final class Descriptor: Sendable {
    private let number: Int32

    /// Takes the result of `open`.
    private init(_ number: Int32) throws(FileFailure) {
        guard number >= 0 else { throw .last }
        self.number = number
    }

    /// Opens a directory by its path, links followed: only for what the operator named.
    convenience init(directory path: String) throws(FileFailure) {
        try self.init(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    deinit { close(number) }

    /// The kind of what is open.
    func status() throws(FileFailure) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .last }
        return status
    }

    func identity() throws(FileFailure) -> FileIdentity {
        let status = try status()
        return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// Waits until the disk has it.
    func sync() throws(FileFailure) {
        guard fsync(number) == 0 else { throw .last }
    }

    /// Has the system begin to write what the disk does not have yet, and does not wait for it. No promise, so that no
    /// failure counts: `sync` tells.
    func beginSync() { _ = roost_begin_sync(number) }

    /// Writes all of the bytes at the current end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(number, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                guard errno == EINTR else { throw .last }
            } else {
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Copies all of another file to the current position, in the kernel where it can.
    /// - Returns: how many bytes those were.
    func append(allOf other: Descriptor) throws(FileFailure) -> Int64 {
        var done: Int64 = 0
        copying: while true {
            // Both positions go along: the other file has just been opened.
            let count = sendfile(number, other.number, nil, 1 << 30)
            switch count {
            case 1...: done += Int64(count)
            case 0: break copying
            default:
                switch errno {
                case EINTR: continue
                // This file system cannot.
                case EINVAL, ENOSYS, EOPNOTSUPP: break copying
                default: throw .last
                }
            }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
        defer { buffer.deallocate() }
        while case let count = try other.read(into: buffer, at: done), count > 0 {
            try append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            done += Int64(count)
        }
        return done
    }

    /// Moves the position to the end of the file.
    /// - Returns: the length of the file.
    func seekToEnd() throws(FileFailure) -> Int64 {
        let length = lseek(number, 0, SEEK_END)
        guard length >= 0 else { throw .last }
        return Int64(length)
    }

    /// Reads up to the size of `buffer`; less only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(number, rest.baseAddress, rest.count, off_t(offset) + done)
            if count == 0 { break }
            if count < 0 {
                guard errno == EINTR else { throw .last }
            } else {
                done += count
            }
        }
        return done
    }

    /// Takes the lock of a file; false if another process has it and `waits` is not set.
    func lock(waits: Bool) throws(FileFailure) -> Bool {
        if flock(number, LOCK_EX | (waits ? 0 : LOCK_NB)) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw .last
    }

    // MARK: As a directory

    /// Opens a file in this directory. Neither a link is followed nor a pipe waited for.
    func open(_ name: String, _ flags: Int32 = O_RDONLY) throws(FileFailure) -> Descriptor {
        // The mode of a new file is what the process lets through, as for any file that it would write.
        try Descriptor(openat(number, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o666))
    }

    func makeDirectory(_ name: String, mode: mode_t = 0o777) throws(FileFailure) {
        guard mkdirat(number, name, mode) == 0 else { throw .last }
    }

    func remove(_ name: [CChar], isDirectory: Bool = false) throws(FileFailure) {
        guard unlinkat(number, name, isDirectory ? AT_REMOVEDIR : 0) == 0 else { throw .last }
    }

    /// Moves a file or a directory to another directory, over what has that name there.
    func move(_ name: String, to other: Descriptor, as newName: String) throws(FileFailure) {
        guard renameat(number, name, other.number, newName) == 0 else { throw .last }
    }

    /// What stands under a name, links not followed; nil for nothing.
    func look(at name: String) throws(FileFailure) -> Kind? {
        var status = stat()
        guard fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .last
        }
        return Kind(status)
    }

    /// Goes one name down. No link is followed.
    func step(to name: [CChar]) throws(FileFailure) -> Step {
        while true {
            let opened = openat(number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if opened >= 0 { return .directory(try Descriptor(opened)) }
            switch errno {
            case ENOENT: return .nothing
            case ENOTDIR, ELOOP: break
            default: throw .last
            }
            var status = stat()
            if fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
                switch Kind(status) {
                // It was made between the two calls.
                case .directory: continue
                case .file: return .file
                case .link, .other: return .trap
                }
            }
            guard errno == ENOENT else { throw .last }
            return .nothing
        }
    }

    func step(to name: String) throws(FileFailure) -> Step { try step(to: Array(name.utf8CString)) }

    /// The names in this directory, as bytes with a zero at the end, without `.` and `..`.
    func entries() throws(FileFailure) -> [[CChar]] {
        // The stream closes its descriptor, and has a position of its own only on a new opening.
        let copy = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .last }
        guard let stream = fdopendir(copy) else {
            let failure = FileFailure.last
            close(copy)
            throw failure
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
            }
            if name != [46], name != [46, 46] { names.append(name + [0]) }
        }
    }
}

extension Descriptor {
    /// Removes a file or a tree. What vanishes meanwhile is no error; links are removed, not followed.
    func removeTree(_ name: [CChar]) throws(FileFailure) {
        do {
            try remove(name)
            return
        } catch {
            if error.number == ENOENT { return }
            guard error.number == EISDIR || error.number == EPERM else { throw error }
        }
        for attempt in 1... {
            if case .directory(let tree) = try step(to: name) {
                for entry in try tree.entries() { try tree.removeTree(entry) }
            }
            do {
                return try remove(name, isDirectory: true)
            } catch {
                if error.number == ENOENT { return }
                // An upload that had it open has put something into it.
                guard error.number == ENOTEMPTY, attempt < 100 else { throw error }
            }
        }
    }
}

/// Where a name leads.
enum Step {
    case directory(Descriptor)
    case file
    case nothing
    /// A link, a pipe, a socket, a device.
    case trap
}

/// What a name stands for.
enum Kind: Equatable {
    case file(size: Int64)
    case directory
    case link
    /// A pipe, a socket, a device.
    case other

    init(_ status: stat) {
        self =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file(size: Int64(status.st_size))
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
    }

    var isFile: Bool { if case .file = self { true } else { false } }
}
