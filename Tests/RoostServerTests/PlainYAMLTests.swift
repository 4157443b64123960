// The YAML of MLflow's file store: every form that PyYAML 6 gives a value. The texts below are what its dumper wrote.

import Testing

@testable import RoostServer

@Suite struct PlainYAMLTests {
    private func read(_ text: String) throws -> PlainYAML { try PlainYAML(Array(text.utf8)) }

    @Test func aRunAsMLflowWritesIt() throws {
        let yaml = try read(
            """
            artifact_uri: file:///data/mlruns/0/ab/artifacts
            end_time: null
            entry_point_name: ''
            experiment_id: '0'
            lifecycle_stage: active
            run_id: ab
            run_name: learned-fox-1
            source_type: 4
            start_time: 1764000000000
            status: 1
            tags: []
            user_id: ann

            """)
        #expect(yaml.text("artifact_uri") == "file:///data/mlruns/0/ab/artifacts")
        #expect(yaml.text("end_time") == nil && yaml.integer("end_time") == nil)
        #expect(yaml.text("entry_point_name") == "")
        #expect(yaml.integer("experiment_id") == 0 && yaml.integer("start_time") == 1_764_000_000_000)
        #expect(yaml.values["tags"] == .list && yaml.text("nothing") == nil)
    }

    static let forms: [(text: String, value: String)] = [
        ("a: 'it''s: a #thing'", "it's: a #thing"),
        ("a: 'line1\n\n  line2\n\n  '", "line1\nline2\n"),
        ("a: 'x x\n  y y'", "x x y y"),
        ("a: one two\n  three\n", "one two three"),
        ("a: 'a\n\n\n  b c\n  c '", "a\n\nb c c "),
        ("a: \"\\abell \\x41\\u00e9\\U0001F600\\\n  \\ x \\\n  y\"", "\u{7}bell Aé😀 x y"),
        ("a: \"\\t\\\\\\\"\\e\\0\\L\"", "\t\\\"\u{1B}\0\u{2028}"),
        ("a: '\u{2028}  b'", "\u{2028}b"),
        ("a: a\\b", "a\\b"), ("a: -x", "-x"), ("a: 'null'", "null"), ("a: ''", ""), ("a: '  lead'", "  lead"),
        ("a: x#y", "x#y"), ("a: http://h:1/p", "http://h:1/p"), ("? a\n: b", "b"),
    ]

    @Test(arguments: forms) func everyFormOfAText(text: String, value: String) throws {
        #expect(try read(text).text("a") == value)
    }

    @Test(arguments: ["null", "~", ""]) func nothing(text: String) throws {
        #expect(try read("a: \(text)\nb: 1\n").text("a") == nil)
    }

    @Test func aMappingWithin() throws {
        let yaml = try read(
            "source: x\ntags:\n  'a b': c\n  ? 'long'\n  : d\n  n: 'null'\n  empty: ''\nz: {}\nlast: 1\n")
        #expect(yaml.mapping("tags") == ["a b": "c", "long": "d", "n": "null", "empty": ""])
        #expect(yaml.mapping("z").isEmpty && yaml.integer("last") == 1)
    }

    @Test func aListIsPassedOver() throws {
        let yaml = try read("aliases:\n- alias: x\n  version: '1'\n- alias: y\nname: n\n")
        #expect(yaml.values["aliases"] == .list && yaml.text("name") == "n")
        #expect(try read("{}\n").values.isEmpty && read("").values.isEmpty)
    }

    static let refused: [String] = [
        "a: &x 1", "a: *x", "a: !!python/object:os.system x", "a: |\n  x", "a: >\n  x", "a: [1, 2]", "a: {b: c}", "- a",
        "a",
        "a: 'x", "a: \"x", "a: 'x' y", "a: \"\\q\"", "a: \"\\x4\"", "a: \"\\uD800\"", "a: 1\na: 2", "  a: 1", "a: b: c",
        "a:\n  b:\n    c: d\n", "%YAML 1.1\n---\na: 1", "a: x # comment", "\u{0}", "a: \"\\U00110000\"",
    ]

    @Test(arguments: refused) func whatElseThereIsOfYAMLIsRefused(text: String) {
        #expect(throws: PlainYAML.Malformed.self) { try read(text) }
    }

    @Test func whateverTheBytesAreItEnds() {
        var state: UInt64 = 7
        let pieces = [
            "a", ":", " ", "\n", "'", "\"", "\\", "- ", "? ", "{}", "[]", "#", "  ", "x: y\n", "\u{2028}", "\\x4", "é",
        ]
        for _ in 0..<4000 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            _ = try? read(text)
        }
        #expect(throws: PlainYAML.Malformed.self) { try PlainYAML([0xFF, 0xFE]) }
    }
}
