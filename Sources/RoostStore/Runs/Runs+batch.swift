// A batch of metrics, params and tags for one run: all of it or nothing.

public import RoostCore

/// Metrics, params and tags of one request.
public struct LogBatch: Sendable {
    public let metrics: [Metric]
    public let params: [KeyValue]
    public let tags: [KeyValue]

    public init(metrics: [Metric], params: [KeyValue], tags: [KeyValue]) {
        self.metrics = metrics
        self.params = params
        self.tags = tags
    }

    /// About how many rows it writes.
    public var weight: Int { metrics.count + params.count + tags.count }
}

extension Transaction {
    /// Logs a batch.
    /// - Throws: 400 when a param has another value already; then nothing of the batch is kept.
    public func log(_ runID: String, _ batch: LogBatch) throws {
        let run = try activeRun(runID)
        var changed: [String] = []
        for param in batch.params {
            guard let old = try putParam(run.id, param), old != param.value else { continue }
            changed.append(
                "{'key': \(pythonRepr(param.key)), 'old_value': \(pythonRepr(old)), 'new_value': \(pythonRepr(param.value))}"
            )
        }
        guard changed.isEmpty else {
            throw APIError.invalid(
                "Changing param values is not allowed. Params were already logged='[\(changed.joined(separator: ", "))]'"
                    + " for run ID='\(runID)'.")
        }
        try logMetrics(of: run, batch.metrics)
        for tag in batch.tags { try setTag(of: run, tag) }
    }
}
