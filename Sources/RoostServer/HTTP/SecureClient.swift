// One question over TLS, for commands that ask a server: `roost health`, and operations on a server that somebody named.

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS

/// Whose certificates are believed.
public enum TLSTrust: Equatable, Sendable {
    /// Anybody's: who asks knows which process it is, or has said so.
    case anybody
    /// Those of the authorities that this machine knows.
    case system
    /// Those of the authorities in a PEM file, or in a directory as OpenSSL keeps them.
    case authorities(String)
}

/// Why a server was not asked, in words for the person who wanted it.
public struct SecureClientError: Error, CustomStringConvertible {
    public let description: String
}

public enum SecureClient {
    /// How much of an answer is wanted.
    public enum Extent: Sendable {
        case firstLine
        /// Until the server closes, which it must do as TLS wants it: otherwise somebody may have cut the answer.
        case everything
    }

    /// The bytes of an answer; nil when nothing came for so many seconds.
    /// - Throws: ``SecureClientError`` with what kept the connection from being made, or from being believed.
    public static func ask(
        _ host: String, port: Int, request: [UInt8], trust: TLSTrust, seconds: Int, _ extent: Extent
    ) async throws -> [UInt8]? {
        do {
            return try await exchange(host, port, request, trust, .seconds(Int64(seconds)), extent)
        } catch { throw SecureClientError(description: sentence(error, trust)) }
    }

    private static func exchange(
        _ host: String, _ port: Int, _ request: [UInt8], _ trust: TLSTrust, _ limit: TimeAmount, _ extent: Extent
    ) async throws -> [UInt8]? {
        let context = try NIOSSLContext(configuration: configuration(trust))
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: [UInt8]?.self)
        let connecting = ClientBootstrap(group: loop).connectTimeout(limit).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                // An address is no name that a server could choose a certificate by; it is compared all the same.
                let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
                try channel.pipeline.syncOperations.addHandlers([
                    NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host),
                    IdleStateHandler(allTimeout: limit), Questioner(request, extent, answer),
                ])
            }
        }.connect(host: host, port: port)
        connecting.cascadeFailure(to: answer)
        let bytes = try await answer.futureResult.get()
        if let channel = try? await connecting.get() { channel.close(promise: nil) }
        return bytes
    }

    private static func configuration(_ trust: TLSTrust) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch trust {
        case .anybody: configuration.certificateVerification = .none
        case .system: break
        case .authorities(let path): configuration.trustRoots = .file(path)
        }
        return configuration
    }

    private static func sentence(_ error: any Error, _ trust: TLSTrust) -> String {
        if case .authorities(let path) = trust {
            switch error as? NIOSSLError {
            case .failedToLoadCertificate, .noSuchFilesystemObject: return "there is no certificate in \(path)"
            default: break
            }
        }
        if (error as? NIOSSLExtraError) == .failedToValidateHostname { return "its certificate is for another name" }
        switch error {
        case NIOSSLError.handshakeFailed(let reason) where "\(reason)".contains("CERTIFICATE_VERIFY_FAILED"):
            return "its certificate is by nobody who is trusted here, or has expired"
        case NIOSSLError.handshakeFailed(let reason): return "no encryption was agreed on (\(reason))"
        case NIOSSLError.uncleanShutdown: return "the answer was cut off"
        case let failure as IOError: return failure.description
        case is ChannelError: return "no connection in time"
        case let failure as NIOConnectionError:
            guard let first = failure.connectionErrors.first else { return "there is no host \(failure.host)" }
            return "\(first.error)"
        default: return "\(error)"
        }
    }
}

/// Asks once keys are agreed on, and keeps what comes.
private final class Questioner: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: [UInt8]
    private let extent: SecureClient.Extent
    private let answer: EventLoopPromise<[UInt8]?>
    private var bytes: [UInt8] = []

    init(_ request: [UInt8], _ extent: SecureClient.Extent, _ answer: EventLoopPromise<[UInt8]?>) {
        self.request = request
        self.extent = extent
        self.answer = answer
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
        } else if event is IdleStateHandler.IdleStateEvent {
            answer.succeed(nil)
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += Array(buffer: unwrapInboundIn(data))
        let isEnough = bytes.contains(UInt8(ascii: "\n")) || bytes.count > 4096
        if case .firstLine = extent, isEnough { answer.succeed(bytes) }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(bytes) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
