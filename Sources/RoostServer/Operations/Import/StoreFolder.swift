// Small files of MLflow's file store, and where the files of its runs are.

internal import Glibc
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

enum StoreFolder {
    /// Bytes of a `meta.yaml`: a profile of a dataset may be 16 MiB long.
    static let largestMeta = 64 << 20
    /// Bytes of a param or a tag.
    static let largestValue = 1 << 20

    /// The directories in a directory, links left out, in order; none when there is no such directory.
    static func directories(_ path: String) -> [String] {
        (Disk.names(in: path) ?? []).filter { FileTree.isPlainDirectory(path + "/" + $0) }.sorted()
    }

    /// The `meta.yaml` of a folder.
    static func meta(_ folder: String) throws -> PlainYAML {
        let name = (folder.split(separator: "/").last.map(String.init) ?? folder) + "/meta.yaml"
        guard FileTree.isPlainDirectory(folder), let bytes = try bytes(folder + "/meta.yaml", limit: largestMeta) else {
            throw SourceDamage("\(name) is missing, or no plain file")
        }
        do { return try PlainYAML(bytes) } catch let error as PlainYAML.Malformed {
            throw SourceDamage("\(name), line \(error.line): \(error.what)")
        }
    }

    /// The files below a directory as keys and values; a slash in a key is a directory.
    static func pairs(_ path: String) throws -> [KeyValue] {
        guard FileTree.isPlainDirectory(path) else { return [] }
        let listing = try FileTree.list(path)
        let folder = path.split(separator: "/").last.map(String.init) ?? ""
        if let other = listing.others.first { throw SourceDamage("\(folder)/\(other) is a link or the like") }
        return try listing.files.map { file in
            guard let bytes = try bytes(path + "/" + file.path, limit: largestValue) else {
                throw SourceDamage("\(folder)/\(file.path) is no plain file")
            }
            guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
                throw SourceDamage("\(folder)/\(file.path) is no text")
            }
            do { try Check.key(file.path, at: "key") } catch {
                throw SourceDamage("\(folder)/\(file.path) has no name that a key may have")
            }
            return KeyValue(file.path, text)
        }
    }

    /// A small file; nil when there is none, or a link.
    static func bytes(_ path: String, limit: Int) throws -> [UInt8]? {
        guard FileTree.isPlainFile(path), let file = try FileTree.openFile(path) else { return nil }
        guard file.size <= Int64(limit) else { throw SourceDamage("\(path) is larger than \(limit) bytes") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(file.size))
        try file.read { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Makes every failure to read the damage of one run.
    static func naming<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let damage as SourceDamage { throw damage } catch {
            throw SourceDamage(reason(error))
        }
    }

    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as SourceDamage: error.description
        case let error as OperationError: error.description
        case let error as APIError: error.message
        default: "\(error)"
        }
    }
}

extension MLflowFolder: FileSource {
    var keepsWhatIsHere: Bool { false }
    func mayKeep(_ uri: String) -> Bool { true }

    func files(of owner: ArchiveOwner, at uri: String) throws -> IncomingFiles {
        let own = place(of: owner).map { $0 + "/artifacts" }.flatMap { FileTree.isPlainDirectory($0) ? $0 : nil }
        if uri.lowercased().hasPrefix("mlflow-artifacts:") {
            return try DirectoryFiles(proxied: otherFiles).files(of: owner, at: uri)
        }
        let named = ArtifactPlaces.directory(uri).map { FileTree.resolved($0) ?? $0 }
        if let own {
            // The folder may have been moved or copied, so its own files come first.
            let isElsewhere = named.map { $0 != own && FileTree.isDirectory($0) } ?? false
            if !isElsewhere || !(Disk.names(in: own) ?? []).isEmpty { return try DirectoryFiles.files(in: own) }
        }
        guard let named else { return .elsewhere }
        guard FileTree.isDirectory(named) else { return .missing(named) }
        // A meta.yaml must not have files read from anywhere on this machine.
        let isAllowed = [root, otherFiles].contains { place in place.map { named.hasPrefix($0 + "/") } ?? false }
        return isAllowed ? try DirectoryFiles.files(in: named) : .elsewhere
    }
}

extension FileTree {
    /// The absolute path without links; nil when there is nothing there.
    static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    static func isPlainFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
