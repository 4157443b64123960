// GET roost/1.0/metrics/series: its answer and its refusals.

import HTTPTypes
import RoostCore
import Testing

@testable import RoostServer

@Suite("The series of a metric for charts")
struct SeriesEndpointTests {
    private let path = "/ajax-api/roost/1.0/metrics/series"

    @Test("answers each run once, in the order asked for, with what was there and what is shown")
    func answer() async throws {
        let server = try TestServer()
        let run = try await server.makeRun()
        let metrics = (0..<100).map { step in
            let value = step == 3 ? "\"NaN\"" : step == 57 ? "1e9" : "0.5"
            return "{\"key\":\"loss\",\"value\":\(value),\"timestamp\":\(1000 + step),\"step\":\(step)}"
        }
        let logged = await server.post(
            "runs/log-batch", "{\"run_id\":\"\(run)\",\"metrics\":[\(metrics.joined(separator: ","))]}")
        #expect(logged.status == 200)
        let reply = await server.send(
            .get, "\(path)?run_id=\(run)&run_id=nobody&run_id=\(run)&metric_key=loss&max_points=10")
        #expect(reply.status == 200)
        let series = reply.json["series"]?.items ?? []
        #expect(series.map { $0["run_id"]?.text } == [run, "nobody"])
        #expect(series.map { $0["metric_key"]?.text } == ["loss", "loss"])
        #expect(series.map { $0["total"] } == [.integer(100), .integer(0)])
        #expect(series.first?["nan"] == .integer(1))
        let points = series.first?["points"]?.items ?? []
        #expect(series.first?["shown"] == .integer(Int64(points.count)) && points.count <= 10)
        #expect(points.first?.items.first == .integer(0) && points.last?.items.first == .integer(99))
        #expect(points.contains { $0.items.first == .integer(57) && $0.items.last == .decimal(1e9) })
        #expect(points.last?.items[1] == .integer(1099))
        #expect(series.last?["points"] == .array([]))

        let few = await server.send(.get, "\(path)?run_id=\(run)&metric_key=loss&start_step=2&end_step=4")
        let three = few.json["series"]?.items.first?["points"]?.items ?? []
        #expect(three.map(\.items.last) == [.decimal(0.5), .string("NaN"), .decimal(0.5)])
        let open = await server.send(.get, "\(path)?run_id=\(run)&metric_key=loss&start_step=98")
        #expect(open.json["series"]?.items.first?["total"] == .integer(2))

        // Rounded where fewer digits are enough.
        let rough = await server.send(.get, "\(path)?run_id=\(run)&metric_key=loss&start_step=2&end_step=4&digits=3")
        let values = rough.json["series"]?.items.first?["points"]?.items.map(\.items.last)
        #expect(values == [.decimal(0.5), .string("NaN"), .decimal(0.5)])

        // Several metrics in one answer, each once.
        let both = await server.send(
            .get, "\(path)?run_id=\(run)&run_id=b&metric_key=loss&metric_key=none&metric_key=loss&max_points=10")
        #expect(
            both.json["series"]?.items.map { [$0["metric_key"]?.text, $0["run_id"]?.text] }
                == [["loss", run], ["loss", "b"], ["none", run], ["none", "b"]])
        #expect(both.json["series"]?.items.map { $0["total"] } == [100, 0, 0, 0].map { .integer($0) })
    }

    @Test(
        "rounds to significant digits, and leaves whole numbers and what is none alone",
        arguments: [
            (2.793124207784487, 2.79312), (-0.000123456789, -0.000123457), (1234567.8, 1_234_568), (0, 0),
            (123_456_789, 123_456_789), (1e300, 1e300), (3e-30, 3e-30), (.infinity, .infinity), (0.1, 0.1),
        ] as [(Double, Double)])
    func rounding(value: Double, expected: Double) {
        #expect(value.rounded(toDigits: 6) == expected)
        #expect(Double.nan.rounded(toDigits: 6).isNaN)
    }

    @Test(
        "refuses with the name of the field",
        arguments: [
            ("metric_key=m", "Missing value for required parameter 'run_id'"),
            ("run_id=a", "Missing value for required parameter 'metric_key'"),
            ("run_id=a&metric_key=m&digits=2", "Invalid value 2 for parameter 'digits'"),
            ("run_id=a&metric_key=m&digits=16", "Invalid value 16 for parameter 'digits'"),
            ("run_id=a&metric_key=m&digits=x", "digits"),
            ("run_id=a&metric_key=m&max_points=9", "Invalid value 9 for parameter 'max_points'"),
            ("run_id=a&metric_key=m&max_points=5001", "Invalid value 5001 for parameter 'max_points'"),
            ("run_id=a&metric_key=m&max_points=x", "for parameter 'max_points'"),
            ("run_id=a&metric_key=m&start_step=2&end_step=1", "'end_step' must not be less than 'start_step'"),
            (
                (0...100).map { "run_id=r\($0)" }.joined(separator: "&") + "&metric_key=m",
                "'run_id' may hold at most 100"
            ),
            (
                (0..<41).map { "run_id=r\($0)" }.joined(separator: "&") + "&metric_key=m&max_points=5000",
                "one answer has at most 200000"
            ),
            (
                "run_id=a&" + (0...40).map { "metric_key=m\($0)" }.joined(separator: "&"),
                "'metric_key' may hold at most 40"
            ),
            (
                (0..<20).map { "run_id=r\($0)" }.joined(separator: "&")
                    + "&metric_key=a&metric_key=b&metric_key=c&max_points=5000",
                "20 runs and 3 metrics with a 'max_points' of 5000 may be 300000 points"
            ),
        ])
    func refusals(query: String, message: String) async throws {
        let reply = await (try TestServer()).send(.get, "\(path)?\(query)")
        #expect(reply.status == 400 && reply.message.contains(message), "\(reply.text)")
    }

    @Test("takes every number at its bound")
    func bounds() async throws {
        let server = try TestServer()
        let forty = (0..<40).map { "run_id=r\($0)" }.joined(separator: "&")
        for query in [
            "run_id=a&metric_key=m&max_points=10", "\(forty)&metric_key=m&max_points=5000",
            "run_id=a&metric_key=m&start_step=-9223372036854775808&end_step=9223372036854775807",
        ] {
            #expect(await server.send(.get, "\(path)?\(query)").status == 200)
        }
    }
}
