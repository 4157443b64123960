// The flags of `mlflow server` and Roost's own, as text. `ServerPlan` decides what they mean together with the variables.

import ArgumentParser

struct ServerFlags: ParsableArguments {
    // Every value is taken as it comes, even if it looks like a flag: `--gunicorn-opts "--timeout 60"`.

    @Option(
        name: .customLong("backend-store-uri"), parsing: .unconditional,
        help: ArgumentHelp(
            "The database: sqlite:///relative.db, sqlite:////absolute.db or sqlite:///:memory:.", valueName: "uri"))
    var backendStoreURI: String?

    @Option(
        name: [.customShort("h", allowingJoined: true), .long], parsing: .unconditional,
        help: "The address to listen on.")
    var host: String?

    @Option(
        name: [.customShort("p", allowingJoined: true), .long], parsing: .unconditional,
        help: "The port to listen on; 0 takes a free one.")
    var port: String?

    @Option(
        name: .customLong("ssl-certfile"), parsing: .unconditional,
        help: ArgumentHelp(
            "Serve HTTPS with the certificate in this PEM file; SIGHUP reads it again.", valueName: "path"))
    var certificateFile: String?

    @Option(
        name: .customLong("ssl-keyfile"), parsing: .unconditional,
        help: ArgumentHelp("The certificate's private key, if not in the same file.", valueName: "path"))
    var keyFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "full: what was answered survives power loss; normal: it survives the end of the process.",
            valueName: "full|normal"))
    var durability: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Serve every route below this path, too: /name.", valueName: "path")
    )
    var staticPrefix: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The beginning of the artifact URIs of new experiments.", valueName: "uri"))
    var defaultArtifactRoot: String?

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Whether clients send and fetch artifacts through this server.")
    var serveArtifacts: Bool?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The directory that keeps the artifacts served: a path or a file: URI.", valueName: "uri"))
    var artifactsDestination: String?

    @Flag(help: "Serve nothing but artifacts, without a database.")
    var artifactsOnly = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Which files clients are told to send and fetch in parts, in several requests at once.",
            valueName: "none|uploads|downloads|both"))
    var multipart: String?

    @Option(
        name: .customLong("registry-store-uri"), parsing: .unconditional,
        help: ArgumentHelp("Must equal the backend store.", valueName: "uri"))
    var registryStoreURI: String?

    @Option(
        name: .customLong("read-replica-backend-store-uri"), parsing: .unconditional,
        help: ArgumentHelp("Ignored.", valueName: "uri"))
    var readReplica: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Values of the Host header that are answered, with commas between them.", valueName: "hosts")
    )
    var allowedHosts: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Origins whose pages may use this server, with commas between them.", valueName: "origins"))
    var corsAllowedOrigins: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The header X-Frame-Options.", valueName: "SAMEORIGIN|DENY|NONE"))
    var xFrameOptions: String?

    @Flag(help: "Check neither Host nor Origin.")
    var disableSecurityMiddleware = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Any value serves /metrics; no directory is made.", valueName: "directory"))
    var exposePrometheus: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seconds a client may take for the head of a request, and between two pieces of its body.",
            valueName: "seconds"))
    var headerTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Make the root run of a PromptFlow batch in this experiment when a client first asks for it.",
            valueName: "experiment"))
    var adoptRuns: String?

    @Option(
        help: ArgumentHelp(
            "Which run ids --adopt-runs takes; the default is PromptFlow's own names.", valueName: "regex"))
    var adoptPattern: String?

    @Option(
        name: .customLong("ui"), parsing: .unconditional,
        help: ArgumentHelp(
            "Which web UI is served at '/'; mlflow: that of the mlflow package installed here.",
            valueName: "roost|mlflow"))
    var ui: String?

    @Option(
        name: .customLong("ui-dir"), parsing: .unconditional,
        help: ArgumentHelp("Serve the build of MLflow's web UI in this directory.", valueName: "directory"))
    var uiDirectory: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Apply the experiments' rules of retention that often, like 1d; off where it is not given.",
            valueName: "time"))
    var retentionEvery: String?

    @Flag(help: "Log every request.")
    var accessLog = false

    @Flag(help: "Log what helps to find defects.")
    var dev = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "basic-auth: ask for users and passwords, and decide what each may do; see MLFLOW_AUTH_CONFIG_PATH.",
            valueName: "name"))
    var appName: String?

    @Option(
        name: [.customShort("w", allowingJoined: true), .long], parsing: .unconditional,
        help: "Ignored: one process uses every core.")
    var workers: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Ignored but for a certificate.", valueName: "options"))
    var gunicornOpts: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Ignored but for a certificate.", valueName: "options"))
    var uvicornOpts: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Ignored.", valueName: "options"))
    var waitressOpts: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Accepted; traces are not served yet.", valueName: "path"))
    var traceArchivalConfig: String?

    @Option(
        name: .customLong("secrets-cache-ttl"), parsing: .unconditional,
        help: ArgumentHelp("Ignored.", valueName: "seconds"))
    var secretsCacheTTL: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Ignored.", valueName: "count"))
    var secretsCacheMaxSize: String?

    @Flag(
        inversion: .prefixedEnableDisable, exclusivity: .chooseLast,
        help: "Enabling is refused: a server holds one workspace.")
    var workspaces: Bool?

    @Option(
        name: .customLong("workspace-store-uri"), parsing: .unconditional,
        help: ArgumentHelp("Ignored while workspaces are disabled.", valueName: "uri"))
    var workspaceStoreURI: String?
}
