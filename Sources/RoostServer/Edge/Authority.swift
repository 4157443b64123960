// A host with an optional port, as the Host header and an origin have it.

/// `host`, `host:port` or `[address]:port`, in one spelling: small letters, without the dot at the end of a full name.
struct Authority: Equatable, Sendable {
    enum Host: Equatable, Sendable {
        case name(String)
        case address(IPAddress)
    }

    let host: Host
    /// nil if there is none, or nothing after the colon.
    let port: UInt16?
    /// The same as text, for patterns; an IPv6 address stays as it was written.
    let text: String

    /// nil for what is no authority: a port that is no number, characters that no name has, half a bracket, user names.
    init?(_ written: some StringProtocol) {
        // Letters elsewhere in Unicode become ASCII ones when they are made small.
        guard written.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let lowered = written.lowercased()
        let name: Substring
        let rest: Substring
        if lowered.hasPrefix("[") {
            guard let end = lowered.firstIndex(of: "]") else { return nil }
            let inside = lowered[lowered.index(after: lowered.startIndex)..<end]
            guard case .v6(let bytes)? = IPAddress(inside) else { return nil }
            host = .address(.v6(bytes))
            name = lowered[...end]
            rest = lowered[lowered.index(after: end)...]
        } else {
            let end = lowered.firstIndex(of: ":") ?? lowered.endIndex
            name = lowered[..<end].hasSuffix(".") ? lowered[..<end].dropLast() : lowered[..<end]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.mayStandInName) else { return nil }
            host = IPAddress(name).map { .address($0) } ?? .name(String(name))
            rest = lowered[end...]
        }
        let digits = rest.dropFirst()
        guard rest.isEmpty || rest.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        if digits.isEmpty {
            port = nil
            text = String(name)
        } else {
            guard let number = UInt16(digits) else { return nil }
            port = number
            text = "\(name):\(number)"
        }
    }

    /// Letters and digits, `-`, `.`, and the `_` of names inside container networks.
    private static func mayStandInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
