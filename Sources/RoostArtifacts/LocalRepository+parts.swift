// Uploads in parts. Each part is a file in a directory of the upload's own in the workshop; completing it adds the others
// to the first and moves that to its place. What a server leaves that is killed meanwhile is swept at the next start.

internal import Glibc
internal import RoostCore

extension LocalRepository {
    public func beginUpload(_ path: ArtifactPath, parts: Int) async throws -> String {
        guard let last = path.names.last else { throw APIError.isDirectory("") }
        await abortIdleUploads()
        try uploads.checkRoom()
        let folder = try await onDisk {
            let root = try makeRoot()
            try check(root, path, last)
            return try Workshop(in: root).makeFolder { world.newID() }
        }
        // Not the name of the directory: whoever can list that must not be able to send parts.
        let id = world.newID()
        uploads.add(id, PartUpload(path: path, count: parts, folder: folder, now: world.now()))
        return id
    }

    public func writePart(_ number: Int, of id: String, from source: ByteSource) async throws -> String {
        let folder = try uploads.folder(of: id, part: number, now: world.now())
        let tag = world.newTag()
        let file = try await onParts { try folder.makeFile(partTag(tag)) }
        do {
            try await source { buffer in try await onDisk { try file.append(buffer) } }
            let replaced = try uploads.record(tag, part: number, of: id, now: world.now())
            if let replaced { _ = try? await FilePool.shared.run { try folder.remove(partTag(replaced)) } }
        } catch {
            // On a thread of the pool whatever ended this, a cancelled task too.
            _ = try? await FilePool.shared.run { try file.discard() }
            throw error
        }
        return partTag(tag)
    }

    public func completeUpload(_ id: String, of path: ArtifactPath, parts: [UploadedPart]) async throws {
        switch try uploads.complete(id, of: path, parts: parts) {
        case .wait: try await uploads.wait(for: id)
        case .completed(let tag):
            guard case .file(let file) = try await open(path), file.tag == tag else { throw APIError.noUpload }
        case .assemble(let folder, let tags):
            do {
                uploads.finish(id, .success(try await assemble(folder, tags, path)))
                await discard(folder)
            } catch {
                // Parts are used up by then, so it cannot be tried again. The room is free before anybody is told.
                await discard(folder)
                uploads.finish(id, .failure(error))
                throw error
            }
        }
    }

    public func abortUpload(_ id: String, of path: ArtifactPath) async throws {
        let folder = try uploads.remove(id, of: path)
        await discard(folder)
    }

    public func abortIdleUploads() async {
        for folder in uploads.removeIdle(before: world.now() - Limits.uploadIdle) {
            await discard(folder)
        }
    }

    /// Makes the file. Each part is removed when the first has it, so there is never more than one part on the disk twice.
    /// - Returns: the tag of the file.
    private func assemble(_ folder: PartsFolder, _ tags: [UInt64], _ path: ArtifactPath) async throws -> String {
        guard let first = tags.first, let last = path.names.last else { throw APIError.isDirectory("") }
        let file = try await onDisk {
            let file = try folder.reopen(partTag(first))
            _ = try file.seekToEnd()
            return file
        }
        // Each on its own, so that large files leave threads to the others.
        for tag in tags.dropFirst() {
            try await onDisk {
                let part = try folder.open(partTag(tag))
                guard try file.append(allOf: part) == part.status().st_size else { throw FileFailure(number: EIO) }
                try folder.remove(partTag(tag))
            }
        }
        try await onDisk { end in try finish(file, try makeRoot(), path, last, end) }
        return try await onDisk { LocalFile.tag(try file.status()) }
    }

    /// On a thread of the pool whatever ended the upload, a cancelled task too. What cannot be removed is left to the next
    /// start.
    private func discard(_ folder: PartsFolder) async {
        _ = try? await FilePool.shared.run {
            guard let root = try openRoot() else { return }
            try Workshop(in: root).discard(folder)
        }
    }

    /// The same as `onDisk` for a call that makes a file among the parts: when their directory is gone, so is the upload.
    private func onParts<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await FilePool.shared.run(body)
        } catch let failure as FileFailure {
            throw failure.number == ENOENT ? APIError.noUpload : failure.asAPIError
        }
    }
}
