// An export as a source of runs: looked through from end to end before anybody is given anything of it.

internal import NIOCore
internal import RoostArtifacts
public import RoostCore
public import RoostStore

/// An export that is whole.
public final class Archive: RunSource {
    let file: ArchiveFile
    private let index: ArchiveIndex
    /// What is in it.
    var counts: ArchiveCounts { index.counts }

    /// Reads all of it: every byte is compared with a checksum, and every entry is understood.
    /// - Throws: ``OperationError`` that names the first entry that is not as it was written.
    public init(_ path: String, progress: OperationProgress) throws {
        file = try ArchiveFile(path)
        index = try ArchiveIndex(file, progress: progress)
    }

    public func experiments() -> [Experiment] { index.experiments.keys.sorted().compactMap { index.experiments[$0] } }

    public func runIDs(ofExperiment id: Int64) -> [String] { index.runs[id] ?? [] }

    public func run(_ runID: String) throws -> ImportedRun {
        guard let entry = try entry(of: .run(runID)) else { throw SourceDamage("run \(runID) is not there") }
        return try ImportedRun(archived: try index.json(entry))
    }

    public func points(_ runID: String, after position: String?) throws -> (points: [Metric], next: String?) {
        guard let start = try position.flatMap({ Int64($0) }) ?? entry(of: .run(runID))?.next else { return ([], nil) }
        var reader = ArchiveReader(file: file, offset: start)
        while let entry = try reader.next() {
            switch entry.part {
            case .checksums: continue
            case .metrics(.run(runID), _):
                let points = try ArchivedPoints.read(try file.bytes(Int(entry.size), at: entry.range.lowerBound))
                return (points, String(entry.next))
            default: return ([], nil)
            }
        }
        return ([], nil)
    }

    public func modelIDs(ofExperiment id: Int64) -> [String] { index.models[id] ?? [] }

    public func model(_ modelID: String) throws -> ImportedModel {
        guard let entry = try entry(of: .model(modelID)) else { throw SourceDamage("model \(modelID) is not there") }
        return try ImportedModel(archived: try index.json(entry))
    }

    public func registeredModels() throws -> [ImportedRegisteredModel] {
        try index.registeredModels.map { try ImportedRegisteredModel(archived: try index.json($0)) }
    }

    public func leftOut() -> [(what: String, count: Int64)] { [] }

    /// The first entry of a run or model.
    private func entry(of owner: ArchiveOwner) throws -> ArchiveEntry? {
        guard let start = index.offsets[owner.folder] else { return nil }
        var reader = ArchiveReader(file: file, offset: start)
        return try reader.next()
    }
}

extension Archive: FileSource {
    var keepsWhatIsHere: Bool { true }

    func mayKeep(_ uri: String) -> Bool {
        let rules = ArtifactRules(root: "mlflow-artifacts:/", maxLength: Limits.artifactLocation + 1024)
        do {
            try ArtifactURI.check(uri, rules)
            return true
        } catch { return false }
    }

    func files(of owner: ArchiveOwner, at uri: String) throws -> IncomingFiles {
        guard let document = try entry(of: owner) else { return .none }
        switch try index.json(document)["artifacts"]?.string {
        case ArchiveFiles.elsewhere.rawValue: return .elsewhere
        case ArchiveFiles.leftOut.rawValue: return .leftOut
        default: break
        }
        var files: [IncomingFile] = []
        var reader = ArchiveReader(file: file, offset: document.next)
        loop: while let entry = try reader.next() {
            switch entry.part {
            case .checksums, .metrics: continue
            case .artifact(owner, let path):
                files.append(
                    IncomingFile(path: path, size: entry.size) { [file] sink in
                        try await file.give(entry.range, to: sink)
                    })
            default: break loop
            }
        }
        return .files(files, refused: [])
    }
}
