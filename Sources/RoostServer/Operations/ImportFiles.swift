// The files of a PromptFlow folder as artifacts of the runs: what is there already is not sent again.

internal import RoostCore

/// Sends files to a run's place behind the server's proxy.
struct FileImport {
    let transport: any APITransport
    let folder: String

    /// - Parameters:
    ///   - uri: the run's artifact URI; only places behind the proxy can be reached from here.
    ///   - files: where each file shall be below the run, and where it is in the folder.
    /// - Returns: how many were sent; 0 where the server keeps no files.
    func send(_ files: [(to: String, from: String)], run: String, uri: String) async throws -> Int {
        guard let place = uri.hasPrefix("mlflow-artifacts:/") ? uri.dropFirst("mlflow-artifacts:/".count) : nil else {
            return 0
        }
        var known: [String: Set<String>] = [:]
        var sent = 0
        for file in files {
            let directory = file.to.split(separator: "/").dropLast().joined(separator: "/")
            if known[directory] == nil { known[directory] = try await names(in: directory, of: run) }
            guard known[directory]?.contains(file.to) != true else { continue }
            guard let bytes = Disk.bytes("\(folder)/\(file.from)") else {
                throw ImportError("\(folder)/\(file.from) cannot be read")
            }
            let path = (place + "/" + file.to).split(separator: "/").map { percentEncoded(String($0)) }.joined(
                separator: "/")
            let answer = try await transport.send(
                "PUT", "/api/2.0/mlflow-artifacts/artifacts/\(path)", type: "application/octet-stream", body: bytes)
            switch answer.status {
            case 200: sent += 1
            // This server keeps no files, or not here.
            case 501, 503: return sent
            default: throw ImportError("the server refused the file \(file.to) with \(answer.status)")
            }
        }
        return sent
    }

    private func names(in directory: String, of run: String) async throws -> Set<String> {
        let target =
            "/api/2.0/mlflow/artifacts/list?run_id=\(percentEncoded(run))"
            + (directory.isEmpty ? "" : "&path=\(percentEncoded(directory))")
        let answer = try await transport.send("GET", target, body: nil)
        guard answer.status == 200, case .array(let files)? = answer.body["files"] else { return [] }
        return Set(files.compactMap { $0["path"]?.string })
    }
}

extension PromptFlowBatch {
    /// What belongs to the batch as a whole: the flow as it was, logs, inputs and outputs; not the records of lines.
    var parentFiles: [(to: String, from: String)] {
        files.filter {
            !$0.hasPrefix("flow_logs/") && !$0.hasPrefix("flow_artifacts/") && !$0.hasPrefix("node_artifacts/")
        }
        .map { (to: "promptflow/" + $0, from: $0) }
    }

    /// The log of a line, and what its nodes recorded.
    func files(of line: PromptFlowLine) -> [(to: String, from: String)] {
        let digits = String(line.runName.dropFirst("Run ".count))
        return files.compactMap { file in
            let name = file.split(separator: "/").last ?? ""
            guard name == "\(digits).log" || name == "\(digits).jsonl" else { return nil }
            return (to: "promptflow/" + file, from: file)
        }
    }
}
