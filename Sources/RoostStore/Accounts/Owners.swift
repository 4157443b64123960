// Where things belong, as permissions are decided by it: the experiment of a run or of a logged model, and what is a prompt.

public import RoostCore

/// Which registered models and which prompts somebody may read.
public struct RegistryScope: Sendable, Equatable {
    public let models: ReadScope
    public let prompts: ReadScope

    public init(models: ReadScope, prompts: ReadScope) {
        self.models = models
        self.prompts = prompts
    }
}

extension Snapshot {
    /// The experiment of a run, deleted or not; nil when there is no such run.
    public func experiment(ofRun runID: String) throws -> Int64? {
        try db.first("SELECT experiment FROM runs WHERE run_id = ?1", runID) { $0.int64(0) }
    }

    /// The experiment of a logged model, deleted or not; nil when there is no such model.
    public func experiment(ofModel modelID: String) throws -> Int64? {
        try db.first("SELECT experiment FROM logged_models WHERE model_id = ?1", modelID) { $0.int64(0) }
    }

    /// Whether a registered model is a prompt; nil when there is no such model.
    public func isPrompt(_ name: String) throws -> Bool? {
        try db.first(
            """
            SELECT EXISTS (SELECT 1 FROM registered_model_tags p
                WHERE p.model = m.id AND p.key = 'mlflow.prompt.is_prompt' AND lower(p.value) = 'true')
            FROM registered_models m WHERE m.name = ?1
            """, name
        ) { $0.int64(0) != 0 }
    }
}

extension ReadScope {
    /// The ids in question as JSON for `json_each`: those that are in, or those that are out.
    var lists: (only: String?, except: String?) {
        switch self {
        case .all: (nil, nil)
        case .only(let ids): (Self.list(ids), nil)
        case .except(let ids): (nil, Self.list(ids))
        }
    }

    private static func list(_ ids: [String]) -> String {
        String(decoding: JSONWriter.bytes(of: JSON.array(ids.map { .string($0) })), as: UTF8.self)
    }
}

extension SQLText {
    /// Appends the condition that a column, as text, is in a scope.
    mutating func append(_ column: String, in scope: ReadScope) {
        let (only, except) = scope.lists
        if let only {
            append("\(column) IN (SELECT value FROM json_each(")
            append(bound: .text(only))
            append("))")
        } else if let except {
            append("\(column) NOT IN (SELECT value FROM json_each(")
            append(bound: .text(except))
            append("))")
        } else {
            append("1")
        }
    }

    /// Appends that a registered model, `m`, is in a scope, and `AND`.
    mutating func appendCondition(_ scope: RegistryScope?) {
        guard let scope, scope != RegistryScope(models: .all, prompts: .all) else { return }
        append(
            "CASE WHEN EXISTS (SELECT 1 FROM registered_model_tags s WHERE s.model = m.id"
                + " AND s.key = '\(PromptTag.isPrompt)' AND lower(s.value) = 'true') THEN ")
        append("m.name", in: scope.prompts)
        append(" ELSE ")
        append("m.name", in: scope.models)
        append(" END AND ")
    }
}
