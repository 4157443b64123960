// Brings batches of PromptFlow in: the folder becomes a parent and its children, merged with what is there already.
// Everything goes through the public API, each step of it idempotent, so an import may be repeated or cut off anywhere.

internal import RoostCore
internal import RoostStore

/// What an import of one folder would do, or did.
public struct PromptFlowReport: Sendable {
    public let run: String
    public let lines: Int
    public let failedLines: Int
    /// Runs made; the rest was there.
    public let created: Int
    /// Params, metrics and tags sent.
    public let values: Int
    /// Files sent.
    public let files: Int
    /// For a dry run: every line that would be sent.
    public let plan: [String]
}

/// Imports run folders of PromptFlow.
public struct PromptFlowImport: Sendable {
    private let transport: any APITransport
    private let experiment: String
    private let withFiles: Bool
    private let progress: @Sendable (_ done: Int, _ of: Int) -> Void

    /// - Parameters:
    ///   - withFiles: whether the folder's files become artifacts; they hold prompts, answers and the flow itself.
    ///   - progress: told after each line.
    public init(
        _ transport: any APITransport, experiment: String, withFiles: Bool = true,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) {
        self.transport = transport
        self.experiment = experiment
        self.withFiles = withFiles
        self.progress = progress
    }

    /// What would be sent, without sending anything.
    /// - Throws: ``ImportError`` when the folder is damaged.
    public static func plan(_ folder: String) throws -> PromptFlowReport {
        let batch = try RunFolder.read(folder)
        var plan = [
            "run \(batch.name): \(batch.status.rawValue), \(batch.lines.count) lines, \(batch.failedLines) failed"
        ]
        plan += batch.parentMetrics.map { "  metric \($0.key) = \(pythonFloat($0.value))" }
        for line in batch.lines {
            plan.append("  child \(line.runName): \(line.status.rawValue)")
            plan += line.params.map { "    param \($0.key) = \($0.value.prefix(80).replacing("\n", with: " "))" }
            plan += line.metrics.map { "    metric \($0.key) = \(pythonFloat($0.value))" }
            if let error = line.error { plan.append("    error \(error.prefix(80).replacing("\n", with: " "))") }
            plan += batch.files(of: line).map { "    file \($0.to)" }
        }
        plan += batch.parentFiles.map { "  file \($0.to)" }
        return PromptFlowReport(
            run: batch.name, lines: batch.lines.count, failedLines: batch.failedLines, created: 0, values: 0, files: 0,
            plan: plan)
    }

    /// Sends a folder.
    /// - Throws: ``ImportError`` when the folder is damaged or the server refuses.
    public func run(_ folder: String) async throws -> PromptFlowReport {
        let batch = try RunFolder.read(folder)
        let (parent, isNew) = try await parent(of: batch)
        var made = isNew ? 1 : 0
        var values = try await fill(
            parent, params: [], metrics: batch.parentMetrics, tags: batch.parentTags, at: batch.endTime ?? 0,
            status: batch.status, endTime: batch.endTime)
        let sender = FileImport(transport: transport, folder: folder)
        var files = withFiles ? try await sender.send(batch.parentFiles, run: parent.id, uri: parent.artifactURI) : 0
        let known = try await children(of: parent.id, in: parent.experiment)
        for (index, line) in batch.lines.enumerated() {
            let child: Target
            if let found = known[line.runName] {
                child = found
            } else {
                child = try await create(line, below: parent)
                made += 1
            }
            values += try await fill(
                child, params: line.params, metrics: line.metrics, tags: line.tags, at: line.endTime ?? 0,
                status: line.status, endTime: line.endTime)
            if withFiles {
                files += try await sender.send(batch.files(of: line), run: child.id, uri: child.artifactURI)
            }
            progress(index + 1, batch.lines.count)
        }
        return PromptFlowReport(
            run: batch.name, lines: batch.lines.count, failedLines: batch.failedLines, created: made, values: values,
            files: files, plan: [])
    }

    // MARK: Steps

    /// A run on the server, with what it has already.
    private struct Target {
        let id: String
        let experiment: String
        let status: String
        let artifactURI: String
        let keys: (params: Set<String>, metrics: Set<String>, tags: Set<String>)

        init(_ run: JSON) throws {
            guard let id = run["info"]?["run_id"]?.string, let experiment = run["info"]?["experiment_id"]?.string else {
                throw ImportError("the server's answer has no run")
            }
            self.id = id
            self.experiment = experiment
            status = run["info"]?["status"]?.string ?? ""
            artifactURI = run["info"]?["artifact_uri"]?.string ?? ""
            let keys = { (list: String) -> Set<String> in
                guard case .array(let items)? = run["data"]?[list] else { return [] }
                return Set(items.compactMap { $0["key"]?.string })
            }
            self.keys = (keys("params"), keys("metrics"), keys("tags"))
        }
    }

    private func parent(of batch: PromptFlowBatch) async throws -> (Target, isNew: Bool) {
        let found = try await transport.send(
            "GET", "/ajax-api/2.0/mlflow/runs/get?run_id=\(percentEncoded(batch.name))", body: nil)
        if found.status == 200, let run = found.body["run"] { return (try Target(run), false) }
        let made = try await transport.ask(
            "POST", "/api/roost/1.0/experiments/get-or-create", body: .object([.init("name", .string(experiment))]))
        guard let id = made["experiment"]?["experiment_id"]?.string else {
            throw ImportError("the server's answer has no experiment")
        }
        // A flow with a parent of its own made it under the batch's name as the key.
        if let found = try await self.parent(keyed: batch.name, in: id) { return (found, false) }
        // A name that is no id (letters of other scripts, a UUID) is kept as a key instead.
        let identity = JSON.Member(isOwnRunID(batch.name) ? "run_id" : "key", .string(String(batch.name.prefix(250))))
        let answer = try await transport.ask(
            "POST", "/api/roost/1.0/runs/get-or-create",
            body: .object([
                identity, .init("experiment_id", .string(id)), .init("run_name", .string(batch.name)),
                .init("start_time", .integer(batch.startTime ?? 0)),
            ]))
        return (try Target(answer["run"] ?? .null), answer["created"] == .bool(true))
    }

    private func parent(keyed name: String, in experiment: String) async throws -> Target? {
        guard !name.contains("'"), name.unicodeScalars.count <= Limits.entityKey else { return nil }
        let page = try await transport.ask(
            "POST", "/api/2.0/mlflow/runs/search",
            body: .object([
                .init("experiment_ids", .array([.string(experiment)])), .init("max_results", .integer(1)),
                .init("filter", .string("tags.roost.key = '\(name)'")),
            ]))
        guard case .array(let runs)? = page["runs"], let run = runs.first else { return nil }
        return try Target(run)
    }

    /// Children by name, the ones that nodes made while the batch ran among them.
    private func children(of parent: String, in experiment: String) async throws -> [String: Target] {
        var children: [String: Target] = [:]
        var token: JSON.Member?
        repeat {
            let body: [JSON.Member] = [
                .init("experiment_ids", .array([.string(experiment)])), .init("max_results", .integer(1000)),
                .init("filter", .string("tags.mlflow.parentRunId = '\(parent)'")),
            ]
            let page = try await transport.ask(
                "POST", "/api/2.0/mlflow/runs/search", body: .object(body + (token.map { [$0] } ?? [])))
            if case .array(let runs)? = page["runs"] {
                for run in runs { if let name = run["info"]?["run_name"]?.string { children[name] = try Target(run) } }
            }
            token = page["next_page_token"].map { JSON.Member("page_token", $0) }
        } while token != nil
        return children
    }

    private func create(_ line: PromptFlowLine, below parent: Target) async throws -> Target {
        let tag = JSON.object([.init("key", .string("mlflow.parentRunId")), .init("value", .string(parent.id))])
        let answer = try await transport.ask(
            "POST", "/api/roost/1.0/runs/get-or-create",
            body: .object([
                .init("experiment_id", .string(parent.experiment)),
                .init("key", .string("\(parent.id)/\(line.number)")),
                .init("run_name", .string(line.runName)), .init("start_time", .integer(line.startTime ?? 0)),
                .init("tags", .array([tag])),
            ]))
        return try Target(answer["run"] ?? .null)
    }

    /// Sends what the run does not have yet, and ends it if nobody has. What a node logged is never changed.
    /// - Returns: how many values were sent.
    private func fill(
        _ run: Target, params: [KeyValue], metrics: [(key: String, value: Double)], tags: [KeyValue], at time: Int64,
        status: RunStatus, endTime: Int64?
    ) async throws -> Int {
        let pair = { (pair: KeyValue) in
            JSON.object([.init("key", .string(pair.key)), .init("value", .string(pair.value))])
        }
        let newParams = params.filter { !run.keys.params.contains($0.key) }.map(pair)
        let newTags = tags.filter { !run.keys.tags.contains($0.key) }.map(pair)
        let newMetrics = metrics.filter { !run.keys.metrics.contains($0.key) }.map { metric in
            JSON.object([
                .init("key", .string(metric.key)), .init("value", .decimal(metric.value)),
                .init("timestamp", .integer(time)),
                .init("step", .integer(0)),
            ])
        }
        var start = 0
        while start < max(newParams.count, newMetrics.count, newTags.count) {
            let slice = { (items: [JSON]) in JSON.array(Array(items.dropFirst(start).prefix(Limits.batchParams))) }
            _ = try await transport.ask(
                "POST", "/api/2.0/mlflow/runs/log-batch",
                body: .object([
                    .init("run_id", .string(run.id)), .init("metrics", slice(newMetrics)),
                    .init("params", slice(newParams)),
                    .init("tags", slice(newTags)),
                ]))
            start += Limits.batchParams
        }
        if run.status == RunStatus.running.rawValue {
            _ = try await transport.ask(
                "POST", "/api/2.0/mlflow/runs/update",
                body: .object(
                    [.init("run_id", .string(run.id)), .init("status", .string(status.rawValue))]
                        + (endTime.map { [.init("end_time", .integer($0))] } ?? [])))
        }
        return newParams.count + newMetrics.count + newTags.count
    }
}

extension PromptFlowBatch {
    /// What aggregation nodes logged, and how the lines ended; those names are taken from nobody.
    fileprivate var parentMetrics: [(key: String, value: Double)] {
        let logged = metrics.map { (key: RunFolder.key($0.key), value: $0.value) }
        let counts = [
            (key: "lines_completed", value: Double(lines.count - failedLines)),
            (key: "lines_failed", value: Double(failedLines)),
        ]
        return logged + counts.filter { count in !logged.contains { $0.key == count.key } }
    }

    fileprivate var parentTags: [KeyValue] {
        [KeyValue("framework", "Prompt Flow"), KeyValue("promptflow.root_run_id", name)]
            + [
                ("error", error), ("promptflow.display_name", record?.displayName),
                ("mlflow.note.content", record?.description),
            ].compactMap { key, value in value.flatMap { $0.isEmpty ? nil : KeyValue(key, $0) } }
    }
}

extension PromptFlowLine {
    fileprivate var tags: [KeyValue] {
        var tags = [KeyValue("framework", "Prompt Flow"), KeyValue("promptflow.line_number", String(number))]
        if let error { tags.append(KeyValue("error", error)) }
        if let traceID { tags.append(KeyValue("mlflow.trace_id", traceID)) }
        let cut = params.filter { $0.value.unicodeScalars.count > Limits.paramValue }.map(\.key)
        if !cut.isEmpty { tags.append(KeyValue("roost.cut_params", cut.joined(separator: ","))) }
        return tags
    }
}

/// A text as a value of a query.
func percentEncoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            out.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let hex = String(byte, radix: 16, uppercase: true)
            out += "%" + (hex.count < 2 ? "0" : "") + hex
        }
    }
    return out
}
