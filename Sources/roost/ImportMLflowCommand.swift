// `roost import mlflow`: everything of a database that MLflow wrote.

import ArgumentParser
import Logging
import RoostCore
import RoostServer
import RoostStore

struct ImportMLflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow",
        abstract: "Bring in what an MLflow server has recorded, from its SQLite database.",
        discussion: """
            Experiments, runs with all points, params, tags, datasets, logged models and their files. The source is only read;
            ids stay. What is here already stays as it is, so doing it again brings what is new. No server may have the
            target open.
            """,
        helpNames: .long)

    @Argument(
        help: ArgumentHelp("The database of MLflow 3.17.2, like sqlite:///mlflow.db.", valueName: "uri"))
    var source: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The directory that the MLflow server kept its artifacts in: its --artifacts-destination.",
            valueName: "directory"))
    var sourceArtifacts: String?

    @Flag(name: .customLong("no-files"), help: "Leave the files where they are.")
    var noFiles = false

    @OptionGroup var flags: PlaceFlags
    @ParentCommand var parent: ImportCommand

    func run() async throws {
        let directory = try workingDirectory()
        let environment = try Environment.ofProcess(adding: parent.roost.envFile)
        // Its scheme decides: a folder has none.
        guard source.contains(":"), !source.lowercased().hasPrefix("file:") else {
            throw Refusal.failed(
                "'\(source)' is a folder of MLflow's file store: make a database of it with"
                    + " `mlflow migrate-filestore --source FOLDER --target sqlite:///mlflow.db`, and import that.")
        }
        guard case .file(let path) = try StoreURI(source, source: "the source").location else {
            throw Refusal.usage("the source is a database in memory; name a file.")
        }
        let root = sourceArtifacts.map { resolvedPath($0, in: directory) }
        if let root, !DataPlaces.isDirectory(root) {
            throw Refusal.failed("--source-artifacts: '\(root)' is no directory.")
        }
        let database = try MLflowDatabase(resolvedPath(path, in: directory))
        let (uri, places) = try flags.places(environment)
        var settings = Settings(store: uri.location, artifactsDestination: places.artifacts ?? "mlartifacts")
        if let root = Given(.defaultArtifactRoot, environment) {
            settings.artifactRoot = Settings.resolved(root.value, in: directory)
        }
        let (bar, progress) = operationBar()
        defer { bar.clear() }
        let importer = try RunImport(
            into: settings, sourceArtifacts: root, takesFiles: !noFiles, world: .real,
            log: Logger(label: "roost") { LineLog(label: $0, level: .warning) }, progress: progress)
        defer { importer.close() }
        let report = try await importer.run(database)
        bar.clear()
        for line in report.lines { StandardStream.output.write(line + "\n") }
    }
}

extension RunImportReport {
    /// What was taken, then what was not.
    var lines: [String] {
        var lines = [
            "taken: \(counted(experiments, "experiment")) (\(newExperiments) new), \(counted(runs, "run")) (\(newRuns) new),"
                + " \(counted(points, "point")), \(counted(models, "logged model")) (\(newModels) new)",
            "taken: \(counted(registeredModels, "registered model")) (\(newRegisteredModels) new),"
                + " \(counted(newVersions, "new version"))",
            "files: \(counted(files, "file")) copied (\(sizeText(bytes))), \(sameFiles) here already",
        ]
        for (place, count) in elsewhere.sorted(by: { $0.key < $1.key }) {
            let why = place.hasPrefix("mlflow-artifacts") ? "; --source-artifacts names their directory" : ""
            lines.append("not taken: the files of \(counted(count, "run or model")) at \(place)\(why)")
        }
        lines += Self.listed("not taken, no such directory", missing)
        lines += Self.listed("not taken, a name that Roost refuses", refusedFiles)
        lines += Self.listed("kept as it is here, another value in the source", conflicts)
        for entry in leftOut { lines.append("not taken: \(entry.what), \(counted(entry.count, "row"))") }
        return lines
    }

    private static func listed(_ what: String, _ things: [String]) -> [String] {
        things.prefix(20).map { "\(what): \($0)" }
            + (things.count > 20 ? ["\(what): and \(things.count - 20) more"] : [])
    }
}
