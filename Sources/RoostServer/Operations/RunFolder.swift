// The folder that PromptFlow leaves for each batch, read into values. Nothing is sent from here.
// The layout was read off folders that promptflow 1.18.5 wrote.

internal import RoostCore
internal import RoostStore

/// A batch of PromptFlow as its folder tells it.
struct PromptFlowBatch {
    /// The run's name, which is the root run's id.
    let name: String
    let lines: [PromptFlowLine]
    /// What aggregation nodes logged.
    let metrics: [(key: String, value: Double)]
    /// The batch failed as a whole: there is an error and not one line.
    let failedWhole: Bool
    let error: String?
    /// Files of the folder, relative to it.
    let files: [String]
    /// What PromptFlow's own database says of the batch; nil where the folder was copied elsewhere.
    let record: PromptFlowRecord?

    var failedLines: Int { lines.count { $0.status == .failed } }
    var startTime: Int64? { record?.startTime.flatMap(milliseconds(iso:)) ?? lines.compactMap(\.startTime).min() }
    var endTime: Int64? { record?.endTime.flatMap(milliseconds(iso:)) ?? lines.compactMap(\.endTime).max() }

    /// PromptFlow calls a batch completed even if every line failed; here it is not.
    var status: RunStatus {
        if record?.status == "Canceled" { return .killed }
        return failedWhole || failedLines > 0 || record?.status == "Failed" ? .failed : .finished
    }
}

/// A line of a batch: what becomes a child run.
struct PromptFlowLine {
    let number: Int
    let status: RunStatus
    /// Milliseconds since 1970.
    let startTime: Int64?
    let endTime: Int64?
    /// Inputs, then outputs, as text.
    let params: [KeyValue]
    let metrics: [(key: String, value: Double)]
    let error: String?
    /// MLflow's id of the trace; nil where none was exported.
    let traceID: String?

    /// The name that PromptFlow's nodes give their child runs by custom.
    var runName: String { "Run " + String(repeating: "0", count: max(0, 9 - String(number).count)) + String(number) }
}

/// Reads run folders.
enum RunFolder {
    /// - Throws: ``ImportError`` that names the file, when the folder is not one or is damaged.
    static func read(_ path: String) throws -> PromptFlowBatch {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let names = Disk.names(in: path) else { throw ImportError("\(path) is not a folder that can be read") }
        guard names.contains("flow_artifacts") || names.contains("error.json") || names.contains("meta.json") else {
            throw ImportError("\(path) is not a run folder of PromptFlow: it has neither flow_artifacts nor meta.json")
        }
        var lines: [Int: PromptFlowLine] = [:]
        var root: String?
        for file in (Disk.names(in: path + "/flow_artifacts") ?? []).sorted() where file.hasSuffix(".jsonl") {
            let name = "flow_artifacts/\(file)"
            for (index, text) in try text(path, name).split(separator: "\n").enumerated()
            where !text.allSatisfy(\.isWhitespace) {
                let record = try json(text, "\(path)/\(name), record \(index + 1)")
                let line = try line(record, "\(path)/\(name)")
                lines[line.number] = line
                root = root ?? record["run_info"]?["root_run_id"]?.string
            }
        }
        let error = names.contains("error.json") ? try json(text(path, "error.json")[...], "\(path)/error.json") : .null
        var metrics: [(String, Double)] = []
        if names.contains("metrics.json") {
            let logged = try json(text(path, "metrics.json")[...], "\(path)/metrics.json")
            for member in logged.members { if let value = member.value.double { metrics.append((member.name, value)) } }
        }
        guard !lines.isEmpty || error != .null else { throw ImportError("\(path) holds no line and no error") }
        let name = root ?? String(path.split(separator: "/").last ?? "")
        return PromptFlowBatch(
            name: name, lines: lines.values.sorted { $0.number < $1.number },
            metrics: metrics, failedWhole: lines.isEmpty, error: error["message"]?.string,
            files: Disk.files(below: path),
            // `.runs` lies beside the database.
            record: try? PromptFlowRecord(of: name, inDatabase: path + "/../../pf.sqlite"))
    }

    private static func text(_ path: String, _ name: String) throws -> String {
        guard let bytes = Disk.bytes("\(path)/\(name)") else { throw ImportError("\(path)/\(name) cannot be read") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ImportError("\(path)/\(name) is not UTF-8")
        }
        return text
    }

    private static func json(_ text: Substring, _ place: String) throws -> JSON {
        do {
            // A model may well have said NUL, and no text of a database holds one.
            let plain =
                text.contains("\\u0000")
                ? text.split(separator: "\\u0000", omittingEmptySubsequences: false).joined(separator: "\\ufffd")
                : String(text)
            return try JSONReader.parse(Array(plain.utf8))
        } catch {
            throw ImportError("\(place) is damaged: \(error.message)")
        }
    }

    private static func line(_ record: JSON, _ place: String) throws -> PromptFlowLine {
        guard case .integer(let number)? = record["line_number"], let info = record["run_info"], number >= 0,
            let status = info["status"]?.string
        else { throw ImportError("\(place) has a record without line_number, run_info or status") }
        var params = (info["inputs"] ?? .null).members.filter { $0.name != "line_number" }
        let output = info["output"] ?? .null
        params += output == .null ? [] : output.members.isEmpty ? [JSON.Member("output", output)] : output.members
        var seen: Set<String> = []
        // An output under the name of an input would be the same param twice: it is told apart.
        let named = params.map { member -> KeyValue in
            var key = RunFolder.key(member.name)
            if !seen.insert(key).inserted {
                key = "output." + key
                seen.insert(key)
            }
            return KeyValue(key, member.value.plainText)
        }
        let measured = (info["system_metrics"] ?? .null).members.compactMap { member in
            member.value.double.map { (key: RunFolder.key(member.name), value: $0) }
        }
        let trace = info["otel_trace_id"]?.string ?? ""
        let hex = trace.hasPrefix("0x") ? trace.dropFirst(2) : trace[...]
        return PromptFlowLine(
            number: Int(number), status: status == "Failed" ? .failed : status == "Canceled" ? .killed : .finished,
            startTime: info["start_time"]?.string.flatMap(milliseconds(iso:)),
            endTime: info["end_time"]?.string.flatMap(milliseconds(iso:)),
            params: named, metrics: measured, error: info["error"]?["message"]?.string,
            // All zeros: nothing was exported.
            traceID: hex.allSatisfy { $0 == "0" } ? nil : "tr-\(hex)")
    }

    /// A key that MLflow takes: what it does not take becomes `_`.
    static func key(_ name: String) -> String {
        if (try? Check.key(name, at: "")) != nil, name.unicodeScalars.count <= Limits.entityKey { return name }
        let mended = String(
            name.map { (try? Check.key(String($0), at: "")) == nil && $0 != " " ? "_" : $0 }.prefix(Limits.entityKey))
        return (try? Check.key(mended, at: "")) == nil ? "_" + mended.filter { $0 != "." && $0 != "/" } : mended
    }
}

extension JSON {
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var members: [JSON.Member] { if case .object(let members) = self { members } else { [] } }

    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .decimal(let value): value
        default: nil
        }
    }

    /// Text as it is, anything else as JSON.
    var plainText: String {
        if case .string(let text) = self { text } else { String(decoding: JSONWriter.bytes(of: self), as: UTF8.self) }
    }
}
