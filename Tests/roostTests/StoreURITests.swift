// Spellings of a database, as SQLAlchemy reads them.

import RoostStore
import Testing

@testable import roost

struct StoreURITests {
    @Test(arguments: [
        ("sqlite:///roost.db", StoreLocation.file("roost.db")), ("sqlite:///a/b.db", .file("a/b.db")),
        ("sqlite:////abs/b.db", .file("/abs/b.db")), ("sqlite:///./x.db", .file("./x.db")),
        ("sqlite:////a b/x%20y.db", .file("/a b/x%20y.db")), ("SQLITE:///x.db", .file("x.db")),
        ("sqlite+pysqlite:///x.db", .file("x.db")), ("sqlite:///:memory:", .memory), ("sqlite://", .memory),
        ("sqlite:///", .memory),
    ])
    func places(_ uri: String, _ location: StoreLocation) throws {
        let parsed = try StoreURI(uri, source: "x")
        #expect(parsed.location == location)
        #expect(!parsed.hasParameters)
    }

    @Test func parametersAreCutOff() throws {
        let parsed = try StoreURI("sqlite:///x.db?timeout=30", source: "x")
        #expect(parsed.location == .file("x.db"))
        #expect(parsed.hasParameters)
    }

    @Test(arguments: [
        "sqlite:x.db", "sqlite:/x.db", "sqlite://x.db", "sqlite:///file:x.db?mode=ro&uri=true",
        "sqlite+aiosqlite:///x.db",
        "oracle://h/d", "databricks://profile", "http://localhost:5000",
    ])
    func whatIsNoPlaceIsAUsageError(_ uri: String) throws {
        #expect(throws: Refusal.self) { try StoreURI(uri, source: "--flag") }
        do { _ = try StoreURI(uri, source: "--flag") } catch {
            guard case .usage(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.hasPrefix("--flag: "))
        }
    }

    @Test(arguments: [
        ("", "file store"), ("mlruns", "file store"), ("./mlruns", "file store"), ("/var/mlruns", "file store"),
        ("file:///var/mlruns", "file store"), ("./a:b", "file store"), ("postgresql://u:p@h/d", "postgresql"),
        ("postgres://h/d", "postgres"), ("postgresql+psycopg2://h/d", "postgresql"), ("mysql+pymysql://h/d", "mysql"),
        ("mssql+pyodbc://h/d", "mssql"),
    ])
    func otherStoresOfMLflowAreRefused(_ uri: String, _ word: String) {
        do {
            _ = try StoreURI(uri, source: "--flag")
            Issue.record("accepted")
        } catch {
            guard case .failed(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.hasPrefix("--flag: ") && reason.contains(word))
        }
    }
}
