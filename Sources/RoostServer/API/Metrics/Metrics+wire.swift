// Requests and answers of the endpoints below `metrics/`.

internal import RoostCore
internal import RoostStore

struct GetHistory: FieldsReadable {
    let runID: String
    let key: String
    /// Nil for all points at once.
    let limit: Int?
    let token: PageToken?

    init(from fields: inout Fields) throws(APIError) {
        runID = try fields.runID()
        key = try fields.string("metric_key", required: true)
        let token = try fields.string("page_token")
        let limit = try fields.int64("max_results")
        if let limit, limit <= 0 {
            throw .invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer.")
        }
        self.limit = limit.map { Int(min($0, Int64(Int32.max))) }
        self.token = try PageToken(optional: token)
    }
}

struct GetHistoryBulk: FieldsReadable {
    let runIDs: [String]
    let key: String
    let limit: Int

    init(from fields: inout Fields) throws(APIError) {
        let runIDs = try fields.strings("run_id")
        let key = try fields.optionalString("metric_key")
        let limit = try fields.int64("max_results") ?? Limits.historyBulkResults
        self.runIDs = runIDs
        self.key = key ?? ""
        self.limit = Int(max(0, min(limit, Limits.historyBulkResults)))
        guard limit >= 0 else {
            throw .invalid("Invalid value \(limit) for parameter 'max_results' supplied. It must not be negative.")
        }
        if fields.isDescribing { return }
        guard !runIDs.isEmpty else {
            throw .invalid("GetMetricHistoryBulk request must specify at least one run_id.")
        }
        guard runIDs.count <= Limits.historyRuns else {
            throw .invalid(
                "GetMetricHistoryBulk request cannot specify more than \(Limits.historyRuns) run_ids."
                    + " Received \(runIDs.count) run_ids.")
        }
        guard key != nil else { throw .invalid("GetMetricHistoryBulk request must specify a metric_key.") }
    }
}

struct GetHistoryInterval: FieldsReadable {
    let runIDs: [String]
    let sample: HistorySample

    init(from fields: inout Fields) throws(APIError) {
        runIDs = try fields.strings("run_ids", required: true)
        let seeDocs = " See the API docs for more information about request parameters."
        guard runIDs.count <= Limits.historyRuns else {
            throw .invalid(
                "GetMetricHistoryBulkInterval request must specify at most \(Limits.historyRuns) run_ids."
                    + " Received \(runIDs.count) run_ids." + seeDocs)
        }
        let key = try fields.string("metric_key", required: true)
        let start = try fields.int64("start_step")
        let end = try fields.int64("end_step")
        let count = try fields.int64("max_results") ?? Limits.intervalResults
        guard 1...Limits.intervalResults ~= count else {
            throw .invalid("max_results must be between 1 and \(Limits.intervalResults)." + seeDocs)
        }
        sample = HistorySample(key: key, count: Int(count), steps: try Self.steps(start, end))
    }

    private static func steps(_ start: Int64?, _ end: Int64?) throws(APIError) -> ClosedRange<Int64>? {
        guard let start, let end else {
            guard start == nil, end == nil else {
                throw .invalid("If either start step or end step are specified, both must be specified.")
            }
            return nil
        }
        guard start <= end else {
            throw .invalid(
                "end_step must be greater than start_step. Found start_step=\(start) and end_step=\(end).")
        }
        return start...end
    }
}

struct History: JSONWritable, Sendable {
    let metrics: [Metric]
    let nextPageToken: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("metrics", list: metrics)
            if let nextPageToken { json.member("next_page_token", nextPageToken) }
        }
    }

    static let example = History(metrics: [.example], nextPageToken: "5b22686973746f7279225d")
    static let bulkExample = History(
        metrics: [Metric(key: Metric.example.key, point: Metric.example.point, runID: Run.example.info.runID)],
        nextPageToken: nil)
}

/// The one answer that shows its list even when it is empty: MLflow writes it by hand.
struct BulkHistory: JSONWritable, Sendable {
    let metrics: [Metric]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("metrics")
            json.array { json in for metric in metrics { metric.write(to: &json) } }
        }
    }

    static let example = BulkHistory(metrics: History.bulkExample.metrics)
}
