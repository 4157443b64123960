// IP addresses as they may stand in a Host header, parsed strictly: `10.evil.com` is none, nor are `10.1` and `0x7f.0.0.1`.

/// An address, as its 4 or 16 bytes.
enum IPAddress: Equatable, Sendable {
    case v4([UInt8])
    case v6([UInt8])

    /// - Parameter text: four decimal numbers with dots, or IPv6 without brackets and zone.
    init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let bytes = Self.v6Bytes(text) else { return nil }
            self = .v6(bytes)
        } else {
            guard let bytes = Self.v4Bytes(text) else { return nil }
            self = .v4(bytes)
        }
    }

    /// In 10/8, 172.16/12 or 192.168/16 (RFC 1918), or in fc00::/7 (RFC 4193).
    var isPrivate: Bool {
        switch self {
        case .v4(let bytes):
            bytes[0] == 10 || (bytes[0] == 172 && (16...31).contains(bytes[1])) || (bytes[0] == 192 && bytes[1] == 168)
        case .v6(let bytes): bytes[0] & 0xFE == 0xFC
        }
    }

    private static func v4Bytes(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // A zero in front would be octal to some readers and decimal to others.
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part == "0" || !part.hasPrefix("0"), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func v6Bytes(_ text: some StringProtocol) -> [UInt8]? {
        let halves = splitAtGap(String(text))
        guard let head = groups(halves.before), let tail = groups(halves.after ?? "") else { return nil }
        let given = head.count + tail.count
        if halves.after == nil { return given == 16 ? head : nil }
        // The gap stands for at least one group.
        return given <= 14 ? head + [UInt8](repeating: 0, count: 16 - given) + tail : nil
    }

    /// What stands before and after the first `::`; no second part if there is none.
    private static func splitAtGap(_ text: String) -> (before: String, after: String?) {
        var previous: String.Index?
        for index in text.indices {
            if text[index] == ":", let before = previous, text[before] == ":" {
                return (String(text[..<before]), String(text[text.index(after: index)...]))
            }
            previous = index
        }
        return (text, nil)
    }

    /// The bytes of groups with colons between them; the last may be an IPv4 address.
    private static func groups(_ text: String) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains("."), let mapped = v4Bytes(part) {
                bytes += mapped
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                    let value = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        return bytes
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
