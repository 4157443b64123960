// Runs and what is logged to them, on a real file.

import RoostCore
import RoostStore
import Testing

@Suite("Runs in the store")
struct RunsTests {
    @Test("a new run has its name in the tag, the given order of tags, and an artifact place below its experiment's")
    func created() async throws {
        try await withStore { store in
            let run = try await store.write { tx in
                try tx.createRun(
                    NewRun(
                        experimentID: ExperimentID(0), userID: "ann", name: "Run 000000000", startTime: 5,
                        tags: [KeyValue("z", "1"), KeyValue("a", "2")]))
            }
            #expect(run.info.artifactURI == "mlflow-artifacts:/0/\(run.info.runID)/artifacts")
            #expect(run.tags.map(\.key) == ["z", "a", "mlflow.runName"])
            let again = try await store.read { try $0.run(run.info.runID) }
            #expect(again.info == run.info)
            #expect(Set(again.tags.map(\.key)) == Set(run.tags.map(\.key)))
            #expect(again.modelOutputs == [])
        }
    }

    @Test("the same point twice is one point, and the latest goes by step, then timestamp, then value")
    func latest() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await store.log(run, metrics: [("m", 1, 10, 5), ("m", 9, 20, 4), ("m", 1, 10, 5), ("m", 2, 10, 5)])
            try await store.log(run, metrics: [("m", 1, 10, 5)])
            let found = try await store.read { try ($0.run(run), $0.history(run, key: "m", limit: nil, after: nil)) }
            #expect(found.0.metrics.map(\.point) == [MetricPoint(value: 2, timestamp: 10, step: 5)])
            #expect(found.1.metrics.map(\.point.value) == [1, 2, 9])
        }
    }

    @Test("NaN comes back as NaN, infinities as the largest double, int64 extremes as they are")
    func extremes() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await store.log(
                run, metrics: [("nan", .nan, 0, .min), ("inf", .infinity, .max, .max), ("low", -.infinity, 0, 0)])
            let metrics = try await store.read { try $0.run(run) }.metrics
            #expect(metrics.first { $0.key == "nan" }?.point.value.isNaN == true)
            #expect(metrics.first { $0.key == "nan" }?.point.step == .min)
            #expect(
                metrics.first { $0.key == "inf" }?.point
                    == MetricPoint(value: .greatestFiniteMagnitude, timestamp: .max, step: .max))
            #expect(metrics.first { $0.key == "low" }?.point.value == -.greatestFiniteMagnitude)
        }
    }

    @Test("a batch that changes a param leaves nothing of itself")
    func atomicBatch() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await store.log(run, params: [("p", "1")])
            await #expect(throws: APIError.self) {
                try await store.log(run, metrics: [("m", 1, 1, 1)], params: [("new", "x"), ("p", "2")])
            }
            let found = try await store.read { try $0.run(run) }
            #expect(found.params == [KeyValue("p", "1")])
            #expect(found.metrics.isEmpty)
        }
    }

    @Test("setting the name's tag renames the run, an empty name changes nothing")
    func renamed() async throws {
        try await withStore { store in
            let run = try await store.makeRun("first")
            try await store.write { try $0.setTag(run, KeyValue("mlflow.runName", "second")) }
            try await store.write { try $0.setTag(run, KeyValue("mlflow.runName", "")) }
            let found = try await store.read { try $0.run(run) }
            #expect(found.info.name == "second")
            #expect(found.tags == [KeyValue("mlflow.runName", "second")])
        }
    }

    @Test("a deleted run refuses writes until it is restored")
    func deleted() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            try await store.write { try $0.deleteRun(run) }
            let refusal = APIError.invalid("The run \(run) must be in the 'active' state. Current state is deleted.")
            await #expect(throws: refusal) { try await store.log(run, params: [("p", "1")]) }
            try await store.write { try $0.restoreRun(run) }
            try await store.log(run, params: [("p", "1")])
        }
    }

    @Test("datasets are one within an experiment, and a retry of inputs and outputs changes nothing")
    func inputs() async throws {
        try await withStore { store in
            let run = try await store.makeRun()
            let input = DatasetInput.example
            for _ in 0..<2 {
                try await store.write { tx in
                    try tx.logInputs(run, datasets: [input, input], models: [ModelInput(modelID: "m-1")])
                    try tx.logOutputs(run, models: [ModelOutput(modelID: "m-2", step: 3)])
                }
            }
            let found = try await store.read { try $0.run(run) }
            #expect(found.datasets == [input])
            #expect(found.modelInputs == [ModelInput(modelID: "m-1")])
            #expect(found.modelOutputs == [ModelOutput(modelID: "m-2", step: 3)])
        }
    }
}
