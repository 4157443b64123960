// The counters in Prometheus' text format.

internal import RoostCore
internal import RoostStore

/// The page at `/metrics`.
enum Prometheus {
    static func page(_ services: Services) -> String {
        var page = ""
        let telemetry = services.telemetry
        let answers = telemetry.answers
        head("roost_http_requests_total", "counter", "Requests answered, by route and status.", &page)
        for (key, reading) in answers {
            page += "roost_http_requests_total{\(labels(key))} \(reading.count.value)\n"
        }
        head(
            "roost_http_request_duration_milliseconds", "histogram", "Time from the head of a request to its answer.",
            &page)
        for (key, reading) in answers {
            append(reading.latency, "roost_http_request_duration_milliseconds", labels(key), &page)
        }
        head("roost_write_queue_depth", "gauge", "Writes that wait for the write lane.", &page)
        page += "roost_write_queue_depth \(telemetry.writeQueueDepth.value)\n"
        head("roost_write_batch_size", "histogram", "Writes in one transaction.", &page)
        append(telemetry.batchSize, "roost_write_batch_size", "", &page)
        head("roost_commit_duration_milliseconds", "histogram", "Time of a commit, the disk's sync included.", &page)
        append(telemetry.commitTime, "roost_commit_duration_milliseconds", "", &page)
        head("roost_commit_failures_total", "counter", "Commits that failed, each with its whole batch.", &page)
        page += "roost_commit_failures_total \(telemetry.commitFailures.value)\n"
        head("roost_database_bytes", "gauge", "Size of the database and its log on disk.", &page)
        page += "roost_database_bytes \(services.store.bytesOnDisk)\n"
        return page
    }

    private static func head(_ name: String, _ type: String, _ help: String, _ page: inout String) {
        page += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private static func labels(_ key: Telemetry.RouteKey) -> String {
        "route=\"\(key.route)\",status=\"\(key.status)\""
    }

    private static func append(_ histogram: Histogram, _ name: String, _ labels: String, _ page: inout String) {
        let reading = histogram.reading
        let comma = labels.isEmpty ? "" : labels + ","
        for (bound, count) in zip(histogram.bounds, reading.cumulative) {
            page += "\(name)_bucket{\(comma)le=\"\(bound)\"} \(count)\n"
        }
        page += "\(name)_bucket{\(comma)le=\"+Inf\"} \(reading.count)\n"
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        page += "\(name)_sum\(braces) \(reading.sum)\n\(name)_count\(braces) \(reading.count)\n"
    }
}
