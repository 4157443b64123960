// What a run has below it: its children rolled up.

internal import RoostCore
internal import RoostStore

extension Extensions {
    static func children(_ request: OneRun, _ services: Services) async throws -> ChildrenAnswer {
        let scope = services.caller?.runs ?? .all
        return ChildrenAnswer(
            summary: try await services.store.read(.large) { try $0.childrenSummary(of: request.runID, in: scope) })
    }
}

extension JSONWriter {
    /// The members `children`, how many, and `status`, how many of each.
    mutating func write(byStatus: [(status: RunStatus, count: Int64)]) {
        member("children", byStatus.reduce(0) { $0 + $1.count })
        name("status")
        object { json in
            for (status, count) in byStatus {
                json.name(dynamic: status.rawValue)
                json.integer(count)
            }
        }
    }

    /// The member `metrics`: each key with its figures.
    mutating func write(rolledUp metrics: [MetricSummary]) {
        name("metrics")
        array { json in for metric in metrics { json.write(metric) } }
    }

    private mutating func write(_ metric: MetricSummary) {
        object { json in
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
}

struct ChildrenAnswer: JSONWritable, Sendable {
    let summary: ChildrenSummary

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("run_id", summary.runID)
            json.write(byStatus: summary.byStatus)
            if let start = summary.startTime { json.member("start_time", start) }
            if let end = summary.endTime { json.member("end_time", end) }
            json.write(rolledUp: summary.metrics)
        }
    }

    static let example = ChildrenAnswer(
        summary: ChildrenSummary(
            runID: "flow_variant_0_20261124_090000_000000", byStatus: [(.failed, 1), (.finished, 49)],
            startTime: 1_764_000_000_000, endTime: 1_764_000_060_000,
            metrics: [MetricSummary(key: "total_tokens", count: 50, nan: 0, sum: 2150, min: 23, max: 95)]))
}
