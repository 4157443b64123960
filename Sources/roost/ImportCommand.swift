// `roost import`: exports of Roost, and what other programs left behind, brought into a server or a database.

import ArgumentParser
import Glibc
import Logging
import RoostServer

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring in an export of Roost, or what other programs have recorded.",
        subcommands: [ImportArchiveCommand.self, ImportPromptFlowCommand.self, ImportMLflowCommand.self],
        defaultSubcommand: ImportArchiveCommand.self, helpNames: .long)

    @ParentCommand var roost: Roost
}

struct ImportPromptFlowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promptflow",
        abstract: "Bring in batches of PromptFlow from their run folders.",
        discussion: """
            A folder becomes a parent run and a child for each line, merged with what is there already; the same folder twice
            changes nothing. A damaged folder is named and skipped, and the status is then 1.
            """)

    @Argument(help: ArgumentHelp("Run folders, like ~/.promptflow/.runs/NAME.", valueName: "run-folder"))
    var folders: [String]

    @Option(help: "The experiment for batches that no server knows yet.")
    var experiment = "promptflow"

    @Flag(help: "List what would be sent, and send nothing.")
    var dryRun = false

    @Flag(name: .customLong("no-files"), help: "Leave out the folder's files: the flow, logs, inputs and outputs.")
    var noFiles = false

    @Option(
        name: .customLong("tracking-uri"),
        help: "The server, like http://127.0.0.1:5000; MLFLOW_TRACKING_URI where it is not given.")
    var trackingURI: String?

    @Option(
        name: .customLong("backend-store-uri"),
        help: "A database that no server has open, like sqlite:///roost.db.")
    var backendStoreURI: String?

    @Option(
        name: .customLong("artifacts-destination"),
        help: "Where the files go with --backend-store-uri: the directory that the database's server is given.")
    var artifactsDestination: String?

    @ParentCommand var parent: ImportCommand

    func run() async throws {
        if dryRun { return try each { _, folder in try PromptFlowImport.plan(folder).plan.joined(separator: "\n") } }
        guard trackingURI == nil || backendStoreURI == nil else {
            throw Refusal.usage("--tracking-uri and --backend-store-uri exclude each other.")
        }
        guard artifactsDestination == nil || backendStoreURI != nil else {
            throw Refusal.usage("--artifacts-destination needs --backend-store-uri; a server has a place of its own.")
        }
        if let backendStoreURI {
            let uri = try StoreURI(backendStoreURI, source: "--backend-store-uri")
            let log = Logger(label: "roost") { LineLog(label: $0, level: .warning) }
            let environment = try Environment.ofProcess(adding: parent.roost.envFile)
            let settings = Settings(
                store: uri.location,
                artifactsDestination: try Settings.destination(
                    artifactsDestination, environment, in: workingDirectory()))
            let database = InProcessTransport(try App(settings: settings, log: log))
            defer { database.close() }
            return try await send(through: database)
        }
        let environment = try Environment.ofProcess(adding: parent.roost.envFile)
        guard let named = trackingURI ?? environment[.trackingURI], !named.isEmpty else {
            throw Refusal.usage("Where to? Give --tracking-uri, MLFLOW_TRACKING_URI or --backend-store-uri.")
        }
        try await send(through: HTTPTransport(address: try ServerAddress(url: named), environment))
    }

    private func send(through transport: any APITransport) async throws {
        let bar = ProgressBar(isShown: isStandardErrorATerminal())
        let importer = PromptFlowImport(transport, experiment: experiment, withFiles: !noFiles) { done, count in
            bar.show(done, of: count)
        }
        var failures = 0
        for folder in folders {
            do {
                let report = try await importer.run(folder)
                bar.clear()
                StandardStream.output.write(
                    "\(report.run): \(report.lines) lines, \(report.failedLines) failed; \(report.created) runs made,"
                        + " \(report.values) values and \(report.files) files sent\n")
            } catch let error as ImportError {
                bar.clear()
                failures += 1
                StandardStream.error.write("roost: \(folder) is skipped: \(error).\n")
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }

    private func each(_ body: (Int, String) throws -> String) throws {
        var failures = 0
        for (index, folder) in folders.enumerated() {
            do {
                StandardStream.output.write(try body(index, folder) + "\n")
            } catch let error as ImportError {
                failures += 1
                StandardStream.error.write("roost: \(folder) is skipped: \(error).\n")
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }
}

/// A bar on standard error, where a person looks at it.
struct ProgressBar: Sendable {
    let isShown: Bool

    func show(_ done: Int, of count: Int, _ what: String = "lines") {
        guard isShown, count > 0 else { return }
        let filled = 30 * done / count
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
        StandardStream.error.write("\r[\(bar)] \(done) of \(count) \(what)\u{1B}[K")
    }

    func clear() { if isShown { StandardStream.error.write("\r\u{1B}[K") } }
}
