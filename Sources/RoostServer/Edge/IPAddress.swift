// IP addresses as they may stand in a Host header, parsed strictly: `10.evil.com` is none, nor are `10.1` and `0x7f.0.0.1`.

/// An address, as its 4 or 16 bytes.
enum IPAddress: Equatable, Sendable {
    case v4([UInt8])
    case v6([UInt8])

    /// - Parameter text: four decimal numbers with dots, or IPv6 without brackets and zone.
    init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    /// - Parameter text: the same in ASCII.
    init?(_ text: ArraySlice<UInt8>) {
        if text.contains(UInt8(ascii: ":")) {
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

    private static func v4Bytes(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // A zero in front would be octal to some readers and decimal to others.
            guard let value = number(part, radix: 10, digits: 1...3), let byte = UInt8(exactly: value),
                part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func v6Bytes(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let halves = splitAtGap(text)
        guard let head = groups(halves.before), let tail = groups(halves.after ?? []) else { return nil }
        let given = head.count + tail.count
        if halves.after == nil { return given == 16 ? head : nil }
        // The gap stands for at least one group.
        return given <= 14 ? head + [UInt8](repeating: 0, count: 16 - given) + tail : nil
    }

    /// What stands before and after the first `::`; no second part if there is none.
    private static func splitAtGap(
        _ text: ArraySlice<UInt8>
    ) -> (before: ArraySlice<UInt8>, after: ArraySlice<UInt8>?) {
        let colon = UInt8(ascii: ":")
        guard let gap = text.indices.dropLast().first(where: { text[$0] == colon && text[$0 + 1] == colon }) else {
            return (text, nil)
        }
        return (text[..<gap], text[(gap + 2)...])
    }

    /// The bytes of groups with colons between them; the last may be an IPv4 address.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        for part in text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            if part.endIndex == text.endIndex, part.contains(UInt8(ascii: ".")), let mapped = v4Bytes(part) {
                bytes += mapped
            } else {
                guard let value = number(part, radix: 16, digits: 1...4) else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        return bytes
    }

    /// A number without sign, with so many digits.
    private static func number(_ text: ArraySlice<UInt8>, radix: Int, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.count) else { return nil }
        var value = 0
        for byte in text {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x61...0x66: digit = byte - 0x61 + 10
            case 0x41...0x46: digit = byte - 0x41 + 10
            default: return nil
            }
            guard digit < radix else { return nil }
            value = value * radix + Int(digit)
        }
        return value
    }
}
