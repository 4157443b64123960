// How the entries of an export are called, and what numbers bound them. `docs/export-format.md` explains the format.

internal import RoostArtifacts
internal import RoostCore

enum ArchiveFormat {
    /// Raised when an older Roost could not read what a newer one writes.
    static let version: Int64 = 1
    /// Points in one entry.
    static let points = 8192
    /// Entries after which their checksums are written down.
    static let group = 1000
    /// Bytes of an entry that is read as a whole: everything but artifacts.
    static let document: Int64 = 64 << 20

    static let header = "roost-export.json"
    static let end = "end.json"
    static func checksums(_ number: Int) -> String { "checksums/\(sixDigits(number)).ndjson" }
    static func experiment(_ id: Int64) -> String { "experiments/\(id).json" }
    static func registeredModel(_ number: Int) -> String { "registered-models/\(sixDigits(number)).json" }
}

/// Whom files and points belong to.
enum ArchiveOwner: Equatable, Sendable {
    case run(String)
    case model(String)

    var folder: String {
        switch self {
        case .run(let id): "runs/\(id)"
        case .model(let id): "models/\(id)"
        }
    }

    var document: String {
        switch self {
        case .run: folder + "/run.json"
        case .model: folder + "/model.json"
        }
    }

    func metrics(_ number: Int) -> String { "\(folder)/metrics-\(sixDigits(number)).ndjson" }
    var artifacts: String { folder + "/artifacts/" }

    var text: String {
        switch self {
        case .run(let id): "run \(id)"
        case .model(let id): "logged model \(id)"
        }
    }

    /// Whether an id can be a folder of an export, and of a server's artifacts.
    static func isFolder(_ id: String) -> Bool {
        guard let path = try? ArtifactPath(beneathRoot: id) else { return false }
        return path.names.count == 1 && path.text == id
    }
}

/// An entry by its name.
enum ArchivePart: Equatable, Sendable {
    case header
    case experiment(Int64)
    case document(ArchiveOwner)
    case metrics(ArchiveOwner, Int)
    /// A file of a run or model, with its path below that.
    case artifact(ArchiveOwner, String)
    case registeredModel(Int)
    case checksums(Int)
    case end

    /// Nil for a name that no entry of an export has.
    init?(_ name: String) {
        if name == ArchiveFormat.header {
            self = .header
            return
        }
        if name == ArchiveFormat.end {
            self = .end
            return
        }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        func number(_ text: String, _ prefix: String, _ suffix: String) -> Int? {
            guard text.hasPrefix(prefix), text.hasSuffix(suffix) else { return nil }
            return Int(text.dropFirst(prefix.count).dropLast(suffix.count))
        }
        let found: ArchivePart? =
            switch (parts.first, parts.count) {
            case ("experiments", 2): number(parts[1], "", ".json").map { .experiment(Int64($0)) }
            case ("registered-models", 2): number(parts[1], "", ".json").map { .registeredModel($0) }
            case ("checksums", 2): number(parts[1], "", ".ndjson").map { .checksums($0) }
            case ("runs", 3...), ("models", 3...): Self.of(parts)
            default: nil
            }
        // One entry has one name: no other zeros, no other spelling.
        guard let found, found.name == name else { return nil }
        self = found
    }

    private static func of(_ parts: [String]) -> ArchivePart? {
        guard ArchiveOwner.isFolder(parts[1]) else { return nil }
        let owner: ArchiveOwner = parts[0] == "runs" ? .run(parts[1]) : .model(parts[1])
        if parts.count == 4 {
            guard parts[2] == "artifacts", (try? ArtifactPath(file: parts[3])) != nil else { return nil }
            return .artifact(owner, parts[3])
        }
        if owner.document.hasSuffix("/" + parts[2]) { return .document(owner) }
        guard case .run = owner, parts[2].hasPrefix("metrics-"),
            let number = Int(parts[2].dropFirst("metrics-".count).prefix { $0 != "." })
        else { return nil }
        return .metrics(owner, number)
    }

    var name: String {
        switch self {
        case .header: ArchiveFormat.header
        case .experiment(let id): ArchiveFormat.experiment(id)
        case .document(let owner): owner.document
        case .metrics(let owner, let number): owner.metrics(number)
        case .artifact(let owner, let path): owner.artifacts + path
        case .registeredModel(let number): ArchiveFormat.registeredModel(number)
        case .checksums(let number): ArchiveFormat.checksums(number)
        case .end: ArchiveFormat.end
        }
    }
}

/// What is written down of an entry, to tell later whether it is damaged.
struct ArchiveMark: JSONWritable, Equatable, Sendable {
    let name: String
    let size: Int64
    let checksum: UInt32

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("bytes", size)
            json.member("crc32", Checksum.text(checksum))
        }
    }

    /// A line each.
    static func lines(_ marks: [ArchiveMark]) -> [UInt8] {
        marks.flatMap { JSONWriter.bytes(of: $0) + [UInt8(ascii: "\n")] }
    }
}

/// How much there is of everything; it stands at the end.
struct ArchiveCounts: Equatable, Sendable {
    var entries: Int64 = 0
    var experiments: Int64 = 0
    var runs: Int64 = 0
    var points: Int64 = 0
    var models: Int64 = 0
    var registeredModels: Int64 = 0
    var files: Int64 = 0
    var fileBytes: Int64 = 0

    /// The content of the last entry, which begins after `bytes`.
    func end(after bytes: Int64) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("bytes", bytes)
            json.member("entries", entries)
            json.member("experiments", experiments)
            json.member("runs", runs)
            json.member("points", points)
            json.member("models", models)
            json.member("registered_models", registeredModels)
            json.member("files", files)
            json.member("file_bytes", fileBytes)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
