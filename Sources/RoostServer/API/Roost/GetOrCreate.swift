// Roost's own endpoints for callers that run beside each other: get or create, and the roll-up of a parent's children.

internal import RoostCore
internal import RoostStore

/// Handlers of Roost's own endpoints.
enum Extensions {
    static func experiment(_ request: GetOrCreateExperiment, _ services: Services) async throws -> GottenExperiment {
        let location = request.create.artifactLocation
        if !location.isEmpty { try ArtifactURI.check(location, services.settings.artifactRules) }
        let gotten = try await services.store.write { tx in
            try tx.getOrCreateExperiment(
                name: request.create.name, artifactLocation: location.isEmpty ? nil : location,
                tags: request.create.tags)
        }
        if gotten.created { try await services.own(.experiment, String(gotten.thing.id)) }
        return GottenExperiment(experiment: gotten.thing, created: gotten.created)
    }

    static func run(_ request: GetOrCreateRun, _ services: Services) async throws -> GottenRun {
        let gotten = try await services.store.write(weight: 1 + request.run.tags.count) { tx in
            switch request.identity {
            case .key(let key): try tx.getOrCreateRun(key: key, request.run)
            case .id(let id): try tx.getOrCreateRun(id: id, request.run)
            }
        }
        return GottenRun(run: gotten.thing, created: gotten.created)
    }
}

struct GetOrCreateExperiment: FieldsReadable {
    let create: CreateExperiment

    init(from fields: inout Fields) throws(APIError) { create = try CreateExperiment(from: &fields) }
}

/// A run by a key or by an id of the caller's choice; everything else is used only when it is made.
struct GetOrCreateRun: FieldsReadable {
    enum Identity {
        case key(String)
        case id(String)
    }

    let identity: Identity
    let run: NewRun

    init(from fields: inout Fields) throws(APIError) {
        let key = try fields.string("key")
        let id = try fields.string("run_id")
        let create = try CreateRun(from: &fields).run
        var tags = create.tags
        if id.isEmpty, !key.isEmpty || fields.isDescribing {
            try Check.length(key, Limits.entityKey, "key")
            tags = tags.filter { $0.key != runKeyTag } + [KeyValue(runKeyTag, key)]
            identity = .key(key)
        } else {
            guard key.isEmpty, !id.isEmpty else {
                throw .invalid("A run is asked for by 'key' or by 'run_id': give one of them.")
            }
            guard isOwnRunID(id) else {
                throw .invalid(
                    "Invalid value \(pythonRepr(id)) for parameter 'run_id' supplied: an id of your own has 1 to 256 letters,"
                        + " digits, '_' and '-', begins with a letter or a digit, and does not look like one of the server's."
                )
            }
            identity = .id(id)
        }
        run = NewRun(
            experimentID: create.experimentID, userID: create.userID, name: create.name, startTime: create.startTime,
            tags: tags, runID: id.isEmpty ? nil : id)
    }
}

/// The tag that tells under which key a run was made.
let runKeyTag = "roost.key"

/// Whether an id may be chosen by a caller: it is safe in a path and cannot be taken for one that a server made.
func isOwnRunID(_ id: String) -> Bool {
    let bytes = id.utf8
    let isAlphanumeric = { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
    guard let first = bytes.first, isAlphanumeric(first), bytes.count <= Limits.runID,
        bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
    else { return false }
    // 32 hexadecimal digits, with or without the dashes of a UUID, are what servers and libraries make.
    let isHex = id.filter { $0 != "-" }.allSatisfy(\.isHexDigit)
    return
        !(isHex
        && (bytes.count == 32 || bytes.count == 36 && id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12]))
}

struct GottenExperiment: JSONWritable, Sendable {
    let experiment: Experiment
    let created: Bool

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("experiment", experiment)
            json.member("created", created)
        }
    }

    static let example = GottenExperiment(experiment: .example, created: true)
}

struct GottenRun: JSONWritable, Sendable {
    let run: Run
    let created: Bool

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("run", run)
            json.member("created", created)
        }
    }

    static let example = GottenRun(run: .example, created: true)
}
