// Which pages may send requests that change something, and which may read the answers (CORS).

public import HTTPTypes
internal import RoostCore

/// What to do with a request as far as its origin goes.
public enum OriginDecision: Equatable, Sendable {
    /// Carry it out, and add these headers to the answer.
    case pass(HTTPFields)
    /// Answer at once: the status, the headers (`Content-Type` among them) and the body.
    case answer(Int, HTTPFields, String)
}

/// Decides on the Origin header. As in MLflow, except that no path is exempt, and that an origin which is none by its
/// form (`http://localhost/x`, `http://user@localhost`) is a foreign one.
public struct OriginGuard: Sendable {
    private enum Rule: Sendable {
        case exactly(String)
        case pattern(Wildcard)
    }

    private let rules: [Rule]
    private let allowsAll: Bool

    /// - Parameter allowed: origins like `https://app.example` or `https://*.corp.example`, beside this machine's own;
    ///   `*` allows all of them, without credentials.
    public init(allowed: [String]?) {
        let allowed = allowed ?? []
        allowsAll = allowed.contains("*")
        rules = allowed.map { entry in Wildcard(entry).map { .pattern($0) } ?? .exactly(entry.lowercased()) }
    }

    /// - Parameters:
    ///   - origin: the header `Origin`; none, or an empty one, is no browser's.
    ///   - preflightMethod: the header `Access-Control-Request-Method`.
    ///   - requestedHeaders: the header `Access-Control-Request-Headers`.
    public func decide(
        method: HTTPRequest.Method, origin: String?, preflightMethod: String?, requestedHeaders: String?
    ) -> OriginDecision {
        guard let origin, !origin.isEmpty else { return .pass([.vary: "Origin"]) }
        let mayRead = isListed(origin) || isLocalPage(origin)
        if method == .options, let wanted = preflightMethod {
            return preflight(origin, mayRead: mayRead, wanted: wanted, requestedHeaders)
        }
        if Self.stateChanging.contains(method), !mayRead, !isOfThisMachine(origin) {
            return .answer(403, [.vary: "Origin", .contentType: "application/json"], Self.blocked)
        }
        guard mayRead else { return .pass([.vary: "Origin"]) }
        var headers = readable(by: origin)
        headers[.accessControlExposeHeaders] = "*"
        headers[.vary] = "Origin"
        return .pass(headers)
    }

    // MARK: Answers

    private static let stateChanging: Set<HTTPRequest.Method> = [.post, .put, .patch, .delete]
    private static let methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
    private static let blocked =
        #"{"error_code": "\#(ErrorCode.permissionDenied.rawValue)", "message": "Cross-origin request blocked"}"#

    private func readable(by origin: String) -> HTTPFields {
        if allowsAll { return [.accessControlAllowOrigin: "*"] }
        return [.accessControlAllowOrigin: origin, .accessControlAllowCredentials: "true"]
    }

    private func preflight(
        _ origin: String, mayRead: Bool, wanted: String, _ requestedHeaders: String?
    ) -> OriginDecision {
        var headers: HTTPFields = mayRead ? readable(by: origin) : [:]
        if mayRead {
            headers[.accessControlAllowMethods] = Self.methods.joined(separator: ", ")
            headers[.accessControlMaxAge] = "600"
            if let requestedHeaders { headers[.accessControlAllowHeaders] = requestedHeaders }
        }
        headers[.vary] = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        headers[.contentType] = "text/plain; charset=utf-8"
        let refused = (mayRead ? [] : ["origin"]) + (Self.methods.contains(wanted) ? [] : ["method"])
        if refused.isEmpty { return .answer(200, headers, "OK") }
        return .answer(400, headers, "Disallowed CORS " + refused.joined(separator: ", "))
    }

    // MARK: Origins

    private func isListed(_ origin: String) -> Bool {
        if allowsAll { return true }
        // Letters elsewhere in Unicode become ASCII ones when they are made small.
        guard origin.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        let text = origin.lowercased()
        return rules.contains { rule in
            switch rule {
            case .exactly(let wanted): text == wanted
            // A star must not reach over a path or a user name: `https://evil.com/.corp.example`.
            case .pattern(let wildcard): Self.authority(of: text) != nil && wildcard.matches(text)
            }
        }
    }

    /// A page of this machine over plain HTTP, which alone may read what it gets.
    private func isLocalPage(_ origin: String) -> Bool {
        isOfThisMachine(origin) && origin.lowercased().hasPrefix("http://")
    }

    private func isOfThisMachine(_ origin: String) -> Bool {
        guard let authority = Self.authority(of: origin) else { return false }
        return Self.thisMachine.contains(authority.host)
    }

    private static let thisMachine = ["localhost", "127.0.0.1", "[::1]"].compactMap { Authority($0)?.host }

    /// What follows the scheme; nil for what is no origin.
    private static func authority(of origin: String) -> Authority? {
        guard let colon = origin.firstIndex(of: ":") else { return nil }
        let scheme = origin[..<colon]
        let rest = origin[origin.index(after: colon)...]
        guard !scheme.isEmpty, scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }),
            rest.hasPrefix("//")
        else { return nil }
        return Authority(rest.dropFirst(2))
    }
}
