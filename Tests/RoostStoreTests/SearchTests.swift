// Searching runs and experiments: order, ties, pages, and conditions that only SQL can get wrong.

import RoostCore
import RoostSearch
import RoostStore
import Testing

extension Store {
    fileprivate func search(
        _ filter: String = "", order: [String] = [], limit: Int = 1000, token: String? = nil,
        around: String? = nil,
        view: ViewType = .activeOnly,
        experiments: [Int64] = [0]
    ) async throws -> RunPage {
        let search = RunSearch(
            experiments: experiments, filter: try Vocabulary.runs.filter(filter),
            order: try Vocabulary.runs.ordering(order), view: view, limit: limit,
            token: try token.map { try PageToken($0) },
            source: [filter] + order)
        return try await read {
            if let around { try $0.searchRuns(search, around: around) } else { try $0.searchRuns(search) }
        }
    }

    fileprivate func names(_ filter: String = "", order: [String] = [], view: ViewType = .activeOnly) async throws
        -> [String]
    {
        try await search(filter, order: order, view: view).runs.map(\.info.name)
    }
}

@Suite("Searching")
struct SearchTests {
    @Test("numbers first, then NaN, then missing, whichever the direction")
    func nanAndMissing() async throws {
        try await withStore { store in
            for (name, value) in [("two", 2.0), ("nan", .nan), ("one", 1), ("minus", -1)] {
                try await store.log(try await store.makeRun(name, start: 1), metrics: [("m", value, 1, 0)])
            }
            _ = try await store.makeRun("none", start: 1)
            #expect(try await store.names(order: ["metrics.m ASC"]) == ["minus", "one", "two", "nan", "none"])
            #expect(try await store.names(order: ["metrics.m DESC"]) == ["two", "one", "minus", "nan", "none"])
            #expect(try await store.names("metrics.m != 1").sorted() == ["minus", "nan", "two"])
            #expect(try await store.names("metrics.m < 5").sorted() == ["minus", "one", "two"])
        }
    }

    @Test("the page around a run is a part of the listing, and says which, whatever the order", arguments: 1...5)
    func around(_ limit: Int) async throws {
        try await withStore { store in
            let parent = try await store.makeRun("parent", start: 0)
            for number in 0..<11 {
                let below = KeyValue("mlflow.parentRunId", parent)
                let run = try await store.makeRun("r\(number)", start: Int64(number % 3), tags: [below])
                if !number.isMultiple(of: 4) {
                    try await store.log(run, metrics: [("m", number == 5 ? .nan : Double(number % 2), 1, 0)])
                }
                if number.isMultiple(of: 2) { try await store.log(run, params: [("p", "v\(number % 4)")]) }
            }
            let children = "tags.mlflow.parentRunId = '\(parent)'"
            for order in [
                [], ["metrics.m DESC"], ["params.p ASC", "metrics.m"], ["end_time DESC"], ["start_time ASC"],
                ["run_name DESC"],
            ] {
                for filter in ["", children] {
                    let whole = try await store.search(filter, order: order).runs.map(\.info)
                    for (at, run) in whole.enumerated() {
                        let page = try await store.search(filter, order: order, limit: limit, around: run.runID)
                        let place = try #require(page.place)
                        let first = max(0, min(at - limit / 2, whole.count - limit))
                        #expect(place == RunPlace(before: Int64(first), total: Int64(whole.count)), "\(order) \(at)")
                        #expect(page.runs.map(\.info) == Array(whole[first..<min(whole.count, first + limit)]))
                        // It goes on like any page.
                        var next: [RunInfo] = []
                        if let token = page.nextPageToken {
                            next = try await store.search(filter, order: order, token: token).runs.map(\.info)
                        }
                        #expect(next == Array(whole.dropFirst(first + limit)))
                    }
                }
            }
            let none = try await store.search(children, limit: limit, around: parent)
            #expect(none.runs.isEmpty && none.place == nil && none.nextPageToken == nil)
        }
    }

    @Test("every page size walks the same runs in the same order, whatever the order", arguments: 1...4)
    func pages(_ limit: Int) async throws {
        try await withStore { store in
            for number in 0..<11 {
                let run = try await store.makeRun("r\(number)", start: Int64(number % 3))
                if !number.isMultiple(of: 4) {
                    try await store.log(run, metrics: [("m", number == 5 ? .nan : Double(number % 2), 1, 0)])
                }
                if number.isMultiple(of: 2) { try await store.log(run, params: [("p", "v\(number % 4)")]) }
            }
            for order in [
                [], ["metrics.m DESC"], ["params.p ASC", "metrics.m"], ["end_time DESC"], ["start_time ASC"],
            ] {
                let whole = try await store.names(order: order)
                var walked: [String] = []
                var token: String?
                repeat {
                    let page = try await store.search(order: order, limit: limit, token: token)
                    #expect(page.runs.count <= limit)
                    walked += page.runs.map(\.info.name)
                    token = page.nextPageToken
                } while token != nil
                #expect(walked == whole)
                #expect(walked.count == 11)
            }
        }
    }

    @Test("runs added while a client pages neither repeat nor hide others")
    func stablePages() async throws {
        try await withStore { store in
            for number in 0..<6 { _ = try await store.makeRun("old\(number)", start: Int64(number)) }
            let first = try await store.search(limit: 3)
            for number in 0..<4 { _ = try await store.makeRun("new\(number)", start: Int64(100 + number)) }
            let second = try await store.search(limit: 3, token: first.nextPageToken)
            #expect((first.runs + second.runs).map(\.info.name) == ["old5", "old4", "old3", "old2", "old1", "old0"])
        }
    }

    @Test("a token of another search is refused")
    func foreignToken() async throws {
        try await withStore { store in
            for number in 0..<3 { _ = try await store.makeRun("r\(number)") }
            let token = try await store.search(limit: 1).nextPageToken
            await #expect(throws: APIError.self) { try await store.search("params.p = 'x'", limit: 1, token: token) }
            #expect(throws: APIError.invalid("Invalid page token, could not base64-decode")) { try PageToken("zz") }
        }
    }

    @Test("children of a parent, OR with AND inside, LIKE by case and ILIKE without")
    func conditions() async throws {
        try await withStore { store in
            let parent = try await store.makeRun("Parent")
            for number in 0..<3 {
                let child = try await store.makeRun("child\(number)", tags: [KeyValue("mlflow.parentRunId", parent)])
                try await store.log(child, params: [("topic", number == 1 ? "猫" : "Dog")])
            }
            #expect(try await store.names("tags.mlflow.parentRunId = '\(parent)'").count == 3)
            #expect(try await store.names("tags.mlflow.parentRunId = '\(parent)' AND params.topic = '猫'") == ["child1"])
            #expect(
                try await store.names("params.topic = '猫' OR run_name = 'Parent'").sorted() == ["Parent", "child1"])
            #expect(try await store.names("params.topic LIKE 'd%'").isEmpty)
            #expect(try await store.names("params.topic ILIKE 'd%'").count == 2)
            #expect(try await store.names("params.topic IS NULL") == ["Parent"])
            #expect(try await store.names("attributes.run_id IN ('\(parent)')") == ["Parent"])
        }
    }

    @Test("deleted runs show only where asked for, and no experiment means no runs")
    func views() async throws {
        try await withStore { store in
            _ = try await store.makeRun("a")
            let gone = try await store.makeRun("b")
            try await store.write { try $0.deleteRun(gone) }
            #expect(try await store.names() == ["a"])
            #expect(try await store.names(view: .deletedOnly) == ["b"])
            #expect(try await store.names(view: .all).sorted() == ["a", "b"])
            #expect(try await store.search(experiments: []).runs.isEmpty)
        }
    }
}
