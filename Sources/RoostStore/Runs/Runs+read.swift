// Runs as they are answered: one by its id, or many of a page with a few queries for all of them.

public import RoostCore

extension Snapshot {
    /// A run with everything that belongs to it.
    /// - Throws: 404 when there is none.
    public func run(_ runID: String) throws -> Run {
        let row = try runRow(runID)
        guard let run = try runs([row.id], withModelInputs: true).first else { throw unknown(runID) }
        return run
    }

    /// Those of these runs that exist, each once, in the order given.
    public func runs(named runIDs: [String]) throws -> [Run] {
        let list = JSONWriter.bytes(of: JSON.array(runIDs.map { .string($0) }))
        var ids: [String: Int64] = [:]
        try db.query(
            "SELECT run_id, id FROM runs WHERE run_id IN (SELECT value FROM json_each(?1))",
            String(decoding: list, as: UTF8.self)
        ) { row in ids[row.text(0)] = row.int64(1) }
        return try runs(runIDs.compactMap { ids.removeValue(forKey: $0) }, withModelInputs: true)
    }

    /// What is known of a run itself.
    public func runInfo(_ runID: String) throws -> RunInfo {
        let found = try db.first(
            """
            SELECT run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
            FROM runs WHERE run_id = ?1
            """, runID, row: runInfo(from:))
        guard let found else { throw unknown(runID) }
        return found
    }

    /// The same by the internal id; nil when there is none.
    func runInfo(_ id: Int64) throws -> RunInfo? {
        try db.first(
            """
            SELECT run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
            FROM runs WHERE id = ?1
            """, id, row: runInfo(from:))
    }

    func runRow(_ runID: String) throws -> RunRow {
        let found = try db.first("SELECT id, experiment, lifecycle_stage FROM runs WHERE run_id = ?1", runID) { row in
            RunRow(
                id: row.int64(0), runID: runID, experiment: row.int64(1),
                stage: row.text(2) == LifecycleStage.active.rawValue ? .active : .deleted)
        }
        guard let found else { throw unknown(runID) }
        return found
    }

    /// Runs by their internal ids, in the same order. MLflow's searches leave out which models a run has read.
    func runs(_ ids: [Int64], withModelInputs: Bool = false) throws -> [Run] {
        // One query for each kind of thing, whatever the number of runs: a statement costs more than the rows of a run.
        let wanted = "[" + ids.map(String.init).joined(separator: ",") + "]"
        var infos: [Int64: RunInfo] = [:]
        infos.reserveCapacity(ids.count)
        try db.query(
            """
            SELECT run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage, id
            FROM runs WHERE id IN (SELECT value FROM json_each(?1))
            """, wanted
        ) { row in infos[row.int64(9)] = runInfo(from: row) }
        var keys = KeyNames()
        let metrics = try metrics(of: wanted, &keys)
        let params = try texts(
            "SELECT run, key, value FROM run_params WHERE run IN (SELECT value FROM json_each(?1))", of: wanted, &keys)
        let tags = try texts(
            "SELECT run, key, value FROM run_tags WHERE run IN (SELECT value FROM json_each(?1))", of: wanted, &keys)
        let names = try keys.resolve(in: self)
        let withDatasets = try runs(
            "SELECT DISTINCT run FROM run_datasets WHERE run IN (SELECT value FROM json_each(?1))", among: wanted)
        let withModels = try runs(
            "SELECT DISTINCT run FROM run_models WHERE run IN (SELECT value FROM json_each(?1))", among: wanted)
        return try ids.compactMap { id in
            guard let info = infos[id] else { return nil }
            let hasModels = withModels.contains(id)
            return Run(
                info: info,
                metrics: names.sorted(metrics[id]) { Metric(key: $0, point: $1) },
                params: names.sorted(params[id]) { KeyValue($0, $1) },
                tags: names.sorted(tags[id]) { KeyValue($0, $1) },
                datasets: withDatasets.contains(id) ? try datasets(id) : [],
                modelInputs: hasModels && withModelInputs ? try modelInputs(id) : [],
                modelOutputs: hasModels ? try modelOutputs(id) : [])
        }
    }

    /// The number of a key; nil when nothing was ever logged under it.
    func keyID(_ name: String) throws -> Int64? {
        if let known = db.keyNumbers[name] { return known }
        let found = try db.first("SELECT id FROM keys WHERE name = ?1", name) { $0.int64(0) }
        if let found { db.keyNumbers[name] = found }
        return found
    }

    private func unknown(_ runID: String) -> APIError { .missing("Run with id=\(runID) not found") }

    private func runInfo(from row: Row) -> RunInfo {
        RunInfo(
            runID: row.text(0), experimentID: row.int64(1), name: row.text(2), userID: row.text(3),
            status: RunStatus(rawValue: row.text(4)) ?? .running, startTime: row.int64(5),
            endTime: row.optionalInt64(6), artifactURI: row.text(7),
            stage: row.text(8) == LifecycleStage.active.rawValue ? .active : .deleted)
    }

    private func metrics(of wanted: String, _ keys: inout KeyNames) throws -> [Int64: [Keyed<MetricPoint>]] {
        var found: [Int64: [Keyed<MetricPoint>]] = [:]
        try db.query(
            """
            SELECT run, key, value, is_nan, timestamp, step FROM metric_series
            WHERE run IN (SELECT value FROM json_each(?1))
            """, wanted
        ) { row in
            let point = MetricPoint(
                value: row.int64(3) == 1 ? .nan : row.double(2), timestamp: row.int64(4), step: row.int64(5))
            found[row.int64(0), default: []].append(Keyed(key: keys.note(row.int64(1)), value: point))
        }
        return found
    }

    private func texts(
        _ sql: StaticString, of wanted: String, _ keys: inout KeyNames
    ) throws -> [Int64: [Keyed<String>]] {
        var found: [Int64: [Keyed<String>]] = [:]
        try db.query(sql, wanted) { row in
            found[row.int64(0), default: []].append(Keyed(key: keys.note(row.int64(1)), value: row.text(2)))
        }
        return found
    }

    private func runs(_ sql: StaticString, among wanted: String) throws -> Set<Int64> {
        var found: Set<Int64> = []
        try db.query(sql, wanted) { found.insert($0.int64(0)) }
        return found
    }
}

/// A value under a key, by the place of the key among those of the page.
private struct Keyed<Value> {
    let key: Int
    let value: Value
}

/// The keys that the runs of a page use. A page of many runs has few, so that names are read and put in order once.
private struct KeyNames {
    private var places: [Int64: Int] = [:]
    private var ids: [Int64] = []

    /// The place of a key.
    mutating func note(_ id: Int64) -> Int {
        if let place = places[id] { return place }
        places[id] = ids.count
        ids.append(id)
        return ids.count - 1
    }

    func resolve(in snapshot: Snapshot) throws -> OrderedNames {
        let names = try ids.map { id in
            try snapshot.db.first("SELECT name FROM keys WHERE id = ?1", id) { $0.text(0) } ?? ""
        }
        var ranks = [Int](repeating: 0, count: names.count)
        let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        for (rank, place) in order.enumerated() { ranks[place] = rank }
        return OrderedNames(names: names, ranks: ranks)
    }
}

/// The names of the keys of a page, and their order, bytewise.
private struct OrderedNames {
    let names: [String]
    let ranks: [Int]

    /// The values of a run in order of their keys' names.
    func sorted<Value, Item>(_ values: [Keyed<Value>]?, _ make: (String, Value) -> Item) -> [Item] {
        guard let values else { return [] }
        return values.sorted { ranks[$0.key] < ranks[$1.key] }.map { make(names[$0.key], $0.value) }
    }
}
