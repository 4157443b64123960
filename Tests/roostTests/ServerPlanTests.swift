// Flags and variables: precedence, defaults, and what each value becomes.

import Logging
import RoostServer
import RoostStore
import Testing

@testable import roost

struct ServerPlanTests {
    @Test func defaults() throws {
        let settings = try plan().settings
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 5000)
        #expect(settings.store == .file("roost.db"))
        #expect(settings.durability == .full)
        #expect(settings.artifactRoot == "mlflow-artifacts:/")
        #expect(settings.staticPrefix == "")
        #expect(settings.allowedHosts == nil)
        #expect(settings.corsAllowedOrigins == nil)
        #expect(settings.xFrameOptions == "SAMEORIGIN")
        #expect(settings.securityEnabled)
        #expect(!settings.exposePrometheus)
        #expect(settings.truncateLongValues)
        #expect(settings.artifactLocationMaxLength == 2048)
        #expect(settings.modelSourceRule == nil)
        #expect(settings.headerTimeout == 30)
        #expect(!settings.accessLog)
        #expect(!settings.tellsOfMultipartUploads && !settings.tellsOfMultipartDownloads)
        #expect(settings.logLevel == .info)
        #expect(settings.notes.isEmpty)
    }

    @Test func everyFlagReachesItsSetting() throws {
        let settings = try plan(
            "-h", "0.0.0.0", "-p", "0", "--backend-store-uri", "sqlite:////data/x.db", "--durability", "normal",
            "--default-artifact-root", "s3://bucket/root", "--no-serve-artifacts", "--static-prefix", "/a/b",
            "--allowed-hosts", "a.example, *.b.example", "--cors-allowed-origins", "https://a.example",
            "--x-frame-options", "deny", "--disable-security-middleware", "--expose-prometheus", "dir",
            "--header-timeout", "5", "--access-log", "--dev", "--multipart", "both"
        ).settings
        #expect(settings.host == "0.0.0.0")
        #expect(settings.port == 0)
        #expect(settings.store == .file("/data/x.db"))
        #expect(settings.durability == .normal)
        #expect(settings.artifactRoot == "s3://bucket/root")
        #expect(!settings.serveArtifacts)
        #expect(settings.staticPrefix == "/a/b")
        #expect(settings.allowedHosts == ["a.example", "*.b.example"])
        #expect(settings.corsAllowedOrigins == ["https://a.example"])
        #expect(settings.xFrameOptions == "DENY")
        #expect(!settings.securityEnabled)
        #expect(settings.exposePrometheus)
        #expect(settings.headerTimeout == 5)
        #expect(settings.tellsOfMultipartUploads && settings.tellsOfMultipartDownloads)
        #expect(settings.accessLog)
        #expect(settings.logLevel == .debug)
    }

    @Test func everyVariableReachesItsSetting() throws {
        let settings = try plan(variables: [
            "MLFLOW_HOST": "::1", "MLFLOW_PORT": "65535", "MLFLOW_BACKEND_STORE_URI": "sqlite:///:memory:",
            "ROOST_DURABILITY": "normal", "MLFLOW_DEFAULT_ARTIFACT_ROOT": "/files", "MLFLOW_SERVE_ARTIFACTS": "0",
            "MLFLOW_STATIC_PREFIX": "/x", "MLFLOW_SERVER_ALLOWED_HOSTS": "a.example",
            "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": "https://a.example,https://b.example",
            "MLFLOW_SERVER_X_FRAME_OPTIONS": "NONE", "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "true",
            "MLFLOW_EXPOSE_PROMETHEUS": "dir", "MLFLOW_TRUNCATE_LONG_VALUES": "False",
            "MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH": "100", "MLFLOW_LOGGING_LEVEL": "WARNING",
            "ROOST_HEADER_TIMEOUT": "7", "ROOST_ACCESS_LOG": "1", "ROOST_MULTIPART": "Uploads",
            "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX": "^s3:",
        ]).settings
        #expect(settings.host == "::1")
        #expect(settings.port == 65_535)
        #expect(settings.store == .memory)
        #expect(settings.durability == .normal)
        #expect(settings.artifactRoot == "/files")
        #expect(!settings.serveArtifacts)
        #expect(settings.staticPrefix == "/x")
        #expect(settings.allowedHosts == ["a.example"])
        #expect(settings.corsAllowedOrigins == ["https://a.example", "https://b.example"])
        #expect(settings.xFrameOptions == nil)
        #expect(!settings.securityEnabled)
        #expect(settings.exposePrometheus)
        #expect(!settings.truncateLongValues)
        #expect(settings.artifactLocationMaxLength == 100)
        #expect(settings.logLevel == .warning)
        #expect(settings.headerTimeout == 7)
        #expect(settings.modelSourceRule?.pattern == "^s3:")
        #expect(settings.tellsOfMultipartUploads && !settings.tellsOfMultipartDownloads)
        #expect(settings.accessLog)
        #expect(settings.notes.isEmpty)
    }

    @Test func aFlagBeatsItsVariable() throws {
        let variables = [
            "MLFLOW_PORT": "many", "MLFLOW_HOST": "a", "MLFLOW_SERVE_ARTIFACTS": "false",
            "MLFLOW_ENABLE_WORKSPACES": "true",
        ]
        let settings = try plan(
            "--port", "1", "--host", "b", "--serve-artifacts", "--disable-workspaces", variables: variables
        ).settings
        #expect(settings.port == 1)
        #expect(settings.host == "b")
        #expect(settings.serveArtifacts)
    }

    @Test func anEmptyValueIsNone() throws {
        let variables = ["MLFLOW_PORT": "", "MLFLOW_SERVE_ARTIFACTS": "", "MLFLOW_STATIC_PREFIX": ""]
        #expect(try plan(variables: variables).settings.port == 5000)
        #expect(try plan(variables: variables).settings.serveArtifacts)
        // A flag that is empty hides the variable, as in MLflow.
        #expect(try plan("--static-prefix", "", variables: ["MLFLOW_STATIC_PREFIX": "/x"]).settings.staticPrefix == "")
    }

    @Test(arguments: [
        ("true", false), ("1", false), ("TRUE", false), ("yes", false), ("on", false), ("false", true), ("0", true),
        ("False", true), ("no", true), ("off", true), ("", true),
    ])
    func booleansOfVariables(_ value: String, _ isSecure: Bool) throws {
        let variables = ["MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": value]
        #expect(try plan(variables: variables).settings.securityEnabled == isSecure)
    }

    @Test func theLastOfTwoContraryFlagsCounts() throws {
        #expect(try plan("--no-serve-artifacts", "--serve-artifacts").settings.serveArtifacts)
        #expect(try plan("--port", "1", "--port", "2").settings.port == 2)
    }

    @Test(arguments: [["-p0"], ["-p", "0"], ["--port=0"], ["--port", "0"]])
    func spellingsOfAFlag(_ arguments: [String]) throws {
        #expect(try plan(arguments).settings.port == 0)
    }

    /// As mlflow 3.17.2 stores them: relative paths become absolute, URIs stay.
    @Test(arguments: [
        ("./mlruns", "/somewhere/mlruns"), ("files/a/", "/somewhere/files/a"), ("../up", "/somewhere/../up"),
        ("/abs", "/abs"),
        ("s3://b/r", "s3://b/r"), ("mlflow-artifacts:/x", "mlflow-artifacts:/x"), ("file:///x", "file:///x"),
        ("./a:b", "/somewhere/a:b"),
    ])
    func artifactRoots(_ given: String, _ root: String) throws {
        #expect(try plan("--default-artifact-root", given).settings.artifactRoot == root)
    }

    @Test func withoutServingArtifactsTheRootIsADirectory() throws {
        #expect(try plan("--no-serve-artifacts").settings.artifactRoot == "/somewhere/mlruns")
    }

    @Test(arguments: [
        (nil, "/somewhere/mlartifacts"), ("files/a", "/somewhere/files/a"), ("/abs", "/abs"),
        ("file:///abs/x", "/abs/x"),
        ("file:/abs", "/abs"), ("file://localhost/abs", "/abs"), ("file:///a%20b", "/a b"),
    ])
    func artifactDestinations(_ given: String?, _ path: String) throws {
        let arguments = given.map { ["--artifacts-destination", $0] } ?? []
        #expect(try plan(arguments).settings.artifactsDestination == path)
        let variables = given.map { ["MLFLOW_ARTIFACTS_DESTINATION": $0] } ?? [:]
        #expect(try plan(variables: variables).settings.artifactsDestination == path)
    }

    @Test func artifactsAloneKeepNoDatabase() throws {
        let settings = try plan("--artifacts-only", "--durability", "normal").settings
        #expect(settings.artifactsOnly && settings.serveArtifacts && settings.store == .memory)
        #expect(settings.durability == .normal)
    }

    // MARK: What is said

    @Test func whatIsAcceptedGetsOneLine() throws {
        let flags = [
            "--workers", "--gunicorn-opts", "--trace-archival-config", "--secrets-cache-ttl",
            "--secrets-cache-max-size", "--read-replica-backend-store-uri", "--workspace-store-uri",
        ]
        for flag in flags {
            let notes = try plan(flag, "--secret 1").settings.notes
            #expect(notes.count == 1 && notes[0].hasPrefix(flag + " is accepted without effect: "), "\(flag): \(notes)")
            #expect(!notes.joined().contains("secret 1"))
        }
        let both = try plan("-w", "1", variables: ["MLFLOW_WORKERS": "2"]).settings.notes
        #expect(both == ["--workers is accepted without effect: one process uses every core."])
        let variable = try plan(variables: ["MLFLOW_CRYPTO_KEK_PASSPHRASE": "secret"]).settings.notes
        #expect(variable == ["MLFLOW_CRYPTO_KEK_PASSPHRASE is accepted without effect: Roost keeps no secrets."])
    }

    @Test func whatWasNotGivenIsSaid() throws {
        let lines = [
            StartMessage.plain("Backend store URI not provided. Using sqlite:///roost.db"),
            .plain("Registry store URI not provided. Using backend store URI."),
        ]
        #expect(try plan().messages.prefix(2) == lines[...])
        let given = ["MLFLOW_BACKEND_STORE_URI": "sqlite:///x", "MLFLOW_REGISTRY_STORE_URI": "sqlite:///x"]
        #expect(try !plan(variables: given).messages.contains { if case .plain = $0 { true } else { false } })
    }

    @Test(arguments: [
        ["--disable-security-middleware"], ["--allowed-hosts", "*"], ["--allowed-hosts", "a,*"],
        ["--cors-allowed-origins", "*"], ["--allowed-hosts", "http://a.example"],
    ])
    func openDoorsAreWarnedOf(_ arguments: [String]) throws {
        let messages = try plan(arguments).messages
        #expect(messages.count { if case .warning = $0 { true } else { false } } == 1)
    }

    @Test(arguments: [[], ["--allowed-hosts", "a.example"], ["--cors-allowed-origins", "https://a.example"]])
    func otherwiseOneLineSaysHowTheDoorsStand(_ arguments: [String]) throws {
        let messages = try plan(arguments).messages
        #expect(!messages.contains { if case .warning = $0 { true } else { false } })
        #expect(messages.count { if case .info = $0 { true } else { false } } == 1)
    }
}
