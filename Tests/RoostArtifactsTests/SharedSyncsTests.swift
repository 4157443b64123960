// Uploads into one directory share its syncs: every one of them is answered, and those who wait do so together.

import Foundation
import RoostCore
import Synchronization
import Testing

@testable import RoostArtifacts

@Suite("Shared syncs")
struct SharedSyncsTests {
    @Test("everybody is told once, in several directories at the same time")
    func everybody() async throws {
        let directory = try TestDirectory()
        let syncs = SharedSyncs()
        let places = try ["a", "b", "c"].map { name in
            let path = directory.around + "/" + name
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            return try Descriptor(directory: path)
        }
        let told = Told()
        try await withThrowingTaskGroup { group in
            for number in 0..<600 {
                group.addTask {
                    try await FilePool.shared.run { end in
                        try syncs.sync(places[number % 3]) { result in
                            told.count(number)
                            end(result)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(told.counts == Dictionary(uniqueKeysWithValues: (0..<600).map { ($0, 1) }))
    }

    @Test("those who come while a directory is synced wait for the next sync, all for the same one")
    func together() throws {
        let directory = try TestDirectory()
        let syncs = SharedSyncs()
        let place = try Descriptor(directory: directory.around)
        let order = Mutex<[String]>([])
        try syncs.sync(place) { _ in
            order.withLock { $0.append("first") }
            for name in ["second", "third"] {
                // The sync of the first is over, its round is not: neither is told before this closure has returned.
                try? syncs.sync(place) { _ in order.withLock { $0.append(name) } }
            }
            order.withLock { $0.append("still first") }
        }
        #expect(order.withLock { $0 } == ["first", "still first", "second", "third"])
        // Nothing is left that would make a later one wait for ever.
        try syncs.sync(place) { _ in order.withLock { $0.append("later") } }
        #expect(order.withLock { $0.last } == "later")
    }

    @Test("uploads of many into one new directory are all there", arguments: [true, false])
    func uploads(_ isDurable: Bool) async throws {
        let directory = try TestDirectory(isDurable: isDurable)
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { try await directory.put("new/deep/\(number)", "content \(number)") }
            }
            try await group.waitForAll()
        }
        #expect(try await directory.list("new/deep").count == 200)
        for number in 0..<200 { #expect(try await directory.get("new/deep/\(number)") == "content \(number)") }
        #expect(directory.everything().filter { $0.hasPrefix(".roost-tmp/") } == [])
    }

    @Test("a directory that cannot be synced is told to everybody who waits")
    func failing() throws {
        let syncs = SharedSyncs()
        // The system has no sync for this one.
        let place = try Descriptor(directory: "/proc/self/fd")
        let failures = Mutex(0)
        @Sendable func count(_ result: Result<Void, any Error>) {
            if case .failure = result { failures.withLock { $0 += 1 } }
        }
        try syncs.sync(place) { result in
            count(result)
            for _ in 0..<2 { try? syncs.sync(place) { count($0) } }
        }
        #expect(failures.withLock { $0 } == 3)
    }
}

/// How often each was told.
private final class Told: Sendable {
    private let held = Mutex<[Int: Int]>([:])

    var counts: [Int: Int] { held.withLock { $0 } }
    func count(_ number: Int) { held.withLock { $0[number, default: 0] += 1 } }
}
