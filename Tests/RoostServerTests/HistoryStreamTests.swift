// Long histories: sent in pieces, and the same text as one piece would be.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("Long histories")
struct HistoryStreamTests {
    @Test("a history longer than a portion is whole, in order, and has the length that HEAD tells")
    func whole() async throws {
        let server = try TestServer()
        defer { server.app.close() }
        let made = await server.post("runs/create", #"{"experiment_id":"0"}"#)
        let run = try #require(made.json["run"]?["info"]?["run_id"]?.text)
        let count = HistoryStream.portion * 2 + 500
        for start in stride(from: 0, to: count, by: 1000) {
            let points = (start..<min(start + 1000, count)).map {
                #"{"key":"m","value":\#($0),"timestamp":\#($0),"step":\#($0)}"#
            }
            let body = #"{"run_id":"\#(run)","metrics":[\#(points.joined(separator: ","))]}"#
            #expect(await server.post("runs/log-batch", body).status == 200)
        }
        let path = "/api/2.0/mlflow/metrics/get-history?run_id=\(run)&metric_key=m"
        func text(_ range: Range<Int>, next: String? = nil) -> String {
            let points = range.map { #"{"key":"m","value":\#($0).0,"timestamp":\#($0),"step":\#($0)}"# }
            let token = next.map { #","next_page_token":"\#($0)""# } ?? ""
            return #"{"metrics":[\#(points.joined(separator: ","))]\#(token)}"#
        }
        let whole = await server.send(.get, path)
        #expect(whole.status == 200 && whole.text == text(0..<count))
        #expect(whole.headers[.contentLength] == nil && whole.headers[.contentType] == "application/json")
        let head = await server.send(.head, path)
        #expect(head.headers[.contentLength] == String(whole.text.utf8.count) && head.text.isEmpty)
        // A page that is longer than a portion has its token at the end, and the next page begins after it.
        for limit in [HistoryStream.portion, HistoryStream.portion + 1, HistoryStream.portion * 2, count, count + 1] {
            let page = await server.send(.get, path + "&max_results=\(limit)")
            let token = page.json["next_page_token"]?.text
            #expect((token == nil) == (limit >= count))
            #expect(page.text == text(0..<min(limit, count), next: token))
            guard let token else { continue }
            let rest = await server.send(.get, path + "&max_results=100000&page_token=\(token)")
            #expect(rest.text == text(limit..<count))
        }
    }
}
