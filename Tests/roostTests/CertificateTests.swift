// Which certificate a start means, by flags, variables and the options of other servers.

import RoostServer
import Testing

@testable import roost

struct CertificateTests {
    @Test func withoutOneItIsPlainHTTP() throws {
        #expect(try plan().settings.tls == nil)
        #expect(try plan("--uvicorn-opts", "--timeout-keep-alive 60 --reload").settings.tls == nil)
        #expect(try plan("--gunicorn-opts", "--timeout 60 -k gevent").settings.tls == nil)
    }

    static let ways: [(arguments: [String], variables: [String: String])] = [
        (["--ssl-certfile", "/c.pem", "--ssl-keyfile", "/k.pem"], [:]),
        ([], ["ROOST_SSL_CERTFILE": "/c.pem", "ROOST_SSL_KEYFILE": "/k.pem"]),
        (["--ssl-certfile", "/c.pem"], ["ROOST_SSL_CERTFILE": "/other", "ROOST_SSL_KEYFILE": "/k.pem"]),
        (["--uvicorn-opts", "--ssl-certfile /c.pem --ssl-keyfile /k.pem"], [:]),
        (["--uvicorn-opts", "--ssl-keyfile='/k.pem' --a b  --ssl-certfile=\"/c.pem\""], [:]),
        ([], ["MLFLOW_UVICORN_OPTS": "--ssl-certfile /c.pem --ssl-keyfile /k.pem"]),
        (["--gunicorn-opts", "--certfile /c.pem --keyfile /k.pem --workers 2"], [:]),
        (["--ssl-certfile", "/c.pem", "--ssl-keyfile", "/k.pem", "--uvicorn-opts", "--ssl-certfile /x"], [:]),
    ]

    @Test(arguments: ways) func everyWayMeansTheSame(_ arguments: [String], _ variables: [String: String]) throws {
        let settings = try plan(arguments, variables: variables).settings
        #expect(settings.tls == TLSFiles(certificate: "/c.pem", key: "/k.pem"))
    }

    @Test func aKeyMayStandInTheFileOfTheCertificate() throws {
        let files = try #require(try plan("--ssl-certfile", "certs/both.pem").settings.tls)
        #expect(files.certificate == files.key && files.certificate.hasSuffix("/certs/both.pem"))
        #expect(files.certificate.hasPrefix("/"))
    }

    @Test(arguments: [
        "--ssl-certfile /c --ssl-cert-reqs 2", "--ssl-ca-certs /ca", "--ssl-keyfile-password x", "--ssl-ciphers y",
        "--ssl-version=2",
    ]) func whatAsksMoreOfTLSIsRefused(options: String) throws {
        #expect(throws: Refusal.self) { try plan("--uvicorn-opts", options) }
    }

    @Test(arguments: [
        ["--ssl-keyfile", "/k"], ["--uvicorn-opts", "--ssl-keyfile /k"], ["--uvicorn-opts", "--ssl-certfile"],
        ["--gunicorn-opts", "--certfile="],
    ]) func halfOfItIsAUsageError(arguments: [String]) throws {
        do {
            _ = try plan(arguments)
            Issue.record("accepted")
        } catch {
            guard case Refusal.usage = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    static let texts: [(text: String, words: [String])] = [
        ("", []), ("  a  b ", ["a", "b"]), ("'a b' \"c d\"", ["a b", "c d"]), ("a\\ b", ["a b"]), ("a'b'c", ["abc"]),
        ("''", [""]), ("\"a\\\"b\"", ["a\"b"]), ("'a\\b'", ["a\\b"]), ("a\tb\nc", ["a", "b", "c"]),
    ]

    @Test(arguments: texts) func wordsArePartedAsAShellDoes(text: String, words: [String]) {
        #expect(Certificate.words(text) == words)
    }

    @Test func healthAsksOverTLSWhereTheServerSpeaksIt() throws {
        let named = try ServerAddress(url: "https://h/x").health
        #expect(named == ServerAddress(host: "h", port: 443, path: "/x/health", isSecure: true))
        #expect(named.shown == "https://h:443/x/health")
        #expect(try ServerAddress(Environment(["ROOST_SSL_CERTFILE": "/c"])).health.isSecure)
        #expect(try !ServerAddress(url: "http://h").isSecure)
    }
}
