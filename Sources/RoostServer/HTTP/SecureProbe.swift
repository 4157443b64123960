// One question over TLS and the first line of the answer, for `roost health`.

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS

public enum SecureProbe {
    /// The first bytes of an answer, up to the end of its first line; fewer when the server closed before; nil when no
    /// answer came in time.
    ///
    /// The certificate is not checked: it bears the server's public name, and who asks here knows which process he means.
    /// - Throws: what kept the connection from being made.
    public static func ask(_ host: String, port: Int, request: String, seconds: Int) async throws -> [UInt8]? {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: [UInt8]?.self)
        let deadline = loop.scheduleTask(in: .seconds(Int64(seconds))) { answer.succeed(nil) }
        let connecting = ClientBootstrap(group: loop).connectTimeout(.seconds(Int64(seconds))).channelInitializer {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([
                    NIOSSLClientHandler(context: context, serverHostname: nil), Questioner(request, answer),
                ])
            }
        }.connect(host: host, port: port)
        connecting.cascadeFailure(to: answer)
        defer { deadline.cancel() }
        let bytes = try await answer.futureResult.get()
        if let channel = try? await connecting.get() { channel.close(promise: nil) }
        return bytes
    }
}

/// Asks once keys are agreed on, and keeps what comes.
private final class Questioner: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: String
    private let answer: EventLoopPromise<[UInt8]?>
    private var bytes: [UInt8] = []

    init(_ request: String, _ answer: EventLoopPromise<[UInt8]?>) {
        self.request = request
        self.answer = answer
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += Array(buffer: unwrapInboundIn(data))
        if bytes.contains(UInt8(ascii: "\n")) || bytes.count > 4096 { answer.succeed(bytes) }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(bytes) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
