// The way back from a backup: everything is checked first, nothing is overwritten, and the database comes last, so that
// a server can start only on a whole.

internal import Glibc
internal import RoostCore
internal import RoostStore

/// Puts backups back.
public enum Restore {
    /// Checks a backup: every file against its size and checksum, the database against its own rules and its counts.
    /// - Throws: ``OperationError`` that names what is wrong.
    public static func verify(_ source: String, progress: OperationProgress = { _, _, _ in }) throws -> Manifest {
        try inspect(source, progress).manifest
    }

    /// Puts a backup where a server shall find it.
    /// - Throws: when the backup is not whole, or something is in the way.
    public static func run(
        _ source: String, to places: DataPlaces, progress: OperationProgress = { _, _, _ in }
    ) throws -> Manifest {
        let (manifest, files) = try inspect(source, progress)
        let taken = [places.database, places.database + "-wal"] + (manifest.hasUsers ? [places.users ?? ""] : [])
        for file in taken where FileTree.exists(file) {
            throw OperationError("\(file) is there already: nothing is overwritten")
        }
        let holds = places.artifacts == nil && manifest.artifactFiles > 0
        guard !manifest.hasUsers || places.users != nil else {
            throw OperationError(
                "the backup holds users: with --app-name basic-auth they are restored where the server's configuration says"
            )
        }
        guard !holds else { throw OperationError("the backup holds artifacts, and no directory was named for them") }
        if let artifacts = places.artifacts {
            guard (Disk.names(in: artifacts) ?? []).isEmpty,
                !FileTree.exists(artifacts) || FileTree.isDirectory(artifacts)
            else { throw OperationError("\(artifacts) is not empty: nothing is overwritten") }
        }
        // A server must not make the file meanwhile.
        let owner = try DatabaseOwner(places.database)
        defer { owner.release() }
        if let artifacts = places.artifacts, !files.isEmpty {
            let unfinished = artifacts + ".restoring"
            try FileTree.remove(unfinished)
            try FileTree.makeDirectories(unfinished)
            for (index, file) in files.enumerated() {
                let target = unfinished + "/" + file.path
                try FileTree.makeDirectories(String(target.prefix(upTo: target.lastIndex(of: "/") ?? target.endIndex)))
                try place(source + "/" + Manifest.artifactFolder + "/" + file.path, target, file.mark)
                progress(index + 1, files.count, "files")
            }
            try FileTree.sync(unfinished)
            guard rename(unfinished, artifacts) == 0 else { throw FileTree.failure(artifacts, "cannot be made") }
            try FileTree.syncNames(artifacts + "/..")
        }
        if let mark = manifest.users, let users = places.users {
            let owner = try DatabaseOwner(users)
            defer { owner.release() }
            try publish(source + "/" + Manifest.usersFile, users, mark, mode: 0o600)
        }
        try publish(source + "/" + Manifest.databaseFile, places.database, manifest.database)
        return manifest
    }

    /// Puts a file where it is to be, whole or not at all.
    private static func publish(_ source: String, _ target: String, _ mark: FileMark, mode: mode_t = 0o666) throws {
        let unfinished = target + ".restoring"
        try FileTree.remove(unfinished)
        try place(source, unfinished, mark, mode: mode)
        try FileTree.sync(unfinished)
        guard rename(unfinished, target) == 0 else { throw FileTree.failure(target, "cannot be made") }
        try FileTree.syncNames(target.lastIndex(of: "/").map { String(target[...$0]) } ?? ".")
    }

    private static func place(_ source: String, _ target: String, _ mark: FileMark, mode: mode_t = 0o666) throws {
        guard let copied = try FileTree.copy(source, to: target, mode: mode),
            FileMark(size: copied.size, checksum: copied.checksum) == mark
        else { throw OperationError("\(source) changed while it was restored") }
    }

    private static func inspect(
        _ source: String, _ progress: OperationProgress
    ) throws -> (manifest: Manifest, files: [ListedFile]) {
        guard let bytes = Disk.bytes(source + "/" + Manifest.file) else {
            throw OperationError(
                FileTree.isDirectory(source)
                    ? "\(source) is no finished backup: it has no \(Manifest.file)" : "there is no backup at \(source)")
        }
        let manifest = try Manifest(bytes, at: source + "/" + Manifest.file)
        try match(source + "/" + Manifest.databaseFile, manifest.database)
        if let users = manifest.users {
            let file = source + "/" + Manifest.usersFile
            try match(file, users)
            _ = try UsersFile.verify(file)
        }
        let list = source + "/" + Manifest.artifactList
        try match(list, manifest.list)
        let files = try ListedFile.read(Disk.bytes(list) ?? [], at: list)
        guard files.count == manifest.artifactFiles, files.reduce(0, { $0 + $1.mark.size }) == manifest.artifactBytes
        else { throw OperationError("\(list) does not agree with \(Manifest.file)") }
        for (index, file) in files.enumerated() {
            try match(source + "/" + Manifest.artifactFolder + "/" + file.path, file.mark)
            progress(index + 1, files.count, "files checked")
        }
        let reader = try DatabaseReader(source + "/" + Manifest.databaseFile)
        try reader.snapshot { snapshot in
            if let finding = try snapshot.findings().first {
                throw OperationError("\(reader.path) is not sound: \(finding.rule) does not hold at \(finding.place)")
            }
            for (table, rows) in try snapshot.tableCounts() where manifest.rows(of: table) != rows {
                throw OperationError(
                    "\(reader.path) has \(rows) rows in \(table), and the manifest says \(manifest.rows(of: table))")
            }
        }
        return (manifest, files)
    }

    private static func match(_ path: String, _ mark: FileMark) throws {
        guard let found = try FileTree.measure(path) else { throw OperationError("\(path) is missing") }
        guard found.size == mark.size else {
            throw OperationError("\(path) has \(found.size) bytes, and the manifest says \(mark.size)")
        }
        guard found.checksum == mark.checksum else {
            throw OperationError("\(path) is damaged: its checksum is not the one of the manifest")
        }
    }
}
