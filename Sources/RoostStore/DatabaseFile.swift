// What a file is before SQLite may touch it, and who owns it. A foreign database is recognised and left as it is.

internal import Glibc
internal import Synchronization

/// A database file, looked at by its bytes alone.
struct DatabaseFile {
    let path: String

    /// `ROOS`, in the header of every database of ours.
    static let applicationID: UInt32 = 0x524F_4F53

    /// Passes a new or empty file and a database of ours.
    /// - Throws: ``StoreOpeningError`` for anything else; the file is only ever read.
    func inspect() throws {
        guard let header = try firstBytes(100), !header.isEmpty else { return }
        guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw StoreOpeningError("The file \(path) is not a SQLite database, or its first bytes are damaged.")
        }
        let pageSize = Int(header[16]) << 8 | Int(header[17])
        let pages = Int(word(header, at: 28))
        let size = fileSize(path)
        if word(header, at: 68) != Self.applicationID {
            throw StoreOpeningError(foreignText())
        }
        // With an empty log every page must be in the file.
        if fileSize(path + "-wal") == 0, pages * (pageSize == 1 ? 65_536 : pageSize) > size {
            throw StoreOpeningError(
                "The database \(path) is damaged: it is \(size) bytes long and should have \(pages) pages.")
        }
    }

    private func foreignText() -> String {
        // MLflow's schema names its table of migrations on the first pages, where the schema is stored.
        let start = (try? firstBytes(1 << 20)) ?? []
        let mark = Array("alembic_version".utf8)
        let isMLflow = start.indices.dropLast(mark.count).contains { start[$0...].starts(with: mark) }
        return isMLflow
            ? "The database \(path) was written by MLflow. Roost keeps its own schema and leaves that file as it is;"
                + " name another one with --backend-store-uri."
            : "The file \(path) is a SQLite database of another program. Name another one with --backend-store-uri."
    }

    private func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Up to `count` bytes; nil when there is no such file.
    private func firstBytes(_ count: Int) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw StoreOpeningError("The database \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: filled), count - filled) }
            if got < 0 {
                throw StoreOpeningError("The database \(path) cannot be read: \(String(cString: strerror(errno))).")
            }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }
}

/// Bytes of a file; 0 when there is none.
func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}

/// Makes the directories that a file needs, as MLflow does. What cannot be made is noticed when the file is opened.
private func makeDirectories(above path: String) {
    for slash in path.indices where path[slash] == "/" && slash != path.startIndex {
        mkdir(String(path[..<slash]), 0o755)
    }
}

/// The lock beside a database: one process owns a file. Given back with the value, or before by `release`.
final class OwnerLock: Sendable {
    /// The open lock file; nil once it was given back.
    private let file: Mutex<Int32?>

    /// - Throws: ``StoreOpeningError`` that names the holder.
    init(path: String) throws {
        makeDirectories(above: path)
        let lockPath = path + ".lock"
        let file = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw StoreOpeningError(
                "The database \(path) cannot be opened: its directory does not exist or is not writable"
                    + " (\(String(cString: strerror(errno)))).")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            var text = [UInt8](repeating: 0, count: 32)
            let count = read(file, &text, text.count)
            close(file)
            let holder = String(decoding: text.prefix(max(0, count)), as: UTF8.self).filter(\.isNumber)
            throw StoreOpeningError(
                "The database \(path) is in use by another Roost" + (holder.isEmpty ? "." : ", process \(holder)."))
        }
        ftruncate(file, 0)
        let holder = "\(getpid())\n"
        _ = holder.withCString { pwrite(file, $0, strlen($0), 0) }
        self.file = Mutex(file)
    }

    deinit { release() }

    func release() { if let file = file.withLock({ $0.take() }) { close(file) } }
}

/// A database that this process owns without having it open: nobody else can open it meanwhile.
public struct DatabaseOwner: Sendable {
    private let lock: OwnerLock

    /// - Throws: ``StoreOpeningError`` that names the process which has it.
    public init(_ path: String) throws { lock = try OwnerLock(path: path) }

    public func release() { lock.release() }
}
