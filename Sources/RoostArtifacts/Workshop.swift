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
            if try file.status().st_nlink > 0 { return UnfinishedFile(workshop: self, name: name, file: file) }
        }
    }

    /// Removes what servers that are gone have left.
    func sweep() throws(FileFailure) {
        for name in try directory.entries() {
            if let text = String(validating: name.dropLast(), as: UTF8.self),
                try directory.look(at: text)?.isFile == true
            {
                guard let file = try? directory.open(text), try file.lock(waits: false) else { continue }
                try directory.removeTree(name)
                // Held until here, so that nobody who waits for it finds a file.
                withExtendedLifetime(file) {}
            } else {
                try directory.removeTree(name)
            }
        }
    }
}

/// A file on its way. Either `publish` or `discard` ends it.
struct UnfinishedFile: Sendable {
    fileprivate let workshop: Workshop
    fileprivate let name: String
    fileprivate let file: Descriptor

    func append(_ buffer: ByteBuffer) throws(FileFailure) {
        // The closure's errors come out untyped.
        let result = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(FileFailure) in try file.append(bytes) }
        }
        try result.get()
    }

    func sync() throws(FileFailure) { try file.sync() }

    /// Moves it to its place, over what was there.
    func publish(as last: String, in destination: Descriptor) throws(FileFailure) {
        try workshop.directory.move(name, to: destination, as: last)
    }

    /// Removes it. One that cannot be removed is left to the next start.
    func discard() throws(FileFailure) { try workshop.directory.removeTree(Array(name.utf8CString)) }
}
