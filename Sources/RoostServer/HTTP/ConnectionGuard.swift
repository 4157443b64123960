// One slow or broken client hurts only itself: deadlines for heads and bodies, and answers to what is not proper HTTP.

internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1
internal import NIOTLS

/// Closes connections that dawdle, and says what is wrong with a request that cannot be read.
///
/// After an answer a connection may rest for the server's idle time; within a request it may not: the head must come
/// within `timeout`, and a body must make progress in every `timeout`, unless it is the server that does not read on. An
/// answer that waits for its client to read must make progress, too. The rest of a body that was refused is read and thrown
/// away, so that its client gets as far as the answer, but not for ever.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Bytes that a body must bring in every interval.
    private static let leastProgress = 256
    /// Bytes of a body that are read after it was refused.
    private static let mostWaste = 1 << 30

    private enum Waiting {
        case head
        case body(bytes: Int)
        /// The request is whole; the server works or the connection rests.
        case nothing
    }

    private let timeout: TimeAmount
    private var waiting = Waiting.head
    /// When what is waited for must have come; nil while nothing is.
    private var deadline: NIODeadline?
    /// Looks at the deadline. It is not set anew for each request: it finds out by itself that there is more time.
    private var timer: Scheduled<Void>?
    private var closesAfterAnswer = false
    /// Bytes of the body that came after its answer was complete; nil while there is none.
    private var waste: Int?
    /// Whether the server has asked for more than it was given.
    private var wantsMore = false
    /// Bytes of an answer that wait for the client, when they were counted last; nil while none do.
    private var unsent: Int?
    private var stalled: Scheduled<Void>?
    /// Whether the connection is not encrypted yet that shall be: nothing can be said to the client before.
    private var awaitsEncryption: Bool
    /// Set once this handler has answered by itself: what the server says after that goes nowhere.
    private var isDone = false

    /// - Parameter isEncrypted: whether the client must agree on keys first. The time for the head holds for both together.
    init(timeout: TimeAmount, isEncrypted: Bool = false) {
        self.timeout = timeout
        awaitsEncryption = isEncrypted
    }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { restart(context) } }
    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        stalled?.cancel()
    }

    func channelActive(context: ChannelHandlerContext) {
        if timer == nil { restart(context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        stalled?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let problem = HeadProblem(head) { return refuse(context, problem) }
            // Old clients wait for the connection to close; the part behind knows no versions.
            closesAfterAnswer = head.version == .http1_0 && !head.isKeepAlive
            waiting = .body(bytes: 0)
            waste = nil
            restart(context)
        case .body(let chunk):
            if case .body(let bytes) = waiting { waiting = .body(bytes: bytes + chunk.readableBytes) }
            if let wasted = waste {
                waste = wasted + chunk.readableBytes
                if wasted > Self.mostWaste { return close(context) }
            }
        case .end:
            waiting = .nothing
            deadline = nil
            if waste != nil, closesAfterAnswer { return close(context) }
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        wantsMore = true
        context.read()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        wantsMore = false
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stalled?.cancel()
            unsent = nil
        } else if unsent == nil {
            unsent = waitingBytes(context)
            watchAnswer(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isDone else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.headers.first(name: "Connection")?.lowercased() == "close":
            closesAfterAnswer = true
        case .end:
            if case .body = waiting {
                waste = 0
            } else if closesAfterAnswer {
                isDone = true
                closeOnce(context, after: context.writeAndFlush(data))
                promise?.succeed()
                return
            }
        default: break
        }
        context.write(data, promise: promise)
    }

    private func close(_ context: ChannelHandlerContext) {
        isDone = true
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { awaitsEncryption = false }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if waste != nil {
            // It has its answer already.
            close(context)
        } else if let failure = error as? HTTPParserError, !isDone {
            refuse(
                context,
                HeadProblem(
                    status: failure == .headerOverflow ? .init(statusCode: 431) : .badRequest, why: "\(failure)"))
        }
        // Behind here a body that broke off must end in an error, never as if it were whole.
        context.fireErrorCaught(error)
    }

    private func restart(_ context: ChannelHandlerContext) {
        let deadline = NIODeadline.now() + timeout
        self.deadline = deadline
        if timer == nil { look(at: deadline, context) }
    }

    private func look(at time: NIODeadline, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: time) {
            let (handler, context) = bound.value
            handler.timer = nil
            guard let deadline = handler.deadline else { return }
            if deadline > NIODeadline.now() { handler.look(at: deadline, context) } else { handler.check(context) }
        }
    }

    private func check(_ context: ChannelHandlerContext) {
        switch waiting {
        case .nothing: return
        case .body(let bytes) where bytes >= Self.leastProgress || !wantsMore:
            waiting = .body(bytes: 0)
            restart(context)
        // It has its answer.
        case .body where waste != nil: close(context)
        case .head, .body:
            refuse(context, HeadProblem(status: .requestTimeout, why: "it did not arrive in time"))
            context.fireErrorCaught(HTTPParserError.invalidEOFState)
        }
    }

    private func watchAnswer(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        stalled = context.eventLoop.scheduleTask(in: timeout) {
            let (handler, context) = bound.value
            handler.checkAnswer(context)
        }
    }

    private func checkAnswer(_ context: ChannelHandlerContext) {
        guard let before = unsent else { return }
        let now = waitingBytes(context)
        // Nothing is added while the channel takes no more, so the number only falls.
        guard before - now >= Self.leastProgress else { return context.close(promise: nil) }
        unsent = now
        watchAnswer(context)
    }

    private func waitingBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
    }

    /// Answers by itself and closes: the request never reaches the server, or is given up.
    private func refuse(_ context: ChannelHandlerContext, _ problem: HeadProblem) {
        isDone = true
        timer?.cancel()
        // What is written now would wait for keys that never come.
        guard !awaitsEncryption else { return context.close(promise: nil) }
        let body = ByteBuffer(
            string: "{\"error_code\":\"BAD_REQUEST\",\"message\":\"The request cannot be read: \(problem.why).\"}")
        let head = HTTPResponseHead(
            version: .http1_1, status: problem.status,
            headers: [
                "Content-Type": "application/json", "Content-Length": String(body.readableBytes), "Connection": "close",
                "X-Content-Type-Options": "nosniff",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        closeOnce(context, after: context.writeAndFlush(wrapOutboundOut(.end(nil))))
    }

    private func closeOnce(_ context: ChannelHandlerContext, after written: EventLoopFuture<Void>) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.whenComplete { _ in bound.value.close(promise: nil) }
    }
}

/// What is wrong with the head of a request that could be parsed.
private struct HeadProblem {
    let status: HTTPResponseStatus
    let why: String

    init(status: HTTPResponseStatus, why: String) {
        self.status = status
        self.why = why
    }

    /// Nil for a proper head.
    init?(_ head: HTTPRequestHead) {
        if head.uri.utf8.count > 16 << 10 {
            self.init(status: .uriTooLong, why: "its target is longer than 16 KiB")
        } else if head.headers.contains(where: { $0.value.utf8.count > 32 << 10 }) {
            self.init(status: .init(statusCode: 431), why: "a field of its head is longer than 32 KiB")
        } else if head.headers["Host"].count > 1 || head.headers["Host"].isEmpty && head.version == .http1_1 {
            self.init(status: .badRequest, why: "it must name one host")
        } else if let named = head.uri.hostOfAbsoluteTarget, named != head.headers.first(name: "Host")?.lowercased() {
            // The part behind keeps the header alone, so a target must not name another host.
            self.init(status: .badRequest, why: "its target and its Host field name different hosts")
        } else if let coding = head.headers.first(name: "Transfer-Encoding"), coding.lowercased() != "chunked" {
            self.init(status: .notImplemented, why: "its transfer coding is not 'chunked' alone")
        } else {
            return nil
        }
    }
}

extension String {
    /// `host` in `http://host/path`, in lower case; nil where the target is a path.
    fileprivate var hostOfAbsoluteTarget: String? {
        guard !hasPrefix("/") else { return nil }
        let lower = lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return nil }
        return String(lower.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" })
    }
}

/// Puts a ``ConnectionGuard`` where requests still have their version and all their fields: Hummingbird adds handlers of
/// ours only behind the part that drops both.
final class GuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let timeout: TimeAmount
    private let certificate: ServerCertificate?

    /// - Parameter certificate: what connections are encrypted with; nil for plain HTTP.
    init(timeout: TimeAmount, certificate: ServerCertificate?) {
        self.timeout = timeout
        self.certificate = certificate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            // Before everything that reads HTTP.
            if let certificate { try pipeline.addHandler(certificate.handler(), position: .first) }
            let codec = try pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(
                ConnectionGuard(timeout: timeout, isEncrypted: certificate != nil), position: .before(codec.handler))
        } catch {
            // A connection without its guard is not served.
            context.close(promise: nil)
        }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
