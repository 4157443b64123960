// Brings runs in from another database, with their files, past the API: a history has millions of points. Everything is
// added to what is here, so an import may be cut off anywhere and run again.

internal import Glibc
public import Logging
internal import NIOCore
internal import RoostArtifacts
public import RoostCore
public import RoostStore

/// What an import has taken and what not.
public struct RunImportReport: Sendable {
    public var experiments = 0
    public var newExperiments = 0
    public var runs = 0
    public var newRuns = 0
    public var points: Int64 = 0
    public var models = 0
    public var newModels = 0
    public var registeredModels = 0
    public var newRegisteredModels = 0
    public var newVersions = 0
    public var files = 0
    public var bytes: Int64 = 0
    /// Files that were here already.
    public var sameFiles = 0
    /// Run and param or the like, where another value is here and stays.
    public var conflicts: [String] = []
    /// Experiments that have another number here.
    public var renumbered: [String] = []
    /// Runs and models that could not be read, and were left out.
    public var damaged: [String] = []
    /// Runs and models whose files the source does not hold because nobody wanted them.
    public var withoutFiles = 0
    /// Runs and models whose files stay where they are, by the beginning of their URIs.
    public var elsewhere: [String: Int] = [:]
    /// Runs and models whose files the source holds, and this server could not keep: by the beginning of their URIs here.
    public var unplaced: [String: Int] = [:]
    /// Directories of files that could not be found.
    public var missing: [String] = []
    /// Files under names that Roost does not take.
    public var refusedFiles: [String] = []
    /// Where the places of runs and models of the source are here.
    var moved: [String: String] = [:]
    /// What the source holds beyond that, and how much.
    public var leftOut: [(what: String, count: Int64)] = []
}

/// Takes runs into a database that no server holds.
public struct RunImport: Sendable {
    private let store: Store
    /// Nil where files are not taken.
    private let artifacts: ArtifactPlaces?
    private let sourceArtifacts: String?
    private let progress: OperationProgress

    /// - Parameters:
    ///   - sourceArtifacts: the directory behind the `mlflow-artifacts:` URIs of the source; nil where it is not at hand.
    ///   - takesFiles: whether files are copied.
    /// - Throws: `StoreOpeningError` when the database cannot be opened.
    public init(
        into settings: Settings, sourceArtifacts: String?, takesFiles: Bool, world: World, log: Logger,
        progress: @escaping OperationProgress
    ) throws {
        store = try Store(
            settings.store, options: settings.storeOptions, world: world, telemetry: Telemetry(), log: log)
        artifacts = takesFiles ? ArtifactPlaces(settings, world: world) : nil
        self.sourceArtifacts = sourceArtifacts
        self.progress = progress
    }

    /// Closes the database.
    public func close() { store.close() }

    /// Takes everything of a database or folder of MLflow.
    public func run(_ source: some RunSource) async throws -> RunImportReport {
        try await run(source, files: (source as? any FileSource) ?? DirectoryFiles(proxied: sourceArtifacts))
    }

    /// Takes everything of an export.
    public func run(_ archive: Archive) async throws -> RunImportReport {
        let report = try await run(archive, files: archive)
        try archive.file.checkUnchanged()
        return report
    }

    private func run(_ source: some RunSource, files: any FileSource) async throws -> RunImportReport {
        var report = RunImportReport()
        let experiments = try source.experiments()
        let runIDs = try experiments.map { try source.runIDs(ofExperiment: $0.id) }
        let total = runIDs.reduce(0) { $0 + $1.count }
        var homes: [Int64] = []
        for (experiment, ids) in zip(experiments, runIDs) {
            let home = try await take(experiment, files, &report)
            homes.append(home)
            for id in ids {
                do { try await take(id, of: source, into: home, files, &report) } catch let damage as SourceDamage {
                    report.damaged.append("run \(id): \(damage)")
                }
                progress(report.runs, total, "runs")
            }
        }
        // A metric of a model may come from a run of any experiment, so all runs are here by now.
        for (experiment, home) in zip(experiments, homes) {
            for id in try source.modelIDs(ofExperiment: experiment.id) {
                do { try await take(try source.model(id), into: home, files, &report) } catch let damage as SourceDamage
                {
                    report.damaged.append("logged model \(id): \(damage)")
                }
            }
        }
        let places = report.moved
        for model in try source.registeredModels() {
            let taken = try await store.write(weight: 16 + 4 * model.versions.count) { tx in
                try tx.takeRegisteredModel(model) { Self.moved($0, places) }
            }
            report.registeredModels += 1
            if taken.isNew { report.newRegisteredModels += 1 }
            report.newVersions += taken.versions
            report.conflicts += taken.conflicts.map { "registered model \(model.name), \($0)" }
        }
        report.leftOut = try source.leftOut()
        report.damaged += source.damage()
        return report
    }

    /// A URI in or below a place that has moved, at its new place.
    private static func moved(_ uri: String, _ places: [String: String]) -> String {
        if let place = places[uri] { return place }
        for slash in uri.indices.reversed() where uri[slash] == "/" {
            if let place = places[String(uri[..<slash])] { return place + uri[slash...] }
        }
        return uri
    }

    private func take(
        _ experiment: Experiment, _ files: any FileSource, _ report: inout RunImportReport
    ) async throws -> Int64 {
        let location = Self.kept(experiment.artifactLocation, files)
        let home = try await store.write { try $0.takeExperiment(experiment, location: location) }
        report.experiments += 1
        if home.isNew { report.newExperiments += 1 }
        if home.id != experiment.id {
            report.renumbered.append("experiment '\(experiment.name)' is \(experiment.id) there and \(home.id) here")
        }
        report.conflicts += home.conflicts.map { "experiment \(home.id), \($0)" }
        return home.id
    }

    private func take(
        _ id: String, of source: some RunSource, into experiment: Int64, _ files: any FileSource,
        _ report: inout RunImportReport
    ) async throws {
        let given = try source.run(id)
        let uri = given.run.info.artifactURI
        let remote = Self.kept(uri, files)
        var piece = try source.points(id, after: nil)
        let first = piece.points
        let taken = try await store.write(weight: first.count + 64) { tx in
            let taken = try tx.takeRun(given, experiment: experiment, artifactURI: remote)
            try tx.takePoints(id, first)
            return taken
        }
        report.points += Int64(first.count)
        while let next = piece.next {
            piece = try source.points(id, after: next)
            let more = piece.points
            try await store.write(weight: more.count) { try $0.takePoints(id, more) }
            report.points += Int64(more.count)
        }
        report.runs += 1
        if taken.isNew { report.newRuns += 1 }
        report.conflicts += taken.conflicts.map { "run \(id), \($0)" }
        let here = try await store.read { try $0.runInfo(id).artifactURI }
        try await takeFiles(of: .run(id), files, from: uri, to: here, &report)
    }

    private func take(
        _ given: ImportedModel, into experiment: Int64, _ files: any FileSource, _ report: inout RunImportReport
    ) async throws {
        let uri = given.model.artifactLocation
        let remote = Self.kept(uri, files)
        let taken = try await store.write(weight: 64 + given.model.metrics.count) {
            try $0.takeModel(given, experiment: experiment, artifactLocation: remote)
        }
        let id = given.model.modelID
        report.models += 1
        if taken.isNew { report.newModels += 1 }
        report.conflicts += taken.conflicts.map { "logged model \(id), \($0)" }
        if let here = try await store.read({ try $0.modelLocation(id) }) {
            try await takeFiles(of: .model(id), files, from: uri, to: here, &report)
        }
    }

    // MARK: Files

    /// A place that is neither a directory nor behind a server's proxy: its files stay where they are.
    static func isRemote(_ uri: String) -> Bool {
        guard let colon = uri.firstIndex(of: ":") else { return false }
        return !["file", "mlflow-artifacts"].contains(uri[..<colon].lowercased())
    }

    /// A place that is kept; nil where a run or model gets one of this server's.
    private static func kept(_ uri: String, _ files: any FileSource) -> String? {
        isRemote(uri) && files.mayKeep(uri) ? uri : nil
    }

    private func takeFiles(
        of owner: ArchiveOwner, _ source: any FileSource, from uri: String, to here: String,
        _ report: inout RunImportReport
    ) async throws {
        if Self.isRemote(uri) {
            report.elsewhere[Backup.beginning(of: uri), default: 0] += 1
            return
        }
        if uri != here { report.moved[uri] = here }
        guard let artifacts else { return }
        switch try source.files(of: owner, at: uri) {
        case .none: return
        case .elsewhere: report.elsewhere[Backup.beginning(of: uri), default: 0] += 1
        case .leftOut: report.withoutFiles += 1
        case .missing(let directory): report.missing.append(directory)
        case .files(let files, let refused):
            report.refusedFiles += refused
            guard let (repository, place) = try? artifacts.place(here, of: owner.text) else {
                report.unplaced[Backup.beginning(of: here), default: 0] += 1
                return
            }
            var known: [ArtifactPath: [String: Int64]] = [:]
            for file in files {
                try await take(file, of: owner, to: place, in: repository, source.keepsWhatIsHere, &known, &report)
            }
        }
    }

    private func take(
        _ file: IncomingFile, of owner: ArchiveOwner, to place: ArtifactPath, in artifacts: any ArtifactRepository,
        _ keepsWhatIsHere: Bool, _ known: inout [ArtifactPath: [String: Int64]], _ report: inout RunImportReport
    ) async throws {
        guard let name = try? ArtifactPath(file: file.path) else {
            report.refusedFiles.append("\(owner.text)/\(file.path)")
            return
        }
        let target = place.appending(name)
        let around = target.parent ?? .root
        if known[around] == nil {
            let entries = try await artifacts.list(around)
            known[around] = Dictionary(entries.map { ($0.name, $0.size ?? -1) }) { first, _ in first }
        }
        let here = known[around]?[target.names.last ?? ""]
        if let here {
            if keepsWhatIsHere {
                let isSame = here == file.size ? try await Self.isSame(file, artifacts, target) : false
                if isSame { report.sameFiles += 1 } else { report.conflicts.append("\(owner.text), file \(file.path)") }
                return
            }
            if here == file.size {
                report.sameFiles += 1
                return
            }
        }
        do { try await artifacts.write(target, from: file.bytes) } catch let error as APIError where error.status == 400
        {
            // A directory stands where the file should, or a file where its directory should.
            report.conflicts.append("\(owner.text), file \(file.path)")
            return
        }
        report.files += 1
        report.bytes += file.size
    }

    private static func isSame(
        _ file: IncomingFile, _ artifacts: any ArtifactRepository, _ place: ArtifactPath
    ) async throws -> Bool {
        guard case .file(let here) = try await artifacts.open(place) else { return false }
        var (theirs, ours) = (Checksum(), Checksum())
        try await file.bytes { buffer in buffer.withUnsafeReadableBytes { theirs.add($0) } }
        try await here.read(0..<here.size) { buffer in buffer.withUnsafeReadableBytes { ours.add($0) } }
        return theirs.value == ours.value
    }
}

extension FileTree {
    /// Gives the bytes of a file to a sink, piece by piece.
    static func read(_ path: String, _ sink: ([UInt8]) async throws -> Void) async throws {
        let input = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else { throw failure(path, "cannot be read") }
        defer { close(input) }
        while true {
            let bytes = try [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
                count = 0
                let got = Glibc.read(input, buffer.baseAddress, buffer.count)
                guard got >= 0 else { throw failure(path, "cannot be read") }
                count = got
            }
            if bytes.isEmpty { return }
            try await sink(bytes)
        }
    }
}
