// What deployment files of MLflow set and Roost does without: each gets one line in the log.

/// Flags and variables that are accepted without effect.
enum AcceptedSettings {
    /// A line for each that is set. The lines never repeat a value: it may be a secret.
    static func notes(_ flags: ServerFlags, _ environment: Environment) -> [String] {
        let ownServer = "Roost has an HTTP server of its own, and takes a certificate alone from these options"
        let known: [(String, String?, Variable?, String)] = [
            ("--read-replica-backend-store-uri", flags.readReplica, .readReplica, "reads never wait for writes"),
            ("--workers", flags.workers, .workers, "one process uses every core"),
            ("--gunicorn-opts", flags.gunicornOpts, .gunicornOpts, ownServer),
            ("--uvicorn-opts", flags.uvicornOpts, .uvicornOpts, ownServer),
            ("--waitress-opts", flags.waitressOpts, nil, "Roost has an HTTP server of its own"),
            ("--trace-archival-config", flags.traceArchivalConfig, .traceArchivalConfig, "traces are not served yet"),
            ("--secrets-cache-ttl", flags.secretsCacheTTL, nil, "Roost keeps no secrets"),
            ("--secrets-cache-max-size", flags.secretsCacheMaxSize, nil, "Roost keeps no secrets"),
            ("--workspace-store-uri", flags.workspaceStoreURI, .workspaceStoreURI, "workspaces are disabled"),
        ]
        let ofFlags = known.compactMap { flag, value, variable, reason in
            Given(flag, value, variable, environment).map { "\($0.source) is accepted without effect: \(reason)." }
        }
        let ofVariables = otherVariables.compactMap { name, reason in
            environment[name].map { _ in "\(name) is accepted without effect: \(reason)." }
        }
        return ofFlags + ofVariables + (flags.appName == nil ? ofUsers(environment) : [])
    }

    /// What belongs to a server with users.
    private static func ofUsers(_ environment: Environment) -> [String] {
        [Variable.authConfigPath, .authAdminUsername, .authAdminPassword].compactMap { variable in
            environment[variable].map { _ in
                "\(variable.rawValue) is accepted without effect: it belongs to --app-name basic-auth, which was not given."
            }
        }
    }

    /// Variables without a flag.
    static let otherVariables: [(name: String, reason: String)] =
        reasons.flatMap { reason, names in names.map { (name: $0, reason: reason) } }

    private static let reasons: [(String, [String])] = [
        ("Roost logs as its own flags say", ["MLFLOW_CONFIGURE_LOGGING"]),
        (
            "there is no pool to size",
            ["POOL_SIZE", "MAX_OVERFLOW", "POOL_RECYCLE", "POOLCLASS", "ECHO"].map { "MLFLOW_SQLALCHEMYSTORE_\($0)" }
        ),
        ("there are no background jobs", ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"]),
        ("there is no gateway", ["MLFLOW_ENABLE_AI_GATEWAY"]),
        (
            "GraphQL has MLflow's limits, and its endpoint the rules of the others",
            [
                "MLFLOW_SERVER_GRAPHQL_MAX_ROOT_FIELDS", "MLFLOW_SERVER_GRAPHQL_MAX_ALIASES",
                "MLFLOW_SERVER_ENABLE_GRAPHQL_AUTH",
            ]
        ),
        (
            "webhooks are not served yet",
            [
                "ALLOWED_SCHEMES", "ALLOW_PRIVATE_IPS", "REQUEST_TIMEOUT", "REQUEST_MAX_RETRIES",
                "DELIVERY_MAX_WORKERS",
                "CACHE_TTL", "SECRET_ENCRYPTION_KEY",
            ].map { "MLFLOW_WEBHOOK_\($0)" }
        ),
        (
            "remote artifact storage is not supported yet",
            [
                "MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES", "MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS",
                "MLFLOW_S3_ENDPOINT_URL", "MLFLOW_S3_IGNORE_TLS", "MLFLOW_S3_UPLOAD_EXTRA_ARGS",
                "MLFLOW_S3_EXPECTED_BUCKET_OWNER", "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
            ]
        ),
        ("Roost's forms carry a key of their own", ["MLFLOW_FLASK_SERVER_SECRET_KEY"]),
        ("what no rule allows is always refused", ["MLFLOW_BASIC_AUTH_FAIL_CLOSED"]),
        ("a server holds one workspace", ["MLFLOW_RBAC_SEED_DEFAULT_ROLES"]),
        ("Roost keeps no secrets", ["MLFLOW_CRYPTO_KEK_PASSPHRASE", "MLFLOW_CRYPTO_KEK_VERSION"]),
        ("traces are not served yet", ["MLFLOW_SQL_TRACE_ROLLUPS_ENABLED", "MLFLOW_TRACE_ROLLUPS_SCHEDULE"]),
        ("the file store is refused", ["MLFLOW_ALLOW_FILE_STORE"]),
    ]
}
