// The Origin header and preflights, row by row; statuses, texts and headers as mlflow 3.17.2 answers, unless a row says why not.

import HTTPTypes
import RoostServer
import Testing

struct OriginGuardTests {
    private let standard = OriginGuard(allowed: nil)
    private let listed = OriginGuard(allowed: ["https://app.example", "https://*.corp.example"])
    private let everyone = OriginGuard(allowed: ["*"])
    private let nothingSaid = OriginDecision.pass([.vary: "Origin"])
    private let blocked = OriginDecision.answer(
        403, [.vary: "Origin", .contentType: "application/json"],
        #"{"error_code": "PERMISSION_DENIED", "message": "Cross-origin request blocked"}"#)

    private func readable(by origin: String) -> OriginDecision {
        .pass([
            .accessControlAllowOrigin: origin, .accessControlAllowCredentials: "true", .accessControlExposeHeaders: "*",
            .vary: "Origin",
        ])
    }

    private func post(_ rules: OriginGuard, _ origin: String?) -> OriginDecision {
        rules.decide(method: .post, origin: origin, preflightMethod: nil, requestedHeaders: nil)
    }

    /// BI-55. The last rows are no origins by their form; mlflow looks at the host in them alone.
    @Test(arguments: [
        "http://evil.com", "null", "http://127.0.0.1.evil.com", "http://localhost@evil.com",
        "http://localhost.evil.com",
        "http://evil.com/http://localhost", "localhost", "http://", "http://[::1].evil.com", "file://", "http://::1",
        "http://0.0.0.0", "http://10.0.0.1", "http://localhost, http://evil.com", "http://localhost:x",
        "http://localhost/x", "http://user@localhost", "//localhost", "http:/localhost", "://localhost",
        "http://l\u{F6}calhost", " http://localhost",
    ])
    func foreignPagesMayNotChangeAnything(_ origin: String) {
        for method in [HTTPRequest.Method.post, .put, .patch, .delete] {
            #expect(
                standard.decide(method: method, origin: origin, preflightMethod: nil, requestedHeaders: nil) == blocked)
        }
    }

    /// BI-56.
    @Test(arguments: [
        "http://localhost:3000", "http://localhost", "http://127.0.0.1:5000", "http://127.0.0.1", "http://[::1]",
        "http://[::1]:3", "http://LOCALHOST",
    ])
    func pagesOfThisMachineMay(_ origin: String) {
        #expect(post(standard, origin) == readable(by: origin))
        #expect(post(listed, origin) == readable(by: origin))
    }

    /// BI-57: carried out, but the page does not see the answer.
    @Test(arguments: ["https://localhost", "https://127.0.0.1:8443", "https://[::1]", "ftp://localhost"])
    func otherSchemesOfThisMachineMayNotRead(_ origin: String) { #expect(post(standard, origin) == nothingSaid) }

    /// BI-58: no CORS header at all, where mlflow sends some that are without effect.
    @Test(arguments: ["http://evil.com", "null"])
    func readingIsLeftToTheBrowser(_ origin: String) {
        for method in [HTTPRequest.Method.get, .head, .options] {
            #expect(
                standard.decide(method: method, origin: origin, preflightMethod: nil, requestedHeaders: nil)
                    == nothingSaid)
        }
    }

    @Test(arguments: [nil, ""])
    func noOriginIsNoBrowser(_ origin: String?) {
        for rules in [standard, listed, everyone] { #expect(post(rules, origin) == nothingSaid) }
        #expect(
            standard.decide(method: .options, origin: origin, preflightMethod: "POST", requestedHeaders: nil)
                == nothingSaid)
    }

    // MARK: Preflights (BI-59)

    private static let varyOfPreflights = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

    private func preflight(
        _ rules: OriginGuard, _ origin: String, _ method: String, headers: String? = nil
    ) -> OriginDecision {
        rules.decide(method: .options, origin: origin, preflightMethod: method, requestedHeaders: headers)
    }

    private func answer(_ status: Int, _ text: String, _ more: HTTPFields) -> OriginDecision {
        var headers = more
        headers[.vary] = Self.varyOfPreflights
        headers[.contentType] = "text/plain; charset=utf-8"
        return .answer(status, headers, text)
    }

    private func granted(to origin: String) -> HTTPFields {
        [
            .accessControlAllowOrigin: origin, .accessControlAllowCredentials: "true",
            .accessControlAllowMethods: "GET, POST, PUT, DELETE, OPTIONS, PATCH", .accessControlMaxAge: "600",
        ]
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
    func preflightOfALocalPage(_ method: String) {
        let origin = "http://localhost:3000"
        #expect(preflight(standard, origin, method) == answer(200, "OK", granted(to: origin)))
        var headers = granted(to: origin)
        headers[.accessControlAllowHeaders] = "content-type,x-foo"
        #expect(preflight(standard, origin, method, headers: "content-type,x-foo") == answer(200, "OK", headers))
    }

    @Test(arguments: ["TRACE", "BREW", "post", ""])
    func preflightForAMethodThatNothingTakes(_ method: String) {
        let origin = "http://localhost"
        #expect(preflight(standard, origin, method) == answer(400, "Disallowed CORS method", granted(to: origin)))
        #expect(preflight(standard, "http://evil.com", method) == answer(400, "Disallowed CORS origin, method", [:]))
    }

    @Test(arguments: ["http://evil.com", "null", "https://localhost"])
    func preflightOfAnotherPage(_ origin: String) {
        #expect(preflight(standard, origin, "POST", headers: "x") == answer(400, "Disallowed CORS origin", [:]))
    }

    // MARK: Own lists

    @Test(arguments: ["https://app.example", "https://APP.example", "https://a.corp.example"])
    func listedPagesMay(_ origin: String) {
        #expect(post(listed, origin) == readable(by: origin))
        #expect(preflight(listed, origin, "POST") == answer(200, "OK", granted(to: origin)))
    }

    @Test(arguments: [
        "http://app.example", "https://app.example:8443", "https://app.example.evil.com", "https://corp.example",
        "https://evil.com/.corp.example", "https://evil.com?.corp.example", "https://evil.com#.corp.example",
        "https://a@evil.com/.corp.example", "https://x.corp.example.evil.com", "null", "http://evil.com",
    ])
    func othersMayNot(_ origin: String) {
        #expect(post(listed, origin) == blocked)
        #expect(preflight(listed, origin, "POST") == answer(400, "Disallowed CORS origin", [:]))
    }

    @Test func nullMayBeListed() { #expect(post(OriginGuard(allowed: ["null"]), "null") == readable(by: "null")) }

    /// BI-62: everyone, but without cookies and passwords.
    @Test(arguments: ["http://evil.com", "null", "http://localhost:3000"])
    func everyoneMayWithoutCredentials(_ origin: String) {
        let open: HTTPFields = [
            .accessControlAllowOrigin: "*", .accessControlExposeHeaders: "*", .vary: "Origin",
        ]
        #expect(post(everyone, origin) == .pass(open))
        var headers = granted(to: "*")
        headers[.accessControlAllowCredentials] = nil
        #expect(preflight(everyone, origin, "POST") == answer(200, "OK", headers))
        #expect(
            preflight(OriginGuard(allowed: ["https://a.example", "*"]), origin, "POST") == answer(200, "OK", headers))
    }
}
