// From flags and variables to the settings of a server, or to the reason why none starts. No input and output here.

import Logging
import RoostCore
import RoostServer
import RoostStore

/// What a start will do.
struct ServerPlan {
    var settings: Settings
    /// What is said before the store is opened, beside the notes of the settings.
    let messages: [StartMessage]
    /// Which web UI; the directory is looked for at the start.
    let ui: WebUIChoice

    /// - Parameters:
    ///   - directory: the working directory, which relative artifact roots are joined to.
    ///   - read: hands out the text of a file that a setting names.
    init(
        _ flags: ServerFlags, _ environment: Environment, directory: String,
        read: (String) throws(Refusal) -> String = Environment.text
    ) throws(Refusal) {
        try Self.refuseWhatIsUnsafe(flags, environment)
        try Self.refuseTwoServers(flags, environment)
        settings = Settings()
        settings.notes = AcceptedSettings.notes(flags, environment)
        let names = try settings.setStore(flags, environment)
        try settings.setNetwork(flags, environment)
        settings.tls = try Certificate.files(flags, environment, directory: directory)
        try settings.setSecurity(flags, environment)
        try settings.setArtifacts(flags, environment, directory: directory)
        try settings.setOperation(flags, environment)
        if flags.appName != nil {
            let (access, notes) = try AuthConfig.settings(environment, read: read)
            settings.access = access
            settings.notes += notes
        }
        messages = names + StartMessage.security(settings)
        ui = try WebUIChoice(flags, environment, directory: directory)
    }

    /// What would start another server than the one that was asked for.
    private static func refuseWhatIsUnsafe(_ flags: ServerFlags, _ environment: Environment) throws(Refusal) {
        if let name = flags.appName, name != "basic-auth" {
            throw .failed(
                "--app-name '\(name)' is refused: there is no such application, and without it the server would start"
                    + " with neither its rules nor authentication.")
        }
        // Not `??`, whose right side loses the type of what it throws.
        let workspaces =
            if let given = flags.workspaces { given } else { try flag(false, .enableWorkspaces, environment) }
        if workspaces { throw .failed("--enable-workspaces is refused: a server holds one workspace.") }
    }

    private static func refuseTwoServers(_ flags: ServerFlags, _ environment: Environment) throws(Refusal) {
        let options = [
            Given("--gunicorn-opts", flags.gunicornOpts, .gunicornOpts, environment),
            Given("--uvicorn-opts", flags.uvicornOpts, .uvicornOpts, environment),
            Given("--waitress-opts", flags.waitressOpts, nil, environment),
        ].compactMap(\.self)
        guard options.count > 1 else { return }
        throw .usage("\(options.map(\.source).joined(separator: " and ")) exclude each other.")
    }
}

/// A flag without a value: given, or switched on by its variable.
private func flag(_ given: Bool, _ variable: Variable, _ environment: Environment) throws(Refusal) -> Bool {
    if given { return true }
    return try Given(variable, environment)?.boolean() ?? false
}

extension Settings {
    /// - Returns: the lines that say what was not given, as MLflow prints them.
    fileprivate mutating func setStore(
        _ flags: ServerFlags, _ environment: Environment
    ) throws(Refusal) -> [StartMessage] {
        var messages: [StartMessage] = []
        if let given = Given("--durability", flags.durability, .durability, environment) {
            let word = try given.word(of: Durability.allCases.map(\.rawValue))
            durability = Durability(rawValue: word) ?? durability
        }
        let backend = Given("--backend-store-uri", flags.backendStoreURI, .backendStoreURI, environment)
        artifactsOnly = try flag(flags.artifactsOnly, .artifactsOnly, environment)
        if artifactsOnly {
            if let backend {
                throw .usage("--artifacts-only serves no runs, so \(backend.source) cannot be given with it.")
            }
            // Nothing is kept in it: what would is not served.
            store = .memory
            return []
        }
        let source = backend?.source ?? "--backend-store-uri"
        let uri = try StoreURI(backend?.value ?? StoreURI.standard, source: source)
        if backend == nil { messages.append(.plain("Backend store URI not provided. Using \(StoreURI.standard)")) }
        if uri.hasParameters { notes.append("\(source): what follows the question mark is without effect.") }
        store = uri.location

        if let registry = Given("--registry-store-uri", flags.registryStoreURI, .registryStoreURI, environment) {
            // Two databases in memory would be two.
            let isSame = registry.value == (backend?.value ?? StoreURI.standard)
            let other = isSame ? uri : try StoreURI(registry.value, source: registry.source)
            guard isSame || (other.location == store && store != .memory) else {
                throw .failed("\(registry.source): Roost keeps everything in the backend store; leave this out.")
            }
        } else {
            messages.append(.plain("Registry store URI not provided. Using backend store URI."))
        }
        return messages
    }

    fileprivate mutating func setNetwork(_ flags: ServerFlags, _ environment: Environment) throws(Refusal) {
        if let given = Given("--host", flags.host, .host, environment) { host = given.value }
        if let given = Given("--port", flags.port, .port, environment) { port = try given.number(in: 0...65_535) }
        if let given = Given("--header-timeout", flags.headerTimeout, .headerTimeout, environment) {
            headerTimeout = try given.number(in: 1...86_400)
        }
        if let given = Given("--static-prefix", flags.staticPrefix, .staticPrefix, environment) {
            let prefix = given.value
            guard prefix.hasPrefix("/") else { throw .usage("\(given.source) must begin with '/'.") }
            guard !prefix.hasSuffix("/") else { throw .usage("\(given.source) must not end with '/'.") }
            let isPlain = prefix.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"{}?#%\\\"<>".utf8.contains($0) }
            guard isPlain, !prefix.contains("//") else {
                throw .usage("\(given.source) must be a plain path: no braces, no characters that a URL escapes.")
            }
            staticPrefix = prefix
        }
    }

    fileprivate mutating func setSecurity(_ flags: ServerFlags, _ environment: Environment) throws(Refusal) {
        securityEnabled = try !flag(flags.disableSecurityMiddleware, .disableSecurity, environment)
        if let given = Given("--allowed-hosts", flags.allowedHosts, .allowedHosts, environment) {
            allowedHosts = given.list()
        }
        if let given = Given("--cors-allowed-origins", flags.corsAllowedOrigins, .corsAllowedOrigins, environment) {
            corsAllowedOrigins = given.list()
        }
        if let given = Given("--x-frame-options", flags.xFrameOptions, .xFrameOptions, environment) {
            let word = try given.word(of: ["SAMEORIGIN", "DENY", "NONE"])
            xFrameOptions = word == "NONE" ? nil : word
        }
    }

    fileprivate mutating func setArtifacts(
        _ flags: ServerFlags, _ environment: Environment, directory: String
    ) throws(Refusal) {
        if let given = flags.serveArtifacts {
            serveArtifacts = given
        } else if let given = Given(.serveArtifacts, environment) {
            serveArtifacts = try given.boolean()
        }
        guard serveArtifacts || !artifactsOnly else {
            throw .usage("--artifacts-only and --no-serve-artifacts together leave nothing to serve.")
        }
        artifactsDestination = try Self.destination(flags.artifactsDestination, environment, in: directory)
        let root = Given("--default-artifact-root", flags.defaultArtifactRoot, .defaultArtifactRoot, environment)
        artifactRoot = Self.resolved(root?.value ?? (serveArtifacts ? artifactRoot : "./mlruns"), in: directory)
        if let given = Given("--multipart", flags.multipart, .multipart, environment) {
            let word = try given.word(of: ["none", "uploads", "downloads", "both"])
            tellsOfMultipartUploads = word == "uploads" || word == "both"
            tellsOfMultipartDownloads = word == "downloads" || word == "both"
        }
        if let given = Given(.artifactLocationMaxLength, environment) {
            artifactLocationMaxLength = try given.number(in: 1...1_000_000)
        }
    }

    private mutating func setAdoption(_ flags: ServerFlags, _ environment: Environment) throws(Refusal) {
        let pattern = Given("--adopt-pattern", flags.adoptPattern, .adoptPattern, environment)
        guard let experiment = Given("--adopt-runs", flags.adoptRuns, .adoptRuns, environment) else {
            if let pattern { throw .usage("\(pattern.source) needs --adopt-runs.") }
            return
        }
        do {
            adoption = try AdoptionRule(
                experiment: experiment.value, pattern: pattern?.value ?? AdoptionRule.promptFlowNames)
        } catch {
            throw .usage("\((pattern ?? experiment).source): \(error.message)")
        }
    }

    fileprivate mutating func setOperation(_ flags: ServerFlags, _ environment: Environment) throws(Refusal) {
        exposePrometheus =
            Given("--expose-prometheus", flags.exposePrometheus, .exposePrometheus, environment) != nil
        try setAdoption(flags, environment)
        if let given = Given(.modelSourcePattern, environment) {
            do { modelSourceRule = try ModelSourceRule(given.value) } catch {
                throw .usage("\(given.source): \(error.message)")
            }
        }
        if let given = Given("--retention-every", flags.retentionEvery, .retentionEvery, environment) {
            guard let age = try? Age(given.value), age.milliseconds >= 1000 else {
                throw .usage("\(given.source): '\(given.value)' is no time of a second or more, like 1d or 6h.")
            }
            retentionEvery = .milliseconds(age.milliseconds)
        }
        accessLog = try flag(flags.accessLog, .accessLog, environment)
        if let given = Given(.truncateLongValues, environment) { truncateLongValues = try given.boolean() }
        if let given = Given(.loggingLevel, environment) {
            let words = ["debug", "info", "warning", "warn", "error", "critical", "fatal"]
            logLevel =
                switch try given.word(of: words) {
                case "debug": .debug
                case "info": .info
                case "warning", "warn": .warning
                case "error": .error
                default: .critical
                }
        }
        if flags.dev { logLevel = .debug }
    }

    /// Where files are kept that clients send through a server that is started in a directory.
    static func destination(
        _ flag: String?, _ environment: Environment, in directory: String
    ) throws(Refusal) -> String {
        let name = "--artifacts-destination"
        let given = Given(name, flag, .artifactsDestination, environment)
        return try localDirectory(given?.value ?? "./mlartifacts", given?.source ?? name, in: directory)
    }

    /// The absolute path of a directory that is named by a path or by a `file:` URI.
    private static func localDirectory(
        _ text: String, _ source: String, in directory: String
    ) throws(Refusal) -> String {
        let path = resolved(text, in: directory)
        if path.hasPrefix("/") { return path }
        let scheme = path.prefix { $0 != ":" }.lowercased()
        guard scheme == "file" else {
            throw .failed("\(source): '\(scheme):' is not supported yet; name a local directory.")
        }
        guard let local = localPath(ofFileURI: path) else {
            throw .usage("\(source): a directory is written as a path, or as file:///absolute/path.")
        }
        return local
    }

    /// A path that is relative to the working directory as an absolute one; a URI and an absolute path as they are.
    static func resolved(_ root: String, in directory: String) -> String {
        if let colon = root.firstIndex(of: ":"), !root[..<colon].contains("/") { return root }
        return resolvedPath(root, in: directory)
    }
}

/// A path that is relative to the working directory as an absolute one.
func resolvedPath(_ path: String, in directory: String) -> String {
    if path.hasPrefix("/") { return path }
    let parts = path.split(separator: "/").filter { $0 != "." }
    return ([directory == "/" ? "" : directory] + parts.map(String.init)).joined(separator: "/")
}
