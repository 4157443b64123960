// The address of a server, as a URL or as the variables of the server give it.

/// Where a server is.
struct ServerAddress: Equatable {
    let host: String
    let port: Int
    let path: String
    /// Whether it speaks HTTPS.
    var isSecure = false

    /// What to print.
    var shown: String { "\(isSecure ? "https" : "http")://\(hostField)\(path)" }
    /// The Host header.
    var hostField: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    init(host: String, port: Int, path: String, isSecure: Bool = false) {
        self.host = host
        self.port = port
        self.path = path
        self.isSecure = isSecure
    }

    /// The server that would start with these variables.
    init(_ environment: Environment) throws(Refusal) {
        let host = environment[.host] ?? "127.0.0.1"
        let port = try Given(.port, environment)?.number(in: 1...65_535) ?? 5000
        // What listens on every address also listens on this machine's own.
        let reachable = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
        self.init(
            host: reachable, port: port, path: environment[.staticPrefix] ?? "",
            isSecure: environment[.certificateFile] != nil)
    }

    /// - Parameter url: `http://host[:port][/prefix]`, or the same with `https`.
    init(url: String) throws(Refusal) {
        let refusal = Refusal.usage("'\(url)' is no address like http://127.0.0.1:5000 or https://tracker.example.")
        let isSecure = url.lowercased().hasPrefix("https://")
        guard isSecure || url.lowercased().hasPrefix("http://") else { throw refusal }
        let rest = url.dropFirst(isSecure ? "https://".count : "http://".count)
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path.removeLast() }
        let isAsciiPath = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
        let host: Substring
        let behind: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            behind = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            behind = authority.dropFirst(host.count)
        }
        let port = behind.isEmpty ? (isSecure ? 443 : 80) : Int(behind.dropFirst()) ?? 0
        guard isAsciiPath, !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") }),
            behind.isEmpty || behind.hasPrefix(":"), (1...65_535).contains(port)
        else { throw refusal }
        self.init(host: String(host), port: port, path: String(path), isSecure: isSecure)
    }
}
