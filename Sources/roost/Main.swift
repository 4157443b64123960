// The commands, and how the process ends: 0 well, 1 not started, 2 not understood.

import ArgumentParser
import CHost
import Glibc
import Logging
import RoostServer
import RoostStore

@main
enum Main {
    static func main() async {
        do {
            var command = try Roost.parseAsRoot()
            if var running = command as? any AsyncParsableCommand {
                try await running.run()
            } else {
                try command.run()
            }
        } catch {
            let ending = Ending(error)
            (ending.status == 0 ? StandardStream.output : .error).write(ending.text)
            exit(ending.status)
        }
    }
}

/// The last words of a command that ended early.
struct Ending: Equatable {
    let status: Int32
    let text: String

    init(_ error: any Error) {
        switch error {
        case Refusal.usage(let reason): self.init(2, reason)
        case Refusal.failed(let reason): self.init(1, reason)
        case let error as StoreOpeningError: self.init(1, error.description)
        case let error as ServerStartError: self.init(1, error.description)
        case let error as ImportError: self.init(1, error.description + ".")
        case let error as OperationError: self.init(1, error.description + ".")
        case let code as ExitCode: self.init(status: code.rawValue, text: "")
        default:
            switch Roost.exitCode(for: error) {
            // Help and version end a command early, too.
            case .success: self.init(status: 0, text: Roost.fullMessage(for: error) + "\n")
            case .validationFailure: self.init(2, Roost.message(for: error))
            default: self.init(1, "the server failed: \(error)")
            }
        }
    }

    private init(_ status: Int32, _ reason: String) {
        let advice = status == 2 ? "`roost --help` and `roost server --help` say what is understood.\n" : ""
        self.init(status: status, text: "roost: \(reason)\n" + advice)
    }

    private init(status: Int32, text: String) {
        self.status = status
        self.text = text
    }
}

struct Roost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost",
        abstract: "An MLflow tracking server in one process.",
        version: "roost \(roostVersion)",
        subcommands: [
            ServerCommand.self, ExportCommand.self, ImportCommand.self, BackupCommand.self, RestoreCommand.self,
            CheckCommand.self,
            GCCommand.self, DBCommand.self, HealthCommand.self, SpecCommand.self,
        ],
        // -h is the host, as in MLflow.
        helpNames: .long)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read variables from a file; those that are set already win.", valueName: "path"))
    var envFile: String?
}

struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Serve the MLflow tracking API.",
        discussion: """
            Every flag of `mlflow server` is understood. A flag wins over its MLFLOW_ variable, the variable over the default.
            """,
        aliases: ["ui"])

    @ParentCommand var roost: Roost
    @OptionGroup var flags: ServerFlags

    func run() async throws {
        let environment = try Environment.ofProcess(adding: roost.envFile)
        var plan = try ServerPlan(flags, environment, directory: workingDirectory())
        let log = Logger(label: "roost") { LineLog(label: $0, level: plan.settings.logLevel) }
        if let path = roost.envFile { log.info("Variables were read from \(path).") }
        for message in plan.messages { message.say(to: log) }
        for note in plan.settings.notes { log.info("\(note)") }
        plan.settings.mlflowUI = try await plan.ui.find(environment)
        if let directory = plan.settings.mlflowUI { log.info("MLflow's own UI is served at / out of \(directory).") }
        // Half of the instructions that a start needs are needed never again, and an idle server shall be small.
        try await App(settings: plan.settings, log: log).run { roost_let_go_of_instructions() }
    }
}

struct SpecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spec", abstract: "Print the OpenAPI document of what is served.")

    func run() { StandardStream.output.write(openAPIDocument()) }
}
