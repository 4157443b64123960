// Exports that are not as they were written: whatever byte is different, it is noticed before anything is taken.

import Foundation
import Glibc
import Logging
import RoostCore
import RoostStore
import Testing

@testable import RoostServer

@Suite struct ArchiveTests {
    /// A directory with a database, a file and an export of both.
    final class Place: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/roost-archive-" + World.real.newID()
        var archive: String { path + "/x.tar" }

        init(points: Int = 30, files: Int = 2) async throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let settings = Settings(store: .file(path + "/roost.db"), port: 0, artifactsDestination: path + "/files")
            let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let store = try Store(
                settings.store, options: settings.storeOptions, world: .real, telemetry: Telemetry(), log: log)
            let run = try await store.write { tx in
                let run = try tx.createRun(
                    NewRun(
                        experimentID: ExperimentID(0), userID: "ann", name: "猫", startTime: 1,
                        tags: [KeyValue("t", "1")]))
                try tx.takePoints(
                    run.info.runID,
                    (0..<points).map {
                        Metric(key: "m", point: MetricPoint(value: Double($0) / 3, timestamp: 7, step: Int64($0)))
                    })
                return run.info.runID
            }
            store.close()
            let folder = path + "/files/0/\(run)/artifacts"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for number in 0..<files {
                try Data("file \(number)".utf8).write(to: URL(fileURLWithPath: folder + "/\(number).txt"))
            }
            _ = try export().write(to: archive, world: .real)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func export(_ selection: ExportSelection = ExportSelection()) -> Export {
            Export(
                of: DataPlaces(database: path + "/roost.db", artifacts: path + "/files"),
                artifactRoot: "mlflow-artifacts:/", selection: selection, progress: { _, _, _ in })
        }

        func open(_ bytes: Data) throws -> Archive {
            try bytes.write(to: URL(fileURLWithPath: path + "/changed.tar"))
            return try Archive(path + "/changed.tar", progress: { _, _, _ in })
        }
    }

    @Test func everyByteCounts() async throws {
        let place = try await Place()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.archive))
        #expect(try place.open(whole).counts.files == 2)
        // A step that meets every kind of byte: headers, contents, what fills blocks, lists, the end.
        for position in stride(from: 0, to: whole.count, by: 17) {
            var changed = whole
            changed[position] ^= position % 2 == 0 ? 0x01 : 0x80
            do {
                _ = try place.open(changed)
                Issue.record("a change of byte \(position) was not noticed")
            } catch let error as OperationError {
                #expect(error.description.contains("changed.tar"))
            }
        }
    }

    @Test func everyLengthButTheWholeIsRefused() async throws {
        let place = try await Place()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.archive))
        for length in Array(stride(from: 0, to: whole.count, by: 101)) + [whole.count - 1, whole.count - 512] {
            #expect(throws: OperationError.self, "cut to \(length)") { try place.open(whole.prefix(length)) }
        }
        for tail in [Data([0]), Data(repeating: 0, count: 512), Data("x".utf8), whole] {
            #expect(throws: OperationError.self, "followed by \(tail.count) bytes") { try place.open(whole + tail) }
        }
    }

    @Test func entriesCanNeitherGoNorComeTwiceNorChangePlaces() async throws {
        let place = try await Place()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.archive))
        let file = try ArchiveFile(place.archive)
        var reader = ArchiveReader(file: file)
        var entries: [Data] = []
        while let entry = try reader.next() { entries.append(whole[Int(entry.start)..<Int(entry.next)]) }
        let end = Data(Tar.end)
        #expect(entries.reduce(Data(), +) + end == whole)
        for index in entries.indices {
            var fewer = entries
            fewer.remove(at: index)
            #expect(throws: OperationError.self) { try place.open(fewer.reduce(Data(), +) + end) }
            var twice = entries
            twice.insert(entries[index], at: index)
            #expect(throws: OperationError.self) { try place.open(twice.reduce(Data(), +) + end) }
            guard index > 0 else { continue }
            var swapped = entries
            swapped.swapAt(index, index - 1)
            #expect(throws: OperationError.self) { try place.open(swapped.reduce(Data(), +) + end) }
        }
    }

    private static let header = (ArchivePart.header, #"{"format":1}"#)
    private static let experiment = (
        ArchivePart.experiment(1), #"{"experiment_id":"1","name":"e","lifecycle_stage":"active"}"#
    )

    private static func run(_ id: String, _ more: String = "", experiment: String = "1") -> (ArchivePart, String) {
        (
            .document(.run(id)),
            #"{"run_id":"\#(id)","experiment_id":"\#(experiment)","status":"FINISHED","lifecycle_stage":"active","#
                + #""artifacts":"included"\#(more)}"#
        )
    }

    private static func registered(_ number: Int, _ more: String) -> (ArchivePart, String) {
        (.registeredModel(number), #"{"name":"m"\#(more)}"#)
    }

    /// What has its checksums and is nonsense all the same, after a header and an experiment.
    static let nonsense: [[(ArchivePart, String)]] = [
        [run("a", experiment: "2")], [run("a", experiment: "-1")], [run("a", experiment: "x")], [run("a"), run("a")],
        [(.document(.run("a")), "{}")], [(.document(.run("a")), "no JSON")], [(.document(.run("b")), run("a").1)],
        [run("a", #","tags":[{"key":1}]"#)], [run("a", #","params":{}"#)], [run("a", #","status":"WELL"}"#)],
        [run("a", #","artifacts":"anywhere"}"#)], [run("a", #","start_time":1e99"#)],
        [run("a", #","tags":\#(String(repeating: "[", count: 5000))"#)],
        [(.metrics(.run("a"), 1), "")], [run("a"), (.metrics(.run("a"), 2), "")],
        [run("a"), run("b"), (.metrics(.run("a"), 1), "")],
        [run("a"), (.metrics(.run("a"), 1), #"{"key":"m","step":0,"timestamp":0}"#)],
        [run("a"), (.metrics(.run("a"), 1), #"{"key":"","step":0,"timestamp":0,"value":1}"#)],
        [run("a"), (.metrics(.run("a"), 1), #"{"key":"m","step":99999999999999999999,"timestamp":0,"value":1}"#)],
        [run("a"), (.metrics(.run("a"), 1), #"{"key":"m","step":0,"timestamp":0,"value":"many"}"#)],
        [(.artifact(.run("a"), "f"), "x")], [run("a"), (.artifact(.run("b"), "f"), "x")],
        [run("a"), (.artifact(.run("a"), "b"), "x"), (.artifact(.run("a"), "a"), "x")],
        [run("a"), (.artifact(.run("a"), "b"), "x"), (.artifact(.run("a"), "b"), "x")],
        [run("a"), (.artifact(.run("a"), "b"), "x"), (.metrics(.run("a"), 1), "")],
        [experiment], [(.experiment(2), experiment.1)],
        [(.experiment(2), #"{"experiment_id":"2","name":"e","lifecycle_stage":"active"}"#)],
        [registered(2, "")], [registered(1, ""), registered(2, "")],
        [registered(1, #","versions":[{"version":"1"},{"version":"1"}]"#)],
        [registered(1, #","versions":[{"version":"0"}]"#)],
        [registered(1, #","aliases":[{"alias":"a","version":"1"}]"#)], [(.registeredModel(1), #"{"name":"a/b"}"#)],
        [header],
    ]

    @Test(arguments: nonsense) func whatMakesNoSenseIsRefused(entries: [(ArchivePart, String)]) throws {
        #expect(throws: OperationError.self) { try written([Self.header, Self.experiment] + entries) }
    }

    @Test func theSameWithSenseIsTaken() throws {
        let archive = try written([
            Self.header, Self.experiment, Self.run("a"),
            (.metrics(.run("a"), 1), #"{"key":"m","step":0,"timestamp":0,"value":"NaN"}"#),
            (.artifact(.run("a"), "a"), "x"), (.artifact(.run("a"), "a/b"), "x"), Self.registered(1, ""),
        ])
        #expect(archive.counts.files == 2 && archive.runIDs(ofExperiment: 1) == ["a"])
    }

    /// Writes entries as an export would, and reads them.
    private func written(_ entries: [(ArchivePart, String)]) throws -> Archive {
        let path = FileManager.default.temporaryDirectory.path + "/roost-archive-" + World.real.newID() + ".tar"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        defer { close(output) }
        let writer = ArchiveWriter(to: output, named: path, time: 1_764_000_000)
        for (part, text) in entries {
            try writer.add(part, Array(text.utf8))
            switch part {
            case .experiment: writer.counts.experiments += 1
            case .document(.run): writer.counts.runs += 1
            case .metrics: writer.counts.points += Int64(text.split(separator: "\n").count)
            case .artifact:
                writer.counts.files += 1
                writer.counts.fileBytes += Int64(text.utf8.count)
            case .registeredModel: writer.counts.registeredModels += 1
            default: break
            }
        }
        try writer.finish()
        return try Archive(path, progress: { _, _, _ in })
    }

    @Test func manyEntriesHaveSeveralListsOfChecksums() async throws {
        let place = try await Place(points: 20_000, files: 1005)
        let archive = try Archive(place.archive, progress: { _, _, _ in })
        #expect(archive.counts.files == 1005 && archive.counts.points == 20_000)
        let id = try #require(archive.runIDs(ofExperiment: 0).first)
        var points: [Metric] = []
        var position: String?
        repeat {
            let piece = try archive.points(id, after: position)
            points += piece.points
            position = piece.next
        } while position != nil
        #expect(points.map(\.point.step) == (0..<20_000).map { Int64($0) })
        guard case .files(let files, _) = try archive.files(of: .run(id), at: "") else {
            Issue.record("no files")
            return
        }
        #expect(files.count == 1005)
    }

    static let names: [(name: String, size: Int64)] = [
        ("a", 5), (String(repeating: "x", count: 100), 0), (String(repeating: "x", count: 101), 7), ("猫", 512),
        ("big", 0o77_777_777_777), ("big", 0o77_777_777_777 + 1), (String(repeating: "猫", count: 300), 1 << 40),
        ("roost-long-name", 3),
    ]

    @Test(arguments: names) func aHeaderSaysWhatItWasGiven(name: String, size: Int64) {
        let bytes = Tar.headers(name: name, size: size, time: 1_764_000_000)
        #expect(bytes.count % Tar.block == 0)
        let fits = name.utf8.count <= 100 && name.utf8.allSatisfy { $0 < 0x80 } && name != Tar.longName
        #expect(bytes.count == (fits && size <= 0o77_777_777_777 ? 512 : bytes.count))
        if !fits { #expect(bytes.count >= 3 * 512) }
    }

    @Test(arguments: ["", "x", "runs/a", "runs//run.json", "runs/a/run.json/", "runs/../run.json", "metrics-1"])
    func otherNamesAreNoEntries(name: String) { #expect(ArchivePart(name) == nil) }

    @Test func aRecordCountsItself() {
        for length in 0..<1200 {
            let record = Tar.record("path", String(repeating: "x", count: length))
            #expect(Int(String(decoding: record.prefix { $0 != 0x20 }, as: UTF8.self)) == record.count)
        }
    }
}
