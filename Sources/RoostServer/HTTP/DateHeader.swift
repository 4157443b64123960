// The `Date` header, written once a second.

internal import Glibc
internal import Synchronization

/// The time in the form of RFC 9110.
enum DateHeader {
    private static let cached = Mutex<(second: Int, text: String)>((0, ""))

    static func now() -> String {
        let second = time(nil)
        return cached.withLock { cached in
            if cached.second == second { return cached.text }
            cached = (second, text(second))
            return cached.text
        }
    }

    /// - Parameter second: since 1970.
    static func text(_ second: Int) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        var buffer = [CChar](repeating: 0, count: 40)
        // The program keeps the C locale, so day and month are English.
        let count = strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
