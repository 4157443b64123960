// `roost gc`, with the options of `mlflow gc`.

import ArgumentParser
import Logging
import RoostCore
import RoostServer
import RoostStore

struct GCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove for good what is in the trash: files first, then rows.",
        discussion: """
            With --tracking-uri or MLFLOW_TRACKING_URI the server does it, else the database must have no server. Before
            that, the rules of the experiments (tag roost.retention) put runs in the trash. What is named with --run-ids or
            --experiment-ids goes, and nothing else.
            """,
        helpNames: .long)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only what has been in the trash for so long, like 30d or 1d2h3m4s.", valueName: "time"))
    var olderThan: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("These runs, with commas between them.", valueName: "ids"))
    var runIds: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("These experiments with their runs, with commas between them.", valueName: "ids"))
    var experimentIds: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("These logged models, with commas between them.", valueName: "ids"))
    var loggedModelIds: String?

    @Option(
        name: .customLong("tracking-uri"), parsing: .unconditional,
        help: ArgumentHelp("The server, like http://127.0.0.1:5000.", valueName: "uri"))
    var trackingURI: String?

    @Flag(help: "List what would go, and remove nothing.")
    var dryRun = false

    @Flag(help: "Remove runs whose files cannot be reached, too; the files stay.")
    var keepArtifacts = false

    @Flag(name: .customLong("no-retention"), help: "Leave the experiments' own rules alone.")
    var noRetention = false

    @Flag(help: "Accepted without effect: there are no jobs.")
    var jobs = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Accepted without effect.", valueName: "ids"))
    var jobIds: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Refused: there is one workspace.", valueName: "name"))
    var workspace: String?

    @Flag(help: "Refused: there is one workspace.")
    var allWorkspaces = false

    @OptionGroup var flags: PlaceFlags
    @ParentCommand var roost: Roost

    func run() async throws {
        guard workspace == nil, !allWorkspaces else {
            throw Refusal.usage("--workspace and --all-workspaces are refused: a server holds one workspace.")
        }
        var collection = GarbageCollection()
        do { collection.olderThan = try olderThan.map { text throws(APIError) in try Age(text) } } catch {
            throw Refusal.usage("--older-than: \(error.message)")
        }
        collection.runIDs = try list(runIds, "--run-ids")
        collection.experimentIDs = try list(experimentIds, "--experiment-ids")
        collection.modelIDs = try list(loggedModelIds, "--logged-model-ids")
        collection.isDryRun = dryRun
        collection.keepsArtifacts = keepArtifacts
        collection.appliesRetention = !noRetention
        let environment = try Environment.ofProcess(adding: roost.envFile)
        if let uri = Given("--tracking-uri", trackingURI, .trackingURI, environment) {
            return try await carryOut(collection, HTTPTransport(address: ServerAddress(url: uri.value), environment))
        }
        let (uri, places) = try flags.places(environment)
        _ = try DatabaseReader(places.database)
        let log = Logger(label: "roost") { LineLog(label: $0, level: .warning) }
        var settings = Settings(store: uri.location, artifactsDestination: places.artifacts ?? "mlartifacts")
        if let root = Given(.defaultArtifactRoot, environment) {
            settings.artifactRoot = Settings.resolved(root.value, in: try workingDirectory())
        }
        let database = InProcessTransport(try App(settings: settings, log: log))
        defer { database.close() }
        try await carryOut(collection, database)
    }

    private func carryOut(_ collection: GarbageCollection, _ transport: any APITransport) async throws {
        let isWhole = try await collection.run(transport) { line in
            switch line {
            case .done(let text): StandardStream.output.write(text + "\n")
            case .kept(let text): StandardStream.error.write("roost: \(text)\n")
            }
        }
        if !isWhole { throw ExitCode(1) }
    }

    private func list(_ text: String?, _ flag: String) throws(Refusal) -> [String] {
        guard let text else { return [] }
        let ids = text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        // Otherwise a variable of a script that is empty would mean everything.
        guard !ids.isEmpty else { throw .usage("\(flag) names nothing; leave it out for everything in the trash.") }
        return ids
    }
}
