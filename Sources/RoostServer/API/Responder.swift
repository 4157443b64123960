// From a request to its answer: the rules at the edge, the table, and the headers on everything. No socket here.

internal import HTTPTypes
internal import Logging
internal import RoostCore

/// Answers requests.
struct Responder: Sendable {
    let services: Services
    let log: Logger
    private let dispatcher: Dispatcher
    private let hosts: HostGuard?
    private let origins: OriginGuard?

    init(services: Services, log: Logger) {
        self.services = services
        self.log = log
        let settings = services.settings
        dispatcher = Dispatcher(prefix: settings.staticPrefix)
        hosts = settings.securityEnabled ? HostGuard(allowed: settings.allowedHosts) : nil
        origins = settings.securityEnabled ? OriginGuard(allowed: settings.corsAllowedOrigins) : nil
    }

    /// The answer; never throws, as every failure is an answer too.
    func respond(_ head: RequestHead, body: BodyReader) async -> APIResponse {
        let begun = ContinuousClock.now
        var (response, route) = await answer(head, body)
        response.headers[.xContentTypeOptions] = "nosniff"
        if let frames = services.settings.xFrameOptions { response.headers[.xFrameOptions] = frames }
        let passed = (ContinuousClock.now - begun).components
        let milliseconds = Double(passed.seconds) * 1000 + Double(passed.attoseconds) / 1e15
        services.telemetry.answered(route: route, status: response.status, milliseconds: milliseconds)
        if services.settings.accessLog {
            // The path as it was sent: escaped, so a line stays a line.
            print("\(head.method.rawValue) \(head.path) \(response.status) \(Int(milliseconds * 1000))us")
        }
        if head.method == .head {
            if response.headers[.contentLength] == nil {
                response.headers[.contentLength] = response.content.count.map { String($0) }
            }
            response.content = .bytes([])
        }
        return response
    }

    private func answer(_ head: RequestHead, _ body: BodyReader) async -> (APIResponse, route: String) {
        let path = dispatcher.bare(head.path)
        // Probes call with the pod's address as host.
        let isProbe = path == "/health" || path == "/ready" || path == "/version"
        if !isProbe, let refusal = hosts?.check(head.host) { return (APIResponse(refusal), "host") }
        var extra = HTTPFields()
        if let origins {
            switch origins.decide(
                method: head.method, origin: head.headers[.origin],
                preflightMethod: head.headers[.accessControlRequestMethod],
                requestedHeaders: head.headers[.accessControlRequestHeaders])
            {
            case .pass(let headers): extra = headers
            case .answer(let status, let headers, let text):
                return (APIResponse(status: status, headers: headers, body: Array(text.utf8)), "origin")
            }
        }
        var (response, route) = await dispatch(head, path, body)
        response.headers.append(contentsOf: extra)
        return (response, route)
    }

    private func dispatch(_ head: RequestHead, _ path: String, _ body: BodyReader) async -> (APIResponse, String) {
        let decision = dispatcher.decide(head.method, path)
        guard let access = services.access else { return await carryOut(decision, head, path, body, services) }
        var services = services
        do { services.caller = try await recognise(head, decision, access) } catch {
            return (refusal(error, "login"), "login")
        }
        return await carryOut(decision, head, path, body, services)
    }

    private func carryOut(
        _ decision: Dispatcher.Decision, _ head: RequestHead, _ path: String, _ body: BodyReader, _ services: Services
    ) async -> (APIResponse, String) {
        switch decision {
        case .serve(let route, let pattern, let parameters):
            var head = head
            head.parameters = parameters
            do {
                try route.area.check(services.settings, pattern)
                guard route.isLarge || head.announcedBytes > LargeRequests.bodyBytes && !route.media.takesBytes else {
                    return (try await route.handle(head, body, services), route.name)
                }
                return (
                    try await LargeRequests.run { [head, services] in try await route.handle(head, body, services) },
                    route.name
                )
            } catch { return (refusal(error, route.name), route.name) }
        case .methods(let methods):
            let allowed = methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : []) + ["OPTIONS"]
            var response: APIResponse
            if head.method == .options {
                response = APIResponse(status: 204, headers: [:], body: [])
            } else {
                response = APIResponse(
                    APIError(
                        .endpointNotFound,
                        "\(path) does not take \(head.method.rawValue), only \(allowed.joined(separator: ", ")).",
                        status: 405))
            }
            response.headers[.allow] = allowed.joined(separator: ", ")
            return (response, "method")
        case .refuse(let error): return (APIResponse(error), error.code == .notImplemented ? "not served" : "unknown")
        }
    }
}

extension RequestHead {
    /// What the length of the body is said to be; the most there is for one that comes in chunks.
    fileprivate var announcedBytes: Int {
        headers.contains(.transferEncoding) ? .max : announcedLength ?? 0
    }
}

extension Responder {
    /// Who asks. Nobody needs to be known for what anyone may use; all else asks, also what is not there.
    private func recognise(
        _ head: RequestHead, _ decision: Dispatcher.Decision, _ access: AccessControl
    ) async throws -> Caller? {
        if case .serve(let route, _, _) = decision, route.permission == .open || route.permission == .holder {
            return nil
        }
        return try await access.authenticate(head)
    }

    private func refusal(_ error: any Error, _ route: String) -> APIResponse {
        switch error {
        case let error as APIError: return APIResponse(error)
        case let refusal as AccessRefusal: return refusal.response
        default:
            // The client is gone, or a defect of ours: the log has it, the client no detail.
            log.error("a request to \(route) failed: \(error)")
            return APIResponse(APIError(.internalError, "The server failed to answer; its log says why."))
        }
    }
}

extension HTTPField.Name {
    /// Compile-time constants of field names; a name that is not a token would be a defect of ours.
    fileprivate static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not the name of a field") }
        return name
    }

    static let xFrameOptions = known("X-Frame-Options")
    static let xForwardedHost = known("X-Forwarded-Host")
    static let xForwardedProto = known("X-Forwarded-Proto")
}
