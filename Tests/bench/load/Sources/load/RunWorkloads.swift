// Workloads that create runs: the child-run shape of PromptFlow, and a script of requests for seeding.

/// One child run as PromptFlow's batch runs log it: thirteen requests, one after the other on one connection.
struct PromptFlowChild: Workload {
    private static let createStep = 1
    private static let params = 2..<8
    private static let metrics = 8..<12

    let head: RequestHead
    let experiment: Bytes
    let parent: Bytes
    private var body = Bytes()

    init(head: RequestHead, experiment: Bytes, parent: Bytes) {
        (self.head, self.experiment, self.parent) = (head, experiment, parent)
    }

    func steps(in unit: Int) -> Int { Self.metrics.upperBound + 1 }

    func givesRunID(step: Int) -> Bool { step == Self.createStep }

    mutating func append(_ session: Session, to out: inout Bytes) {
        guard session.step > 0 else {
            head.get("/runs/get?run_id=", query: parent, to: &out)
            return
        }
        body.removeAll(keepingCapacity: true)
        if session.step == Self.createStep {
            appendCreate(session)
            head.post("/runs/create", body, to: &out)
            return
        }
        body.add("{\"run_id\":\"")
        body.append(contentsOf: session.runID)
        if Self.params.contains(session.step) {
            body.add("\",\"key\":\"param_")
            body.add(session.step)
            body.add("\",\"value\":\"value of line ")
            body.add(session.unit)
            body.add("\"}")
            head.post("/runs/log-parameter", body, to: &out)
        } else if Self.metrics.contains(session.step) {
            body.add("\",\"key\":\"metric_")
            body.add(session.step)
            body.add("\",\"value\":")
            body.addValue(session.unit)
            body.add(",\"timestamp\":")
            body.add(wallMilliseconds())
            body.add(",\"step\":0}")
            head.post("/runs/log-metric", body, to: &out)
        } else {
            body.add("\",\"status\":\"FINISHED\",\"end_time\":")
            body.add(wallMilliseconds())
            body.add("}")
            head.post("/runs/update", body, to: &out)
        }
    }

    private mutating func appendCreate(_ session: Session) {
        body.add("{\"experiment_id\":\"")
        body.append(contentsOf: experiment)
        body.add("\",\"user_id\":\"bench\",\"run_name\":\"Run ")
        body.add(session.unit, width: 9)
        body.add("\",\"start_time\":")
        body.add(wallMilliseconds())
        body.add(",\"tags\":[{\"key\":\"framework\",\"value\":\"Prompt Flow\"},")
        body.add("{\"key\":\"mlflow.parentRunId\",\"value\":\"")
        body.append(contentsOf: parent)
        body.add("\"},{\"key\":\"mlflow.user\",\"value\":\"bench\"}]}")
    }
}

/// Requests from a file: lines `path TAB body`, an empty line ends a group. `@RUN@` in a body becomes the run id of
/// `runs/create` at the beginning of the same group.
struct Script: Workload {
    private struct Line {
        let path: ArraySlice<UInt8>
        /// The body cut at each `@RUN@`.
        let body: [ArraySlice<UInt8>]
    }

    private let head: RequestHead
    private let groups: [[Line]]
    /// Whether the groups begin with creating a run; all do, or none.
    private let createsRuns: Bool

    init(head: RequestHead, text: Bytes, count: Int) throws(Failure) {
        self.head = head
        var groups: [[Line]] = [[]]
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty {
                groups.append([])
                continue
            }
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
            guard parts.count == 2 else { throw .run("a line of the script is not: path TAB body") }
            groups[groups.count - 1].append(Line(path: parts[0], body: Self.cut(parts[1])))
        }
        groups.removeAll(where: \.isEmpty)
        self.groups = groups
        createsRuns = groups.first?.first?.path.elementsEqual("/runs/create".utf8) ?? false
        guard groups.count == count else { throw .run("the script has \(groups.count) groups, --count says \(count)") }
    }

    func steps(in unit: Int) -> Int { groups[unit].count }

    func givesRunID(step: Int) -> Bool { createsRuns && step == 0 }

    mutating func append(_ session: Session, to out: inout Bytes) {
        let line = groups[session.unit][session.step]
        head.post(line.path, Bytes(line.body.joined(separator: session.runID)), to: &out)
    }

    private static func cut(_ body: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        let mark = Bytes("@RUN@".utf8)
        var pieces: [ArraySlice<UInt8>] = []
        var start = body.startIndex
        var at = start
        while at + mark.count <= body.endIndex {
            if body[at] == mark[0] && body[at..<at + mark.count].elementsEqual(mark) {
                pieces.append(body[start..<at])
                at += mark.count
                start = at
            } else {
                at += 1
            }
        }
        pieces.append(body[start...])
        return pieces
    }
}
