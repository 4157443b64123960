// What a server knows of the uploads in parts that are under way: no files here, only what is to be done with them.

internal import RoostCore
internal import Synchronization

/// An upload in parts.
struct PartUpload: Sendable {
    enum Phase: Sendable {
        case open
        /// With those who wait for the end: a client asks again when the answer takes too long for it.
        case completing([CheckedContinuation<Void, any Error>])
        /// With the tag of the file that was made, so that completing it again is no error.
        case completed(tag: String)
    }

    let path: ArtifactPath
    /// How many parts were announced.
    let count: Int
    /// Nil once it is completed: a directory that is open costs a descriptor.
    var folder: PartsFolder?
    /// The tag of each part that is there whole, by its number.
    var parts: [Int: UInt64] = [:]
    /// When something was last heard of it.
    var touched: Int64
    var phase = Phase.open

    init(path: ArtifactPath, count: Int, folder: PartsFolder, now: Int64) {
        self.path = path
        self.count = count
        self.folder = folder
        touched = now
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }
}

/// The uploads by their ids.
final class OpenUploads: Sendable {
    /// What completing an upload means now.
    enum Completion {
        /// To be made of these parts, in order; `finish` must follow.
        case assemble(PartsFolder, tags: [UInt64])
        case wait
        case completed(tag: String)
    }

    private struct Known {
        var uploads: [String: PartUpload] = [:]
        /// Ids in the order in which they were completed.
        var completed: [String] = []
    }

    private let known = Mutex(Known())

    /// - Throws: 501 with the sentence that MLflow's client looks for: it then sends the file in one piece.
    func checkRoom() throws(APIError) {
        let open = known.withLock { $0.uploads.count - $0.completed.count }
        guard open < Limits.openUploads else {
            throw APIError(
                .notImplemented,
                "Multipart upload is not supported for the current artifact repository while \(open) others are under way:"
                    + " send the file in one piece, or try again later.")
        }
    }

    func add(_ id: String, _ upload: PartUpload) { known.withLock { $0.uploads[id] = upload } }

    /// Where a part is to be written.
    func folder(of id: String, part number: Int, now: Int64) throws(APIError) -> PartsFolder {
        try known.withLock { known throws(APIError) in
            guard var upload = known.uploads[id], upload.isOpen, let folder = upload.folder else { throw .noUpload }
            guard 1...upload.count ~= number else {
                throw .invalid("The upload has parts 1 to \(upload.count), so there is no part \(number).")
            }
            upload.touched = now
            known.uploads[id] = upload
            return folder
        }
    }

    /// Notes a part that is there whole.
    /// - Returns: the tag of the one that it takes the place of.
    func record(_ tag: UInt64, part number: Int, of id: String, now: Int64) throws(APIError) -> UInt64? {
        try known.withLock { known throws(APIError) in
            guard known.uploads[id]?.isOpen == true else { throw .noUpload }
            known.uploads[id]?.touched = now
            return known.uploads[id]?.parts.updateValue(tag, forKey: number)
        }
    }

    /// Begins to complete an upload, unless somebody has done it.
    /// - Throws: 400 with the number of the part that is wrong; the upload stays open.
    func complete(_ id: String, of path: ArtifactPath, parts: [UploadedPart]) throws(APIError) -> Completion {
        try known.withLock { known throws(APIError) in
            guard let upload = known.uploads[id], upload.path == path else { throw .noUpload }
            switch upload.phase {
            case .completed(let tag): return .completed(tag: tag)
            case .completing: return .wait
            case .open:
                guard let folder = upload.folder else { throw .noUpload }
                let tags = try Self.check(parts, of: upload)
                known.uploads[id]?.phase = .completing([])
                return .assemble(folder, tags: tags)
            }
        }
    }

    /// Ends what `complete` has begun, and tells everybody who waits.
    /// - Parameter result: the tag of the file; or why there is none, and the upload is given up.
    func finish(_ id: String, _ result: Result<String, any Error>) {
        let waiting = known.withLock { known -> [CheckedContinuation<Void, any Error>] in
            guard var upload = known.uploads[id], case .completing(let waiting) = upload.phase else { return [] }
            switch result {
            case .success(let tag):
                upload.phase = .completed(tag: tag)
                upload.parts = [:]
                upload.folder = nil
                known.uploads[id] = upload
                known.completed.append(id)
                if known.completed.count > Limits.completedUploads {
                    known.uploads[known.completed.removeFirst()] = nil
                }
            case .failure: known.uploads[id] = nil
            }
            return waiting
        }
        for one in waiting { one.resume(with: result.map { _ in }) }
    }

    /// Waits for somebody else who completes the upload.
    func wait(for id: String) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let answer = known.withLock { known -> Result<Void, any Error>? in
                switch known.uploads[id]?.phase {
                case .completing(let waiting):
                    known.uploads[id]?.phase = .completing(waiting + [continuation])
                    return nil
                case .completed: return .success(())
                case .open, nil: return .failure(APIError.noUpload)
                }
            }
            if let answer { continuation.resume(with: answer) }
        }
    }

    /// Forgets an upload.
    /// - Returns: where its parts are.
    func remove(_ id: String, of path: ArtifactPath) throws(APIError) -> PartsFolder {
        try known.withLock { known throws(APIError) in
            guard let upload = known.uploads[id], upload.path == path, let folder = upload.folder else {
                throw .noUpload
            }
            guard upload.isOpen else {
                throw APIError(.resourceConflict, "The upload is being completed, so it cannot be aborted any more.")
            }
            known.uploads[id] = nil
            return folder
        }
    }

    /// Forgets the uploads that nothing was heard of since a moment.
    func removeIdle(before moment: Int64) -> [PartsFolder] {
        known.withLock { known in
            let idle = known.uploads.filter { $0.value.isOpen && $0.value.touched < moment }
            for id in idle.keys { known.uploads[id] = nil }
            return idle.values.compactMap(\.folder)
        }
    }

    private static func check(_ parts: [UploadedPart], of upload: PartUpload) throws(APIError) -> [UInt64] {
        var tags: [UInt64] = []
        tags.reserveCapacity(parts.count)
        for part in parts {
            let next = tags.count + 1
            guard 1...upload.count ~= part.number else {
                throw .invalid("The upload has parts 1 to \(upload.count), so there is no part \(part.number).")
            }
            guard part.number >= next else {
                throw .invalid("Part \(part.number) is named twice, or not in the order of the numbers.")
            }
            guard part.number == next else { throw .invalid("Part \(next) is missing in the list of parts.") }
            guard let tag = upload.parts[next] else { throw .invalid("Part \(next) was not uploaded.") }
            guard part.tag.utf8.elementsEqual(partTag(tag).utf8) else {
                throw .invalid("Part \(next) was uploaded with another etag than the one given.")
            }
            tags.append(tag)
        }
        guard tags.count == upload.count else {
            throw .invalid("Part \(tags.count + 1) is missing in the list of parts.")
        }
        return tags
    }
}

extension World {
    /// A number that no other content has.
    func newTag() -> UInt64 { random() }
}

/// A tag as a text: 16 hexadecimal digits.
func partTag(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

extension APIError {
    static var noUpload: APIError {
        .missing(
            "There is no upload with this id for this path: it was completed or aborted, nothing was sent for a day, or the"
                + " server was started anew.")
    }
}
