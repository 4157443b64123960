// Puts the parts together and runs them until a signal.

internal import Glibc
internal import HTTPTypes
public import Logging
public import RoostCore
internal import RoostStore
internal import ServiceLifecycle
internal import UnixSignals

/// A server that could not start, in one sentence.
public struct ServerStartError: Error, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A server. Two of them may run in one process.
public struct App: Sendable {
    private let settings: Settings
    private let services: Services
    private let responder: Responder
    private let log: Logger

    /// Opens the store.
    /// - Throws: `StoreOpeningError` when the database cannot be opened.
    public init(settings: Settings, log: Logger) throws {
        try self.init(settings: settings, world: .real, log: log)
    }

    /// - Parameter world: the clock and the dice, for tests.
    public init(settings: Settings, world: World, log: Logger) throws {
        self.settings = settings
        self.log = log
        let telemetry = Telemetry()
        // First, so that a server without an admin leaves nothing behind.
        let access = try settings.access.map { try AccessControl($0, world: world, log: log) }
        let store: Store
        do {
            store = try Store(
                settings.store, options: settings.storeOptions, world: world, telemetry: telemetry, log: log)
        } catch {
            access?.accounts.close()
            throw error
        }
        services = Services(
            store: store, settings: settings, telemetry: telemetry, artifacts: ArtifactPlaces(settings, world: world),
            world: world, log: log,
            mlflowUI: settings.mlflowUI.map { MLflowUI(directory: $0, world: world) }, access: access)
        responder = Responder(services: services, log: log)
    }

    /// What keeps a directory from being served as MLflow's own UI; nil if nothing does.
    public static func defectOfUI(in directory: String) async -> String? { await MLflowUI.defect(of: directory) }

    /// Serves until SIGTERM or SIGINT; then finishes what is in flight and closes the store.
    /// - Parameter onRunning: called once, when requests are answered.
    /// - Throws: ``ServerStartError`` when the address cannot be listened on.
    public func run(onRunning: @escaping @Sendable () -> Void = {}) async throws {
        defer { close() }
        // A file that grows over the limit of this process is an error of its upload, not the end of the server.
        signal(SIGXFSZ, SIG_IGN)
        services.artifacts.sweep(log)
        let host = settings.host
        let certificate = try settings.tls.map {
            try ServerCertificate($0, now: services.world.now(), log: log)
        }
        let scheme = certificate == nil ? "http" : "https"
        let server = try HTTPService.make(
            settings: settings, certificate: certificate, responder: responder, log: log
        ) { port in
            let shown = host.contains(":") ? "[\(host)]" : host
            print("Listening on \(scheme)://\(shown):\(port)")
            fflush(nil)
            onRunning()
        }
        // Each with a name: without one, the name is all that is in the service, printed, a sixth of the time of a start.
        func part(_ name: String, _ service: any Service) -> ServiceGroupConfiguration.ServiceConfiguration {
            .init(service: service, serviceName: name)
        }
        var parts = [part("http", server), part("housekeeping", Housekeeping(artifacts: services.artifacts))]
        if let certificate {
            let reloader = CertificateReloader(certificate: certificate, world: services.world, log: log)
            parts.append(part("certificate", reloader))
        }
        if let interval = settings.retentionEvery {
            parts.append(part("retention", RetentionService(services: services, interval: interval)))
        }
        var configuration = ServiceGroupConfiguration(
            services: parts, gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        // What is in flight has this long to finish.
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as ServiceGroupError {
            throw ServerStartError("The server stopped: \(error).")
        } catch {
            throw ServerStartError(explain(error))
        }
    }

    /// Answers a request as the server would, without a socket: for tests.
    func respond(_ head: RequestHead, body: [UInt8]) async -> APIResponse {
        await responder.respond(head, body: BodyReader(body))
    }

    /// Answers a request made in this process, for commands that work on a database.
    func answer(_ method: String, _ target: String, type: String?, body: [UInt8]) async -> APIResponse {
        guard let method = HTTPRequest.Method(method) else { return APIResponse(.invalid("'\(method)' is no method.")) }
        let headers: HTTPFields = type.map { [.contentType: $0] } ?? [:]
        return await respond(
            RequestHead(method: method, target: target, headers: headers, host: "localhost"), body: body)
    }

    /// Closes the store of an app that was never run.
    func close() {
        services.store.close()
        services.access?.accounts.close()
    }

    private func explain(_ error: any Error) -> String {
        let text = "\(error)"
        let address = "\(settings.host):\(settings.port)"
        if text.contains("\(EADDRINUSE)") || text.contains("in use") {
            return
                "Cannot listen on \(address): another program uses that port. Choose one with --port (0 takes a free one)."
                + " On macOS, port 5000 belongs to AirPlay."
        }
        if text.contains("ermission denied") {
            return "Cannot listen on \(address): ports below 1024 need a privilege. Choose another with --port."
        }
        return "Cannot listen on \(address): \(text)."
    }
}

/// What is to be done from time to time, whether somebody asks for something or not.
private struct Housekeeping: Service {
    let artifacts: ArtifactPlaces

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Cancelled when the server stops.
            while (try? await Task.sleep(for: .seconds(600))) != nil { await artifacts.abortIdleUploads() }
        }
    }
}

extension Settings {
    var artifactRules: ArtifactRules { ArtifactRules(root: artifactRoot, maxLength: artifactLocationMaxLength) }

    var storeOptions: StoreOptions {
        var options = StoreOptions()
        options.durability = durability
        options.artifactRoot = artifactRoot
        if let readers { options.readers = readers }
        if let queueLimit { options.queueLimit = queueLimit }
        return options
    }
}
