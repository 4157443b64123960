// What filters and orderings of registered models and of their versions read, and MLflow's words for what they refuse.

import RoostCore
import RoostSearch
import Testing

@Suite("Filters of the registry")
struct RegistryFilterTests {
    private func message(_ body: () throws(APIError) -> Void) -> String {
        do throws(APIError) {
            try body()
            return ""
        } catch { return error.message }
    }

    @Test(
        "clauses that are read",
        arguments: [
            ("name = 'a'", Clause(field: .attribute("name"), comparator: .equal, operand: .text("a"))),
            ("attribute.name like 'a%'", Clause(field: .attribute("name"), comparator: .like, operand: .text("a%"))),
            ("name in ('a')", Clause(field: .attribute("name"), comparator: .in, operand: .list(["a"]))),
            ("tags.`a b` != 'x'", Clause(field: .tag("a b"), comparator: .notEqual, operand: .text("x"))),
        ])
    func read(_ text: String, _ clause: Clause) throws {
        #expect(try Vocabulary.registeredModels.filter(text) == .test(clause))
        #expect(try Vocabulary.modelVersions.filter(text) == .test(clause))
    }

    @Test(
        "numbers of versions, as numbers or as texts",
        arguments: [
            ("version_number = 1", Comparator.equal, Int64(1)), ("version_number >= '12'", .greaterOrEqual, 12),
            ("attribute.version_number < -1", .less, -1), ("version_number != ' 3 '", .notEqual, 3),
        ])
    func numbers(_ text: String, _ comparator: Comparator, _ number: Int64) throws {
        let clause = Clause(field: .attribute("version_number"), comparator: comparator, operand: .integer(number))
        #expect(try Vocabulary.modelVersions.filter(text) == .test(clause))
    }

    @Test(
        "refusals that both areas share",
        arguments: [
            ("name > 'x'", "Invalid comparator for attribute: >"),
            ("tags.a > 'x'", "Invalid comparator for tag: >"),
            ("tags.a IN ('x')", "Expected a quoted string value for tag (e.g. 'my-value'). Got value ('x')"),
            ("name IS NULL", "IS NULL / IS NOT NULL is not supported in searches of the model registry"),
            ("attr.name = 'x'", "Invalid entity type 'attr'. Valid entity types are ('attribute', 'tag', 'tags')"),
            ("name = 'x' AND foo", "Invalid clause(s) in filter string: foo"),
            ("name = ('x')", "Comparator '=' takes a quoted string value, not a list: use IN or NOT IN for 'name'."),
        ])
    func refused(_ text: String, _ words: String) {
        for vocabulary in [Vocabulary.registeredModels, .modelVersions] {
            #expect(message { () throws(APIError) in _ = try vocabulary.filter(text) } == words)
        }
    }

    @Test(
        "refusals of versions",
        arguments: [
            ("version_number LIKE '1'", "Invalid comparator for attribute version_number: LIKE"),
            ("version_number = 'x'", "Invalid value for numeric attribute 'version_number': 'x'"),
            ("version_number = 1.5", "Invalid value for numeric attribute 'version_number': 1.5"),
            (
                "source_path IN ('x')",
                "Only ['name', 'run_id'] attributes support comparison with a list of quoted string values."
            ),
            (
                "run_id = 5",
                "Only the '{'creation_timestamp', 'last_updated_timestamp', 'version_number'}' attributes support comparison"
                    + " with numeric values."
            ),
            (
                "`name` = 'x'",
                "Invalid attribute key '`name`' specified. Valid keys are"
                    + " '{'name', 'run_id', 'source_path', 'version_number'}'"
            ),
        ])
    func versions(_ text: String, _ words: String) {
        #expect(message { () throws(APIError) in _ = try Vocabulary.modelVersions.filter(text) } == words)
    }

    @Test(
        "orderings of models",
        arguments: [
            ("name DESC", "", false), ("timestamp", "", true), ("timestamp  desc", "", false),
            ("last_updated_timestamp ASC", "", true),
            ("Timestamp", "Invalid order_by clause 'Timestamp'. Could not be parsed.", true),
            ("timestamp x", "Invalid order_by clause 'timestamp x'. Could not be parsed.", true),
            (
                "attribute.name",
                "Invalid order by key 'attribute.name' specified. Valid keys are '{'name', 'timestamp'}'", true
            ),
        ])
    func modelOrders(_ text: String, _ words: String, _ ascending: Bool) throws {
        #expect(message { () throws(APIError) in _ = try Vocabulary.registeredModels.ordering([text]) } == words)
        guard words.isEmpty else { return }
        let name = text.hasPrefix("name") ? "name" : "last_updated_timestamp"
        #expect(
            try Vocabulary.registeredModels.ordering([text])
                == [OrderKey(field: .attribute(name), ascending: ascending)])
    }

    @Test("a field may order once, by whatever name")
    func twice() {
        let words = "`order_by` contains duplicate fields: ['timestamp', 'last_updated_timestamp']"
        #expect(
            message { () throws(APIError) in
                _ = try Vocabulary.registeredModels.ordering(["timestamp", "last_updated_timestamp"])
            } == words)
        #expect(
            message { () throws(APIError) in _ = try Vocabulary.modelVersions.ordering(["tags.a"]) }
                == "Invalid order by key 'a' specified. Valid keys are"
                + " {'creation_timestamp', 'last_updated_timestamp', 'name', 'version_number'}")
    }
}
