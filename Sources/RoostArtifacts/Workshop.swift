// The directory `.roost-tmp` in the root: files are made here before they are published, and deleted trees end here.

internal import Glibc
internal import NIOCore
internal import RoostCore

/// Unfinished and unwanted files. Whoever writes one holds a lock on it, so that a server which starts on the same
/// directory removes what a dead one has left and nothing else.
struct Workshop: Sendable {
    let directory: Descriptor

    /// Opens it, and makes it where it is missing.
    init(in root: Descriptor) throws(FileFailure) {
        for _ in 0..<2 {
            if case .directory(let found) = try root.step(to: ArtifactPath.workshop) {
                directory = found
                return
            }
            do { try root.makeDirectory(ArtifactPath.workshop, mode: 0o700) } catch {
                guard error.number == EEXIST else { throw error }
            }
        }
        throw FileFailure(number: ENOTDIR)
    }

    /// Makes a file under a name that nobody has.
    func makeFile(_ name: () -> String) throws(FileFailure) -> UnfinishedFile {
        while true {
            let name = name()
            let file: Descriptor
            do { file = try directory.open(name, O_WRONLY | O_CREAT | O_EXCL) } catch {
                if error.number == EEXIST { continue }
                throw error
            }
            _ = try file.lock(waits: true)
            // Between the two calls another server may have taken it for left over.
            if try file.status().st_nlink > 0 { return UnfinishedFile(directory: directory, name: name, file: file) }
        }
    }

    /// Makes a directory under a name that nobody has.
    func makeFolder(_ name: () -> String) throws(FileFailure) -> PartsFolder {
        while true {
            let name = name()
            do { try directory.makeDirectory(name, mode: 0o700) } catch {
                if error.number == EEXIST { continue }
                throw error
            }
            guard case .directory(let made) = try directory.step(to: name) else { continue }
            _ = try made.lock(waits: true)
            // Between the calls another server may have taken it for left over. Not every file system counts the links of a
            // directory, so it is looked up again.
            if case .directory(let there) = try directory.step(to: name),
                try there.status().st_ino == made.status().st_ino
            {
                return PartsFolder(name: name, directory: made)
            }
        }
    }

    /// Removes a directory of parts. What cannot be removed is left to the next start.
    func discard(_ folder: PartsFolder) throws(FileFailure) { try directory.removeTree(Array(folder.name.utf8CString)) }

    /// Removes what servers that are gone have left.
    func sweep() throws(FileFailure) {
        for name in try directory.entries() {
            // Files and the directories of uploads in parts are locked by whoever uses them, deleted trees are not.
            let holding: Descriptor?
            do { holding = try hold(name) } catch { continue }
            if let held = holding {
                guard try held.lock(waits: false) else { continue }
                try directory.removeTree(name)
                // Held until here, so that nobody who waits for it finds a file.
                withExtendedLifetime(held) {}
            } else {
                try directory.removeTree(name)
            }
        }
    }

    /// What has a name, opened to be locked; nil for what nobody locks.
    private func hold(_ name: [CChar]) throws(FileFailure) -> Descriptor? {
        guard let text = String(validating: name.dropLast(), as: UTF8.self) else { return nil }
        switch try directory.step(to: name) {
        case .directory(let folder): return folder
        case .file:
            do { return try directory.open(text) } catch {
                // It was finished meanwhile.
                if error.number == ENOENT { return nil }
                throw error
            }
        case .nothing, .trap: return nil
        }
    }
}

/// The directory of an upload in parts: its files are named by their tags, and locked together with it.
struct PartsFolder: Sendable {
    fileprivate let name: String
    fileprivate let directory: Descriptor

    func makeFile(_ tag: String) throws(FileFailure) -> UnfinishedFile {
        UnfinishedFile(
            directory: directory, name: tag, file: try directory.open(tag, O_WRONLY | O_CREAT | O_EXCL))
    }

    /// A part, to be added to.
    func reopen(_ tag: String) throws(FileFailure) -> UnfinishedFile {
        UnfinishedFile(directory: directory, name: tag, file: try directory.open(tag, O_WRONLY))
    }

    /// A part, to be read.
    func open(_ tag: String) throws(FileFailure) -> Descriptor { try directory.open(tag) }

    func remove(_ tag: String) throws(FileFailure) { try directory.removeTree(Array(tag.utf8CString)) }
}

/// A file on its way. Either `publish` or `discard` ends it.
struct UnfinishedFile: Sendable {
    fileprivate let directory: Descriptor
    fileprivate let name: String
    fileprivate let file: Descriptor

    func append(_ buffer: ByteBuffer) throws(FileFailure) {
        // The closure's errors come out untyped.
        let result = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(FileFailure) in try file.append(bytes) }
        }
        try result.get()
    }

    /// Adds all of another file at the end.
    /// - Returns: how many bytes those were.
    func append(allOf other: Descriptor) throws(FileFailure) -> Int64 { try file.append(allOf: other) }

    /// Goes to the end of a file that was opened again.
    func seekToEnd() throws(FileFailure) -> Int64 { try file.seekToEnd() }

    func status() throws(FileFailure) -> stat { try file.status() }

    func beginSync() { file.beginSync() }

    func sync() throws(FileFailure) { try file.sync() }

    /// Moves it to its place, over what was there.
    func publish(as last: String, in destination: Descriptor) throws(FileFailure) {
        try directory.move(name, to: destination, as: last)
    }

    /// Removes it. One that cannot be removed is left to the next start.
    func discard() throws(FileFailure) { try directory.removeTree(Array(name.utf8CString)) }
}
