// `roost export`: runs with all that belongs to them as one file, read beside the server at one moment.

internal import Glibc
internal import RoostArtifacts
public import RoostCore
internal import RoostStore

/// What goes into an export; nothing named is everything.
public struct ExportSelection: Sendable {
    /// Ids or names.
    public let experiments: [String]
    /// Runs, which come with their descendants.
    public let runs: [String]

    public init(experiments: [String] = [], runs: [String] = []) {
        self.experiments = experiments
        self.runs = runs
    }

    var isEverything: Bool { experiments.isEmpty && runs.isEmpty }
}

/// What an export holds, and what not.
public struct ExportReport: Sendable {
    public var experiments: Int64 = 0
    public var runs: Int64 = 0
    public var points: Int64 = 0
    public var models: Int64 = 0
    public var registeredModels: Int64 = 0
    public var files: Int64 = 0
    public var fileBytes: Int64 = 0
    /// Runs and models whose files are kept elsewhere, by the beginning of their URIs.
    public var elsewhere: [String: Int] = [:]
    /// Files that no archive can hold: links, and names that Roost refuses.
    public var refusedFiles: [String] = []
    /// Files that somebody deleted meanwhile.
    public var vanished = 0
    /// Versions of registered models whose runs and models are not in the selection.
    public var otherVersions = 0
    /// Points of logged models that were measured by runs outside of the selection.
    public var otherModelPoints = 0
    /// Runs and the like that are larger than an archive takes.
    public var tooLarge: [String] = []
}

/// Writes exports.
public struct Export {
    private let places: DataPlaces
    /// The operator's own root for experiments, where that is a directory.
    private let localRoot: String?
    private let selection: ExportSelection
    private let progress: OperationProgress

    /// - Parameter artifactRoot: the beginning of the artifact URIs of new experiments, as the server has it.
    public init(
        of places: DataPlaces, artifactRoot: String, selection: ExportSelection, progress: @escaping OperationProgress
    ) {
        self.places = places
        localRoot = ArtifactPlaces.directory(artifactRoot)
        self.selection = selection
        self.progress = progress
    }

    /// Writes a new file, which is on the disk on return.
    /// - Throws: ``OperationError`` or `StoreOpeningError`; then there is no such file.
    public func write(to path: String, world: World) throws -> ExportReport {
        guard !FileTree.exists(path) else { throw OperationError("\(path) is there already: nothing is overwritten") }
        let unfinished = path + ".unfinished"
        let output = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard output >= 0 else { throw FileTree.failure(path, "cannot be made") }
        defer { close(output) }
        do {
            let report = try write(to: output, named: path, world: world)
            guard fsync(output) == 0 else { throw FileTree.failure(path, "cannot be written") }
            // Not every stick that carries such a file knows links, which could not replace one that came meanwhile.
            guard !FileTree.exists(path), rename(unfinished, path) == 0 else {
                throw FileTree.failure(path, "cannot be made")
            }
            try FileTree.syncNames(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
            return report
        } catch {
            unlink(unfinished)
            throw error
        }
    }

    /// Writes to an open file or a pipe.
    public func write(to output: Int32, named name: String, world: World) throws -> ExportReport {
        try places.checkArtifacts()
        let reader = try DatabaseReader(places.database)
        try reader.requireOwnSchema()
        let created = world.now()
        return try reader.snapshot { snapshot in
            let writer = ArchiveWriter(to: output, named: name, time: created / 1000)
            try writer.add(
                .header,
                JSONWriter.bytes(
                    of: ArchiveHeader(
                        version: roostVersion, created: created, experiments: selection.experiments,
                        runs: selection.runs)) + [UInt8(ascii: "\n")])
            var job = ExportJob(
                snapshot: snapshot, writer: writer, places: places, localRoot: localRoot, progress: progress)
            try job.run(selection)
            try writer.finish()
            return job.report
        }
    }
}
