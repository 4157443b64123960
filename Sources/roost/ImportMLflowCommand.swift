// `roost import mlflow`: everything of a database or a folder that MLflow wrote.

import ArgumentParser
import Logging
import RoostCore
import RoostServer
import RoostStore

struct ImportMLflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow",
        abstract: "Bring in what an MLflow server has recorded, from its SQLite database or its mlruns folder.",
        discussion: """
            Experiments, runs with all points, params, tags, datasets, logged models and their files. The source is only read;
            ids stay. What is here already stays as it is, so doing it again brings what is new. What cannot be read is named and
            skipped, and the status is then 1. No server may have the target open.
            """,
        helpNames: .long)

    @Argument(
        help: ArgumentHelp(
            "The database of MLflow 3.17.2, like sqlite:///mlflow.db, or a folder of its file store.",
            valueName: "source"))
    var source: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The directory that MLflow kept its artifacts in, if not in the folder: its --artifacts-destination.",
            valueName: "directory"))
    var sourceArtifacts: String?

    @Flag(name: .customLong("no-files"), help: "Leave the files where they are.")
    var noFiles = false

    @OptionGroup var flags: PlaceFlags
    @ParentCommand var parent: ImportCommand

    func run() async throws {
        let directory = try workingDirectory()
        let root = sourceArtifacts.map { resolvedPath($0, in: directory) }
        if let root, !DataPlaces.isDirectory(root) {
            throw Refusal.failed("--source-artifacts: '\(root)' is no directory.")
        }
        // Its scheme decides: a folder has none.
        if source.contains(":"), !source.lowercased().hasPrefix("file:") {
            guard case .file(let path) = try StoreURI(source, source: "the source").location else {
                throw Refusal.usage("the source is a database in memory; name a file.")
            }
            return try await take(try MLflowDatabase(resolvedPath(path, in: directory)), root)
        }
        guard let path = source.contains(":") ? localPath(ofFileURI: source) : resolvedPath(source, in: directory)
        else {
            throw Refusal.usage("the source: a folder is written as a path, or as file:///absolute/path.")
        }
        try await take(try MLflowFolder(path, otherFiles: root), root)
    }

    private func take(_ source: some RunSource, _ root: String?) async throws {
        let environment = try Environment.ofProcess(adding: parent.roost.envFile)
        let (bar, progress) = operationBar()
        defer { bar.clear() }
        let importer = try RunImport(
            into: flags.settings(environment), sourceArtifacts: root, takesFiles: !noFiles, world: .real,
            log: Logger(label: "roost") { LineLog(label: $0, level: .warning) }, progress: progress)
        defer { importer.close() }
        let report = try await importer.run(source)
        bar.clear()
        for line in report.lines { StandardStream.output.write(line + "\n") }
        // The rest was taken, but somebody should look.
        if !report.damaged.isEmpty { throw ExitCode(1) }
    }
}
