// Logged models in the store: what a search finds, pages while models are added, and what a restart keeps.

import RoostCore
import RoostSearch
import RoostStore
import Testing

@Suite("Logged models in the store")
struct LoggedModelStoreTests {
    private func make(_ store: Store, _ name: String, params: [KeyValue] = []) async throws -> String {
        let new = NewLoggedModel(
            experimentID: ExperimentID(0), name: name, type: "", sourceRunID: "", params: params, tags: [])
        return try await store.write { try $0.createLoggedModel(new) }.modelID
    }

    private func log(
        _ store: Store, _ run: String, _ model: String, _ value: Double, time: Int64 = 1, step: Int64 = 0,
        on dataset: DatasetName? = nil
    ) async throws {
        let metric = Metric(
            key: "acc", point: MetricPoint(value: value, timestamp: time, step: step),
            link: MetricLink(modelID: model, dataset: dataset))
        try await store.write { try $0.logMetric(run, metric) }
    }

    private func search(
        _ filter: String = "", order: [ModelOrderKey] = [], datasets: [DatasetName] = [], limit: Int = 100,
        token: PageToken? = nil
    ) throws -> LoggedModelSearch {
        LoggedModelSearch(
            experiments: [0], filter: try Vocabulary.loggedModels.filter(filter), datasets: datasets, order: order,
            limit: limit, token: token, source: [filter])
    }

    private func names(_ store: Store, _ search: LoggedModelSearch) async throws -> [String] {
        try await store.read { try $0.searchLoggedModels(search) }.models.map(\.name)
    }

    @Test("the latest point of a metric orders: by time, then step; NaN comes after numbers, a missing one last")
    func order() async throws {
        try await withStore { store in
            let run = try await store.makeRun("r")
            let ids = [
                try await make(store, "low"), try await make(store, "high"), try await make(store, "nan"),
                try await make(store, "none"),
            ]
            try await log(store, run, ids[0], 9, time: 1)
            try await log(store, run, ids[0], 1, time: 2)
            try await log(store, run, ids[1], 0, time: 5, step: 1)
            try await log(store, run, ids[1], 2, time: 5, step: 2)
            try await log(store, run, ids[2], .nan)
            for (ascending, expected) in [
                (true, ["low", "high", "nan", "none"]), (false, ["high", "low", "nan", "none"]),
            ] {
                let key = ModelOrderKey(field: .metric("acc"), ascending: ascending)
                #expect(try await names(store, try search(order: [key])) == expected)
            }
            // Any point counts for a filter, and NaN for none but "not equal".
            #expect(try await names(store, try search("metrics.acc > 8")) == ["low"])
            #expect(try await names(store, try search("metrics.acc < 0.5")) == ["high"])
            #expect(try await names(store, try search("metrics.acc != 77")) == ["nan", "high", "low"])
        }
    }

    @Test("a point on a dataset orders and filters by that dataset alone")
    func datasets() async throws {
        try await withStore { store in
            let run = try await store.makeRun("r")
            let (a, b) = (try await make(store, "a"), try await make(store, "b"))
            let (train, test) = (DatasetName(name: "d", digest: "1"), DatasetName(name: "d", digest: "2"))
            try await log(store, run, a, 1, time: 1, on: train)
            try await log(store, run, a, 0, time: 2, on: test)
            try await log(store, run, b, 0.5, time: 1, on: test)
            let onTrain = ModelOrderKey(
                field: .metric("acc"), ascending: false, datasetName: "d", datasetDigest: "1")
            #expect(try await names(store, try search(order: [onTrain])) == ["a", "b"])
            let onTest = ModelOrderKey(field: .metric("acc"), ascending: false, datasetName: "d", datasetDigest: "2")
            #expect(try await names(store, try search(order: [onTest])) == ["b", "a"])
            #expect(try await names(store, try search(datasets: [train])) == ["a"])
            let any = DatasetName(name: "d", digest: nil)
            #expect(try await names(store, try search("metrics.acc > 0.9", datasets: [any])) == ["a"])
            #expect(try await names(store, try search("metrics.acc > 0.9", datasets: [test])) == [])
        }
    }

    @Test("pages over an order with ties and gaps hold every model once, also when others are added meanwhile")
    func pages() async throws {
        try await withStore { store in
            let run = try await store.makeRun("r")
            for index in 0..<23 {
                let id = try await make(store, "m\(index)")
                if index % 3 > 0 { try await log(store, run, id, Double(index % 3)) }
                if index % 7 == 0 { try await log(store, run, id, .nan, time: 9) }
            }
            let key = ModelOrderKey(field: .metric("acc"), ascending: false)
            let whole = try await names(store, try search(order: [key]))
            #expect(Set(whole).count == 23)
            var paged: [String] = []
            var token: PageToken?
            repeat {
                let request = try search(order: [key], limit: 4, token: token)
                let page = try await store.read { try $0.searchLoggedModels(request) }
                paged += page.models.map(\.name)
                token = try page.nextPageToken.map { try PageToken($0) }
                _ = try await make(store, "late")
            } while token != nil && paged.count < 100
            #expect(paged.filter { $0 != "late" } == whole)
        }
    }

    @Test("what was acknowledged is there after a restart")
    func restart() async throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/roost.db"
        let first = try openStore(.file(path))
        let run = try await first.makeRun("r")
        let id = try await make(first, "kept", params: [KeyValue("p", "1")])
        try await log(first, run, id, 0.5, on: DatasetName(name: "d", digest: "1"))
        let before = try await first.write { try $0.finalizeLoggedModel(id, .ready) }
        first.close()
        let second = try openStore(.file(path), seed: 8)
        #expect(try await second.read { try $0.loggedModel(id) } == before)
        #expect(before.metrics.count == 1 && before.status == .ready)
        second.close()
    }

    @Test("a deleted model is found only by who asks for it")
    func deleted() async throws {
        try await withStore { store in
            let id = try await make(store, "gone")
            try await store.write { try $0.deleteLoggedModel(id) }
            #expect(try await names(store, try search()) == [])
            await #expect(throws: APIError.missing("Logged model with ID '\(id)' not found.")) {
                try await store.read { try $0.loggedModel(id) }
            }
            #expect(try await store.read { try $0.loggedModel(id, allowDeleted: true) }.name == "gone")
        }
    }
}
