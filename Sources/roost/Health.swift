// `roost health`: one GET over a plain socket, for health checks of containers that have no other client.

import Glibc
import RoostServer

extension ServerAddress {
    /// Where that server says whether it lives.
    var health: ServerAddress {
        ServerAddress(
            host: host, port: port, path: path.hasSuffix("/health") ? path : path + "/health", isSecure: isSecure)
    }
}

/// How a server answered.
enum HealthAnswer: Equatable {
    case status(Int)
    case unknownHost
    case unreachable(String)
    case silent
    case notHTTP

    var sentence: String {
        switch self {
        case .status(let status): "the server answered with status \(status)."
        case .unknownHost: "there is no such host."
        case .unreachable(let reason): "\(reason)."
        case .silent: "no answer in time."
        case .notHTTP: "what answered does not speak HTTP."
        }
    }
}

enum HealthProbe {
    /// Asks each address of the host in turn until one answers; all of it takes no longer than this many seconds, the
    /// look-up of the name aside.
    static func ask(_ address: ServerAddress, seconds: Int) -> HealthAnswer {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0 else { return .unknownHost }
        defer { freeaddrinfo(found) }
        let deadline = milliseconds() + seconds * 1000
        var answer = HealthAnswer.unknownHost
        var next = found
        while let candidate = next {
            answer = ask(candidate.pointee, address, until: deadline)
            if case .unreachable = answer { next = candidate.pointee.ai_next } else { return answer }
        }
        return answer
    }

    /// The same over TLS. The certificate is not checked: it bears the server's public name, and who asks here knows which
    /// process he means.
    static func askSecurely(_ address: ServerAddress, seconds: Int) async -> HealthAnswer {
        do {
            let line = try await SecureClient.ask(
                address.host, port: address.port, request: Array(request(address).utf8), trust: .anybody,
                seconds: seconds, .firstLine)
            return line.map { answer(in: $0) } ?? .silent
        } catch { return .unreachable("\(error)") }
    }

    private static func request(_ address: ServerAddress) -> String {
        "GET \(address.path) HTTP/1.1\r\nHost: \(address.hostField)\r\nConnection: close\r\n\r\n"
    }

    private static func ask(_ candidate: addrinfo, _ address: ServerAddress, until deadline: Int) -> HealthAnswer {
        let descriptor = socket(
            candidate.ai_family, candidate.ai_socktype | Int32(SOCK_NONBLOCK.rawValue), candidate.ai_protocol)
        guard descriptor >= 0 else { return .unreachable(reason(errno)) }
        defer { close(descriptor) }
        if connect(descriptor, candidate.ai_addr, candidate.ai_addrlen) != 0 {
            guard errno == EINPROGRESS else { return .unreachable(reason(errno)) }
            guard wait(descriptor, for: POLLOUT, until: deadline) else { return .silent }
            var failure: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
            if failure != 0 { return .unreachable(reason(failure)) }
        }
        let request = request(address)
        let sent = Array(request.utf8).withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == request.utf8.count else { return .unreachable(reason(errno)) }
        return status(from: descriptor, until: deadline)
    }

    /// Reads up to the end of the first line.
    static func status(from descriptor: Int32, until deadline: Int) -> HealthAnswer {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while !line.contains(UInt8(ascii: "\n")), line.count < 4096 {
            guard wait(descriptor, for: POLLIN, until: deadline) else { return .silent }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            line += chunk[..<count]
        }
        return answer(in: line)
    }

    /// What the beginning of an answer says.
    private static func answer(in line: [UInt8]) -> HealthAnswer {
        let words = String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).split(separator: " ")
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return .notHTTP }
        return .status(status)
    }

    private static func wait(_ descriptor: Int32, for event: Int32, until deadline: Int) -> Bool {
        var waited = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let left = deadline - milliseconds()
        return left > 0 && poll(&waited, 1, Int32(left)) == 1
    }

    static func milliseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
