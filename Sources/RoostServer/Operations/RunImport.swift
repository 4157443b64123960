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
    /// Run and param, where another value is here and stays.
    public var conflicts: [String] = []
    /// Runs and models whose files stay where they are, by the beginning of their URIs.
    public var elsewhere: [String: Int] = [:]
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
    private let artifacts: LocalRepository?
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
        artifacts =
            takesFiles ? LocalRepository(root: settings.artifactsDestination, isDurable: true, world: world) : nil
        self.sourceArtifacts = sourceArtifacts
        self.progress = progress
    }

    /// Closes the database.
    public func close() { store.close() }

    /// Takes everything of a source.
    public func run(_ source: some RunSource) async throws -> RunImportReport {
        var report = RunImportReport()
        let experiments = try source.experiments()
        let runIDs = try experiments.map { try source.runIDs(ofExperiment: $0.id) }
        let total = runIDs.reduce(0) { $0 + $1.count }
        for (experiment, ids) in zip(experiments, runIDs) {
            let location = Self.isRemote(experiment.artifactLocation) ? experiment.artifactLocation : nil
            let home = try await store.write { try $0.takeExperiment(experiment, location: location) }
            report.experiments += 1
            if home.isNew { report.newExperiments += 1 }
            for id in ids {
                try await take(id, of: source, into: home.id, &report)
                progress(report.runs, total, "runs")
            }
            for model in try source.models(ofExperiment: experiment.id) {
                try await take(model, into: home.id, &report)
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
        }
        report.leftOut = try source.leftOut()
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
        _ id: String, of source: some RunSource, into experiment: Int64, _ report: inout RunImportReport
    ) async throws {
        let given = try source.run(id)
        let uri = given.run.info.artifactURI
        let remote = Self.isRemote(uri) ? uri : nil
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
        report.conflicts += taken.conflicts.map { "run \(id), param \($0)" }
        let here = try await store.read { try $0.runInfo(id).artifactURI }
        try await takeFiles(from: uri, to: here, &report)
    }

    private func take(_ given: ImportedModel, into experiment: Int64, _ report: inout RunImportReport) async throws {
        let uri = given.model.artifactLocation
        let remote = Self.isRemote(uri) ? uri : nil
        let isNew = try await store.write(weight: 64 + given.model.metrics.count) {
            try $0.takeModel(given, experiment: experiment, artifactLocation: remote)
        }
        report.models += 1
        if isNew { report.newModels += 1 }
        let id = given.model.modelID
        if let here = try await store.read({ try $0.modelLocation(id) }) {
            try await takeFiles(from: uri, to: here, &report)
        }
    }

    // MARK: Files

    /// A place that is neither a directory nor behind a server's proxy: its files stay where they are.
    private static func isRemote(_ uri: String) -> Bool {
        guard let colon = uri.firstIndex(of: ":") else { return false }
        return !["file", "mlflow-artifacts"].contains(uri[..<colon].lowercased())
    }

    private func takeFiles(from uri: String, to here: String, _ report: inout RunImportReport) async throws {
        if Self.isRemote(uri) {
            report.elsewhere[Backup.beginning(of: uri), default: 0] += 1
            return
        }
        if uri != here { report.moved[uri] = here }
        guard let artifacts else { return }
        let isProxied = uri.lowercased().hasPrefix("mlflow-artifacts:")
        let directory: String? =
            if isProxied {
                if let root = sourceArtifacts, let path = ArtifactPlaces.proxiedPath(uri) {
                    root + "/" + path.text
                } else {
                    nil
                }
            } else {
                ArtifactPlaces.directory(uri)
            }
        guard let directory, let place = ArtifactPlaces.proxiedPath(here) else {
            report.elsewhere[Backup.beginning(of: uri), default: 0] += 1
            return
        }
        // A run without files has no directory, and so has one whose files are lost.
        guard FileTree.isDirectory(directory) else {
            if !isProxied { report.missing.append(directory) }
            return
        }
        var known: [ArtifactPath: [String: Int64]] = [:]
        let listing = try FileTree.list(directory)
        report.refusedFiles += listing.others.map { directory + "/" + $0 }
        for file in listing.files {
            guard let name = try? ArtifactPath(file: file.path) else {
                report.refusedFiles.append(directory + "/" + file.path)
                continue
            }
            let target = place.appending(name)
            let around = target.parent ?? .root
            if known[around] == nil {
                let entries = try await artifacts.list(around)
                known[around] = Dictionary(entries.map { ($0.name, $0.size ?? -1) }) { first, _ in first }
            }
            if known[around]?[target.names.last ?? ""] == file.size {
                report.sameFiles += 1
                continue
            }
            let path = directory + "/" + file.path
            try await artifacts.write(target) { sink in
                try await FileTree.read(path) { try await sink(ByteBuffer(bytes: $0)) }
            }
            report.files += 1
            report.bytes += file.size
        }
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
