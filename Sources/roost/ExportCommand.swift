// `roost export`: runs with everything that belongs to them in one file.

import ArgumentParser
import Glibc
import RoostCore
import RoostServer
import RoostStore

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write runs with their points and files to one file, for `roost import`.",
        discussion: """
            The server may run meanwhile: the file is of one moment. Without a selection everything is taken. The file is a tar
            archive; docs/export-format.md says what is in it.
            """,
        helpNames: .long)

    @Argument(help: ArgumentHelp("A new file; - for standard output.", valueName: "file"))
    var destination: String

    @Option(
        name: .customLong("experiment"),
        help: ArgumentHelp("Only this experiment, by id or name; may be given several times.", valueName: "id|name"))
    var experiments: [String] = []

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Only this run and its descendants; may be given several times.", valueName: "id"))
    var runs: [String] = []

    @Flag(name: .customLong("no-files"), help: "Leave the files of runs and models out.")
    var noFiles = false

    @OptionGroup var flags: PlaceFlags
    @ParentCommand var roost: Roost

    func run() throws {
        let environment = try Environment.ofProcess(adding: roost.envFile)
        let directory = try workingDirectory()
        let places = try flags.places(environment).data.leavingArtifacts(noFiles)
        let root = Given(.defaultArtifactRoot, environment).map { Settings.resolved($0.value, in: directory) }
        let (bar, progress) = operationBar()
        defer { bar.clear() }
        let export = Export(
            of: places, artifactRoot: root ?? "mlflow-artifacts:/",
            selection: ExportSelection(experiments: experiments, runs: runs), progress: progress)
        let isPipe = destination == "-"
        if isPipe {
            // A reader that goes away is an error of this command, told in its own words.
            signal(SIGPIPE, SIG_IGN)
        }
        let report =
            isPipe
            ? try export.write(to: STDOUT_FILENO, named: "standard output", world: .real)
            : try export.write(to: resolvedPath(destination, in: directory), world: .real)
        bar.clear()
        // The archive itself goes to standard output there.
        let output: StandardStream = isPipe ? .error : .output
        output.write(
            "\(isPipe ? "standard output" : destination): \(counted(report.experiments, "experiment")),"
                + " \(counted(report.runs, "run")), \(counted(report.points, "point")),"
                + " \(counted(report.models, "logged model")), \(counted(report.registeredModels, "registered model")),"
                + " \(counted(report.files, "file")) of \(sizeText(report.fileBytes))\n")
        for line in report.lines { StandardStream.error.write("roost: \(line).\n") }
        if !report.tooLarge.isEmpty { throw ExitCode(1) }
    }
}

extension ExportReport {
    /// What is not in the file.
    var lines: [String] {
        var lines: [String] = []
        for (place, count) in elsewhere.sorted(by: { $0.key < $1.key }) {
            lines.append("not taken: the files of \(counted(count, "run or model")) at \(place)")
        }
        if otherVersions > 0 {
            lines.append(
                "not taken: \(counted(otherVersions, "version")) of registered models, whose runs are not in the selection"
            )
        }
        if otherModelPoints > 0 {
            lines.append(
                "not taken: \(counted(otherModelPoints, "point")) of logged models, whose runs are not in the selection"
            )
        }
        if vanished > 0 { lines.append("\(counted(vanished, "file")) went away meanwhile") }
        lines += listed("not taken, a link or a name that Roost refuses", refusedFiles)
        lines += listed("not taken, larger than an export may hold", tooLarge)
        return lines
    }
}

/// A line for each of up to twenty things.
func listed(_ what: String, _ things: [String]) -> [String] {
    things.prefix(20).map { "\(what): \($0)" }
        + (things.count > 20 ? ["\(what): and \(things.count - 20) more"] : [])
}
