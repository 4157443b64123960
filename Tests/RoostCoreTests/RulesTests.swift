// Rules for keys, ids, locations and fields. Expected values come from MLflow 3.17.2 unless a name says otherwise.

import RoostCore
import Testing

@Suite("Rules")
struct RulesTests {
    @Test("keys that are fine", arguments: ["a", "a b", "loss/train", "a.b-c_d:e", "損失", "é1", "a..b", ".hidden"])
    func goodKeys(_ key: String) throws {
        try Check.key(key, at: "name")
    }

    @Test(
        "keys that are not, with MLflow's words",
        arguments: [
            ("../a", "This name would resolve to '../a'"), ("a//b", "This name would resolve to 'a/b'"),
            ("/a", "This name would resolve to '/a'"), ("", "This name would resolve to '.'"),
            ("a/", "This name would resolve to 'a'"), ("a/./b", "This name would resolve to 'a/b'"),
            ("a<b>", "Names may only contain alphanumerics"), ("a\n", "Names may only contain alphanumerics"),
            ("...", "This name would resolve to '...'"), ("a%b", "Names may only contain alphanumerics"),
            ("//a", "This name would resolve to '//a'"),
        ])
    func badKeys(_ key: String, _ words: String) {
        let error = #expect(throws: APIError.self) { try Check.key(key, at: "metrics[0].name") }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("for parameter 'metrics[0].name' supplied: ") == true)
    }

    @Test("lengths count code points, and cutting keeps whole ones")
    func lengths() throws {
        let cats = String(repeating: "🐱", count: 10)
        try Check.length(cats, 10, "key")
        #expect(throws: APIError.invalid("'key' exceeds the maximum length of 9 characters")) {
            try Check.length(cats, 9, "key")
        }
        #expect(try Check.cut(cats, 3, "value", truncate: true) == "🐱🐱🐱")
        #expect(throws: APIError.self) { try Check.cut(cats, 3, "value", truncate: false) }
    }

    @Test("ids of experiments are integers, and one that no experiment can have is not malformed")
    func experimentIDs() throws {
        #expect(try ExperimentID(" 7 ").number == 7)
        #expect(try ExperimentID("-1").number == -1)
        #expect(try ExperimentID("99999999999999999999999").number == nil)
        for text in ["abc", "1.5", "", "0x1", "--1"] {
            #expect(throws: APIError.invalid("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer."))
            {
                try ExperimentID(text)
            }
        }
    }

    @Test("run names are adjective, noun, number, and at most 20 characters")
    func runNames() {
        let world = World(
            now: { 0 },
            random: {
                var dice = SystemRandomNumberGenerator()
                return dice.next()
            })
        for _ in 0..<200 {
            let name = world.newRunName()
            #expect(name.utf8.count <= 20)
            #expect(name.split(separator: "-").count >= 2)
        }
        #expect(world.newID().count == 32)
        #expect(world.newID() != world.newID())
    }

    @Test(
        "locations that a client may name, and those it may not (BI-30..39)",
        arguments: [
            ("s3://bucket/path", true), ("mlflow-artifacts:/x", true), ("gs://b/x?y=z", true), ("/srv/roost/x", true),
            ("http:///?/../../etc/", false), ("http:///#/../../etc/", false), ("http://host#/../..", false),
            ("http:///;../../etc", false), ("http://169.254.169.254/x", false), ("ftp://127.0.0.1/x", false),
            ("hdfs://h/x", false), ("mlflow-artifacts://evil:80/x", false), ("file:///etc", false), ("/etc", false),
            ("../../etc", false), ("mlflow-artifacts:/../../outside", false), ("mlflow-artifacts:/%2e%2e/x", false),
            ("s3://b/../x", false), ("dbfs:/", false), ("runs:/x", false), ("/srv/roostx", false),
            ("s3://" + String(repeating: "x", count: 3000), false), ("s3:///x", false),
            ("mlflow-artifacts:/../\u{301}x", false), ("/srv/roost/a\u{600}/../../x", false),
            ("s3://b/x?y=..\u{301}", false),
            ("/srv/roost\u{301}", false), ("s3://b/x;\u{301}", false), ("s3://b/x#\u{301}", false),
        ])
    func locations(_ location: String, _ fine: Bool) {
        let rules = ArtifactRules(root: "/srv/roost", maxLength: Limits.artifactLocation)
        do {
            try ArtifactURI.check(location, rules)
            #expect(fine)
        } catch {
            #expect(!fine)
            #expect(error.status == 400)
        }
    }

    @Test("paths are added before the query")
    func joining() {
        #expect(ArtifactURI.appending("1", to: "mlflow-artifacts:/") == "mlflow-artifacts:/1")
        #expect(ArtifactURI.appending("r/artifacts", to: "s3://b/x?v=1") == "s3://b/x/r/artifacts?v=1")
        #expect(ArtifactURI.appending("a", to: "/srv/x/") == "/srv/x/a")
    }
}
