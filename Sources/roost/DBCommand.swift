// `roost db upgrade`, as `mlflow db upgrade`.

import ArgumentParser
import Logging
import RoostCore
import RoostServer
import RoostStore

struct DBCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Look after the database.", subcommands: [DBUpgradeCommand.self],
        helpNames: .long)

    @ParentCommand var roost: Roost
}

struct DBUpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Bring a database to the newest schema; a server does the same when it starts.",
        discussion: "No server may have it open. Make a backup before: an older Roost does not open what was upgraded.",
        helpNames: .long)

    @Argument(
        help: ArgumentHelp(
            "The database, like sqlite:///roost.db; else MLFLOW_BACKEND_STORE_URI, or the default.", valueName: "uri"))
    var url: String?

    @ParentCommand var parent: DBCommand

    func run() throws {
        var flags = PlaceFlags()
        flags.backendStoreURI = url
        flags.artifactsDestination = nil
        let path = try flags.places(Environment.ofProcess(adding: parent.roost.envFile)).data.database
        let log = Logger(label: "roost") { LineLog(label: $0, level: .warning) }
        let (before, after) = try DatabaseUpgrade.run(path, world: .real, log: log)
        StandardStream.output.write(
            before == after
                ? "\(path): schema \(after), nothing to do\n" : "\(path): upgraded from schema \(before) to \(after)\n")
    }
}
