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
    /// The host as text; an IPv6 address stays as it was written.
    private let name: String

    /// The whole as text, for patterns and addresses.
    var text: String { port.map { "\(name):\($0)" } ?? name }

    /// nil for what is no authority: a port that is no number, characters that no name has, half a bracket, user names.
    /// Byte by byte: every request is asked for its host.
    init?(_ written: some StringProtocol) {
        // Letters elsewhere in Unicode become ASCII ones when they are made small.
        guard written.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let lowered = written.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        let rest: ArraySlice<UInt8>
        if lowered.first == UInt8(ascii: "[") {
            guard let end = lowered.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            guard let address = IPAddress(lowered[1..<end]), case .v6 = address else { return nil }
            host = .address(address)
            name = String(decoding: lowered[...end], as: UTF8.self)
            rest = lowered[(end + 1)...]
        } else {
            let end = lowered.firstIndex(of: UInt8(ascii: ":")) ?? lowered.endIndex
            var bytes = lowered[..<end]
            if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
            guard !bytes.isEmpty, bytes.allSatisfy(Self.mayStandInName) else { return nil }
            name = String(decoding: bytes, as: UTF8.self)
            host = IPAddress(bytes).map { .address($0) } ?? .name(name)
            rest = lowered[end...]
        }
        let digits = rest.dropFirst()
        guard rest.first ?? UInt8(ascii: ":") == UInt8(ascii: ":"), digits.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        port = UInt16(String(decoding: digits, as: UTF8.self))
        guard port != nil || digits.isEmpty else { return nil }
    }

    /// Letters and digits, `-`, `.`, and the `_` of names inside container networks.
    private static func mayStandInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
