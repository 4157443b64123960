// How a file comes into a local repository: beside the others, unseen, and in its place in one step.

internal import Glibc
public import NIOCore
internal import RoostCore

extension LocalRepository {
    /// A file of up to so many bytes is held back until it is whole.
    private static let small = 256 * 1024
    /// A large file goes to the disk in pieces of this size while the rest comes in. Written all at once at its end, it
    /// would stand before every commit of the database meanwhile.
    private static let piece = 2 << 20

    public func write(_ path: ArtifactPath, from source: ByteSource) async throws {
        guard let last = path.names.last else { throw APIError.isDirectory("") }
        // All the work on a small file is one visit to the threads of the disk: three visits cost more than the file.
        // Copied into one buffer: a client may send it byte by byte, and each piece would hold on to more than its bytes.
        var held = ByteBuffer()
        var file: UnfinishedFile?
        var unwritten = 0
        do {
            try await source { buffer in
                if let file {
                    unwritten += buffer.readableBytes
                    let begins = isDurable && unwritten >= Self.piece
                    if begins { unwritten = 0 }
                    return try await onDisk {
                        try file.append(buffer)
                        if begins { file.beginSync() }
                    }
                }
                held.writeImmutableBuffer(buffer)
                guard held.readableBytes > Self.small else { return }
                file = try await onDisk { [held] in
                    let root = try makeRoot()
                    // What can be known before the rest is said now: the body may be large.
                    try check(root, path, last)
                    return try begin(root, held)
                }
                held = ByteBuffer()
            }
            try await onDisk { [file, held] end in
                let root = try makeRoot()
                try finish(try file ?? begin(root, held), root, path, last, end)
            }
        } catch {
            // On a thread of the pool whatever ended this, a cancelled task too.
            if let file { _ = try? await FilePool.shared.run { try file.discard() } }
            throw error
        }
    }

    /// Makes a file that nobody sees, with the beginning of its content.
    private func begin(_ root: Descriptor, _ content: ByteBuffer) throws -> UnfinishedFile {
        let file = try Workshop(in: root).makeFile { world.newID() }
        do {
            try file.append(content)
        } catch {
            try? file.discard()
            throw error
        }
        return file
    }

    /// Refuses a place that no file can come to.
    func check(_ root: Descriptor, _ path: ArtifactPath, _ last: String) throws {
        if let directory = try existing(root, path), let there = try directory.look(at: last) {
            try refuse(there, path)
        }
    }

    /// Puts a whole file in its place, and tells `end` once the disk has both. One that cannot come there is removed.
    func finish(
        _ file: UnfinishedFile, _ root: Descriptor, _ path: ArtifactPath, _ last: String, _ end: @escaping FilePool.End
    ) throws {
        let place: Descriptor
        do {
            if isDurable { try file.sync() }
            place = try publish(file, root, path, last)
        } catch {
            try? file.discard()
            throw error
        }
        guard isDurable else { return end(.success(())) }
        try syncs.sync(place, end)
    }

    /// - Returns: the directory that the file is in now, whose new entry the disk need not have yet.
    private func publish(
        _ file: UnfinishedFile, _ root: Descriptor, _ path: ArtifactPath, _ last: String
    ) throws -> Descriptor {
        var root = root
        var attempts = 0
        while true {
            do {
                let directories = try makeDirectories(root, path)
                let place = directories.last ?? root
                if let there = try place.look(at: last) { try refuse(there, path) }
                try file.publish(as: last, in: place)
                try settle(root, directories)
                return place
            } catch let failure as FileFailure {
                switch failure.number {
                // Somebody deleted a directory after it was made or opened.
                case ENOENT:
                    attempts += 1
                    guard attempts < 1000 else { throw Self.isBeingDeleted }
                    root = try makeRoot()
                case EISDIR, ENOTEMPTY, EEXIST, ENOTDIR: throw APIError.isDirectory(path.text)
                default: throw failure
                }
            }
        }
    }

    /// Waits until the disk has all directories that lead to the last one.
    ///
    /// A new directory lasts once the one around it is on disk. Whoever made it may not have come so far yet, so every
    /// one is synced that this process has not seen through.
    private func settle(_ root: Descriptor, _ directories: [Descriptor]) throws {
        guard isDurable else { return }
        for (index, directory) in directories.enumerated().reversed() {
            if try settled.contains(directory) { continue }
            try (index > 0 ? directories[index - 1] : root).sync()
            try settled.insert(directory)
        }
    }

    /// The directory that a path is in, as far as it is there.
    /// - Throws: 400 when a name on the way is no directory.
    private func existing(_ root: Descriptor, _ path: ArtifactPath) throws -> Descriptor? {
        var place = root
        for name in path.names.dropLast() {
            switch try place.step(to: name) {
            case .directory(let next): place = next
            case .nothing: return nil
            case .file: throw isFile(name)
            case .trap: throw APIError.invalidPath()
            }
        }
        return place
    }

    /// Opens the directories that a path is in, outermost first, making what is missing.
    /// - Throws: `ENOENT` when one is deleted meanwhile.
    private func makeDirectories(_ root: Descriptor, _ path: ArtifactPath) throws -> [Descriptor] {
        var places: [Descriptor] = []
        for name in path.names.dropLast() {
            let place = places.last ?? root
            var step = try place.step(to: name)
            if case .nothing = step {
                do throws(FileFailure) { try place.makeDirectory(name) } catch {
                    guard error.number == EEXIST else { throw error }
                }
                step = try place.step(to: name)
            }
            switch step {
            case .directory(let next): places.append(next)
            // Deleted again already.
            case .nothing: throw FileFailure(number: ENOENT)
            case .file: throw isFile(name)
            case .trap: throw APIError.invalidPath()
            }
        }
        return places
    }

    private static let isBeingDeleted = APIError(
        .temporarilyUnavailable,
        "A directory on the way to this file is deleted over and over. Nothing was stored. Try again in a moment.")

    private func isFile(_ name: String) -> APIError { .invalidPath("'\(name)' is a file, not a directory") }

    private func refuse(_ there: Kind, _ path: ArtifactPath) throws(APIError) {
        switch there {
        case .file: return
        case .directory: throw .isDirectory(path.text)
        case .link, .other: throw .invalidPath()
        }
    }

    /// The root, made where it is missing with the directories around it.
    func makeRoot() throws -> Descriptor {
        if let found = try openRoot() { return found }
        var around = root.hasPrefix("/") ? "/" : "./"
        for name in root.split(separator: "/") {
            let path = around + name
            if mkdir(path, 0o777) == 0 {
                try sync(Descriptor(directory: around))
            } else if errno != EEXIST {
                throw FileFailure.last
            }
            around = path + "/"
        }
        return try Descriptor(directory: root)
    }
}
