// Metrics of several runs as charts draw them: thinned, with every peak kept.

internal import RoostCore
internal import RoostStore

extension Extensions {
    static func series(_ request: GetSeries, _ services: Services) async throws -> SeriesAnswer {
        let series = try await services.store.read(.large) { snapshot in
            try request.series.flatMap { one in
                try request.runIDs.map { SeriesAnswer.Series(key: one.key, thinned: try snapshot.thinned($0, one)) }
            }
        }
        return SeriesAnswer(series: series, digits: request.digits)
    }
}

struct GetSeries: FieldsReadable {
    /// In the order asked for, each once.
    let runIDs: [String]
    /// One for each metric, each once.
    let series: [SeriesRequest]
    /// To how many significant digits values are rounded; nil for as they are.
    let digits: Int?

    init(from fields: inout Fields) throws(APIError) {
        let runIDs = try fields.strings("run_id", required: true, max: Limits.historyRuns)
        let keys = try fields.strings("metric_key", required: true, max: Limits.seriesKeys)
        let maxPoints = try fields.int64("max_points") ?? Limits.seriesPointsDefault
        guard Limits.seriesPoints.contains(maxPoints) else {
            throw .invalid(
                "Invalid value \(maxPoints) for parameter 'max_points' supplied. It must be from"
                    + " \(Limits.seriesPoints.lowerBound) to \(Limits.seriesPoints.upperBound).")
        }
        let digits = try fields.int64("digits")
        guard digits.map(Limits.seriesDigits.contains) != false else {
            throw .invalid(
                "Invalid value \(digits ?? 0) for parameter 'digits' supplied. It must be from"
                    + " \(Limits.seriesDigits.lowerBound) to \(Limits.seriesDigits.upperBound).")
        }
        self.digits = digits.map(Int.init)
        let start = try fields.int64("start_step") ?? .min
        let end = try fields.int64("end_step") ?? .max
        guard start <= end else {
            throw .invalid(
                "'end_step' must not be less than 'start_step'. Found start_step=\(start) and end_step=\(end).")
        }
        var seen: Set<String> = []
        self.runIDs = runIDs.filter { seen.insert($0).inserted }
        var seenKeys: Set<String> = []
        series = keys.filter { seenKeys.insert($0).inserted }
            .map { SeriesRequest(key: $0, maxPoints: Int(maxPoints), steps: start...end) }
        let points = Int64(self.runIDs.count * series.count) * maxPoints
        guard points <= Limits.seriesPointsTogether else {
            throw .invalid(
                "\(self.runIDs.count) runs and \(series.count) metrics with a 'max_points' of \(maxPoints) may be \(points)"
                    + " points, and one answer has at most \(Limits.seriesPointsTogether). Ask for fewer.")
        }
    }
}

struct SeriesAnswer: JSONWritable, Sendable {
    struct Series: Sendable {
        let key: String
        let thinned: ThinnedSeries
    }

    let series: [Series]
    let digits: Int?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("series")
            json.array { json in for one in series { write(one.thinned, of: one.key, to: &json) } }
        }
    }

    private func write(_ one: ThinnedSeries, of key: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("run_id", one.runID)
            json.member("metric_key", key)
            json.member("total", one.total)
            json.member("shown", Int64(one.points.count))
            json.member("nan", one.nan)
            json.name("points")
            json.array { json in
                // A name for each would be most of an answer of thousands.
                for point in one.points {
                    json.array { json in
                        json.integer(point.step)
                        json.integer(point.timestamp)
                        json.number(digits.map { point.value.rounded(toDigits: $0) } ?? point.value)
                    }
                }
            }
        }
    }

    static let example = SeriesAnswer(
        series: [
            Series(
                key: "loss",
                thinned: ThinnedSeries(
                    runID: Run.example.info.runID,
                    points: [MetricPoint(value: 0.42, timestamp: 1_764_000_000_000, step: 0)], total: 1, nan: 0))
        ], digits: nil)
}

extension Double {
    /// The nearest value of so many significant digits; the whole part keeps all of its own.
    func rounded(toDigits digits: Int) -> Double {
        var bound = 1.0
        for _ in 1..<digits { bound *= 10 }
        var scale = 1.0
        while magnitude * scale < bound {
            scale *= 10
            // Powers of ten are exact up to here. What is so small, zero among it, stays as it is.
            guard scale <= 1e22 else { return self }
        }
        return isFinite ? (self * scale).rounded() / scale : self
    }
}
