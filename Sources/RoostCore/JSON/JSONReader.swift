// Bytes to JSON, strictly: depth, numbers, escapes and UTF-8 are all checked, and the position of a mistake is told.

/// Reads one JSON document out of bytes. Linear in the input; nesting is bounded, so a hostile body cannot exhaust the stack.
public struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Parses a whole document.
    /// - Throws: 400 `INVALID_PARAMETER_VALUE` with the byte offset of the mistake.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(APIError) -> JSON {
        var reader = JSONReader(bytes)
        reader.skipSpace()
        let value = try reader.value()
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.malformed("unexpected text after the JSON value") }
        return value
    }

    /// Parses a whole document held in an array.
    public static func parse(_ bytes: [UInt8]) throws(APIError) -> JSON {
        // The closure is typed by hand: `withUnsafeBufferPointer` passes the error type through.
        try bytes.withUnsafeBufferPointer { (buffer) throws(APIError) -> JSON in try parse(buffer) }
    }

    private func malformed(_ what: String) -> APIError {
        .invalid("The request body is malformed JSON at byte \(position): \(what).")
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(APIError) -> JSON {
        guard let byte = current else { throw malformed("the text ends where a value should stand") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "N"): return try word("NaN", .decimal(.nan))
        case UInt8(ascii: "I"): return try word("Infinity", .decimal(.infinity))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw malformed("no value can start here")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(APIError) -> JSON {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count,
            (0..<count).allSatisfy({ bytes[position + $0] == text.utf8Start[$0] })
        else { throw malformed("no value can start here") }
        position += count
        return value
    }

    private mutating func enter() throws(APIError) {
        depth += 1
        guard depth <= Limits.jsonDepth else { throw malformed("nested deeper than \(Limits.jsonDepth) levels") }
        position += 1
        skipSpace()
    }

    private mutating func object() throws(APIError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var members: [JSON.Member] = []
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        members.reserveCapacity(4)
        while true {
            guard current == UInt8(ascii: "\"") else { throw malformed("a member name in double quotes is missing") }
            let name = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw malformed("':' is missing") }
            position += 1
            skipSpace()
            members.append(JSON.Member(name, try value()))
            guard try another(closing: UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func array() throws(APIError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var items: [JSON] = []
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(items)
        }
        while true {
            items.append(try value())
            guard try another(closing: UInt8(ascii: "]")) else { return .array(items) }
        }
    }

    /// After an element: true past a comma, false past the closing bracket.
    private mutating func another(closing: UInt8) throws(APIError) -> Bool {
        skipSpace()
        guard let byte = current else { throw malformed("the text ends inside of a value") }
        position += 1
        if byte == closing { return false }
        guard byte == UInt8(ascii: ",") else {
            position -= 1
            throw malformed("',' or the closing bracket is missing")
        }
        skipSpace()
        return true
    }

    // MARK: Numbers

    private mutating func number() throws(APIError) -> JSON {
        let start = position
        if current == UInt8(ascii: "-") {
            position += 1
            if current == UInt8(ascii: "I") {
                _ = try word("Infinity", .null)
                return .decimal(-.infinity)
            }
        }
        let digits = digitRun()
        guard digits > 0 else { throw malformed("a digit is missing") }
        guard digits == 1 || bytes[position - digits] != UInt8(ascii: "0") else {
            throw malformed("a number must not start with 0")
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard digitRun() > 0 else { throw malformed("a digit is missing") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard digitRun() > 0 else { throw malformed("a digit is missing") }
        }
        if isInteger, digits < 19 {
            // So few digits always fit, and no text has to be made of them.
            let value = bytes[position - digits..<position].reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
            return .integer(position - digits == start ? value : -value)
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        if isInteger {
            if let value = Int64(text) { return .integer(value) }
            guard text.utf8.count <= Limits.integerDigits else { throw malformed("the number has too many digits") }
            return .bigInteger(text)
        }
        guard let value = Double(text), value.isFinite else { throw malformed("the number is out of range") }
        return .decimal(value)
    }

    private mutating func digitRun() -> Int {
        let start = position
        while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position - start
    }

    // MARK: Strings

    private mutating func string() throws(APIError) -> String {
        position += 1
        let start = position
        // The common case is a run without escapes: find its end, then validate it in one go, unless it is ASCII.
        var all: UInt8 = 0
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            guard bytes[position] >= 0x20 else { throw malformed("a control character in a string must be escaped") }
            all |= bytes[position]
            position += 1
        }
        guard let end = current else { throw malformed("a string is not closed") }
        if end == UInt8(ascii: "\"") {
            let run = start..<position
            let text =
                all < 0x80 ? String(decoding: UnsafeBufferPointer(rebasing: bytes[run]), as: UTF8.self) : try utf8(run)
            position += 1
            return text
        }
        var text = try utf8(start..<position)
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                text.unicodeScalars.append(try escape())
            case 0..<0x20:
                throw malformed("a control character in a string must be escaped")
            default:
                let run = position
                while let next = current, next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") {
                    position += 1
                }
                text += try utf8(run..<position)
            }
        }
        throw malformed("a string is not closed")
    }

    private func utf8(_ range: Range<Int>) throws(APIError) -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw malformed("a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escape() throws(APIError) -> Unicode.Scalar {
        guard let byte = current else { throw malformed("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw malformed("an unknown escape in a string")
        }
    }

    private mutating func unicodeEscape() throws(APIError) -> Unicode.Scalar {
        let unit = try hex4()
        if let scalar = Unicode.Scalar(unit) {
            // SQLite and C strings end at NUL, so no text of ours may hold one.
            guard unit != 0 else { throw malformed("a NUL character is not allowed in text") }
            return scalar
        }
        guard unit < 0xDC00, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw malformed("a surrogate without its pair") }
        position += 2
        let low = try hex4()
        guard 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + ((UInt32(unit) - 0xD800) << 10) + (UInt32(low) - 0xDC00))
        else { throw malformed("a surrogate without its pair") }
        return scalar
    }

    private mutating func hex4() throws(APIError) -> UInt16 {
        guard bytes.count - position >= 4 else { throw malformed("four hexadecimal digits are missing") }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch bytes[position] {
            case let byte where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte: digit = byte - UInt8(ascii: "0")
            case let byte where UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte: digit = byte - UInt8(ascii: "a") + 10
            case let byte where UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte: digit = byte - UInt8(ascii: "A") + 10
            default: throw malformed("four hexadecimal digits are missing")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
