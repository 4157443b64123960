// Emptying the trash and applying retention: requests and answers.

internal import RoostCore
internal import RoostStore

/// What shall be removed for good. An empty list never means everything: that has a word of its own.
struct PurgeTrash: FieldsReadable {
    let selection: TrashSelection
    let isDryRun: Bool
    /// Remove runs whose files this server cannot reach, and leave those files.
    let keepsArtifacts: Bool
    let limit: Int
    let after: Int64

    init(from fields: inout Fields) throws(APIError) {
        let runIDs = try fields.strings("run_ids", max: Limits.trashItems)
        let experiments = try fields.strings("experiment_ids", max: Limits.trashItems, numbers: true)
        let models = try fields.strings("logged_model_ids", max: Limits.trashItems)
        let isAll = try fields.bool("all") ?? false
        let age = try fields.string("older_than")
        isDryRun = try fields.bool("dry_run") ?? false
        keepsArtifacts = try fields.bool("keep_artifacts") ?? false
        let size = try fields.int64("max_results") ?? Int64(Limits.trashPage)
        let token = try fields.string("page_token")
        guard !fields.isDescribing else {
            (selection, limit, after) = (
                TrashSelection(runIDs: [], experimentIDs: [], modelIDs: [], isAll: false, olderThan: nil), 0, 0
            )
            return
        }
        guard isAll == (runIDs.isEmpty && experiments.isEmpty && models.isEmpty) else {
            throw .invalid(
                "Name 'run_ids', 'experiment_ids' or 'logged_model_ids', or else set 'all' to true for the whole trash."
            )
        }
        guard (1...Int64(Limits.trashItems)).contains(size) else {
            throw .invalid("Invalid value \(size) for parameter 'max_results' supplied: 1 to \(Limits.trashItems).")
        }
        guard let after = token.isEmpty ? 0 : Int64(token), after >= 0 else {
            throw .invalid("Invalid page token, could not decode it: \(pythonRepr(token))")
        }
        self.after = after
        limit = Int(size)
        selection = TrashSelection(
            runIDs: runIDs, experimentIDs: try experiments.map { id throws(APIError) in try ExperimentID(id) },
            modelIDs: models, isAll: isAll,
            olderThan: age.isEmpty ? nil : try Age(age))
    }
}

/// A run that is gone, or would be.
struct PurgedRun: JSONWritable, Sendable {
    let runID: String
    let experiment: Int64
    let name: String
    /// Files and their bytes; in a dry run alone.
    let files: (count: Int64, bytes: Int64)?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("run_id", runID)
            json.member("experiment_id", String(experiment))
            json.member("run_name", name)
            if let files {
                json.member("files", files.count)
                json.member("bytes", files.bytes)
            }
        }
    }
}

/// Something that stays, and why.
struct KeptInTrash: JSONWritable, Sendable {
    enum Thing: Sendable {
        case run(String)
        case experiment(Int64)
        case model(String)
    }

    let thing: Thing
    let reason: String

    func write(to json: inout JSONWriter) {
        json.object { json in
            switch thing {
            case .run(let id): json.member("run_id", id)
            case .experiment(let id): json.member("experiment_id", String(id))
            case .model(let id): json.member("model_id", id)
            }
            json.member("reason", reason)
        }
    }
}

struct PurgeAnswer: JSONWritable, Sendable {
    var runs: [PurgedRun] = []
    var experiments: [Int64] = []
    var models: [String] = []
    var kept: [KeptInTrash] = []
    var next: Int64?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("runs", list: runs)
            json.member("experiment_ids", list: experiments.map { String($0) })
            json.member("logged_model_ids", list: models)
            json.member("kept", list: kept)
            if let next { json.member("next_page_token", String(next)) }
        }
    }

    static let example = PurgeAnswer(
        runs: [
            PurgedRun(runID: "0123456789abcdef0123456789abcdef", experiment: 1, name: "first", files: (2, 2048))
        ], experiments: [1],
        kept: [
            KeptInTrash(thing: .run("fedcba98765432100123456789abcdef"), reason: "The artifacts cannot be reached.")
        ])
}

/// Which experiments' rules are applied; all if none is named.
struct ApplyRetention: FieldsReadable {
    let experiments: [String]
    let isDryRun: Bool

    init(from fields: inout Fields) throws(APIError) {
        experiments = try fields.strings("experiment_ids", max: Limits.trashItems, numbers: true)
        isDryRun = try fields.bool("dry_run") ?? false
    }
}

/// What a rule has put in the trash.
struct AppliedRetention: JSONWritable, Sendable {
    let experiment: Int64
    let rule: String
    let runs: [String]
    /// Why the rule cannot be followed.
    let problem: String?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("experiment_id", String(experiment))
            json.member("rule", rule)
            json.member("run_ids", list: runs)
            if let problem { json.member("problem", problem) }
        }
    }
}

struct RetentionAnswer: JSONWritable, Sendable {
    let experiments: [AppliedRetention]
    /// Whether there is more to do; ask again.
    let isPart: Bool

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("experiments", list: experiments)
            json.member("more", isPart)
        }
    }

    static let example = RetentionAnswer(
        experiments: [
            AppliedRetention(
                experiment: 1, rule: "max_age=90d", runs: ["0123456789abcdef0123456789abcdef"], problem: nil)
        ], isPart: false)
}
