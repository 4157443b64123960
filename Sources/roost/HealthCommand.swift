// `roost health`.

import ArgumentParser

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a server whether it lives: status 0 if it answers /health with 200, else 1.")

    @ParentCommand var roost: Roost

    @Argument(
        help: "Where the server is, like http://127.0.0.1:5000 or https://…; else the variables of the server say it.")
    var url: String?

    func run() async throws {
        let server =
            if let url { try ServerAddress(url: url) } else {
                try ServerAddress(Environment.ofProcess(adding: roost.envFile))
            }
        let health = server.health
        let answer =
            health.isSecure
            ? await HealthProbe.askSecurely(health, seconds: 3) : HealthProbe.ask(health, seconds: 3)
        guard case .status(200) = answer else { throw Refusal.failed("\(server.health.shown): \(answer.sentence)") }
    }
}
