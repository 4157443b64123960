// `roost check`: the database by its rules, and the artifacts against the runs.

internal import RoostArtifacts
internal import RoostCore
public import RoostStore

/// What a check found.
public struct Examination: Sendable {
    /// What must not be: the status is then 1.
    public let findings: [CheckFinding]
    public let schema: Int
    public let databaseBytes: Int
    /// Rows by table.
    public let tables: [(table: String, rows: Int64)]
    /// How many users there are; nil when nobody asked.
    public let users: Int64?
    /// What is below the directory of the artifacts; nil when it was left out, or the database is damaged.
    public let artifacts: ArtifactFigures?
}

/// What is below the directory of the artifacts.
public struct ArtifactFigures: Sendable {
    public var files = 0
    public var bytes: Int64 = 0
    /// Runs that have files.
    public var runs = 0
    /// Runs without one, which is nothing bad.
    public var runsWithout = 0
    /// Runs whose files are kept elsewhere.
    public var runsElsewhere = 0
    /// Directories or files that no run or model knows, with their bytes. The largest come first.
    public var orphans: [(path: String, files: Int, bytes: Int64)] = []
    /// Links, pipes and the like.
    public var others = 0
}

extension Examination {
    /// Looks at everything. A server may run meanwhile.
    /// - Throws: `StoreOpeningError` when the database, or the file of users, cannot even be opened or is damaged.
    public init(of places: DataPlaces) throws {
        try places.checkArtifacts()
        users = try places.users.map { try UsersFile.verify($0) }
        let reader = try DatabaseReader(places.database)
        schema = try reader.schema()
        databaseBytes = reader.bytes
        let (findings, tables, uris) = try reader.snapshot { snapshot in
            let findings = try snapshot.findings()
            // Of a damaged file nothing more can be said.
            let isSound = !findings.contains { $0.rule == "the file is sound" }
            return (
                findings, isSound ? try snapshot.tableCounts() : [], isSound ? try snapshot.artifactURIs() : nil
            )
        }
        self.findings = findings
        self.tables = tables
        guard let root = places.artifacts, let uris else {
            artifacts = nil
            return
        }
        artifacts = try Self.figures(root, uris)
    }

    private static func figures(_ root: String, _ uris: (runs: [String], models: [String])) throws -> ArtifactFigures {
        var figures = ArtifactFigures()
        var owned: Set<String> = []
        let models = Set(uris.models.compactMap { ArtifactPlaces.proxiedPath($0)?.text })
        for uri in uris.runs {
            if let path = ArtifactPlaces.proxiedPath(uri) {
                owned.insert(path.text)
            } else {
                figures.runsElsewhere += 1
            }
        }
        let listing = try FileTree.list(root, without: [Backup.uploadFolder])
        var filled: Set<String> = []
        var orphans: [String: (files: Int, bytes: Int64)] = [:]
        let ancestors = Set(owned.union(models).flatMap { path in prefixes(of: path).dropLast() })
        for file in listing.files {
            figures.files += 1
            figures.bytes += file.size
            let places = prefixes(of: file.path)
            if let place = places.first(where: owned.contains) {
                filled.insert(place)
            } else if !places.contains(where: models.contains) {
                // The outermost directory that leads to no run.
                let place = places.first { !ancestors.contains($0) } ?? file.path
                let known = orphans[place] ?? (0, 0)
                orphans[place] = (known.files + 1, known.bytes + file.size)
            }
        }
        figures.runs = filled.count
        figures.runsWithout = owned.count - filled.count
        figures.others = listing.others.count
        figures.orphans = orphans.map { (path: $0.key, files: $0.value.files, bytes: $0.value.bytes) }
            .sorted { ($1.bytes, $0.path) < ($0.bytes, $1.path) }
        return figures
    }

    /// `a`, `a/b`, `a/b/c` of `a/b/c`.
    private static func prefixes(of path: String) -> [String] {
        path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) } + [path]
    }
}
