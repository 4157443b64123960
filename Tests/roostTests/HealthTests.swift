// `roost health`: which address it asks, and what it makes of the answers of a small server.

import Glibc
import Testing

@testable import roost

struct HealthTests {
    @Test(arguments: [
        ("http://h", "h", 80, "/health"), ("http://h:5000", "h", 5000, "/health"),
        ("http://h:5000/", "h", 5000, "/health"),
        ("http://h:5000/x", "h", 5000, "/x/health"), ("http://h/x/health", "h", 80, "/x/health"),
        ("HTTP://[::1]:5000", "::1", 5000, "/health"),
    ])
    func addresses(_ url: String, _ host: String, _ port: Int, _ path: String) throws {
        #expect(try ServerAddress(url: url).health == ServerAddress(host: host, port: port, path: path))
    }

    @Test(arguments: [
        "", "h:5000", "https://", "ftp://h", "http://", "http://h:x", "http://h:0", "http://h:70000", "http://u@h",
        "http://h/a b",
        "http://[::1", "http://h\r\nX: y",
    ])
    func whatIsNoAddressIsAUsageError(_ url: String) {
        do {
            _ = try ServerAddress(url: url)
            Issue.record("accepted")
        } catch {
            guard case .usage = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func withoutURLTheVariablesOfTheServerCount() throws {
        #expect(
            try ServerAddress(Environment([:])).health == ServerAddress(host: "127.0.0.1", port: 5000, path: "/health"))
        let variables = ["MLFLOW_HOST": "0.0.0.0", "MLFLOW_PORT": "81", "MLFLOW_STATIC_PREFIX": "/x"]
        #expect(
            try ServerAddress(Environment(variables)).health
                == ServerAddress(host: "127.0.0.1", port: 81, path: "/x/health"))
        #expect(try ServerAddress(Environment(["MLFLOW_HOST": "::"])).hostField == "[::1]:5000")
    }

    /// The server's half of the connection is written before the other one is read.
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\nOK", HealthAnswer.status(200)), ("HTTP/1.0 503 No\r\n\r\n", .status(503)),
        ("HTTP/1.1 200", .status(200)), ("SSH-2.0-x\r\n", .notHTTP), ("HTTP/1.1 x\r\n", .notHTTP), ("", .notHTTP),
        (String(repeating: "x", count: 5000), .notHTTP),
    ])
    func answers(_ text: String, _ answer: HealthAnswer) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        #expect(write(ends[1], text, text.utf8.count) == text.utf8.count)
        close(ends[1])
        #expect(HealthProbe.status(from: ends[0], until: HealthProbe.milliseconds() + 5000) == answer)
    }

    @Test func silenceEnds() throws {
        let server = try Listener()
        let began = ContinuousClock.now
        #expect(HealthProbe.ask(ServerAddress(host: "127.0.0.1", port: server.port, path: "/"), seconds: 1) == .silent)
        #expect(began.duration(to: .now) < .seconds(10))
    }

    @Test func nobodyIsThere() throws {
        let port = try Listener().port  // closed again
        let answer = HealthProbe.ask(ServerAddress(host: "127.0.0.1", port: port, path: "/"), seconds: 3)
        #expect(answer == .unreachable("Connection refused"))
    }
}

/// A socket that listens on a free port, and never accepts.
private final class Listener {
    let port: Int
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { typed in
            typed.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(descriptor, pointer, size)
                listen(descriptor, 1)
                getsockname(descriptor, pointer, &size)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
