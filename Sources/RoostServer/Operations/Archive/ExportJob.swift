// An export under way: what is chosen, then one thing after another into the archive.

internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

struct ExportJob {
    let snapshot: Snapshot
    let writer: ArchiveWriter
    let places: DataPlaces
    let localRoot: String?
    let progress: OperationProgress
    private(set) var report = ExportReport()
    private var takenRuns: Set<String> = []
    private var takenModels: Set<String> = []

    init(
        snapshot: Snapshot, writer: ArchiveWriter, places: DataPlaces, localRoot: String?,
        progress: @escaping OperationProgress
    ) {
        self.snapshot = snapshot
        self.writer = writer
        self.places = places
        self.localRoot = localRoot
        self.progress = progress
    }

    /// What is taken of an experiment.
    private struct Share {
        let experiment: Experiment
        var runs: [String]
        var models: [String]
    }

    mutating func run(_ selection: ExportSelection) throws {
        let shares = try choose(selection)
        let total = shares.reduce(0) { $0 + $1.runs.count }
        for share in shares {
            try writer.add(.experiment(share.experiment.id), share.experiment.archived)
            report.experiments += 1
        }
        for share in shares {
            for id in share.runs {
                try take(run: id)
                progress(Int(report.runs), total, "runs")
            }
        }
        for id in shares.flatMap(\.models) { try take(model: id) }
        for name in try snapshot.registeredModelNames() {
            try take(try snapshot.exportedRegisteredModel(name), wholly: selection.isEverything)
        }
        writer.counts.experiments = report.experiments
        writer.counts.runs = report.runs
        writer.counts.points = report.points
        writer.counts.models = report.models
        writer.counts.registeredModels = report.registeredModels
        writer.counts.files = report.files
        writer.counts.fileBytes = report.fileBytes
    }

    // MARK: The choice

    private func choose(_ selection: ExportSelection) throws -> [Share] {
        let all = try snapshot.allExperiments()
        var shares: [Int64: Share] = [:]
        let whole = selection.isEverything ? all : try selection.experiments.map { try find($0, among: all) }
        for experiment in whole {
            shares[experiment.id] = Share(
                experiment: experiment, runs: try snapshot.allRunIDs(ofExperiment: experiment.id),
                models: try snapshot.allModelIDs(ofExperiment: experiment.id))
        }
        var seen: Set<String> = []
        var waiting = selection.runs
        while let id = waiting.popLast() {
            guard seen.insert(id).inserted else { continue }
            let info: RunInfo
            do { info = try snapshot.runInfo(id) } catch is APIError { throw OperationError("there is no run \(id)") }
            waiting += try snapshot.childIDs(of: id)
            if whole.contains(where: { $0.id == info.experimentID }) { continue }
            var own = try shares[info.experimentID] ?? share(info.experimentID, all)
            own.runs.append(id)
            shares[info.experimentID] = own
            for model in try snapshot.modelIDs(ofRun: id) {
                let home = try snapshot.exportedModel(model).model.experimentID
                if whole.contains(where: { $0.id == home }) { continue }
                var around = try shares[home] ?? share(home, all)
                if !around.models.contains(model) { around.models.append(model) }
                shares[home] = around
            }
        }
        return shares.keys.sorted().compactMap { shares[$0] }
    }

    private func share(_ id: Int64, _ all: [Experiment]) throws -> Share {
        guard let experiment = all.first(where: { $0.id == id }) else {
            throw OperationError("there is no experiment \(id)")
        }
        return Share(experiment: experiment, runs: [], models: [])
    }

    /// By its id, or else by its name.
    private func find(_ text: String, among all: [Experiment]) throws -> Experiment {
        if let found = all.first(where: { String($0.id) == text }) ?? all.first(where: { $0.name == text }) {
            return found
        }
        throw OperationError("there is no experiment '\(text)'")
    }

    // MARK: One thing after another

    private mutating func take(run id: String) throws {
        let run = try snapshot.exportedRun(id)
        let (kind, directory) = files(at: run.run.info.artifactURI)
        let bytes = run.archived(kind)
        guard ArchiveOwner.isFolder(id), bytes.count <= ArchiveFormat.document else {
            report.tooLarge.append("run \(id)")
            return
        }
        takenRuns.insert(id)
        report.runs += 1
        try writer.add(.document(.run(id)), bytes)
        var number = 0
        try snapshot.eachPiece(ofRun: id, points: ArchiveFormat.points) { points in
            number += 1
            try writer.add(.metrics(.run(id), number), ArchivedPoints.bytes(points))
            report.points += Int64(points.count)
        }
        if let directory { try take(filesOf: .run(id), in: directory) }
    }

    private mutating func take(model id: String) throws {
        let model = try snapshot.exportedModel(id)
        let metrics = model.model.metrics.filter { takenRuns.contains($0.runID) }
        let (kind, directory) = files(at: model.model.artifactLocation)
        let bytes = model.archived(kind, metrics: metrics)
        guard ArchiveOwner.isFolder(id), bytes.count <= ArchiveFormat.document else {
            report.tooLarge.append("logged model \(id)")
            return
        }
        report.otherModelPoints += model.model.metrics.count - metrics.count
        takenModels.insert(id)
        report.models += 1
        try writer.add(.document(.model(id)), bytes)
        if let directory { try take(filesOf: .model(id), in: directory) }
    }

    private mutating func take(_ model: ImportedRegisteredModel, wholly: Bool) throws {
        let taken = model.versions.filter {
            wholly || takenRuns.contains($0.runID) || takenModels.contains($0.modelID)
        }
        report.otherVersions += model.versions.count - taken.count
        guard wholly || !taken.isEmpty else { return }
        let bytes = model.archived(taken)
        guard bytes.count <= ArchiveFormat.document else {
            report.tooLarge.append("registered model \(model.name)")
            return
        }
        report.registeredModels += 1
        try writer.add(.registeredModel(Int(report.registeredModels)), bytes)
    }

    // MARK: Files

    /// Where the files of a run are on this machine, as the server itself would find them.
    private mutating func files(at uri: String) -> (ArchiveFiles, directory: String?) {
        guard let artifacts = places.artifacts else { return (.leftOut, nil) }
        if let path = ArtifactPlaces.proxiedPath(uri) { return (.included, directory(artifacts, path.names)) }
        if let localRoot, let path = ArtifactPlaces.directory(uri), path.utf8.starts(with: (localRoot + "/").utf8),
            let rest = try? ArtifactPath(beneathRoot: String(path.dropFirst(localRoot.count + 1)))
        {
            return (.included, directory(localRoot, rest.names))
        }
        report.elsewhere[Backup.beginning(of: uri), default: 0] += 1
        return (.elsewhere, nil)
    }

    /// Nil where there is none, or a link on the way to it.
    private func directory(_ root: String, _ names: [String]) -> String? {
        var path = root
        for name in names {
            path += "/" + name
            guard FileTree.isPlainDirectory(path) else { return nil }
        }
        return path
    }

    private mutating func take(filesOf owner: ArchiveOwner, in directory: String) throws {
        let listing = try FileTree.list(directory)
        report.refusedFiles += listing.others.map { directory + "/" + $0 }
        for file in listing.files.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            let part = ArchivePart.artifact(owner, file.path)
            // What cannot be read back under its name is not written.
            guard ArchivePart(part.name) == part, part.name.utf8.count < 60 << 10 else {
                report.refusedFiles.append(directory + "/" + file.path)
                continue
            }
            guard let input = try FileTree.openFile(directory + "/" + file.path) else {
                report.vanished += 1
                continue
            }
            try writer.add(part, size: input.size) { write in try input.read(write) }
            report.files += 1
            report.fileBytes += input.size
        }
    }
}
