// Checks that several requests share, put together from the rules in RoostCore.

internal import RoostCore
internal import RoostStore

extension Check {
    /// A tag of an experiment.
    static func experimentTag(_ tag: KeyValue) throws(APIError) {
        try key(tag.key, at: "key")
        try length(tag.key, Limits.experimentTagKey, "key")
        try length(tag.value, Limits.experimentTagValue, "value")
        // A rule that nobody can read would quietly keep everything.
        if tag.key == RetentionRule.tag { _ = try RetentionRule(tag.value) }
    }

    /// How many rows a page may have.
    static func pageSize(_ size: Int64) throws(APIError) {
        guard size > 0 else {
            throw .invalid("Invalid value \(size) for parameter 'max_results' supplied. It must be a positive integer")
        }
        guard size <= Limits.searchResults else {
            throw .invalid(
                "Invalid value \(size) for parameter 'max_results' supplied. It must be at most \(Limits.searchResults)"
            )
        }
    }

    /// A point of a metric, as MLflow words its complaints.
    static func metric(_ metric: Metric, at path: @autoclosure () -> String) throws(APIError) {
        let dot = { (path: String) in path.isEmpty ? "" : path + "." }
        try key(metric.key, at: dot(path()) + "name")
        guard metric.point.timestamp >= 0 else {
            throw .invalid(
                "Invalid value \(metric.point.timestamp) for parameter '\(dot(path()))timestamp' supplied: metric '\(metric.key)'"
                    + " (value=\(pythonFloat(metric.point.value))). Timestamp must be a nonnegative long (64-bit integer) "
            )
        }
        try length(metric.key, Limits.entityKey, "Metric name")
    }

    /// A param, cut to its length where the server cuts.
    static func param(_ param: KeyValue, at path: String, truncate: Bool) throws(APIError) -> KeyValue {
        try key(param.key, at: path.isEmpty ? "key" : path + ".key")
        try length(param.key, Limits.entityKey, "Param key")
        return KeyValue(
            param.key, try cut(param.value, Limits.paramValue, "Param value", truncate: truncate))
    }

    /// A tag of a run, cut to its length where the server cuts.
    static func tag(_ tag: KeyValue, at path: String, truncate: Bool) throws(APIError) -> KeyValue {
        let dot = path.isEmpty ? "" : path + "."
        try key(tag.key, at: dot + "key")
        try length(tag.key, Limits.entityKey, dot + "key")
        return KeyValue(tag.key, try cut(tag.value, Limits.runTagValue, dot + "value", truncate: truncate))
    }

    /// How many things of a kind one batch may hold.
    static func batch(_ count: Int, _ limit: Int, of kind: String) throws(APIError) {
        guard count <= limit else {
            throw .invalid(
                "A batch logging request can contain at most \(limit) \(kind). Got \(count) \(kind)."
                    + " Please split up \(kind) across multiple requests and try again.")
        }
    }
}

extension PageToken {
    /// A token, or none for an empty text.
    init?(optional text: String) throws(APIError) {
        guard !text.isEmpty else { return nil }
        try self.init(text)
    }
}
