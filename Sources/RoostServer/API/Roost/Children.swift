// What runs have below them: the children of one run rolled up, and how many each of many runs has.

internal import RoostCore
internal import RoostStore

extension Extensions {
    static func children(_ request: OneRun, _ services: Services) async throws -> ChildrenAnswer {
        ChildrenAnswer(summary: try await services.store.read { try $0.childrenSummary(of: request.runID) })
    }

    static func counts(_ request: SomeRuns, _ services: Services) async throws -> ChildrenCounts {
        ChildrenCounts(counts: try await services.store.read { try $0.childCounts(of: request.runIDs) })
    }
}

/// A request that names runs and says no more.
struct SomeRuns: FieldsReadable {
    let runIDs: [String]

    init(from fields: inout Fields) throws(APIError) {
        runIDs = try fields.strings("run_ids", required: true, max: Limits.listItems)
    }
}

struct ChildrenCounts: JSONWritable, Sendable {
    let counts: [ChildCount]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("runs")
            json.array { json in
                for count in counts {
                    json.object { json in
                        json.member("run_id", count.runID)
                        json.write(byStatus: count.byStatus)
                    }
                }
            }
        }
    }

    static let example = ChildrenCounts(counts: [
        ChildCount(runID: "flow_variant_0_20261124_090000_000000", byStatus: [(.failed, 1), (.finished, 49)])
    ])
}

extension JSONWriter {
    /// The members `children`, how many, and `status`, how many of each.
    fileprivate mutating func write(byStatus: [(status: RunStatus, count: Int64)]) {
        member("children", byStatus.reduce(0) { $0 + $1.count })
        name("status")
        object { json in
            for (status, count) in byStatus {
                json.name(dynamic: status.rawValue)
                json.integer(count)
            }
        }
    }
}

struct ChildrenAnswer: JSONWritable, Sendable {
    let summary: ChildrenSummary

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("run_id", summary.runID)
            json.write(byStatus: summary.byStatus)
            if let start = summary.startTime { json.member("start_time", start) }
            if let end = summary.endTime { json.member("end_time", end) }
            json.name("metrics")
            json.array { json in for metric in summary.metrics { write(metric, to: &json) } }
        }
    }

    private func write(_ metric: MetricSummary, to json: inout JSONWriter) {
        json.object { json in
            json.member("key", metric.key)
            json.member("count", metric.count)
            json.member("nan", metric.nan)
            guard metric.count > 0 else { return }
            for (name, value): (StaticString, Double) in [
                ("sum", metric.sum), ("mean", metric.sum / Double(metric.count)), ("min", metric.min),
                ("max", metric.max),
            ] {
                json.name(name)
                json.number(value)
            }
        }
    }

    static let example = ChildrenAnswer(
        summary: ChildrenSummary(
            runID: "flow_variant_0_20261124_090000_000000", byStatus: [(.failed, 1), (.finished, 49)],
            startTime: 1_764_000_000_000, endTime: 1_764_000_060_000,
            metrics: [MetricSummary(key: "total_tokens", count: 50, nan: 0, sum: 2150, min: 23, max: 95)]))
}
