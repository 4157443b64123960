// What an export needs of the tar format: plain files, with an extended (pax) header before those whose names or sizes do
// not fit the plain one. Every header has exactly one form, so that a reader can tell ours from any other byte by byte.

internal import RoostCore

enum Tar {
    static let block = 512
    /// Two empty blocks end an archive.
    static let end = [UInt8](repeating: 0, count: 2 * block)

    /// The kinds of entries that there are, by their letters.
    enum Kind: UInt8 {
        case file = 0x30
        case extended = 0x78
    }

    /// What a plain header says in place of a name that stands in the extended one.
    static let longName = "roost-long-name"
    private static let extendedName = "roost-pax-header"
    /// A plain header has eleven octal digits for a size.
    private static let largestSize: Int64 = 0o77_777_777_777

    /// Everything that stands before the bytes of a file.
    /// - Parameter time: seconds since 1970.
    static func headers(name: String, size: Int64, time: Int64) -> [UInt8] {
        let fits = name.utf8.count <= 100 && name.utf8.allSatisfy { $0 < 0x80 } && name != longName
        guard !fits || size > largestSize else { return header(name, size, .file, time) }
        var records = fits ? [] : record("path", name)
        if size > largestSize { records += record("size", String(size)) }
        var bytes = header(extendedName, Int64(records.count), .extended, time)
        bytes += records
        bytes += [UInt8](repeating: 0, count: padding(Int64(records.count)))
        return bytes + header(fits ? name : longName, size > largestSize ? 0 : size, .file, time)
    }

    /// How many empty bytes follow that many.
    static func padding(_ size: Int64) -> Int { Int((Int64(block) - size % Int64(block)) % Int64(block)) }

    /// One block.
    static func header(_ name: String, _ size: Int64, _ kind: Kind, _ time: Int64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { bytes[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(size, 11), at: 124)
        put(octal(time, 11), at: 136)
        put("        ", at: 148)
        bytes[156] = kind.rawValue
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, 6) + "\0 ", at: 148)
        return bytes
    }

    private static func octal(_ value: Int64, _ digits: Int) -> String {
        let text = String(max(0, value), radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// `LENGTH KEYWORD=VALUE` and a line's end, where the length counts itself.
    static func record(_ keyword: String, _ value: String) -> [UInt8] {
        let rest = " \(keyword)=\(value)\n"
        var length = rest.utf8.count
        while String(length).utf8.count + rest.utf8.count != length {
            length = String(length).utf8.count + rest.utf8.count
        }
        return Array((String(length) + rest).utf8)
    }
}

/// A number with zeros before it, as in `metrics-000001.ndjson`.
func sixDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
}
