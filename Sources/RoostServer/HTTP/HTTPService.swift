// The socket side: Hummingbird's server with our responder, and the deadlines of a connection.

internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import RoostArtifacts
internal import RoostCore
internal import ServiceLifecycle

/// Builds the server that listens.
enum HTTPService {
    /// - Parameters:
    ///   - certificate: what connections are encrypted with; nil for plain HTTP.
    ///   - onRunning: told the port once requests are answered.
    static func make(
        settings: Settings, certificate: ServerCertificate?, responder: Responder, log: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) throws -> any Service {
        let pace = settings.headerTimeout
        let asksWhoIsThere = settings.access != nil
        let inflight = InflightBytes(limit: 512 << 20)
        let outgoing = OutgoingBytes(limit: 512 << 20)
        // The framework tells of its own start; the line that counts is ours.
        var log = log
        log.logLevel = max(log.logLevel, .warning)
        let builder = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    GuardInstaller(timeout: .seconds(Int64(pace)), certificate: certificate)
                ],
                idleTimeout: .seconds(Int64(max(75, pace))),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 80 << 10, maxHeaderListSize: 112 << 10, maxHeaderFieldCount: 200)))
        return try builder.buildServer(
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: log,
            responder: { request, writer, channel in
                var head = RequestHead(request)
                if asksWhoIsThere { head.address = channel.remoteAddress?.ipAddress ?? "" }
                let body = request.body
                let length = head.announcedLength
                let reader = BodyReader(
                    collect: { limit in try await inflight.collect(body, length: length, limit: limit) },
                    stream: { sink in try await body.give(to: sink, length: length) })
                var response = await responder.respond(head, body: reader)
                if response.status == 413 || response.status == 408 {
                    // The rest of the body is not read, so the connection cannot go on.
                    response.headers[.connection] = "close"
                }
                let share = outgoing.take(&response)
                defer { outgoing.giveBack(share) }
                try await writer.write(response: response)
            },
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? settings.port) })
    }
}

extension RequestHead {
    init(_ request: Request) {
        self.init(
            method: request.method, target: request.head.path ?? "/", headers: request.headers,
            host: request.head.authority)
    }
}

extension ResponseWriter {
    fileprivate consuming func write(response: APIResponse) async throws {
        var head = HTTPResponse(status: HTTPResponse.Status(code: response.status), headerFields: response.headers)
        if head.headerFields[.contentLength] == nil, response.status != 204, response.status != 304 {
            head.headerFields[.contentLength] = response.content.count.map { String($0) }
        }
        head.headerFields[.date] = DateHeader.now()
        let body =
            switch response.content {
            case .bytes(let bytes) where bytes.isEmpty: ResponseBody()
            case .bytes(let bytes) where bytes.count <= OutgoingBytes.small:
                ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            case .bytes(let bytes):
                // In pieces, so that this ends when the client has taken all but the last of them.
                ResponseBody(contentLength: bytes.count) { writer in
                    var rest = ByteBuffer(bytes: bytes)
                    while let piece = rest.readSlice(length: min(rest.readableBytes, OutgoingBytes.small)),
                        piece.readableBytes > 0
                    {
                        try await writer.write(piece)
                    }
                    try await writer.finish(nil)
                }
            case .file(let file, let range):
                ResponseBody(contentLength: range.count) { writer in
                    try await file.read(range) { piece in try await writer.write(piece) }
                    try await writer.finish(nil)
                }
            case .pieces(let source):
                ResponseBody { writer in
                    try await source { piece in try await writer.write(piece) }
                    try await writer.finish(nil)
                }
            }
        try await write(response: head, body: body)
    }
}

extension RequestBody {
    /// Bytes that are handed on at once: few hops between threads, and a bound on what an upload holds.
    private static var portion: Int { 512 << 10 }

    /// Gives the body to a sink and reads on only when it has taken the last piece, so a client is no faster than the disk.
    /// - Throws: 400 when the body ends before it is whole.
    fileprivate func give(to sink: ByteSink, length: Int?) async throws {
        var held = ByteBuffer()
        var total = 0
        var pieces = makeAsyncIterator()
        while let piece = try await Self.next(&pieces) {
            total += piece.readableBytes
            if held.readableBytes == 0 { held = piece } else { held.writeImmutableBuffer(piece) }
            if held.readableBytes >= Self.portion {
                try await sink(held)
                held = ByteBuffer()
            }
        }
        guard length == nil || length == total else { throw endedEarly }
        if held.readableBytes > 0 { try await sink(held) }
    }

    private static func next(_ pieces: inout AsyncIterator) async throws -> ByteBuffer? {
        do { return try await pieces.next() } catch { throw brokeOff }
    }
}

private let brokeOff = APIError(.badRequest, "The request body ended early or is malformed.")
private let endedEarly = APIError(.badRequest, "The request body is shorter than it was announced.")

/// Collects bodies, and bounds what all requests together hold of them.
private final class InflightBytes: Sendable {
    private let held = Counter()
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func collect(_ body: RequestBody, length: Int?, limit: Int) async throws -> [UInt8] {
        let tooLarge = APIError(
            .invalidParameterValue, "The request body is larger than this endpoint's limit of \(limit) bytes.",
            status: 413)
        if let length, length > limit { throw tooLarge }
        // Without a length the body may grow to the limit.
        let share = length ?? 0
        guard held.value + share <= self.limit else {
            throw APIError(.temporarilyUnavailable, "The server holds too many large requests. Try again in a moment.")
        }
        held.add(share)
        defer { held.add(-share) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(share)
        do {
            for try await chunk in body {
                guard bytes.count + chunk.readableBytes <= limit else { throw tooLarge }
                chunk.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
            }
        } catch let error as APIError {
            throw error
        } catch {
            throw brokeOff
        }
        guard length == nil || length == bytes.count else {
            throw endedEarly
        }
        return bytes
    }
}

/// Bounds what large answers together hold while their clients read them: a slow reader keeps its own answer, and many of
/// them keep no more than this.
final class OutgoingBytes: Sendable {
    /// Answers up to this size are not counted.
    static let small = 1 << 20

    private let held = Counter()
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Puts 503 in the answer's place when too much is under way already.
    /// - Returns: what to give back once it is sent.
    func take(_ response: inout APIResponse) -> Int {
        guard case .bytes(let bytes) = response.content, bytes.count > Self.small else { return 0 }
        guard held.value == 0 || held.value + bytes.count <= limit else {
            response = APIResponse(
                APIError(.temporarilyUnavailable, "The server holds too many large answers. Try again in a moment."))
            return 0
        }
        held.add(bytes.count)
        return bytes.count
    }

    func giveBack(_ share: Int) { held.add(-share) }
}
