// The certificate of a server that speaks HTTPS: read from its files at the start, and again once they were renewed.

internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import RoostCore
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// Where a certificate and its key are: PEM files.
public struct TLSFiles: Equatable, Sendable {
    /// The certificate of the server, then those in between up to its root.
    public let certificate: String
    /// The private key; it may stand in the same file.
    public let key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// What new connections are encrypted with.
final class ServerCertificate: Sendable {
    private let files: TLSFiles
    private let current: Mutex<NIOSSLContext>

    /// - Throws: ``ServerStartError`` that says which file cannot be used and why.
    init(_ files: TLSFiles, now: Int64, log: Logger) throws {
        self.files = files
        current = Mutex(try Self.read(files, now, log))
    }

    /// For one connection.
    func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: current.withLock { $0 }) }

    /// Reads the files again. Connections that are open keep what they have; so do new ones if the files cannot be used.
    func reload(now: Int64, log: Logger) {
        do {
            let context = try Self.read(files, now, log)
            current.withLock { $0 = context }
            log.info("The certificate was read again from \(files.certificate).")
        } catch {
            log.error("The certificate stays as it was: \(error)")
        }
    }

    private static func read(_ files: TLSFiles, _ now: Int64, _ log: Logger) throws -> NIOSSLContext {
        let certificates: [NIOSSLCertificate]
        let text = try bytes(files.certificate, "certificate")
        do { certificates = try NIOSSLCertificate.fromPEMBytes(text) } catch {
            throw ServerStartError("The file \(files.certificate) holds no certificate in PEM form.")
        }
        let key: NIOSSLPrivateKey
        let secret = try bytes(files.key, "private key")
        guard !String(decoding: secret, as: UTF8.self).contains("ENCRYPTED") else {
            throw ServerStartError(
                "The private key in \(files.key) is encrypted with a passphrase: store it without one.")
        }
        do { key = try NIOSSLPrivateKey(bytes: secret, format: .pem) } catch {
            throw ServerStartError("The file \(files.key) holds no private key in PEM form.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(2)
        let context: NIOSSLContext
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw ServerStartError(
                "The private key in \(files.key) does not belong to the certificate in \(files.certificate), or neither can be"
                    + " used.")
        }
        if let first = certificates.first {
            if first.notValidAfter * 1000 < now {
                log.warning("The certificate in \(files.certificate) has expired: clients will refuse it.")
            } else if first.notValidBefore * 1000 > now {
                log.warning("The certificate in \(files.certificate) is not valid yet: clients will refuse it.")
            }
        }
        return context
    }

    private static func bytes(_ path: String, _ what: String) throws -> [UInt8] {
        guard let bytes = Disk.bytes(path) else {
            throw ServerStartError("The \(what) \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        return bytes
    }
}

/// Reads the certificate again on SIGHUP, which is what tools that renew certificates send.
struct CertificateReloader: Service {
    let certificate: ServerCertificate
    let world: World
    let log: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                certificate.reload(now: world.now(), log: log)
            }
        }
    }
}
