// Short ways to what the tests of the command line need.

import ArgumentParser
import Testing

@testable import roost

/// What `roost server` with these arguments and variables would do.
func plan(_ arguments: String..., variables: [String: String] = [:]) throws -> ServerPlan {
    try plan(arguments, variables: variables)
}

func plan(_ arguments: [String], variables: [String: String] = [:]) throws -> ServerPlan {
    try ServerPlan(ServerFlags.parse(arguments), Environment(variables), directory: "/somewhere")
}

/// How `roost` with these arguments ends, if it ends before anything is opened.
func end(_ arguments: [String], variables: [String: String] = [:]) -> Ending? {
    do {
        var command = try Roost.parseAsRoot(arguments)
        guard let server = command as? ServerCommand else {
            // Help and the version are commands of the parser's own.
            if !(command is HealthCommand || command is SpecCommand) { try command.run() }
            return nil
        }
        _ = try ServerPlan(server.flags, Environment(variables), directory: "/somewhere")
        return nil
    } catch {
        return Ending(error)
    }
}
