// Starts that do not happen: the status, and the name of what is wrong.

import RoostServer
import RoostStore
import Testing

@testable import roost

struct RefusalTests {
    @Test(arguments: [
        ["server", "--no-such-flag"], ["server", "--port", "many"], ["server", "--port", "70000"],
        ["server", "--port", "-1"],
        ["server", "--port"], ["server", "stray"], ["no-such-command"], ["server", "--durability", "maybe"],
        ["server", "--static-prefix", "lead-missing"], ["server", "--static-prefix", "/"],
        ["server", "--static-prefix", "/trailing/"], ["server", "--static-prefix", "/{braces}"],
        ["server", "--static-prefix", "/a?b"], ["server", "--static-prefix", "/a//b"],
        ["server", "--header-timeout", "0"],
        ["server", "--header-timeout", "x"], ["server", "--x-frame-options", "PERHAPS"],
        ["server", "--gunicorn-opts", "--a", "--uvicorn-opts", "--b"],
        ["server", "--waitress-opts", "--a", "--uvicorn-opts", "--b"],
        ["server", "--backend-store-uri", "oracle://host/db"],
        ["server", "--backend-store-uri", "sqlite://relative.db"], ["health", "a", "b"], ["spec", "x"],
    ])
    func usageErrorsEndWithTwo(_ arguments: [String]) throws {
        let ending = try #require(end(arguments))
        #expect(ending.status == 2)
        #expect(ending.text.hasPrefix("roost: "))
        #expect(ending.text.split(separator: "\n").count >= 2)
    }

    @Test(arguments: [
        ("MLFLOW_PORT", "many"), ("MLFLOW_STATIC_PREFIX", "x"), ("MLFLOW_SERVE_ARTIFACTS", "maybe"),
        ("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "2"), ("MLFLOW_SERVER_X_FRAME_OPTIONS", "x"),
        ("MLFLOW_LOGGING_LEVEL", "loud"), ("MLFLOW_TRUNCATE_LONG_VALUES", "x"), ("MLFLOW_BACKEND_STORE_URI", "x://y"),
        ("MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH", "0"),
        ("MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX", "("), ("ROOST_HEADER_TIMEOUT", "1.5"),
        ("ROOST_ACCESS_LOG", "x"),
        ("ROOST_MULTIPART", "all"),
    ])
    func usageErrorsOfVariablesNameThem(_ name: String, _ value: String) throws {
        let ending = try #require(end(["server"], variables: [name: value]))
        #expect(ending.status == 2)
        #expect(ending.text.contains(name))
    }

    @Test func twoServersByFlagAndVariableExcludeEachOther() throws {
        let ending = try #require(end(["server", "--gunicorn-opts", "a"], variables: ["MLFLOW_UVICORN_OPTS": "b"]))
        #expect(ending.status == 2)
        #expect(ending.text.contains("--gunicorn-opts and MLFLOW_UVICORN_OPTS"))
    }

    @Test(arguments: [
        ["--app-name", "something"], ["--enable-workspaces"],
        ["--artifacts-destination", "s3://bucket/root"], ["--artifacts-destination", "hdfs://h/x"],
        ["--backend-store-uri", "./mlruns"], ["--backend-store-uri", "mlruns"], ["--backend-store-uri", "file:///x"],
        ["--backend-store-uri", "postgresql://h/d"], ["--registry-store-uri", "sqlite:///other.db"],
        ["--backend-store-uri", "sqlite://", "--registry-store-uri", "sqlite:///:memory:"],
    ])
    func whatIgnoringWouldMakeUnsafeEndsWithOne(_ arguments: [String]) throws {
        let ending = try #require(end(["server"] + arguments))
        #expect(ending.status == 1)
        #expect(ending.text.hasPrefix("roost: \(arguments[arguments.count > 2 ? 2 : 0])"))
        #expect(ending.text.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["MLFLOW_ENABLE_WORKSPACES"])
    func theSameByVariable(_ name: String) throws {
        #expect(end(["server"], variables: [name: "true"])?.status == 1)
        #expect(end(["server"], variables: [name: "false"]) == nil)
    }

    @Test(arguments: [
        ["--artifacts-only", "--backend-store-uri", "sqlite:///x.db"], ["--artifacts-only", "--no-serve-artifacts"],
        ["--artifacts-destination", "file:relative"], ["--artifacts-destination", "file://host/x"],
    ])
    func artifactsAloneNeedNoDatabaseAndADirectory(_ arguments: [String]) throws {
        #expect(try #require(end(["server"] + arguments)).status == 2)
    }

    @Test func aPasswordThatWasAskedForIsNeverLeftOut() throws {
        #expect(try #require(end(["server", "--app-name", "something"])).text.contains("authentication"))
    }

    @Test func passwordsAreNotRepeated() throws {
        let uri = "postgresql+psycopg2://user:secret@host/db"
        #expect(try !#require(end(["server", "--backend-store-uri", uri])).text.contains("secret"))
    }

    @Test func failedStartsSayTheirSentence() {
        #expect(Ending(StoreOpeningError("The database is damaged.")).text == "roost: The database is damaged.\n")
        #expect(Ending(StoreOpeningError("The database is damaged.")).status == 1)
    }

    @Test(arguments: [["--help"], ["server", "--help"], ["--version"], ["health", "--help"]])
    func helpAndVersionEndWell(_ arguments: [String]) throws {
        let ending = try #require(end(arguments))
        #expect(ending.status == 0)
        if arguments == ["--version"] { #expect(ending.text == "roost \(roostVersion)\n") }
    }

    @Test func helpNamesEveryFlag() throws {
        let help = try #require(end(["server", "--help"])).text
        let flags = [
            "--backend-store-uri", "--host", "-h", "--port", "-p", "--durability", "--static-prefix",
            "--no-serve-artifacts",
            "--header-timeout", "--access-log", "--multipart", "--enable-workspaces", "--disable-workspaces",
            "--secrets-cache-ttl",
        ]
        for flag in flags { #expect(help.contains(flag), "\(flag)") }
    }
}
