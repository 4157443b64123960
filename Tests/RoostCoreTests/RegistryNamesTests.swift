// Names of registered models and aliases, and numbers of versions, at the edge of what is taken.

import RoostCore
import Testing

@Suite("Names of the registry")
struct RegistryNamesTests {
    private func isTaken(_ body: () throws(APIError) -> Void) -> Bool {
        do throws(APIError) {
            try body()
            return true
        } catch {
            #expect(error.status == 400)
            return false
        }
    }

    /// BI-47 and BI-48.
    @Test(
        "names of models",
        arguments: [
            ("m", true), ("m ", true), ("%2e%2e", true), ("m%2Fx", true), ("...x", false), ("..", false), (".", false),
            ("a/b", false), ("a:b", false), ("../x", false), ("", false), (" \t", false), ("a\u{0}b", false),
            ("a\nb", false), ("a\u{7F}", false), ("a/\u{301}b", false),
            (String(repeating: "猫", count: 256), true), (String(repeating: "猫", count: 257), false),
        ])
    func models(_ name: String, _ taken: Bool) {
        #expect(isTaken { () throws(APIError) in try Check.newModelName(name) } == taken)
    }

    @Test(
        "aliases",
        arguments: [
            ("champion", true), ("a_b-1", true), ("größe", true), ("v", true), ("v1a", true), ("latest", false),
            ("LATEST", false), ("v1", false), ("V12", false), ("a b", false), ("a.b", false), ("", false),
            ("a\n", false),
            (String(repeating: "a", count: 255), true), (String(repeating: "a", count: 256), false),
        ])
    func aliases(_ alias: String, _ taken: Bool) {
        #expect(isTaken { () throws(APIError) in try Check.newModelAlias(alias) } == taken)
    }

    @Test("numbers of versions: white space and a sign are fine, and too many digits are a number nobody has")
    func numbers() throws {
        for (text, number) in [("1", 1), (" 7 ", 7), ("+3", 3), ("-1", -1), ("007", 7)] as [(String, Int64)] {
            #expect(try ModelVersionNumber(text).number == number)
        }
        let huge = String(repeating: "9", count: 30)
        #expect(try ModelVersionNumber(huge) == ModelVersionNumber(huge))
        #expect(try ModelVersionNumber(huge).number == nil)
        for text in ["", "x", "1.5", "1e0", "0x1", "--1", "+"] {
            #expect(throws: APIError.self) { try ModelVersionNumber(text) }
        }
    }

    @Test("of a key that a request names twice the last value says whether it is a prompt")
    func prompts() {
        let tag = { (value: String) in KeyValue(PromptTag.isPrompt, value) }
        #expect(PromptTag.isSet(in: [tag("TRUE")]))
        #expect(!PromptTag.isSet(in: [tag("true"), tag("false")]))
        #expect(!PromptTag.isSet(in: []))
    }
}
