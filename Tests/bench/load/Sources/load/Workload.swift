// What a workload is, and the list of them by name.

/// Where one connection stands: which unit it works on and how far it is.
struct Session {
    /// Index of the unit, unique in the whole load.
    var unit = 0
    /// Which request of the unit is next, from 0.
    var step = 0
    /// The newest run id that the server gave this connection.
    var runID = Bytes()
}

/// Generates requests. A unit is what `--count` counts: a request, a child run, a group of a script.
protocol Workload {
    /// How many requests unit `unit` has.
    func steps(in unit: Int) -> Int
    /// Appends request `session.step` of unit `session.unit`, head and body.
    mutating func append(_ session: Session, to out: inout Bytes)
    /// Whether the answer to request `step` carries a run id to remember.
    func givesRunID(step: Int) -> Bool
}

extension Workload {
    func steps(in unit: Int) -> Int { 1 }
    func givesRunID(step: Int) -> Bool { false }
}

/// The workload that the options name.
func makeWorkload(_ options: Options) throws(Failure) -> any Workload {
    let head = RequestHead(port: options.port, prefix: options.prefix)
    switch options.workload {
    case "log-metric":
        return LogMetric(head: head, runs: try runPool(options), start: wallMilliseconds())
    case "log-batch-metrics":
        return LogBatchMetrics(
            head: head, runs: try runPool(options), points: options.points ?? 1000, start: wallMilliseconds())
    case "log-batch-params":
        return LogBatchParams(head: head, runs: try runPool(options), points: options.points ?? 100)
    case "promptflow-child":
        guard !options.experiment.isEmpty, !options.parent.isEmpty else {
            throw .usage("promptflow-child needs --experiment and --parent")
        }
        return PromptFlowChild(
            head: head, experiment: Bytes(options.experiment.utf8), parent: Bytes(options.parent.utf8))
    case "script":
        guard let file = options.bodyFile else { throw .usage("script needs --body") }
        return try Script(head: head, text: readFile(file), count: options.count)
    case "get", "post":
        guard options.path.hasPrefix("/") else { throw .usage("\(options.workload) needs --path") }
        var body: Bytes?
        if options.workload == "post" {
            guard let file = options.bodyFile else { throw .usage("post needs --body") }
            body = try readFile(file)
        }
        return Fixed(request: head.request(path: options.path, body: body))
    case "get-each", "put-each":
        guard options.path.hasPrefix("/") else { throw .usage("\(options.workload) needs --path") }
        var content: Bytes?
        if options.workload == "put-each" {
            guard let file = options.bodyFile else { throw .usage("put-each needs --body") }
            content = try readFile(file)
        }
        return EachFile(head: head, path: options.path, content: content)
    default:
        throw .usage("unknown workload \(options.workload)")
    }
}

private func runPool(_ options: Options) throws(Failure) -> [Bytes] {
    guard let file = options.runsFile else { throw .usage("\(options.workload) needs --runs") }
    let runs = try readFile(file).split(separator: UInt8(ascii: "\n")).map(Bytes.init)
    guard !runs.isEmpty else { throw .run("\(file) names no run") }
    return runs
}

/// The constant parts of every request.
struct RequestHead {
    private let prefix: Bytes
    private let host: Bytes

    init(port: UInt16, prefix: String) {
        self.prefix = Bytes(prefix.utf8)
        host = Bytes(" HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n".utf8)
    }

    /// Appends a POST of `body` to `path` below the API prefix.
    func post(_ path: StaticString, _ body: Bytes, to out: inout Bytes) {
        out.add("POST ")
        out.append(contentsOf: prefix)
        out.add(path)
        finish(body, to: &out)
    }

    /// Appends a POST to a path known only at run time.
    func post(_ path: some Sequence<UInt8>, _ body: Bytes, to out: inout Bytes) {
        out.add("POST ")
        out.append(contentsOf: prefix)
        out.append(contentsOf: path)
        finish(body, to: &out)
    }

    /// Appends a GET of `path` with one query value.
    func get(_ path: StaticString, query value: Bytes, to out: inout Bytes) {
        out.add("GET ")
        out.append(contentsOf: prefix)
        out.add(path)
        out.append(contentsOf: value)
        out.append(contentsOf: host)
        out.add("\r\n")
    }

    /// A request that never changes; `path` is absolute, a nil body makes it a GET.
    func request(path: String, body: Bytes?) -> Bytes {
        var out = Bytes((body == nil ? "GET " : "POST ").utf8)
        out.append(contentsOf: path.utf8)
        if let body {
            finish(body, to: &out)
        } else {
            out.append(contentsOf: host)
            out.add("\r\n")
        }
        return out
    }

    /// Appends a GET, or a PUT of `content`, for an absolute path that ends with a number.
    func file(_ path: String, _ number: Int, content: Bytes?, to out: inout Bytes) {
        out.add(content == nil ? "GET " : "PUT ")
        out.append(contentsOf: path.utf8)
        out.add(number)
        if let content {
            finish(content, type: "application/octet-stream", to: &out)
        } else {
            out.append(contentsOf: host)
            out.add("\r\n")
        }
    }

    private func finish(_ body: Bytes, type: StaticString = "application/json", to out: inout Bytes) {
        out.append(contentsOf: host)
        out.add("Content-Type: ")
        out.add(type)
        out.add("\r\nContent-Length: ")
        out.add(body.count)
        out.add("\r\n\r\n")
        out.append(contentsOf: body)
    }
}
