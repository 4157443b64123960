// `roost import FILE`: what `roost export` wrote, into another database.

import ArgumentParser
import Logging
import RoostCore
import RoostServer
import RoostStore

struct ImportArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Bring in what `roost export` wrote; the word may be left out: `roost import FILE`.",
        discussion: """
            The file is checked from end to end before anything is written. Ids stay; what is here already stays as it is and is
            counted, so doing it again changes nothing. No server may have the database open.
            """,
        helpNames: .long)

    @Argument(help: ArgumentHelp("The file of an export.", valueName: "file"))
    var source: String

    @Flag(name: .customLong("no-files"), help: "Leave the files of runs and models out.")
    var noFiles = false

    @OptionGroup var flags: PlaceFlags
    @ParentCommand var parent: ImportCommand

    func run() async throws {
        let environment = try Environment.ofProcess(adding: parent.roost.envFile)
        let (bar, progress) = operationBar()
        defer { bar.clear() }
        guard source != "-" else { throw Refusal.usage("an export is read twice, so it must be a file.") }
        let archive = try Archive(resolvedPath(source, in: workingDirectory()), progress: progress)
        let importer = try RunImport(
            into: flags.settings(environment), sourceArtifacts: nil, takesFiles: !noFiles, world: .real,
            log: Logger(label: "roost") { LineLog(label: $0, level: .warning) }, progress: progress)
        defer { importer.close() }
        let report = try await importer.run(archive)
        bar.clear()
        for line in report.lines { StandardStream.output.write(line + "\n") }
    }
}

extension PlaceFlags {
    /// Of a server at this place, as far as an import needs them.
    func settings(_ environment: Environment) throws -> Settings {
        let (uri, places) = try places(environment)
        var settings = Settings(store: uri.location, artifactsDestination: places.artifacts ?? "mlartifacts")
        if let root = Given(.defaultArtifactRoot, environment) {
            settings.artifactRoot = Settings.resolved(root.value, in: try workingDirectory())
        }
        return settings
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
        lines += renumbered
        for (place, count) in elsewhere.sorted(by: { $0.key < $1.key }) {
            let why = place.hasPrefix("mlflow-artifacts") ? "; --source-artifacts names their directory" : ""
            lines.append("not taken: the files of \(counted(count, "run or model")) at \(place)\(why)")
        }
        for (place, count) in unplaced.sorted(by: { $0.key < $1.key }) {
            let owners = counted(count, "run or model")
            lines.append("not taken: the files of \(owners), whose place here would be \(place)")
        }
        if withoutFiles > 0 {
            let owners = withoutFiles == 1 ? "1 run or model" : "\(withoutFiles) runs and models"
            lines.append("not taken: the files of \(owners), which the export leaves out")
        }
        lines += listed("not taken, no such directory", missing)
        lines += listed("not taken, a link or a name that Roost refuses", refusedFiles)
        lines += listed("kept as it is here, another value in the source", conflicts)
        lines += listed("not taken, it cannot be read", damaged)
        for entry in leftOut { lines.append("not taken: \(entry.what), \(counted(entry.count, "row"))") }
        return lines
    }
}
