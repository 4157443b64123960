// Which condition a filter becomes: fields, comparators, and operands with their types.

import RoostCore
import RoostSearch
import Testing

/// The message a filter is refused with; nil if it is not, or not as the caller's mistake.
func refusal(filter text: String, of vocabulary: Vocabulary = .runs) -> String? {
    do throws(APIError) {
        _ = try vocabulary.filter(text)
        return nil
    } catch {
        return error.code == .invalidParameterValue && error.status == 400 ? error.message : nil
    }
}

/// The message an ordering is refused with; nil if it is not, or not as the caller's mistake.
func refusal(ordering clauses: [String], of vocabulary: Vocabulary = .runs) -> String? {
    do throws(APIError) {
        _ = try vocabulary.ordering(clauses)
        return nil
    } catch {
        return error.code == .invalidParameterValue && error.status == 400 ? error.message : nil
    }
}

/// A condition of one clause.
func test(_ field: Field, _ comparator: Comparator, _ operand: Operand) -> Condition {
    .test(Clause(field: field, comparator: comparator, operand: operand))
}

@Suite("filters")
struct FilterTests {
    @Test(
        "a clause of a run is a field, a comparator and a typed operand",
        arguments: [
            ("metrics.acc > 0.5", test(.metric("acc"), .greater, .real(0.5))),
            ("metric.acc<=2", test(.metric("acc"), .lessOrEqual, .real(2))),
            ("metrics.acc = 9007199254740993", test(.metric("acc"), .equal, .real(9_007_199_254_740_992))),
            ("metrics.acc < 1e400", test(.metric("acc"), .less, .real(.infinity))),
            ("metrics.acc > -1e-3", test(.metric("acc"), .greater, .real(-0.001))),
            ("metrics.acc > 5.", test(.metric("acc"), .greater, .real(5))),
            ("metrics.acc > -.5", test(.metric("acc"), .greater, .real(-0.5))),
            (
                "start_time >= 1700000000000",
                test(.attribute("start_time"), .greaterOrEqual, .integer(1_700_000_000_000))
            ),
            ("end_time = 9223372036854775807", test(.attribute("end_time"), .equal, .integer(.max))),
            ("end_time > -9223372036854775808", test(.attribute("end_time"), .greater, .integer(.min))),
            ("end_time < 9223372036854775808", test(.attribute("end_time"), .less, .real(9_223_372_036_854_775_808))),
            ("Created != 1.5", test(.attribute("start_time"), .notEqual, .real(1.5))),
            ("`Run name` LIKE '%a_'", test(.attribute("run_name"), .like, .text("%a_"))),
            ("run.status = \"RUNNING\"", test(.attribute("status"), .equal, .text("RUNNING"))),
            ("attr.user_id ilike 'me'", test(.attribute("user_id"), .ilike, .text("me"))),
            ("run_id IN ('a', \"b\")", test(.attribute("run_id"), .in, .list(["a", "b"]))),
            ("attributes.run_id not in ('a',)", test(.attribute("run_id"), .notIn, .list(["a"]))),
            ("params.lr = '0.1'", test(.param("lr"), .equal, .text("0.1"))),
            ("parameters.lr IS NULL", test(.param("lr"), .isNull, .none)),
            ("tag.`a b` is not null", test(.tag("a b"), .isNotNull, .none)),
            ("tags.mlflow.parentRunId = 'x'", test(.tag("mlflow.parentRunId"), .equal, .text("x"))),
            ("tags.\"mlflow.parentRunId\" != 'x'", test(.tag("mlflow.parentRunId"), .notEqual, .text("x"))),
            ("datasets.digest NOT IN ('d')", test(.dataset("digest"), .notIn, .list(["d"]))),
            ("dataset.context = 'train'", test(.dataset("context"), .equal, .text("train"))),
            ("params.input_topic = '猫'", test(.param("input_topic"), .equal, .text("猫"))),
            ("params.入力 = '🚀'", test(.param("入力"), .equal, .text("🚀"))),
            ("metrics.`a'; DROP TABLE runs;--` > 0", test(.metric("a'; DROP TABLE runs;--"), .greater, .real(0))),
            // Quotes inside are kept as written: only the outer pair goes.
            ("params.p = 'it''s'", test(.param("p"), .equal, .text("it''s"))),
            // In a list they are Python's: two strings side by side are one.
            ("run_id IN ('it''s', 'a\\tb')", test(.attribute("run_id"), .in, .list(["its", "a\tb"]))),
        ]
    )
    func clauseOfRun(text: String, expected: Condition) throws {
        #expect(try Vocabulary.runs.filter(text) == expected)
    }

    @Test(
        "experiment ids are integers, and decimal strings in a list",
        arguments: [
            ("experiment_id = '7'", test(.attribute("experiment_id"), .equal, .integer(7))),
            ("experiment_id != ' +07 '", test(.attribute("experiment_id"), .notEqual, .integer(7))),
            ("experiment_id IN ('007', '8')", test(.attribute("experiment_id"), .in, .list(["7", "8"]))),
            (
                "experiment_id = '99999999999999999999'",
                test(.attribute("experiment_id"), .equal, .text("99999999999999999999"))
            ),
            ("creation_time > 5", test(.attribute("creation_time"), .greater, .integer(5))),
            ("attribute.name ILIKE 'a%'", test(.attribute("name"), .ilike, .text("a%"))),
            ("tags.a IS NULL", test(.tag("a"), .isNull, .none)),
        ]
    )
    func clauseOfExperiment(text: String, expected: Condition) throws {
        #expect(try Vocabulary.experiments.filter(text) == expected)
    }

    @Test("clauses side by side and clauses joined by AND must all hold")
    func conjunction() throws {
        let both = Condition.all([
            test(.metric("a"), .greater, .real(1)), test(.param("b"), .equal, .text("AND")),
        ])
        for joint in [" AND ", " and ", "\nAND\t", " AND AND ", " "] {
            #expect(try Vocabulary.runs.filter("metrics.a > 1\(joint)params.b = 'AND'") == both)
        }
    }

    @Test("an AND with nothing to join is ignored, and an empty filter matches everything")
    func nothingToJoin() throws {
        let one = test(.metric("a"), .greater, .real(1))
        #expect(try Vocabulary.runs.filter("AND metrics.a > 1") == one)
        #expect(try Vocabulary.runs.filter("metrics.a > 1 AND") == one)
        #expect(try Vocabulary.runs.filter("AND") == .all([]))
        #expect(try Vocabulary.runs.filter("") == .all([]))
        #expect(try Vocabulary.experiments.filter("") == .all([]))
    }

    @Test(
        "what is no filter is refused in mlflow's words",
        arguments: [
            ("metrics.acc >", "Invalid clause(s) in filter string: 'metrics.acc', '>'"),
            ("   ", "Invalid filter '   '. Could not be parsed."),
            ("((((", "Invalid clause(s) in filter string: '(', '(', '(', '('"),
            ("'", "Invalid clause(s) in filter string: '''"),
            ("params.a LIKE '%", "Invalid clause(s) in filter string: 'params.a', 'LIKE', ''', '%'"),
            (
                "params.x = 'a' ; DROP TABLE runs",
                "Search filter contained multiple expression \"params.x = 'a' ; DROP TABLE runs\". "
                    + "Provide AND-ed expression list."
            ),
            ("1 = 1", "Invalid comparison clause. Expected 'Identifier' found '1'"),
            (
                "nope.a = 'b'",
                "Invalid entity type 'nope'. Valid values are "
                    + "['metric', 'parameter', 'tag', 'attribute', 'dataset']"
            ),
            ("dataset.x = 'a'", "Invalid dataset key 'x' specified. Valid keys are '{'context', 'digest', 'name'}'"),
            ("params.a = 0.1", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 0.1"),
            ("metrics.a = 'x'", "Expected numeric value type for metric. Found 'x'"),
            (
                "status IN ('a')",
                "Only ['run_id'] attributes support comparison with a list of quoted string values."
            ),
            (
                "end_time IS NULL",
                "IS NULL / IS NOT NULL is only supported for tags and params, not for 'attribute' 'end_time'"
            ),
            ("metrics.a LIKE 1", "Invalid comparator 'LIKE' not one of '{'!=', '<', '<=', '=', '>', '>='}"),
            (
                "params.a > 'b'",
                "Invalid comparator '>' not one of '{'!=', '=', 'ILIKE', 'IS NOT NULL', 'IS NULL', 'LIKE'}'"
            ),
        ]
    )
    func refusedFilter(text: String, message: String) {
        #expect(refusal(filter: text) == message)
    }

    @Test("every clause is read before the first one is checked")
    func orderOfFaults() {
        let message = refusal(filter: "params.a > 'x' AND metrics.b = 'y'")
        #expect(message == "Expected numeric value type for metric. Found 'y'")
    }

    @Test("a list where one string belongs is the caller's mistake")
    func listForText() {
        for text in ["run_id = ('a', 'b')", "dataset.name LIKE ('a')"] {
            let message = refusal(filter: text)
            #expect(message?.contains("takes a quoted string value, not a list") == true, "\(text)")
        }
        #expect(
            refusal(filter: "run_id IN (a)")?.hasSuffix("ill-formed list.")
                == true
        )
    }

    @Test("three quotes in a list are not taken for two strings side by side")
    func threeQuotes() {
        #expect(refusal(filter: "run_id IN ('''a''b''')")?.hasSuffix("ill-formed list.") == true)
    }

    @Test("keys need no quotes for words of SQL, nor for the marks that spell vowels")
    func plainKeys() throws {
        #expect(try Vocabulary.runs.filter("metrics.values > 1") == test(.metric("values"), .greater, .real(1)))
        #expect(try Vocabulary.runs.filter("params.हिन्दी = 'x'") == test(.param("हिन्दी"), .equal, .text("x")))
        #expect(try Vocabulary.runs.filter("tags.a IS NOT \n NULL") == test(.tag("a"), .isNotNull, .none))
    }
}
