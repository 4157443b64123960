// Reading and writing JSON: by table, by property, and with garbage.

import RoostCore
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws(APIError) -> JSON { try JSONReader.parse(Array(text.utf8)) }

    @Test(
        "values are read as they stand",
        arguments: [
            ("null", JSON.null), (" [1, -2 ,3.5] ", .array([.integer(1), .integer(-2), .decimal(3.5)])),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .bigInteger("9223372036854775808")),
            (
                #"{"a":{"b":[]},"a":1}"#,
                .object([.init("a", .object([.init("b", .array([]))])), .init("a", .integer(1))])
            ),
            (#""\u732b \ud83d\udc31 \"\\\/\b\f\n\r\t""#, .string("猫 🐱 \"\\/\u{8}\u{c}\n\r\t")),
            ("1e3", .decimal(1000)), ("-Infinity", .decimal(-.infinity)), ("Infinity", .decimal(.infinity)),
        ])
    func reads(_ text: String, _ expected: JSON) throws { #expect(try parse(text) == expected) }

    @Test(
        "what is not JSON is refused with its place",
        arguments: [
            "", "{", #"{"run_id":"#, "[1,]", "{,}", "01", "1.", "-", "1e", "tru", "\"a", "\"\\x\"", "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud83dx\"", "\"a\\u0000b\"", "\"a\nb\"", "1 2", "'a'", "{\"a\" 1}", "1e400", "[1 2]", "+1", "nul",
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: APIError.self) { try parse(text) }
        #expect(error?.code == .invalidParameterValue)
        #expect(error?.message.hasPrefix("The request body is malformed JSON at byte ") == true)
    }

    @Test("depth is bounded: at the limit it is read, one more is refused, and a hundred thousand too")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(Limits.jsonDepth))
        #expect(throws: APIError.self) { try parse(nested(Limits.jsonDepth + 1)) }
        #expect(throws: APIError.self) { try parse(String(repeating: "[", count: 100_000)) }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: APIError.self) { try JSONReader.parse([0x22] + bytes + [0x22]) }
    }

    @Test("what is written reads back as it was", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let value = JSON.random(&dice, depth: 4)
        #expect(try JSONReader.parse(JSONWriter.bytes(of: value)) == value, "seed \(seed)")
    }

    @Test("garbage is refused or read, and never anything else", arguments: 0..<300 as Range<UInt64>)
    func garbage(seed: UInt64) {
        var dice = Dice(seed: seed)
        var bytes = JSONWriter.bytes(of: JSON.random(&dice, depth: 4))
        for _ in 0..<dice.below(4) + 1 where !bytes.isEmpty {
            bytes[dice.below(bytes.count)] = UInt8(dice.below(256))
        }
        do { _ = try JSONReader.parse(bytes) } catch { #expect(error.status == 400, "seed \(seed)") }
    }

    @Test("numbers are printed as Python prints them")
    func pythonNumbers() {
        for (value, text) in [
            (0.1, "0.1"), (1.0, "1.0"), (1e-05, "1e-05"), (1e16, "1e+16"), (9007199254740993.0, "9007199254740992.0"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (-0.0, "-0.0"), (.nan, "NaN"),
            (-.infinity, "-Infinity"),
        ] {
            #expect(pythonFloat(value) == text)
        }
        #expect(pythonRepr("it's") == "\"it's\"")
        #expect(pythonRepr(["a", "b'\""]) == "['a', 'b\\'\"']")
    }
}

/// Numbers that follow from a seed.
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension JSON {
    static func random(_ dice: inout Dice, depth: Int) -> JSON {
        switch dice.below(depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(dice.below(2) == 0)
        case 2: return .integer(Int64(bitPattern: dice.next()) >> Int64(dice.below(64)))
        case 3:
            let value = Double(bitPattern: dice.next())
            // A whole number would come back as an integer unless it is written with a point, which it is.
            return value.isFinite ? .decimal(value) : .decimal(0.5)
        case 4, 5:
            let scalars = (0..<dice.below(12)).map { _ in Unicode.Scalar(UInt32(dice.below(0xD7FE) + 1)) ?? "x" }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 6: return .array((0..<dice.below(4)).map { _ in random(&dice, depth: depth - 1) })
        default: return .object((0..<dice.below(4)).map { .init("k\($0)", random(&dice, depth: depth - 1)) })
        }
    }
}
