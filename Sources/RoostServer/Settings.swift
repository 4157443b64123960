// What a server is told at its start: plain data, already validated by whoever made it.

public import Logging
public import RoostStore

/// The settings of a server. A test needs but `Settings(store: .memory, port: 0)`.
public struct Settings: Sendable {
    /// Where the data is.
    public var store: StoreLocation
    /// What an acknowledgement is worth.
    public var durability: Durability
    /// The address or name to listen on.
    public var host: String
    /// The port to listen on; 0 takes a free one.
    public var port: Int
    /// The certificate that connections are encrypted with; nil for plain HTTP.
    public var tls: TLSFiles?
    /// The beginning of the artifact URIs of new experiments.
    public var artifactRoot: String
    /// Whether clients send and fetch artifacts through this server.
    public var serveArtifacts: Bool
    /// Where files are kept that clients send through this server: a directory.
    public var artifactsDestination: String
    /// Whether nothing but artifacts is served.
    public var artifactsOnly: Bool
    /// Whether clients that ask are told to send large files in parts. They can do so in any case.
    public var tellsOfMultipartUploads: Bool
    /// Whether clients that ask are told to fetch files in ranges. They can do so in any case.
    public var tellsOfMultipartDownloads: Bool
    /// Below which every route is served too: empty, or like `/tracking`.
    public var staticPrefix: String
    /// The values of `Host` that are answered; nil for this machine and private addresses.
    public var allowedHosts: [String]?
    /// The origins whose pages may change something, beside this machine's own; nil for none.
    public var corsAllowedOrigins: [String]?
    /// The header `X-Frame-Options`; nil to send none.
    public var xFrameOptions: String?
    /// Whether `Host` and `Origin` are checked.
    public var securityEnabled: Bool
    /// Whether `/metrics` answers.
    public var exposePrometheus: Bool
    /// Cut params and run tags that are too long, rather than refuse them.
    public var truncateLongValues: Bool
    /// Code points of the longest artifact location of an experiment.
    public var artifactLocationMaxLength: Int
    /// Which sources model versions may have, beside the server's own rules; nil for all of them.
    public var modelSourceRule: ModelSourceRule?
    /// Which unknown runs a client's `runs/get` makes; nil for none.
    public var adoption: AdoptionRule?
    /// How often the experiments' rules of retention are applied; nil for never.
    public var retentionEvery: Duration?
    /// Connections for reading; nil for the store's own choice.
    public var readers: Int?
    /// Operations that may wait for the database before the server answers 503; nil for the store's own choice.
    public var queueLimit: Int?
    /// Seconds that a client may take for the head of a request, and between two pieces of its body.
    public var headerTimeout: Int
    /// The directory with a build of MLflow's own UI, which is then served at `/`; nil for Roost's.
    public var mlflowUI: String?
    /// The users; nil for a server that everybody may use.
    public var access: AccessSettings?
    /// Whether each request leaves a line in the log.
    public var accessLog: Bool
    /// The least level that is logged.
    public var logLevel: Logger.Level
    /// What was accepted without effect, a line each. Whoever made the settings logs them, once.
    public var notes: [String]

    public init(
        store: StoreLocation = .file("roost.db"),
        durability: Durability = .full,
        host: String = "127.0.0.1",
        port: Int = 5000,
        tls: TLSFiles? = nil,
        artifactRoot: String = "mlflow-artifacts:/",
        serveArtifacts: Bool = true,
        artifactsDestination: String = "mlartifacts",
        artifactsOnly: Bool = false,
        tellsOfMultipartUploads: Bool = false,
        tellsOfMultipartDownloads: Bool = false,
        staticPrefix: String = "",
        allowedHosts: [String]? = nil,
        corsAllowedOrigins: [String]? = nil,
        xFrameOptions: String? = "SAMEORIGIN",
        securityEnabled: Bool = true,
        exposePrometheus: Bool = false,
        truncateLongValues: Bool = true,
        artifactLocationMaxLength: Int = 2048,
        modelSourceRule: ModelSourceRule? = nil,
        adoption: AdoptionRule? = nil,
        retentionEvery: Duration? = nil,
        readers: Int? = nil,
        queueLimit: Int? = nil,
        headerTimeout: Int = 30,
        mlflowUI: String? = nil,
        access: AccessSettings? = nil,
        accessLog: Bool = false,
        logLevel: Logger.Level = .info,
        notes: [String] = []
    ) {
        self.store = store
        self.durability = durability
        self.host = host
        self.port = port
        self.tls = tls
        self.artifactRoot = artifactRoot
        self.serveArtifacts = serveArtifacts
        self.artifactsDestination = artifactsDestination
        self.artifactsOnly = artifactsOnly
        self.tellsOfMultipartUploads = tellsOfMultipartUploads
        self.tellsOfMultipartDownloads = tellsOfMultipartDownloads
        self.staticPrefix = staticPrefix
        self.allowedHosts = allowedHosts
        self.corsAllowedOrigins = corsAllowedOrigins
        self.xFrameOptions = xFrameOptions
        self.securityEnabled = securityEnabled
        self.exposePrometheus = exposePrometheus
        self.truncateLongValues = truncateLongValues
        self.artifactLocationMaxLength = artifactLocationMaxLength
        self.modelSourceRule = modelSourceRule
        self.adoption = adoption
        self.retentionEvery = retentionEvery
        self.readers = readers
        self.queueLimit = queueLimit
        self.headerTimeout = headerTimeout
        self.mlflowUI = mlflowUI
        self.access = access
        self.accessLog = accessLog
        self.logLevel = logLevel
        self.notes = notes
    }
}
