// One keep-alive connection: a non-blocking socket with its output and input buffers.
import Glibc

final class Connection {
    enum Arrival {
        case answer(status: Int)
        case partial
        case closed
    }

    private(set) var file: Int32 = -1
    var session = Session()
    /// When the request, and the unit it belongs to, began (monotonic nanoseconds).
    var requestStart: UInt64 = 0
    var unitStart: UInt64 = 0
    /// False once there is no more work for this connection.
    var busy = false

    private let port: UInt16
    private let quickAck: Bool
    private var output = Bytes()
    private var sent = 0
    private var input = Bytes()
    private var answer = Answer()

    init(port: UInt16, quickAck: Bool) {
        (self.port, self.quickAck) = (port, quickAck)
    }

    /// Connects to the loopback server. Blocks until connected, which is part of no latency.
    func open() throws(Failure) {
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { throw .system("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(file, $0, size) }
        }
        guard connected == 0 else { throw .system("connect to port \(port)") }
        set(TCP_NODELAY)
        guard fcntl(file, F_SETFL, O_NONBLOCK) == 0 else { throw .system("fcntl") }
        output.removeAll(keepingCapacity: true)
        input.removeAll(keepingCapacity: true)
        answer = Answer()
        sent = 0
    }

    func shut() {
        close(file)
        file = -1
    }

    /// Puts the next request of the session into the output and sends what the socket takes.
    func send(_ workload: inout any Workload) throws(Failure) {
        output.removeAll(keepingCapacity: true)
        sent = 0
        workload.append(session, to: &output)
        requestStart = now()
        try flush()
    }

    /// Sends the rest of the request; the event loop calls again when the socket takes more.
    func flush() throws(Failure) {
        while sent < output.count {
            let count = output.withUnsafeBytes { bytes in
                Glibc.send(file, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                return
            } else if errno == EPIPE || errno == ECONNRESET {
                // The read side sees the end and counts it.
                return
            } else {
                throw .system("send")
            }
        }
    }

    /// Reads what has arrived. `chunk` is scratch space shared by all connections.
    func receive(_ chunk: UnsafeMutableRawBufferPointer) throws(Failure) -> Arrival {
        while true {
            let count = recv(file, chunk.baseAddress, chunk.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return .closed }
            if count < 0 {
                guard errno == EAGAIN else { throw .system("recv") }
                return .partial
            }
            input.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<count]))
            if let end = try answer.end(in: input) {
                guard end == input.count else { throw .run("more than one answer to one request") }
                return .answer(status: answer.status)
            }
            // A server that sends head and body apart with Nagle's algorithm on waits for this acknowledgement,
            // which the kernel would delay by some 40 ms.
            if quickAck { set(TCP_QUICKACK) }
        }
    }

    /// Ends the answer that `receive` reported, after taking the run id from it if wanted. False if there is none.
    func finishAnswer(takeRunID: Bool) -> Bool {
        defer {
            input.removeAll(keepingCapacity: true)
            answer = Answer()
        }
        guard takeRunID else { return true }
        let quote = UInt8(ascii: "\"")
        guard let key = input.end(of: "\"run_id\"", from: answer.body.lowerBound),
            let start = input[key...].firstIndex(of: quote),
            let end = input[(start + 1)...].firstIndex(of: quote)
        else { return false }
        session.runID = Bytes(input[(start + 1)..<end])
        return true
    }

    private func set(_ option: Int32) {
        var on: Int32 = 1
        setsockopt(file, Int32(IPPROTO_TCP), option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
