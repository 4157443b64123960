// Requests to a server over a socket, one connection each: an import needs no more.

import Glibc
import RoostCore
import RoostServer

/// A server by its address.
struct HTTPTransport: APITransport {
    let address: ServerAddress
    /// The header `Authorization`; nil for a server without users.
    private let authorization: String?
    private let trust: TLSTrust
    /// Seconds without a byte after which a server is given up.
    private static let patience = 60

    /// - Parameter environment: name and password, or else a token, and whose certificates are believed, as MLflow's client
    ///   takes them.
    init(address: ServerAddress, _ environment: Environment) throws(Refusal) {
        self.address = address
        trust = try Self.trust(environment)
        if let name = environment[.trackingUsername], let password = environment[.trackingPassword] {
            authorization = "Basic " + Base64.encode("\(name):\(password)".utf8)
        } else if let token = environment[.trackingToken] {
            guard token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw Refusal.usage("MLFLOW_TRACKING_TOKEN holds characters that no header takes.")
            }
            authorization = "Bearer " + token
        } else {
            authorization = nil
        }
    }

    func send(
        _ method: String, _ target: String, type: String?, body bytes: [UInt8]
    ) async throws -> (status: Int, body: JSON) {
        var head = "\(method) \(address.path)\(target) HTTP/1.1\r\nHost: \(address.hostField)\r\nConnection: close\r\n"
        if let authorization { head += "Authorization: \(authorization)\r\n" }
        if let type { head += "Content-Type: \(type)\r\nContent-Length: \(bytes.count)\r\n" }
        let request = Array(head.utf8) + Array("\r\n".utf8) + bytes
        let answer = address.isSecure ? try await exchangeSecurely(request) : try exchange(request)
        // Head and body are parted by the first empty line.
        let mark = Array("\r\n\r\n".utf8)
        let end = answer.indices.first { answer[$0...].starts(with: mark) }
        let words = String(decoding: answer.prefix(64), as: UTF8.self).split(separator: " ")
        guard let end, words.count > 1, let status = Int(words[1]) else {
            throw ImportError("\(address.shown) does not answer in HTTP")
        }
        return (status, (try? JSONReader.parse(Array(answer[(end + mark.count)...]))) ?? .null)
    }

    private static func trust(_ environment: Environment) throws(Refusal) -> TLSTrust {
        let isInsecure = try Given(.trackingInsecureTLS, environment)?.boolean() ?? false
        guard let path = environment[.trackingCertificates] else {
            if isInsecure { return .anybody }
            return environment[.certificatesFile].map { .authorities($0) } ?? .system
        }
        guard !isInsecure else {
            throw .usage("MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH exclude one another.")
        }
        return .authorities(path)
    }

    private func exchangeSecurely(_ request: [UInt8]) async throws -> [UInt8] {
        do {
            let answer = try await SecureClient.ask(
                address.host, port: address.port, request: request, trust: trust, seconds: Self.patience, .everything)
            guard let answer else { throw ImportError("\(address.shown) does not answer") }
            return answer
        } catch let error as SecureClientError {
            throw ImportError("\(address.shown) cannot be asked: \(error)")
        }
    }

    private func exchange(_ request: [UInt8]) throws -> [UInt8] {
        let descriptor = try connected()
        defer { close(descriptor) }
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), request.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure() }
            sent += count
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count >= 0 else { throw failure() }
            if count == 0 { return answer }
            answer += chunk[..<count]
        }
    }

    private func connected() throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0 else {
            throw ImportError("there is no host \(address.host)")
        }
        defer { freeaddrinfo(found) }
        var next = found
        while let candidate = next?.pointee {
            let descriptor = socket(candidate.ai_family, candidate.ai_socktype, candidate.ai_protocol)
            if descriptor >= 0 {
                var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
                let size = socklen_t(MemoryLayout<timeval>.size)
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
                setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
                if connect(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0 { return descriptor }
                close(descriptor)
            }
            next = candidate.ai_next
        }
        throw failure()
    }

    private func failure() -> ImportError {
        ImportError("\(address.shown) cannot be reached: \(String(cString: strerror(errno)))")
    }
}
