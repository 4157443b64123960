// Workloads that write to a pool of runs, and those that repeat or count files: every point, param and name is new.

/// One point a request. The step is the index of the request, so no two points are equal.
struct LogMetric: Workload {
    let head: RequestHead
    let runs: [Bytes]
    let start: Int
    private var body = Bytes()

    init(head: RequestHead, runs: [Bytes], start: Int) {
        (self.head, self.runs, self.start) = (head, runs, start)
    }

    mutating func append(_ session: Session, to out: inout Bytes) {
        body.removeAll(keepingCapacity: true)
        body.add("{\"run_id\":\"")
        body.append(contentsOf: runs[session.unit % runs.count])
        body.add("\",\"key\":\"loss\",\"value\":")
        body.addValue(session.unit)
        body.add(",\"timestamp\":")
        body.add(start + session.unit)
        body.add(",\"step\":")
        body.add(session.unit)
        body.add("}")
        head.post("/runs/log-metric", body, to: &out)
    }
}

/// Ten series of one run, each with a tenth of the points, at steps that no other request uses.
struct LogBatchMetrics: Workload {
    private static let series = 10

    let head: RequestHead
    let runs: [Bytes]
    let points: Int
    let start: Int
    private var body = Bytes()

    init(head: RequestHead, runs: [Bytes], points: Int, start: Int) {
        (self.head, self.runs, self.points, self.start) = (head, runs, points, start)
    }

    mutating func append(_ session: Session, to out: inout Bytes) {
        body.removeAll(keepingCapacity: true)
        body.add("{\"run_id\":\"")
        body.append(contentsOf: runs[session.unit % runs.count])
        body.add("\",\"metrics\":[")
        for point in 0..<points {
            let index = session.unit * points + point
            let step = index / Self.series
            body.add(point == 0 ? "{\"key\":\"series" : ",{\"key\":\"series")
            body.add(index % Self.series)
            body.add("\",\"value\":")
            body.addValue(index)
            body.add(",\"timestamp\":")
            body.add(start + step)
            body.add(",\"step\":")
            body.add(step)
            body.add("}")
        }
        body.add("]}")
        head.post("/runs/log-batch", body, to: &out)
    }
}

/// A batch of params of one run, under the names that the others have, as the runs of an experiment do. A run that is met
/// again gets other names.
struct LogBatchParams: Workload {
    let head: RequestHead
    let runs: [Bytes]
    let points: Int
    private var body = Bytes()

    init(head: RequestHead, runs: [Bytes], points: Int) {
        (self.head, self.runs, self.points) = (head, runs, points)
    }

    mutating func append(_ session: Session, to out: inout Bytes) {
        body.removeAll(keepingCapacity: true)
        body.add("{\"run_id\":\"")
        body.append(contentsOf: runs[session.unit % runs.count])
        body.add("\",\"params\":[")
        for point in 0..<points {
            body.add(point == 0 ? "{\"key\":\"param_" : ",{\"key\":\"param_")
            body.add(session.unit / runs.count)
            body.add("_")
            body.add(point)
            body.add("\",\"value\":\"value ")
            body.addValue(session.unit * points + point)
            body.add("\"}")
        }
        body.add("]}")
        head.post("/runs/log-batch", body, to: &out)
    }
}

/// The same request again and again.
struct Fixed: Workload {
    let request: Bytes

    mutating func append(_ session: Session, to out: inout Bytes) {
        out.append(contentsOf: request)
    }
}

/// A file a request: fetched, or sent with a content that begins with the number of the file.
struct EachFile: Workload {
    private static let digits = 8

    let head: RequestHead
    let path: String
    let content: Bytes?

    mutating func append(_ session: Session, to out: inout Bytes) {
        var sent = content
        if let content {
            var beginning = Bytes()
            beginning.add(session.unit, width: Self.digits)
            sent = beginning + content.dropFirst(Self.digits)
        }
        head.file(path, session.unit, content: sent, to: &out)
    }
}
