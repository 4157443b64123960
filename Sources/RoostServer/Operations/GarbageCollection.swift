// `roost gc` as requests: the rules first, then the trash, part after part. Whatever cuts it off, it may be run again.

public import RoostCore

/// What `roost gc` was asked for.
public struct GarbageCollection: Sendable {
    public var runIDs: [String] = []
    public var experimentIDs: [String] = []
    public var modelIDs: [String] = []
    public var olderThan: Age?
    public var isDryRun = false
    public var keepsArtifacts = false
    /// Whether the experiments' own rules are applied before; never when something is named.
    public var appliesRetention = true

    public init() {}

    /// A line, as it becomes known.
    public enum Line: Sendable {
        case done(String)
        case kept(String)
    }

    private var isNamed: Bool { !(runIDs.isEmpty && experimentIDs.isEmpty && modelIDs.isEmpty) }

    /// Carries it out.
    /// - Returns: false when something stays that should go.
    public func run(_ transport: any APITransport, say: (Line) -> Void) async throws -> Bool {
        if appliesRetention, !isNamed { try await retain(transport, say) }
        guard isNamed else { return try await purge(transport, [.init("all", .bool(true))], say) }
        var isWhole = true
        // A named run may be one of a named experiment, so they go first.
        for part in Self.parts(runIDs) {
            isWhole = try await purge(transport, [.init("run_ids", part)], say) && isWhole
        }
        for part in Self.parts(experimentIDs) {
            isWhole = try await purge(transport, [.init("experiment_ids", part)], say) && isWhole
        }
        for part in Self.parts(modelIDs) {
            isWhole = try await purge(transport, [.init("logged_model_ids", part)], say) && isWhole
        }
        return isWhole
    }

    private static func parts(_ ids: [String]) -> [JSON] {
        stride(from: 0, to: ids.count, by: Limits.trashPage).map { start in
            .array(ids.dropFirst(start).prefix(Limits.trashPage).map { .string($0) })
        }
    }

    private func retain(_ transport: any APITransport, _ say: (Line) -> Void) async throws {
        while true {
            let answer = try await transport.ask(
                "POST", "/api/roost/1.0/retention/apply", body: .object([.init("dry_run", .bool(isDryRun))]))
            for entry in answer["experiments"]?.items ?? [] {
                let id = entry["experiment_id"]?.string ?? ""
                if let problem = entry["problem"]?.string { say(.kept("experiment \(id): \(problem)")) }
                for run in entry["run_ids"]?.items ?? [] {
                    say(
                        .done(
                            "Run with ID \(run.string ?? "") \(isDryRun ? "would be" : "has been") put in the trash by the"
                                + " retention of experiment \(id)."))
                }
            }
            guard answer["more"] == .bool(true) else { return }
        }
    }

    private func purge(
        _ transport: any APITransport, _ what: [JSON.Member], _ say: (Line) -> Void
    ) async throws -> Bool {
        var isWhole = true
        var token: JSON?
        repeat {
            var body = what + [.init("dry_run", .bool(isDryRun)), .init("keep_artifacts", .bool(keepsArtifacts))]
            if let olderThan { body.append(.init("older_than", .string(olderThan.text))) }
            if let token { body.append(.init("page_token", token)) }
            let answer = try await transport.ask("POST", "/api/roost/1.0/trash/purge", body: .object(body))
            let verb = isDryRun ? "would be" : "has been"
            for run in answer["runs"]?.items ?? [] {
                var files = ""
                if case .integer(let count)? = run["files"], case .integer(let bytes)? = run["bytes"] {
                    files = " (\(count) files, \(bytes) bytes)"
                }
                say(.done("Run with ID \(run["run_id"]?.string ?? "") \(verb) permanently deleted\(files)."))
            }
            for id in answer["logged_model_ids"]?.items ?? [] {
                say(.done("Logged model with ID \(id.string ?? "") \(verb) permanently deleted."))
            }
            for id in answer["experiment_ids"]?.items ?? [] {
                say(.done("Experiment with ID \(id.string ?? "") \(verb) permanently deleted."))
            }
            for entry in answer["kept"]?.items ?? [] {
                isWhole = false
                let name =
                    entry["run_id"]?.string.map { "run \($0)" } ?? entry["model_id"]?.string.map { "model \($0)" }
                    ?? "experiment \(entry["experiment_id"]?.string ?? "")"
                say(.kept("\(name) stays: \(entry["reason"]?.string ?? "")"))
            }
            token = answer["next_page_token"]
            // Once the runs of a part are gone their ids are unknown, so named ones are asked for but once.
        } while token != nil
        return isWhole
    }
}

extension JSON {
    /// The items of a list; none of anything else.
    var items: [JSON] { if case .array(let items) = self { items } else { [] } }
}
