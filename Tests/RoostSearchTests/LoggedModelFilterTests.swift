// Filters and orderings of logged models: values need no quotes, fields have aliases, a status goes by its words.

import RoostCore
import RoostSearch
import Testing

@Suite("filters of logged models")
struct LoggedModelFilterTests {
    @Test(
        "a clause is a field, a comparator and a typed operand",
        arguments: [
            ("metrics.acc > 0.5", test(.metric("acc"), .greater, .real(0.5))),
            ("metrics.`x y` = 1", test(.metric("x y"), .equal, .real(1))),
            ("params.lr = 0.1", test(.param("lr"), .equal, .text("0.1"))),
            ("params.lr = '0.1'", test(.param("lr"), .equal, .text("0.1"))),
            ("tags.a.b = x", test(.tag("a.b"), .equal, .text("x"))),
            ("name like '%a'", test(.attribute("name"), .like, .text("%a"))),
            ("name IN ('a', 'b')", test(.attribute("name"), .in, .list(["a", "b"]))),
            ("creation_time >= 10", test(.attribute("creation_timestamp_ms"), .greaterOrEqual, .integer(10))),
            ("attributes.creation_timestamp < 1.5", test(.attribute("creation_timestamp_ms"), .less, .real(1.5))),
            ("status = 'READY'", test(.attribute("status"), .equal, .text("2"))),
            ("status = LOGGED_MODEL_PENDING", test(.attribute("status"), .equal, .text("1"))),
            ("status NOT IN ('FAILED', '0')", test(.attribute("status"), .notIn, .list(["3", "0"]))),
        ])
    func clauses(_ text: String, _ expected: Condition) throws {
        #expect(try Vocabulary.loggedModels.filter(text) == expected)
    }

    @Test(
        "what is refused, in MLflow's words",
        arguments: [
            (
                "name > 'a'",
                "Invalid comparison operator for attributes.name: '>'."
                    + " Expected one of ('=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN')."
            ),
            (
                "metrics.a LIKE 1",
                "Invalid comparison operator for metrics.a: 'LIKE'. Expected one of ('<', '<=', '>', '>=', '=', '!=')."
            ),
            (
                "x.y = 'z'",
                "Invalid entity type: 'x'. Expected one of ['attributes', 'metrics', 'params', 'tags']."
            ),
            ("params.p IS NULL", "Invalid comparison: params.pIS NULL. Expected a comparison with 3 tokens."),
            ("  ", "Invalid filter string: '  '. Expected a single SQL expression."),
            (
                "name",
                "Invalid filter string: 'name'. Expected a list of comparisons separated by 'AND'"
                    + " (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01')."
            ),
            ("metrics.a > 0x10", "Expected a number to compare metrics.a with. Found 0x10"),
            ("name = ('a')", "Comparator '=' takes one value, not a list: use IN or NOT IN for 'name'."),
        ])
    func refusals(_ text: String, _ message: String) {
        #expect(refusal(filter: text, of: .loggedModels) == message)
    }

    @Test("an ordering goes by an attribute under any of its names, or by a metric of any name")
    func ordering() throws {
        let vocabulary = Vocabulary.loggedModels
        #expect(try vocabulary.orderFieldOfLoggedModel("creation_time") == .attribute("creation_timestamp_ms"))
        #expect(try vocabulary.orderFieldOfLoggedModel("metrics.a.b c`") == .metric("a.b c`"))
        #expect(try vocabulary.orderFieldOfLoggedModel("metrics.") == .metric(""))
        #expect(throws: APIError.invalid("Invalid order by field name: nope")) {
            try vocabulary.orderFieldOfLoggedModel("nope")
        }
        #expect(throws: APIError.invalid("Invalid order by field name: params.a. Only metrics are supported.")) {
            try vocabulary.orderFieldOfLoggedModel("params.a")
        }
    }
}
