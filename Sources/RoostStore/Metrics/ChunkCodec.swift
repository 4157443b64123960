// Many points of a series as few bytes, and back. Pure: no database, no clock.
//
// Layout: the version (1), the number of points, the lengths of the first two columns, then three columns: times, steps,
// values. Numbers are varints, signed ones by zigzag. A column of whole numbers begins with its first one; each further
// entry is the change of the difference to the one before, and a run of equal differences is a 0 and its length: a steady
// series costs next to nothing. A value is XORed with the one before; what is left of the eight bytes without zeros at
// either end follows a byte that tells how many there are and where. A NaN is the NaN that IEEE 754 calls quiet.

internal import RoostCore

/// What is wrong with bytes that should have been a chunk.
struct ChunkDamage: Error {}

enum ChunkCodec {
    private static let version: UInt8 = 1

    /// The bytes of these points, at least one.
    static func encode(_ points: [MetricPoint]) -> [UInt8] {
        let times = encode(points.lazy.map(\.timestamp))
        let steps = encode(points.lazy.map(\.step))
        var bytes: [UInt8] = [version]
        bytes.reserveCapacity(times.count + steps.count + points.count * 9 + 16)
        append(UInt64(points.count), to: &bytes)
        append(UInt64(times.count), to: &bytes)
        append(UInt64(steps.count), to: &bytes)
        bytes += times
        bytes += steps
        var before: UInt64 = 0
        for point in points {
            let bits = point.value.isNaN ? Double.nan.bitPattern : point.value.bitPattern
            appendValue(bits ^ before, to: &bytes)
            before = bits
        }
        return bytes
    }

    /// The points of a chunk.
    /// - Throws: ``ChunkDamage`` for anything that ``encode(_:)`` did not make.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(ChunkDamage) -> [MetricPoint] {
        var input = ChunkInput(bytes)
        guard try input.byte() == version else { throw ChunkDamage() }
        let count = try input.count()
        // A point takes a byte at least, so that a damaged number reserves no memory.
        guard count > 0, count <= bytes.count else { throw ChunkDamage() }
        let timesLength = try input.count()
        let stepsLength = try input.count()
        var times = try input.part(timesLength)
        var steps = try input.part(stepsLength)
        var timestamp = WholeColumn()
        var step = WholeColumn()
        var before: UInt64 = 0
        var points: [MetricPoint] = []
        points.reserveCapacity(count)
        for _ in 0..<count {
            before ^= try input.value()
            points.append(
                MetricPoint(
                    value: Double(bitPattern: before), timestamp: try timestamp.next(&times),
                    step: try step.next(&steps)))
        }
        guard input.isAtEnd, times.isAtEnd, steps.isAtEnd else { throw ChunkDamage() }
        return points
    }

    private static func encode(_ numbers: some Sequence<Int64>) -> [UInt8] {
        var bytes: [UInt8] = []
        var before: Int64 = 0
        var difference: Int64 = 0
        var run: UInt64 = 0
        var isFirst = true
        for number in numbers {
            if isFirst {
                append(zigzag(number), to: &bytes)
                isFirst = false
            } else {
                // The extremes overflow, and wrap back alike when read.
                let now = number &- before
                let change = now &- difference
                difference = now
                if change == 0 {
                    run += 1
                } else {
                    appendRun(&run, to: &bytes)
                    append(zigzag(change), to: &bytes)
                }
            }
            before = number
        }
        appendRun(&run, to: &bytes)
        return bytes
    }

    private static func appendRun(_ run: inout UInt64, to bytes: inout [UInt8]) {
        guard run > 0 else { return }
        bytes.append(0)
        append(run, to: &bytes)
        run = 0
    }

    private static func appendValue(_ bits: UInt64, to bytes: inout [UInt8]) {
        let low = bits == 0 ? 0 : bits.trailingZeroBitCount / 8
        let count = bits == 0 ? 0 : 8 - bits.leadingZeroBitCount / 8 - low
        bytes.append(UInt8(low << 4 | count))
        var rest = bits >> UInt64(low * 8)
        for _ in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }
}

/// A column of whole numbers as it is read.
private struct WholeColumn {
    private var number: Int64 = 0
    private var difference: Int64 = 0
    private var run: UInt64 = 0
    private var isFirst = true

    mutating func next(_ input: inout ChunkInput) throws(ChunkDamage) -> Int64 {
        if isFirst {
            isFirst = false
            number = try input.signed()
            return number
        }
        if run > 0 {
            run -= 1
        } else {
            let change = try input.signed()
            if change == 0 {
                run = try input.number()
                guard run > 0 else { throw ChunkDamage() }
                run -= 1
            } else {
                difference &+= change
            }
        }
        number &+= difference
        return number
    }
}

/// Bytes that are read from the front; every read looks where the end is.
private struct ChunkInput {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() throws(ChunkDamage) -> UInt8 {
        guard position < bytes.count else { throw ChunkDamage() }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number() throws(ChunkDamage) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw ChunkDamage() }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    mutating func signed() throws(ChunkDamage) -> Int64 {
        let number = try number()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    /// A number of things that are no more than the bytes.
    mutating func count() throws(ChunkDamage) -> Int {
        guard let count = Int(exactly: try number()), count <= bytes.count else { throw ChunkDamage() }
        return count
    }

    mutating func part(_ count: Int) throws(ChunkDamage) -> ChunkInput {
        guard count <= bytes.count - position else { throw ChunkDamage() }
        defer { position += count }
        return ChunkInput(UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
    }

    mutating func value() throws(ChunkDamage) -> UInt64 {
        let head = try byte()
        let low = Int(head >> 4)
        let count = Int(head & 0x0F)
        guard low + count <= 8, count <= bytes.count - position else { throw ChunkDamage() }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[position + index]) << UInt64(index * 8) }
        position += count
        return value << UInt64(low * 8)
    }
}
