// A point of a metric.

/// One point of a metric series.
public struct MetricPoint: Equatable, Sendable {
    /// Never infinite once stored: MLflow's store clamps infinities to the largest double.
    public let value: Double
    /// Milliseconds since 1970.
    public let timestamp: Int64
    public let step: Int64

    public init(value: Double, timestamp: Int64, step: Int64) {
        self.value = value
        self.timestamp = timestamp
        self.step = step
    }

    /// The point as MLflow stores it (`sanitize_metric_value` of its SQL store): ±infinity becomes ±the largest double.
    public var storable: MetricPoint {
        guard value.isInfinite else { return self }
        let largest = Double.greatestFiniteMagnitude
        return MetricPoint(value: value > 0 ? largest : -largest, timestamp: timestamp, step: step)
    }
}

/// A metric with its key, as runs and histories answer it.
public struct Metric: Equatable, Sendable, JSONWritable {
    public let key: String
    public let point: MetricPoint
    /// Set where an answer mixes several runs.
    public let runID: String?
    /// The model that was measured, in a request that names one; answers about runs do not.
    public let link: MetricLink?

    public init(key: String, point: MetricPoint, runID: String? = nil, link: MetricLink? = nil) {
        self.key = key
        self.point = point
        self.runID = runID
        self.link = link
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("key", key)
            json.name("value")
            json.number(point.value)
            json.member("timestamp", point.timestamp)
            json.member("step", point.step)
            if let runID { json.member("run_id", runID) }
        }
    }

    /// For documentation.
    public static let example = Metric(
        key: "duration", point: MetricPoint(value: 1.25, timestamp: 1_764_000_000_000, step: 0))
}
