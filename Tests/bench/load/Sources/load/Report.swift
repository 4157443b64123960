// What a load run found, as one JSON object.
import Glibc

struct Report {
    /// Answers of any status.
    var requests = 0
    /// Units of which every answer was 200.
    var completed = 0
    /// True when the deadline came before the count was reached.
    var timedOut = false

    /// Answers that were not a good 200, by status; 0 counts connections that the server closed.
    private var errors: [Int: Int] = [:]
    private var seconds = 0.0
    private var cpuSeconds = 0.0
    private var latencies: [UInt32] = []

    mutating func countError(_ status: Int) {
        errors[status, default: 0] += 1
    }

    /// Keeps the time of one unit, in microseconds.
    mutating func addLatency(nanoseconds: UInt64) {
        latencies.append(UInt32(clamping: nanoseconds / 1000))
    }

    mutating func finish(nanoseconds: UInt64) {
        seconds = Double(nanoseconds) / 1e9
        latencies.sort()
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
    }

    var json: String {
        let errorList = errors.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        return """
            {"requests": \(requests), "completed": \(completed), "timed_out": \(timedOut), \
            "errors": {\(errorList.joined(separator: ", "))}, "seconds": \(seconds), \
            "requests_per_second": \(Double(requests) / seconds), \
            "completed_per_second": \(Double(completed) / seconds), \
            "latency_us": {"p50": \(percentile(50)), "p90": \(percentile(90)), "p99": \(percentile(99)), \
            "max": \(latencies.last ?? 0)}, "own_cpu_seconds": \(cpuSeconds)}
            """
    }

    /// Nearest-rank percentile of the units, 0 when there are none.
    private func percentile(_ percent: Int) -> UInt32 {
        guard !latencies.isEmpty else { return 0 }
        return latencies[max(0, (latencies.count * percent + 99) / 100 - 1)]
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
