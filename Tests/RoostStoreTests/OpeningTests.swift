// Opening a database: what is ours, what is not, and who holds it.

import Glibc
import RoostCore
import RoostStore
import Testing

@Suite("Opening a store")
struct OpeningTests {
    @Test("what was acknowledged is there after closing and opening, and the writer left no log behind")
    func reopened() async throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/roost.db"
        let first = try openStore(.file(path))
        let run = try await first.makeRun("kept")
        _ = try await first.read { try $0.run(run) }
        first.close()
        #expect(!directory.names.contains("roost.db-wal"))
        let second = try openStore(.file(path), seed: 8)
        #expect(try await second.read { try $0.run(run) }.info.name == "kept")
        second.close()
    }

    @Test("a second owner is told who holds the file")
    func locked() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/roost.db"
        let first = try openStore(.file(path))
        defer { first.close() }
        #expect(throws: StoreOpeningError("The database \(path) is in use by another Roost, process \(getpid()).")) {
            _ = try openStore(.file(path))
        }
    }

    @Test("a file that is no database, and a directory that is not there, are named in one sentence")
    func foreign() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/text.db"
        let file = open(path, O_WRONLY | O_CREAT, 0o644)
        let text = [UInt8](repeating: 0x61, count: 4096)
        #expect(write(file, text, text.count) == text.count)
        close(file)
        let error = #expect(throws: StoreOpeningError.self) { _ = try openStore(.file(path)) }
        #expect(error?.description.contains("is not a SQLite database") == true)
        let missing = #expect(throws: StoreOpeningError.self) { _ = try openStore(.file("\(path)/no/roost.db")) }
        #expect(missing?.description.contains("does not exist or is not writable") == true)
    }

    @Test("a truncated database is called damaged")
    func truncated() async throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/roost.db"
        let store = try openStore(.file(path))
        _ = try await store.makeRun()
        store.close()
        #expect(truncate(path, 8192) == 0)
        let error = #expect(throws: StoreOpeningError.self) { _ = try openStore(.file(path)) }
        #expect(error?.description.contains("is damaged") == true)
    }
}
