// The codec of chunks alone: what goes in comes out, whatever it is, and damage is noticed.

import RoostCore
import Testing

@testable import RoostStore

/// The same numbers for the same seed (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Equal in every bit, but that any NaN equals any other.
private func same(_ one: MetricPoint, _ other: MetricPoint) -> Bool {
    one.timestamp == other.timestamp && one.step == other.step
        && (one.value.bitPattern == other.value.bitPattern || one.value.isNaN && other.value.isNaN)
}

@Suite("The codec of chunks")
struct ChunkCodecTests {
    private static let numbers: [Int64] = [
        .min, .min + 1, -1, 0, 1, 127, 128, 1 << 32, 1_764_000_000_000, .max - 1, .max,
    ]
    private static let values: [Double] = [
        0, -0.0, 1, -1, 0.1, 1e-300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .nan,
        .pi, 1 / 3, Double(Float(0.1)), 42, 65536,
    ]

    /// A series as a seed makes it: steady or not, of few values or of many.
    private static func series(_ seed: UInt64) -> [MetricPoint] {
        var dice = Dice(seed: seed)
        let count = [1, 2, 3, 64, 1024, 1500][Int.random(in: 0..<6, using: &dice)]
        let style = Int.random(in: 0..<5, using: &dice)
        var time = Int64.random(in: 0..<1 << 45, using: &dice)
        return (0..<count).map { index in
            time &+= style < 2 ? 1000 : Int64.random(in: 0..<5000, using: &dice)
            let value =
                switch style {
                case 0: Double.random(in: 0..<1, using: &dice)
                case 1: 0.25
                case 2: Double(Float.random(in: 0..<1, using: &dice))
                case 3: values[Int.random(in: 0..<values.count, using: &dice)]
                default: Double(bitPattern: dice.next())
                }
            guard style > 2 else { return MetricPoint(value: value, timestamp: time, step: Int64(index)) }
            return MetricPoint(
                value: value, timestamp: numbers[Int.random(in: 0..<numbers.count, using: &dice)],
                step: Int64(bitPattern: dice.next() >> UInt64.random(in: 0..<64, using: &dice)))
        }
    }

    @Test("what is packed is unpacked as it was", arguments: 0..<200)
    func roundTrip(_ seed: Int) throws {
        let points = Self.series(UInt64(seed))
        let bytes = ChunkCodec.encode(points)
        let back = try bytes.withUnsafeBytes { try ChunkCodec.decode($0) }
        #expect(back.count == points.count && zip(back, points).allSatisfy { same($0, $1) }, "seed \(seed)")
    }

    @Test("each pair of extreme numbers and values survives")
    func extremes() throws {
        for first in Self.numbers {
            for second in Self.numbers {
                let points = zip(Self.values, Self.values.reversed()).flatMap { one, other in
                    [
                        MetricPoint(value: one, timestamp: first, step: second),
                        MetricPoint(value: other, timestamp: second, step: first),
                    ]
                }
                let back = try ChunkCodec.encode(points).withUnsafeBytes { try ChunkCodec.decode($0) }
                #expect(zip(back, points).allSatisfy { same($0, $1) })
            }
        }
    }

    @Test("bytes that are cut or changed are refused or give points, and never read beyond", arguments: 0..<60)
    func damage(_ seed: Int) throws {
        var dice = Dice(seed: UInt64(seed) + 1000)
        let bytes = ChunkCodec.encode(Self.series(UInt64(seed)))
        for _ in 0..<40 {
            let cut = Array(bytes[..<Int.random(in: 0..<bytes.count, using: &dice)])
            #expect(throws: ChunkDamage.self) { try cut.withUnsafeBytes { try ChunkCodec.decode($0) } }
            var changed = bytes
            changed[Int.random(in: 0..<min(bytes.count, 40), using: &dice)] = UInt8(truncatingIfNeeded: dice.next())
            _ = try? changed.withUnsafeBytes { bytes throws(ChunkDamage) in try ChunkCodec.decode(bytes) }
        }
        #expect(throws: ChunkDamage.self) { try (bytes + [0]).withUnsafeBytes { try ChunkCodec.decode($0) } }
    }

    @Test("a steady series of random doubles takes 8.1 bytes a point, one of constants 1.1")
    func sizes() {
        var dice = Dice(seed: 3)
        let points = (0..<1024).map { index in
            MetricPoint(
                value: .random(in: 0..<1, using: &dice), timestamp: 1_764_000_000_000 + Int64(index) * 250,
                step: Int64(index))
        }
        #expect(ChunkCodec.encode(points).count < 1024 * 81 / 10)
        let constant = points.map { MetricPoint(value: 0.001, timestamp: $0.timestamp, step: $0.step) }
        #expect(ChunkCodec.encode(constant).count < 1024 * 11 / 10)
    }
}
