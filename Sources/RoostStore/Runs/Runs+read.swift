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
            """, runID
        ) { runInfo(from: $0) }
        guard let found else { throw unknown(runID) }
        return found
    }

    /// The same by the internal id; nil when there is none.
    func runInfo(_ id: Int64) throws -> RunInfo? {
        try db.first(
            """
            SELECT run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage
            FROM runs WHERE id = ?1
            """, id
        ) { runInfo(from: $0) }
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

    /// Runs by their internal ids, in the same order, each once. MLflow's searches leave out which models a run has read.
    func runs(_ ids: [Int64], withModelInputs: Bool = false) throws -> [Run] {
        let page = PageOfRuns(ids)
        var heads = [(info: RunInfo, hasDatasets: Bool, hasModels: Bool)?](repeating: nil, count: page.count)
        try rows(
            """
            SELECT id, run_id, experiment, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage,
                EXISTS (SELECT 1 FROM run_datasets d WHERE d.run = r.id),
                EXISTS (SELECT 1 FROM run_models m WHERE m.run = r.id)
            FROM runs r WHERE id BETWEEN ?1 AND ?2
            """, of: page
        ) { place, row in
            heads[place] = (runInfo(from: row, at: 1), row.int64(10) == 1, row.int64(11) == 1)
        }
        var keys = KeyNames()
        let metrics = try values(
            "SELECT run, key, timestamp, step, value, is_nan FROM metric_series WHERE run BETWEEN ?1 AND ?2",
            of: page, &keys
        ) { row in row.metricPoint(at: 2) }
        let params = try values(
            "SELECT run, key, value FROM run_params WHERE run BETWEEN ?1 AND ?2", of: page, &keys
        ) { $0.text(2) }
        let tags = try values(
            "SELECT run, key, value FROM run_tags WHERE run BETWEEN ?1 AND ?2", of: page, &keys
        ) { $0.text(2) }
        let names = try keys.resolve(in: self)
        return try ids.enumerated().compactMap { place, id in
            guard let head = heads[place] else { return nil }
            return Run(
                info: head.info,
                metrics: names.sorted(metrics[place]) { Metric(key: $0, point: $1) },
                params: names.sorted(params[place]) { KeyValue($0, $1) },
                tags: names.sorted(tags[place]) { KeyValue($0, $1) },
                datasets: head.hasDatasets ? try datasets(id) : [],
                modelInputs: head.hasModels && withModelInputs ? try modelInputs(id) : [],
                modelOutputs: head.hasModels ? try modelOutputs(id) : [])
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

    private func runInfo(from row: Row, at first: Int32 = 0) -> RunInfo {
        RunInfo(
            runID: row.text(first), experimentID: row.int64(first + 1), name: row.text(first + 2),
            userID: row.text(first + 3), status: RunStatus(rawValue: row.text(first + 4)) ?? .running,
            startTime: row.int64(first + 5), endTime: row.optionalInt64(first + 6), artifactURI: row.text(first + 7),
            stage: row.text(first + 8) == LifecycleStage.active.rawValue ? .active : .deleted)
    }

    /// The values of a page's runs, by the places of the runs.
    private func values<Value>(
        _ sql: StaticString, of page: PageOfRuns, _ keys: inout KeyNames, value: (Row) -> Value
    ) throws -> [[Keyed<Value>]] {
        var found = [[Keyed<Value>]](repeating: [], count: page.count)
        try rows(sql, of: page) { place, row in
            found[place].append(Keyed(key: keys.note(row.int64(1)), value: value(row)))
        }
        return found
    }

    /// Runs a query over a page. Its parameters are the first and the last run of a range, its first column is the run.
    private func rows(_ sql: StaticString, of page: PageOfRuns, _ body: (_ place: Int, Row) -> Void) throws {
        var run: Int64?
        var place: Int?
        for range in page.ranges {
            try db.query(sql, range.lowerBound, range.upperBound) { row in
                // The rows of a run come one after the other.
                if row.int64(0) != run {
                    run = row.int64(0)
                    place = page.places[row.int64(0)]
                }
                if let place { body(place, row) }
            }
        }
    }
}

/// The runs of a page. Those of a page were mostly made one after the other, and a query takes a whole range of ids at
/// once, whatever it holds.
private struct PageOfRuns {
    let count: Int
    /// Where each run stands on the page.
    private(set) var places: [Int64: Int] = [:]
    /// The ids in order, as ranges without gaps.
    private(set) var ranges: [ClosedRange<Int64>] = []

    init(_ ids: [Int64]) {
        count = ids.count
        places.reserveCapacity(ids.count)
        for (place, id) in ids.enumerated() { places[id] = place }
        for id in ids.sorted() {
            if let last = ranges.last, last.upperBound + 1 == id {
                ranges[ranges.count - 1] = last.lowerBound...id
            } else {
                ranges.append(id...id)
            }
        }
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
    private var next = 0

    /// The place of a key. Runs of a page mostly have the same keys, so the next one is tried first.
    mutating func note(_ id: Int64) -> Int {
        let place = next < ids.count && ids[next] == id ? next : look(id)
        next = place + 1
        return place
    }

    private mutating func look(_ id: Int64) -> Int {
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
    func sorted<Value, Item>(_ values: [Keyed<Value>], _ make: (String, Value) -> Item) -> [Item] {
        values.sorted { ranks[$0.key] < ranks[$1.key] }.map { make(names[$0.key], $0.value) }
    }
}
