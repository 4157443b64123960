// Text building and file reading on byte arrays: no Foundation, no String on the hot path.
import Glibc

typealias Bytes = [UInt8]

extension Bytes {
    /// Appends literal text; the compiler keeps it as constant bytes.
    mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends a non-negative number in decimal, with leading zeros up to `width` digits.
    mutating func add(_ number: Int, width: Int = 1) {
        var digits: (high: Int, count: Int) = (1, 1)
        while number / digits.high >= 10 || digits.count < width {
            digits.high *= 10
            digits.count += 1
        }
        var divisor = digits.high
        while divisor > 0 {
            append(UInt8(truncatingIfNeeded: 48 + number / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends a metric value from 0 up to 1 with six decimals that looks random and is a function of `index` alone.
    mutating func addValue(_ index: Int) {
        add("0.")
        add((index &* 7919 &+ 104_729) % 1_000_000, width: 6)
    }

    /// The position just after the first occurrence of `pattern` at or after `start`.
    func end(of pattern: StaticString, from start: Int) -> Int? {
        pattern.withUTF8Buffer { wanted in
            withUnsafeBufferPointer { bytes in
                guard let first = wanted.first else { return start }
                var at = start
                while at + wanted.count <= bytes.count {
                    if bytes[at] == first && wanted.indices.allSatisfy({ bytes[at + $0] == wanted[$0] }) {
                        return at + wanted.count
                    }
                    at += 1
                }
                return nil
            }
        }
    }
}

/// The whole content of a file.
func readFile(_ path: String) throws(Failure) -> Bytes {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw .system("open \(path)") }
    defer { close(file) }
    var content = Bytes()
    var chunk = Bytes(repeating: 0, count: 1 << 20)
    while true {
        let count = read(file, &chunk, chunk.count)
        guard count >= 0 else { throw .system("read \(path)") }
        if count == 0 { return content }
        content.append(contentsOf: chunk[..<count])
    }
}

/// Nanoseconds of the monotonic clock.
func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Milliseconds since 1970.
func wallMilliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}
