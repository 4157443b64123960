// A store for a test: on a temporary file or in memory, with a clock and dice that the test can foresee.

import Glibc
import Logging
import RoostCore
import RoostStore
import Synchronization

/// A clock that moves one millisecond at each look, and numbers that follow from a seed.
final class TestWorld: Sendable {
    private let state: Mutex<(time: Int64, seed: UInt64)>

    init(seed: UInt64 = 7) { state = Mutex((1_700_000_000_000, seed)) }

    var world: World {
        World(
            now: {
                self.state.withLock { state in
                    state.time += 1
                    return state.time
                }
            },
            random: {
                self.state.withLock { state in
                    // SplitMix64.
                    state.seed &+= 0x9E37_79B9_7F4A_7C15
                    var z = state.seed
                    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                    return z ^ (z >> 31)
                }
            })
    }
}

/// A directory that is removed with the value.
final class TemporaryDirectory {
    let path: String

    init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/roost-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

func openStore(
    _ location: StoreLocation, options: StoreOptions = StoreOptions(), telemetry: Telemetry = Telemetry(),
    seed: UInt64 = 7
) throws -> Store {
    try Store(
        location, options: options, world: TestWorld(seed: seed).world, telemetry: telemetry,
        log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
}

/// Runs a test on a store in a file, and closes it.
func withStore(
    options: StoreOptions = StoreOptions(), telemetry: Telemetry = Telemetry(),
    _ body: (Store) async throws -> Void
) async throws {
    let directory = TemporaryDirectory()
    let store = try openStore(.file("\(directory.path)/roost.db"), options: options, telemetry: telemetry)
    defer { store.close() }
    try await body(store)
}

extension Store {
    func makeRun(_ name: String = "r", start: Int64 = 0, tags: [KeyValue] = [], experiment: Int64 = 0) async throws
        -> String
    {
        try await write { tx in
            try tx.createRun(
                NewRun(experimentID: ExperimentID(experiment), userID: "", name: name, startTime: start, tags: tags))
        }.info.runID
    }

    func log(_ runID: String, metrics: [(String, Double, Int64, Int64)] = [], params: [(String, String)] = [])
        async throws
    {
        try await write { tx in
            try tx.log(
                runID,
                LogBatch(
                    metrics: metrics.map {
                        Metric(key: $0.0, point: MetricPoint(value: $0.1, timestamp: $0.2, step: $0.3))
                    },
                    params: params.map { KeyValue($0.0, $0.1) }, tags: []))
        }
    }
}
