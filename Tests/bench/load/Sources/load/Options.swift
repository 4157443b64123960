// The command line of the load generator.

struct Options {
    static let help = """
        usage: load --port N --workload NAME --count N [options]
          --connections N     keep-alive connections (default 1)
          --workload NAME     log-metric, log-batch-metrics, log-batch-params, promptflow-child, script, get, post,
                              get-each, put-each (the index of the unit ends the path)
          --count N           exact number of requests (children for promptflow-child, groups for script)
          --runs FILE         run ids, one a line: the pool that the log workloads write to
          --first N           index of the first unit; indexes make points, params and names unique (default 0)
          --points N          metrics or params in a log-batch (default 1000 and 100)
          --experiment ID     experiment of the child runs
          --parent ID         run id of the parent of the child runs
          --path PATH         path and query for get and post; its beginning for get-each and put-each
          --body FILE         body for post and put-each; the script for script
          --prefix PATH       where the API lives (default /api/2.0/mlflow)
          --no-quick-ack      let the kernel delay acknowledgements of partial answers
          --timeout SECONDS   stop after this long, finished or not (default 120)
        """

    private(set) var port: UInt16 = 0
    private(set) var connections = 1
    private(set) var workload = ""
    private(set) var count = 0
    private(set) var first = 0
    private(set) var points: Int?
    private(set) var runsFile: String?
    private(set) var experiment = ""
    private(set) var parent = ""
    private(set) var path = ""
    private(set) var bodyFile: String?
    private(set) var prefix = "/api/2.0/mlflow"
    private(set) var quickAck = true
    private(set) var timeout = 120

    init(_ arguments: [String]) throws(Failure) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--no-quick-ack" {
                quickAck = false
                continue
            }
            guard let value = rest.popFirst() else { throw .usage("\(name) needs a value") }
            switch name {
            case "--port": port = try Self.number(name, value, in: 1...65535)
            case "--connections": connections = try Self.number(name, value, in: 1...4096)
            case "--workload": workload = value
            case "--count": count = try Self.number(name, value, in: 1...1_000_000_000)
            case "--first": first = try Self.number(name, value, in: 0...1_000_000_000_000)
            case "--points": points = try Self.number(name, value, in: 1...1_000_000)
            case "--runs": runsFile = value
            case "--experiment": experiment = value
            case "--parent": parent = value
            case "--path": path = value
            case "--body": bodyFile = value
            case "--prefix": prefix = value
            case "--timeout": timeout = try Self.number(name, value, in: 1...86_400)
            default: throw .usage("unknown option \(name)")
            }
        }
        if port == 0 || workload.isEmpty || count == 0 {
            throw .usage("--port, --workload and --count are needed")
        }
    }

    private static func number<T: FixedWidthInteger>(
        _ name: String, _ value: String, in range: ClosedRange<T>
    ) throws(Failure) -> T {
        guard let number = T(value), range.contains(number) else {
            throw .usage("\(name): \(value) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
