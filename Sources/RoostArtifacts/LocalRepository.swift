// Artifacts in a directory of the server. Every file is reached from a handle on that directory, name by name, and no
// link is followed: a race that swaps a directory for a link finds nothing to follow.

internal import Glibc
public import RoostCore

/// A directory as a repository. It is made with the first write; until then there is nothing in it.
public struct LocalRepository: ArtifactRepository {
    /// The directory: absolute, or relative to the working directory.
    public let root: String
    /// Whether what was answered is on the disk, so that it survives power loss.
    let isDurable: Bool
    let world: World
    /// Uploads in parts that are under way; they end with the process.
    let uploads = OpenUploads()
    let settled = SettledDirectories()
    let syncs = SharedSyncs()

    public init(root: String, isDurable: Bool, world: World) {
        self.root = root
        self.isDurable = isDurable
        self.world = world
    }

    /// Removes what uploads of servers that are gone have left. Blocks, as it is for the start of a server: sixteen threads
    /// for a look at one directory would only delay it.
    public func sweep() throws(APIError) {
        do throws(FileFailure) {
            guard let root = try openRoot(), try root.look(at: ArtifactPath.workshop) == .directory else { return }
            try Workshop(in: root).sweep()
        } catch {
            throw error.asAPIError
        }
    }

    public func list(_ path: ArtifactPath) async throws -> [ArtifactEntry] {
        try await onDisk {
            guard let root = try openRoot(), let directory = try walk(root, path.names[...]) else { return [] }
            var found: [ArtifactEntry] = []
            for bytes in try directory.entries() {
                guard let name = String(validating: bytes.dropLast(), as: UTF8.self), ArtifactPath.accepts(name),
                    !path.names.isEmpty || name != ArtifactPath.workshop
                else { continue }
                switch try directory.look(at: name) {
                case .file(let size): found.append(ArtifactEntry(name: name, size: size))
                case .directory: found.append(ArtifactEntry(name: name, size: nil))
                // Nobody may fetch it.
                case .link, .other, nil: continue
                }
            }
            return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }

    public func open(_ path: ArtifactPath) async throws -> ArtifactFinding {
        guard let last = path.names.last else { return .directory }
        return try await onDisk {
            guard let root = try openRoot(), let directory = try walk(root, path.names.dropLast()) else {
                return .nothing
            }
            let file: Descriptor
            do throws(FileFailure) { file = try directory.open(last) } catch {
                switch error.number {
                case ENOENT: return .nothing
                case ELOOP, ENXIO: throw APIError.invalidPath()
                default: throw error
                }
            }
            let status = try file.status()
            switch Kind(status) {
            case .file(let size): return .file(LocalFile(file, size: size, status))
            case .directory: return .directory
            case .link, .other: throw APIError.invalidPath()
            }
        }
    }

    public func delete(_ path: ArtifactPath) async throws {
        guard let last = path.names.last else { throw APIError.invalidPath("it names the root") }
        settled.removeAll()
        try await onDisk {
            guard let root = try openRoot(), let directory = try walk(root, path.names.dropLast()) else { return }
            switch try directory.look(at: last) {
            case nil: return
            case .link, .other: throw APIError.invalidPath()
            case .file:
                try directory.removeTree(Array(last.utf8CString))
                try sync(directory)
            case .directory:
                // Gone at once, and for good even if the server ends in the middle of a large tree.
                let workshop = try Workshop(in: root)
                let name = world.newID()
                do throws(FileFailure) { try directory.move(last, to: workshop.directory, as: name) } catch {
                    if error.number == ENOENT { return }
                    throw error
                }
                try sync(directory)
                try workshop.directory.removeTree(Array(name.utf8CString))
            }
        }
    }

    // MARK: Behind them

    /// Runs file work on the threads for it, and makes its failures answers.
    func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await FilePool.shared.run(body)
        } catch let failure as FileFailure {
            throw failure.asAPIError
        }
    }

    /// The same for work whose end somebody else may tell.
    func onDisk(endingIn body: @escaping @Sendable (_ end: @escaping FilePool.End) throws -> Void) async throws {
        do {
            try await FilePool.shared.run(endingIn: body)
        } catch let failure as FileFailure {
            throw failure.asAPIError
        }
    }

    /// The root; nil while there is none. Opened each time, so that a directory which was replaced is not written into
    /// while nobody can see it.
    func openRoot() throws(FileFailure) -> Descriptor? {
        do { return try Descriptor(directory: root) } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    /// The directory at the end of some names; nil when there is none.
    /// - Throws: 400 when a name is a link.
    func walk(_ start: Descriptor, _ names: ArraySlice<String>) throws -> Descriptor? {
        var place = start
        for name in names {
            switch try place.step(to: name) {
            case .directory(let next): place = next
            case .file, .nothing: return nil
            case .trap: throw APIError.invalidPath()
            }
        }
        return place
    }

    func sync(_ directory: Descriptor) throws(FileFailure) { if isDurable { try directory.sync() } }
}
