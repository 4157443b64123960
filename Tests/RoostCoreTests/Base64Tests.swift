// Base64 by the examples of its standard.

import RoostCore
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "RFC 4648's examples",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func examples(plain: String, coded: String) {
        #expect(Base64.encode(plain.utf8) == coded)
        #expect(Base64.decode(coded[...]) == Array(plain.utf8))
    }

    @Test("every byte comes back, and what is no base64 is refused")
    func bytes() {
        let all = (0...255).map { UInt8($0) }
        for count in 0...all.count { #expect(Base64.decode(Base64.encode(all[..<count])[...]) == Array(all[..<count])) }
        #expect(Base64.decode("-_-_") == [0xFB, 0xFF, 0xBF])
        for text in ["a b", "ü", "Zg=!", "\u{0}"] { #expect(Base64.decode(text[...]) == nil) }
    }
}
