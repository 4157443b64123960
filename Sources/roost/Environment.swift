// The environment variables that Roost knows, from the process and from a file.

import Glibc

/// Variables with a meaning of their own. Those that only get a line in the log stand in `AcceptedSettings.swift`.
enum Variable: String, CaseIterable {
    case backendStoreURI = "MLFLOW_BACKEND_STORE_URI"
    case readReplica = "MLFLOW_READ_REPLICA_BACKEND_STORE_URI"
    case registryStoreURI = "MLFLOW_REGISTRY_STORE_URI"
    case defaultArtifactRoot = "MLFLOW_DEFAULT_ARTIFACT_ROOT"
    case serveArtifacts = "MLFLOW_SERVE_ARTIFACTS"
    case artifactsOnly = "MLFLOW_ARTIFACTS_ONLY"
    case artifactsDestination = "MLFLOW_ARTIFACTS_DESTINATION"
    case host = "MLFLOW_HOST"
    case port = "MLFLOW_PORT"
    case workers = "MLFLOW_WORKERS"
    case staticPrefix = "MLFLOW_STATIC_PREFIX"
    case allowedHosts = "MLFLOW_SERVER_ALLOWED_HOSTS"
    case corsAllowedOrigins = "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"
    case xFrameOptions = "MLFLOW_SERVER_X_FRAME_OPTIONS"
    case disableSecurity = "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE"
    case exposePrometheus = "MLFLOW_EXPOSE_PROMETHEUS"
    case gunicornOpts = "MLFLOW_GUNICORN_OPTS"
    case uvicornOpts = "MLFLOW_UVICORN_OPTS"
    case traceArchivalConfig = "MLFLOW_TRACE_ARCHIVAL_CONFIG"
    case enableWorkspaces = "MLFLOW_ENABLE_WORKSPACES"
    case workspaceStoreURI = "MLFLOW_WORKSPACE_STORE_URI"
    case truncateLongValues = "MLFLOW_TRUNCATE_LONG_VALUES"
    case modelSourcePattern = "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX"
    case artifactLocationMaxLength = "MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH"
    case loggingLevel = "MLFLOW_LOGGING_LEVEL"
    case durability = "ROOST_DURABILITY"
    case headerTimeout = "ROOST_HEADER_TIMEOUT"
    case accessLog = "ROOST_ACCESS_LOG"
    case certificateFile = "ROOST_SSL_CERTFILE"
    case keyFile = "ROOST_SSL_KEYFILE"
    case multipart = "ROOST_MULTIPART"
    case adoptRuns = "ROOST_ADOPT_RUNS"
    case adoptPattern = "ROOST_ADOPT_PATTERN"
    case ui = "ROOST_UI"
    case uiDirectory = "ROOST_UI_DIR"
    /// Where the programs are, for `--ui mlflow`.
    case path = "PATH"
    /// The Python environment that is active, for `--ui mlflow`.
    case virtualEnvironment = "VIRTUAL_ENV"
    case retentionEvery = "ROOST_RETENTION_EVERY"
    case authConfigPath = "MLFLOW_AUTH_CONFIG_PATH"
    case authAdminUsername = "MLFLOW_AUTH_ADMIN_USERNAME"
    case authAdminPassword = "MLFLOW_AUTH_ADMIN_PASSWORD"
    case trackingURI = "MLFLOW_TRACKING_URI"
    case trackingUsername = "MLFLOW_TRACKING_USERNAME"
    case trackingPassword = "MLFLOW_TRACKING_PASSWORD"
    case trackingToken = "MLFLOW_TRACKING_TOKEN"
    case trackingCertificates = "MLFLOW_TRACKING_SERVER_CERT_PATH"
    case trackingInsecureTLS = "MLFLOW_TRACKING_INSECURE_TLS"
    case certificatesFile = "SSL_CERT_FILE"
}

/// Variables by name.
struct Environment {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    /// The variables of this process that Roost knows, and those of a file that the process has not.
    /// - Parameter lookUp: the variables of the process, for tests.
    static func ofProcess(
        adding path: String?, lookUp: (String) -> String? = { getenv($0).map { String(cString: $0) } }
    ) throws(Refusal) -> Environment {
        var values: [String: String] = [:]
        if let path {
            guard let text = contents(of: path) else {
                throw .usage("--env-file: cannot read '\(path)': \(String(cString: strerror(errno))).")
            }
            values = try EnvironmentFile.parse(text, name: path)
        }
        for name in Variable.allCases.map(\.rawValue) + AcceptedSettings.otherVariables.map(\.name) {
            // Set but empty is set: it hides what the file says.
            if let value = lookUp(name) { values[name] = value }
        }
        return Environment(values)
    }

    /// The value of a variable; nil if it is not set, or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
    subscript(variable: Variable) -> String? { self[variable.rawValue] }

    /// Whether a variable is set, be it to nothing.
    func isSet(_ variable: Variable) -> Bool { values[variable.rawValue] != nil }

    /// The text of a file that a setting names.
    static func text(of path: String) throws(Refusal) -> String {
        guard let text = contents(of: path) else {
            throw .failed("the file '\(path)' cannot be read: \(String(cString: strerror(errno))).")
        }
        return text
    }

    private static func contents(of path: String) -> String? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += chunk[..<count]
        }
    }
}

/// The directory that relative paths are joined to.
func workingDirectory() throws(Refusal) -> String {
    guard let path = getcwd(nil, 0) else {
        throw .failed("the working directory cannot be found: \(String(cString: strerror(errno))).")
    }
    defer { free(path) }
    return String(cString: path)
}
