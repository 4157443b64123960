// The only source of time and chance, so that tests can set both.

import Glibc

/// The clock and the dice.
public struct World: Sendable {
    /// Milliseconds since 1970.
    public let now: @Sendable () -> Int64
    /// A number of 64 random bits.
    public let random: @Sendable () -> UInt64

    public init(now: @escaping @Sendable () -> Int64, random: @escaping @Sendable () -> UInt64) {
        self.now = now
        self.random = random
    }

    /// The machine's clock and its random numbers.
    public static let real = World(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        },
        random: {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        })

    /// 32 hexadecimal digits with the version bits of a random UUID, as MLflow makes its run ids.
    public func newID() -> String {
        let high = random() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = random() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return hex(high) + hex(low)
    }

    /// Bytes that nobody can guess.
    public func randomBytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { withUnsafeBytes(of: random()) { bytes += Array($0) } }
        return Array(bytes.prefix(count))
    }

    /// Letters and digits that nobody can guess.
    public func randomLetters(_ count: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        return String((0..<count).map { _ in letters[random(below: letters.count)] })
    }

    /// A number from 0 up to but not including `bound`.
    public func random(below bound: Int) -> Int { Int(random() % UInt64(bound)) }
}

private func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
