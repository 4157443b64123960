// Where a server keeps its data, for commands that work on it: the server's own flags and variables, with its defaults.

import ArgumentParser
import RoostServer
import RoostStore

struct PlaceFlags: ParsableArguments {
    @Option(
        name: .customLong("backend-store-uri"), parsing: .unconditional,
        help: ArgumentHelp("The database, as the server is given it.", valueName: "uri"))
    var backendStoreURI: String?

    @Option(
        name: .customLong("artifacts-destination"), parsing: .unconditional,
        help: ArgumentHelp("The directory of the artifacts, as the server is given it.", valueName: "uri"))
    var artifactsDestination: String?

    /// The URI, the path of the database, and the directory of the artifacts.
    func places(_ environment: Environment) throws -> (uri: StoreURI, data: DataPlaces) {
        let given = Given("--backend-store-uri", backendStoreURI, .backendStoreURI, environment)
        let source = given?.source ?? "--backend-store-uri"
        let uri = try StoreURI(given?.value ?? StoreURI.standard, source: source)
        guard case .file(let path) = uri.location else {
            throw Refusal.usage("\(source): a database in memory ends with its server; name a file.")
        }
        let directory = try workingDirectory()
        var artifacts = try Settings.destination(artifactsDestination, environment, in: directory)
        while artifacts.count > 1, artifacts.hasSuffix("/") { artifacts.removeLast() }
        // What was named and is not there is a mistake; the default one is made with the first artifact.
        let named = Given("--artifacts-destination", artifactsDestination, .artifactsDestination, environment)
        let absolute = resolvedPath(path, in: directory)
        return (uri, DataPlaces(database: absolute, artifacts: artifacts, areArtifactsNamed: named != nil))
    }
}

extension DataPlaces {
    /// The same without artifacts, where they are not wanted.
    func leavingArtifacts(_ isLeft: Bool) -> DataPlaces {
        isLeft ? DataPlaces(database: database, artifacts: nil, users: users) : self
    }

    func withUsers(_ file: String?) -> DataPlaces {
        DataPlaces(database: database, artifacts: artifacts, users: file, areArtifactsNamed: areArtifactsNamed)
    }
}

/// Whether there are users, and where, for commands that take them along.
struct UsersFlags: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "basic-auth: the file of users too, where the server's configuration says.", valueName: "name"))
    var appName: String?

    /// The file of users; nil where none is wanted.
    func file(_ environment: Environment) throws(Refusal) -> String? {
        guard let appName else { return nil }
        guard appName == "basic-auth" else { throw .usage("--app-name '\(appName)': there is basic-auth alone.") }
        guard let file = try Self.configured(environment) else {
            throw .usage("database_uri: users in memory end with their server.")
        }
        return file
    }

    /// A file of users that is there though nobody asked for it.
    func left(_ environment: Environment) -> String? {
        guard appName == nil, let file = try? Self.configured(environment), DataPlaces.exists(file) else { return nil }
        return file
    }

    private static func configured(_ environment: Environment) throws(Refusal) -> String? {
        let (access, _) = try AuthConfig.settings(environment) { path throws(Refusal) in try Environment.text(of: path)
        }
        guard case .file(let path) = access.users else { return nil }
        return resolvedPath(path, in: try workingDirectory())
    }
}

/// A bar on standard error for operations, where a person looks at it.
func operationBar() -> (bar: ProgressBar, progress: OperationProgress) {
    let bar = ProgressBar(isShown: isStandardErrorATerminal())
    return (bar, { done, count, what in bar.show(done, of: count, what) })
}

/// `1.5 MiB`.
func sizeText(_ bytes: Int64) -> String {
    if bytes < 1024 { return "\(bytes) bytes" }
    var tenths = Double(bytes)
    var unit = "bytes"
    for next in ["KiB", "MiB", "GiB", "TiB"] where tenths >= 1024 {
        tenths /= 1024
        unit = next
    }
    let rounded = Int((tenths * 10).rounded())
    return "\(rounded / 10).\(rounded % 10) \(unit)"
}

/// `1 run`, `2 runs`.
func counted(_ count: some BinaryInteger, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
