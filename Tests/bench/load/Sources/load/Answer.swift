// Reads HTTP/1.1 answers from a growing buffer: status and length, fixed or chunked. No socket in here.

/// The answer that a connection is waiting for.
struct Answer {
    private enum Framing {
        case length(Int)
        case chunked
    }

    private(set) var status = 0
    private(set) var body = 0..<0
    private var framing: Framing?
    private var scanned = 0

    /// Looks whether `input` holds the whole answer; if so, returns where it ends. Call again when more has arrived.
    mutating func end(in input: Bytes) throws(Failure) -> Int? {
        if framing == nil {
            // The blank line may be split over two reads, so look again at the last three bytes.
            guard let headEnd = input.end(of: "\r\n\r\n", from: max(0, scanned - 3)) else {
                scanned = input.count
                return nil
            }
            framing = try parseHead(input[..<headEnd])
            body = headEnd..<headEnd
            scanned = headEnd
        }
        switch framing {
        case .length(let length):
            let end = body.lowerBound + length
            guard input.count >= end else { return nil }
            body = body.lowerBound..<end
            return end
        case .chunked:
            return try chunkedEnd(in: input)
        case nil:
            return nil
        }
    }

    private mutating func parseHead(_ head: ArraySlice<UInt8>) throws(Failure) -> Framing {
        guard head.count > 12, let code = Self.number(head[9..<12], radix: 10) else {
            throw .run("the server does not speak HTTP/1.1")
        }
        status = code
        var framing = Framing.length(0)
        for line in head.split(separator: UInt8(ascii: "\n")).dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = line[..<colon]
            if Self.same(name, "content-length"), let length = Self.number(line[(colon + 1)...], radix: 10) {
                framing = .length(length)
            } else if Self.same(name, "transfer-encoding") {
                framing = .chunked
            }
        }
        return framing
    }

    /// Walks whole chunks from `scanned` on; the body range covers the chunk heads too, which is enough to find ids.
    private mutating func chunkedEnd(in input: Bytes) throws(Failure) -> Int? {
        while let lineEnd = input.end(of: "\r\n", from: scanned) {
            guard let size = Self.number(input[scanned..<lineEnd], radix: 16) else {
                throw .run("a chunk without a length")
            }
            let next = lineEnd + size + 2
            guard input.count >= next else { return nil }
            scanned = next
            if size == 0 {
                body = body.lowerBound..<next
                return next
            }
        }
        return nil
    }

    private static func same(_ name: ArraySlice<UInt8>, _ lowercase: StaticString) -> Bool {
        lowercase.withUTF8Buffer { wanted in
            wanted.count == name.count && zip(wanted, name).allSatisfy { $0 == $1 | 0x20 }
        }
    }

    /// The first number in `text`, after blanks.
    private static func number(_ text: ArraySlice<UInt8>, radix: Int) -> Int? {
        var value: Int?
        for byte in text {
            let digit: Int
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(byte) - 48
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = Int(byte) - 87
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = Int(byte) - 55
            case UInt8(ascii: " ") where value == nil: continue
            default: return value
            }
            guard digit < radix, (value ?? 0) < 1 << 40 else { return value }
            value = (value ?? 0) * radix + digit
        }
        return value
    }
}
