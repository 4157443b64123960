// What `--backend-store-uri` may say: a SQLite database in the spelling of SQLAlchemy. The rest is refused with its reason.

import RoostStore

/// A place named by a URI.
struct StoreURI: Equatable {
    /// In the working directory; MLflow's own default has another name, so that neither opens the other's file.
    static let standard = "sqlite:///roost.db"

    let location: StoreLocation
    /// Whether there was something after a `?`; Roost decides about SQLite's settings itself.
    let hasParameters: Bool

    /// - Parameter source: the flag or variable that the text came from. Messages never repeat the URI whole: it may hold
    ///   a password.
    init(_ uri: String, source: String) throws(Refusal) {
        guard let separator = uri.firstIndex(of: ":"), separator != uri.startIndex,
            uri[..<separator].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-._".contains($0)) })
        else { throw Self.fileStore(source) }
        let scheme = uri[..<separator].lowercased()
        switch scheme {
        case "sqlite", "sqlite+pysqlite":
            let rest = uri[uri.index(after: separator)...]
            guard rest.hasPrefix("//") else { throw Self.noPath(source) }
            self = try .sqlite(rest.dropFirst(2), source: source)
        case "file": throw Self.fileStore(source)
        default:
            let dialect = scheme.split(separator: "+").first.map(String.init) ?? scheme
            if ["postgresql", "postgres", "mysql", "mariadb", "mssql"].contains(dialect) {
                throw .failed("\(source): Roost keeps its data in SQLite; a database of \(dialect) is not supported.")
            }
            throw .usage("\(source): '\(dialect):' is not known; name a database like \(Self.standard).")
        }
    }

    private init(_ location: StoreLocation, hasParameters: Bool) {
        self.location = location
        self.hasParameters = hasParameters
    }

    /// - Parameter rest: what follows `sqlite://`, where a host would stand.
    private static func sqlite(_ rest: Substring, source: String) throws(Refusal) -> StoreURI {
        let question = rest.firstIndex(of: "?") ?? rest.endIndex
        let hasParameters = rest[question...].count > 1
        let path = rest[..<question]
        if path.isEmpty || path == "/" || path == "/:memory:" { return StoreURI(.memory, hasParameters: hasParameters) }
        guard path.hasPrefix("/"), !path.hasPrefix("/file:") else { throw noPath(source) }
        return StoreURI(.file(String(path.dropFirst())), hasParameters: hasParameters)
    }

    private static func noPath(_ source: String) -> Refusal {
        .usage(
            "\(source): a SQLite database is written sqlite:///relative/path.db, sqlite:////absolute/path.db"
                + " or sqlite:///:memory:.")
    }

    private static func fileStore(_ source: String) -> Refusal {
        .failed(
            "\(source): MLflow's file store is not served; name a database like \(standard), and bring the folder in with"
                + " `roost import mlflow`.")
    }
}
