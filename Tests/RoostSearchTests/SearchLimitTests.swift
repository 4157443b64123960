// Every bound of the search language, at N and at N + 1 (BI-112 to BI-114).

import RoostCore
import RoostSearch
import Testing

@Suite("limits of filters and orderings")
struct SearchLimitTests {
    @Test("bytes of a filter")
    func bytes() throws {
        let frame = "params.a = ''".utf8.count
        let longest = String(repeating: "x", count: SearchLimits.textBytes - frame)
        #expect(try Vocabulary.runs.filter("params.a = '\(longest)'") == test(.param("a"), .equal, .text(longest)))
        #expect(
            refusal(filter: "params.a = '\(longest)x'") == "The filter has 65537 bytes; at most 65536 are allowed.")
        #expect(
            refusal(ordering: ["tags.`\(longest)\(longest)`"])?
                .hasPrefix("The order_by clause has ") == true
        )
    }

    @Test("clauses of a filter, however they are joined", arguments: [" AND ", " OR ", " "])
    func clauses(joint: String) throws {
        let most = Array(repeating: "metrics.a > 1", count: SearchLimits.clauses)
        #expect(refusal(filter: most.joined(separator: joint)) == nil)
        #expect(
            refusal(filter: (most + ["metrics.a > 1"]).joined(separator: joint))
                == "The filter has 257 clauses; at most 256 are allowed."
        )
    }

    @Test("levels of parentheses, closed or not")
    func nesting() {
        func nested(_ levels: Int) -> String {
            String(repeating: "(", count: levels) + "metrics.a > 1" + String(repeating: ")", count: levels)
        }
        #expect(refusal(filter: nested(SearchLimits.nesting)) == nil)
        let message = "More than 64 levels of parentheses."
        #expect(refusal(filter: nested(SearchLimits.nesting + 1)) == message)
        #expect(refusal(filter: nested(30000)) == message)
        #expect(refusal(filter: String(repeating: "(", count: 60000)) == message)
        #expect(refusal(filter: String(repeating: "[(", count: 30000)) == message)
    }

    @Test("keys of an ordering")
    func orderKeys() {
        let most = (0..<SearchLimits.orderKeys).map { "metrics.m\($0)" }
        #expect(refusal(ordering: most) == nil)
        #expect(
            refusal(ordering: most + ["metrics.x"])
                == "order_by has 61 clauses; at most 60 are allowed."
        )
    }

    @Test("a NUL is nowhere allowed")
    func nul() {
        #expect(refusal(filter: "params.a = 'x\0'") == "The filter contains a NUL character.")
        #expect(refusal(filter: "run_id IN ('\\x00')")?.hasSuffix("ill-formed list.") == true)
        #expect(
            refusal(ordering: ["tags.`\0`"])
                == "The order_by clause contains a NUL character."
        )
    }

    /// Long runs of what could make a reader start over at every character, or call itself at every level.
    @Test(
        "long runs of one thing are refused and end",
        arguments: [
            "'", "\"", "`", "\\'", "\"\\", "/*", "-- ", "-", "[", "[a", "a ", "a.", ".", "a,", "1 ", "1-", "a>", "1>1 ",
            "NOT ", "DESC ", "NULLS ", "IN (", "a IN ", "OR ", ";", "?", "$", "#a", "@", "e1", "1e", "\u{301}", "猫",
            "()",
        ]
    )
    func longRuns(of piece: String) {
        let text = String(repeating: piece, count: 60_000 / piece.utf8.count)
        #expect(refusal(filter: text) != nil)
        #expect(refusal(ordering: [text]) != nil)
    }
}
