// The event loop: hands out units in order, keeps every connection at work, stops at the exact count.
import CEpoll
import Glibc

struct Engine {
    /// A server that closes this many connections is broken; give up instead of reconnecting for ever.
    private static let maximumCloses = 1000

    private let options: Options
    private let poll: Int32
    private let connections: [Connection]
    private var workload: any Workload
    private var handedOut = 0
    private var active = 0
    private var closes = 0
    private var report = Report()

    init(options: Options, workload: any Workload) throws(Failure) {
        self.options = options
        self.workload = workload
        poll = epoll_create1(0)
        guard poll >= 0 else { throw .system("epoll_create1") }
        connections = (0..<min(options.connections, options.count)).map { _ in
            Connection(port: options.port, quickAck: options.quickAck)
        }
    }

    /// Runs the whole load and tells what happened.
    mutating func run() throws(Failure) -> Report {
        for index in connections.indices {
            try connections[index].open()
            try watch(index)
        }
        let start = now()
        let deadline = start + UInt64(options.timeout) * 1_000_000_000
        for connection in connections { try nextUnit(connection) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { chunk.deallocate() }
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while active > 0 {
            let time = now()
            if time >= deadline {
                report.timedOut = true
                break
            }
            let wait = Int32((deadline - time) / 1_000_000 + 1)
            let count = epoll_wait(poll, &events, Int32(events.count), wait)
            guard count >= 0 || errno == EINTR else { throw .system("epoll_wait") }
            for event in events.prefix(Int(max(0, count))) {
                try handle(event, chunk)
            }
        }
        report.finish(nanoseconds: now() - start)
        for connection in connections { connection.shut() }
        return report
    }

    /// Registers for both directions once, edge-triggered: no further call per request.
    private func watch(_ index: Int) throws(Failure) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLET.rawValue
        event.data.u64 = UInt64(index)
        guard epoll_ctl(poll, EPOLL_CTL_ADD, connections[index].file, &event) == 0 else {
            throw .system("epoll_ctl")
        }
    }

    private mutating func handle(_ event: epoll_event, _ chunk: UnsafeMutableRawBufferPointer) throws(Failure) {
        let index = Int(event.data.u64)
        let connection = connections[index]
        guard connection.busy else { return }
        if event.events & EPOLLOUT.rawValue != 0 { try connection.flush() }
        guard event.events & ~EPOLLOUT.rawValue != 0 else { return }
        switch try connection.receive(chunk) {
        case .partial:
            return
        case .answer(let status):
            try answered(connection, status)
        case .closed:
            try reconnect(index)
        }
    }

    private mutating func answered(_ connection: Connection, _ status: Int) throws(Failure) {
        report.requests += 1
        let session = connection.session
        let understood = connection.finishAnswer(
            takeRunID: status == 200 && workload.givesRunID(step: session.step))
        guard status == 200, understood else {
            report.countError(status)
            // The rest of a unit makes no sense without this request.
            return try nextUnit(connection)
        }
        if session.step + 1 < workload.steps(in: session.unit) {
            connection.session.step += 1
            return try connection.send(&workload)
        }
        report.completed += 1
        report.addLatency(nanoseconds: now() - connection.unitStart)
        try nextUnit(connection)
    }

    private mutating func reconnect(_ index: Int) throws(Failure) {
        let connection = connections[index]
        connection.shut()
        report.countError(0)
        closes += 1
        guard closes <= Self.maximumCloses else { throw .run("the server closed \(closes) connections") }
        try connection.open()
        try watch(index)
        try nextUnit(connection)
    }

    /// Gives the connection the next unit, or lets it rest when all are handed out.
    private mutating func nextUnit(_ connection: Connection) throws(Failure) {
        let wasBusy = connection.busy
        connection.busy = handedOut < options.count
        if connection.busy != wasBusy { active += connection.busy ? 1 : -1 }
        guard connection.busy else { return }
        connection.session.unit = options.first + handedOut
        connection.session.step = 0
        handedOut += 1
        connection.unitStart = now()
        try connection.send(&workload)
    }
}
