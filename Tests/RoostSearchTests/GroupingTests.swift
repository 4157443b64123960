// OR and parentheses, which mlflow does not have.

import RoostCore
import RoostSearch
import Testing

@Suite("OR and parentheses")
struct GroupingTests {
    private let a = test(.metric("a"), .greater, .real(1))
    private let b = test(.param("b"), .equal, .text("x"))
    private let c = test(.tag("c"), .isNull, .none)

    /// The condition of a text where A, B and C stand for clauses.
    private func read(_ pattern: String) throws(APIError) -> Condition {
        let clauses: [Character: String] = ["A": "metrics.a > 1", "B": "params.b = 'x'", "C": "tags.c IS NULL"]
        return try Vocabulary.runs.filter(pattern.map { clauses[$0] ?? String($0) }.joined())
    }

    @Test("AND binds tighter than OR")
    func precedence() throws {
        #expect(try read("A or B and C") == .any([a, .all([b, c])]))
        #expect(try read("A and B or C") == .any([.all([a, b]), c]))
        #expect(try read("A or B or C") == .any([a, b, c]))
    }

    @Test("parentheses come first, and superfluous ones change nothing")
    func parentheses() throws {
        #expect(try read("(A or B) and C") == .all([.any([a, b]), c]))
        #expect(try read("A and(B or C)") == .all([a, .any([b, c])]))
        #expect(try read("((A)) and ((B and C))") == .all([a, b, c]))
        #expect(try read("(A or (B or C))") == .any([a, b, c]))
        #expect(try read("(A) (B)") == .all([a, b]))
        #expect(try Vocabulary.runs.filter("(run_id IN ('r'))") == test(.attribute("run_id"), .in, .list(["r"])))
        #expect(
            try Vocabulary.experiments.filter("name = 'a' OR name = 'b'")
                == .any([
                    test(.attribute("name"), .equal, .text("a")), test(.attribute("name"), .equal, .text("b")),
                ])
        )
    }

    @Test(
        "an OR without two sides and a parenthesis without a condition are refused",
        arguments: [
            ("metrics.a > 1 OR", "'OR'"),
            ("OR metrics.a > 1", "'OR'"),
            ("OR", "'OR'"),
            ("metrics.a > 1 OR OR metrics.b > 2", "'OR'"),
            ("metrics.a > 1 OR AND", "'OR'"),
            ("()", "'()'"),
            ("(AND)", "'(AND)'"),
            ("metrics.a > 1 AND ('x')", "'('x')'"),
            ("(metrics.a > 1 OR metrics.b)", "'(metrics.a > 1 OR metrics.b)'"),
            ("(metrics.a > 1", "'('"),
            ("metrics.a > 1)", "')'"),
            ("' OR 1=1", "'''"),
        ]
    )
    func refused(text: String, clauses: String) {
        #expect(refusal(filter: text) == "Invalid clause(s) in filter string: \(clauses)")
    }

    @Test("there is no NOT")
    func negation() {
        #expect(refusal(filter: "NOT (metrics.a > 1)") == "Invalid clause(s) in filter string: 'NOT'")
        #expect(refusal(filter: "NOT(metrics.a > 1)") == "Invalid clause(s) in filter string: 'NOT(metrics.a > 1)'")
    }
}
