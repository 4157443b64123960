// A backup is a directory: the database as it was at one moment, then the artifacts, then the manifest.
//
// In this order every file that was acknowledged before that moment is in it: files come whole and are not changed in
// place, so only one that somebody deletes while it runs can be missing.

public import RoostCore
internal import RoostStore

/// Where a server keeps its data.
public struct DataPlaces: Sendable {
    /// The database file.
    public let database: String
    /// The directory of the artifacts; nil to leave them out.
    public let artifacts: String?
    /// The file of users; nil for a server without.
    public let users: String?
    /// Whether somebody named that directory: then it must be there.
    public let areArtifactsNamed: Bool

    public init(database: String, artifacts: String?, users: String? = nil, areArtifactsNamed: Bool = false) {
        self.database = database
        self.artifacts = artifacts
        self.users = users
        self.areArtifactsNamed = areArtifactsNamed
    }

    public static func isDirectory(_ path: String) -> Bool { FileTree.isDirectory(path) }

    public static func exists(_ path: String) -> Bool { FileTree.exists(path) }

    /// - Throws: when a directory was named that is none.
    func checkArtifacts() throws {
        guard let artifacts, areArtifactsNamed, !FileTree.isDirectory(artifacts) else { return }
        throw OperationError(
            "\(artifacts) is no directory; leave --artifacts-destination out if there are no artifacts")
    }
}

/// What is being done, for a bar: so many of so many, and of what.
public typealias OperationProgress = @Sendable (_ done: Int, _ of: Int, _ what: String) -> Void

/// What a backup made.
public struct BackupReport: Sendable {
    public let manifest: Manifest
    /// Artifacts that were listed and gone before they were copied: somebody deleted them.
    public let vanished: Int
    /// Links and the like, which are left out.
    public let others: [String]
    /// Runs and models whose files are not in the directory that was backed up, by the beginning of their URIs.
    public let elsewhere: [String: Int]
}

/// Makes backups.
public enum Backup {
    /// Copies everything to a directory that is new or empty, and checks the copy. A server may run meanwhile.
    /// - Throws: ``OperationError`` or `StoreOpeningError`; an unfinished copy stays without a manifest.
    public static func make(
        of places: DataPlaces, in target: String, world: World, progress: OperationProgress = { _, _, _ in }
    ) throws -> BackupReport {
        guard (Disk.names(in: target) ?? []).isEmpty, !FileTree.exists(target) || FileTree.isDirectory(target) else {
            throw OperationError("\(target) is not empty: a backup goes into a new directory")
        }
        if let artifacts = places.artifacts {
            guard !(target + "/").utf8.starts(with: (artifacts + "/").utf8) else {
                throw OperationError("\(target) lies in the directory of the artifacts, which would back up itself")
            }
        }
        try places.checkArtifacts()
        let source = try DatabaseReader(places.database)
        let created = world.now()
        try FileTree.makeDirectories(target)
        let database = target + "/" + Manifest.databaseFile
        try source.copy(to: database) { progress($0, $1, "pages") }
        let copy = try DatabaseReader(database)
        let (findings, tables, uris) = try copy.snapshot { snapshot in
            (try snapshot.findings(), try snapshot.tableCounts(), try snapshot.artifactURIs())
        }
        if let finding = findings.first {
            throw OperationError(
                "the database is not sound, so this is no backup: \(finding.rule) does not hold at \(finding.place);"
                    + " `roost check` says all")
        }
        guard let mark = try FileTree.measure(database) else { throw FileTree.failure(database, "cannot be read") }
        let users = try places.users.map { try copyUsers(from: $0, to: target) }
        let artifacts = try copyArtifacts(from: places.artifacts, to: target, progress)
        try FileTree.sync(target)
        let manifest = Manifest(
            version: roostVersion, created: created, schema: try copy.schema(),
            database: FileMark(size: mark.size, checksum: mark.checksum), list: artifacts.list, users: users,
            tables: Dictionary(tables.map { ($0.table, $0.rows) }) { first, _ in first },
            artifactFiles: artifacts.files, artifactBytes: artifacts.bytes)
        try FileTree.replace(target + "/" + Manifest.file, with: JSONWriter.bytes(of: manifest) + [UInt8(ascii: "\n")])
        try FileTree.sync(target)
        var elsewhere: [String: Int] = [:]
        for uri in uris.runs + uris.models where !uri.hasPrefix("mlflow-artifacts:") {
            elsewhere[beginning(of: uri), default: 0] += 1
        }
        return BackupReport(
            manifest: manifest, vanished: artifacts.vanished, others: artifacts.others, elsewhere: elsewhere)
    }

    private static func copyUsers(from path: String, to target: String) throws -> FileMark {
        let copy = target + "/" + Manifest.usersFile
        try UsersFile.copy(path, to: copy)
        _ = try UsersFile.verify(copy)
        guard let mark = try FileTree.measure(copy) else { throw FileTree.failure(copy, "cannot be read") }
        return FileMark(size: mark.size, checksum: mark.checksum)
    }

    private static func copyArtifacts(
        from root: String?, to target: String, _ progress: OperationProgress
    ) throws -> (list: FileMark, files: Int64, bytes: Int64, vanished: Int, others: [String]) {
        let listing = try root.map { try FileTree.list($0, without: [uploadFolder]) } ?? FileTree.Listing()
        var lines: [UInt8] = []
        var (files, bytes, vanished) = (Int64(0), Int64(0), 0)
        var directory = ""
        let folder = target + "/" + Manifest.artifactFolder
        try FileTree.makeDirectories(folder)
        for (index, file) in listing.files.enumerated() {
            let around = file.path.split(separator: "/").dropLast().joined(separator: "/")
            if around != directory {
                try FileTree.makeDirectories(folder + "/" + around)
                directory = around
            }
            if let mark = try FileTree.copy((root ?? "") + "/" + file.path, to: folder + "/" + file.path) {
                lines += JSONWriter.bytes(
                    of: ListedFile(path: file.path, mark: FileMark(size: mark.size, checksum: mark.checksum)))
                lines.append(UInt8(ascii: "\n"))
                files += 1
                bytes += mark.size
            } else {
                vanished += 1
            }
            progress(index + 1, listing.files.count, "files")
        }
        let list = target + "/" + Manifest.artifactList
        try FileTree.replace(list, with: lines)
        guard let mark = try FileTree.measure(list) else { throw FileTree.failure(list, "cannot be read") }
        return (
            FileMark(size: mark.size, checksum: mark.checksum), files, bytes, vanished, listing.others
        )
    }

    /// Where uploads are made before they are published.
    static let uploadFolder = ".roost-tmp"

    /// The scheme and host of a URI, or the first directory of a path.
    static func beginning(of uri: String) -> String {
        guard let colon = uri.firstIndex(of: ":") else {
            return "/" + (uri.split(separator: "/").first.map(String.init) ?? "")
        }
        let rest = uri[uri.index(after: colon)...]
        let host = rest.hasPrefix("//") ? rest.dropFirst(2).prefix { $0 != "/" } : ""
        return String(uri[...colon]) + (host.isEmpty ? "" : "//" + host)
    }
}
