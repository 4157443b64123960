// The file of users, roles and tokens, a database of its own: opening it, and the two ways in.

internal import CSQLite
internal import Glibc
public import Logging
public import RoostCore
internal import Synchronization

/// A user with all that was granted, as requests are decided by it.
public struct Account: Sendable {
    public let id: Int64
    public let username: String
    public let isAdmin: Bool
    /// Nil when the file has none, as for users that another program made.
    public let passwordHash: String?
    /// What the roles of this user grant in the one workspace there is.
    public let rules: AccessRules
    /// The workspaces in which this user may administer users and roles.
    public let managedWorkspaces: Set<String>
    /// The workspaces in which this user has a role.
    public let workspaces: Set<String>
}

/// The users of a server.
///
/// Everything is decided in the order of one queue. What was read of a user is kept until something is written, whatever it
/// is: so each request sees every change that was acknowledged before it began.
public final class AccountStore: Sendable {
    /// The workspace of a server without workspaces.
    public static let workspace = "default"
    /// Users that are remembered at once.
    private static let remembered = 10_000

    private let connection: Confined<SQLiteConnection>
    private let known = Mutex<[String: Account]>([:])
    private let tokens = Mutex<[[UInt8]: (username: String, expiry: Int64)]>([:])
    private let lock: OwnerLock?
    private let world: World
    private let log: Logger
    private let standard: AccessLevel

    /// Opens or makes the file.
    /// - Parameter standard: the level that holds where nothing was granted.
    /// - Throws: ``StoreOpeningError`` with a sentence that says what stands in the way.
    public init(_ location: StoreLocation, standard: AccessLevel, world: World, log: Logger) throws {
        self.world = world
        self.log = log
        self.standard = standard
        let path: String
        switch location {
        case .memory: (path, lock) = (":memory:", nil)
        case .file(let file):
            (path, lock) = (file, try OwnerLock(path: file))
            // A new one is for this user of the machine alone: it holds hashes of passwords.
            let made = open(file, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            if made >= 0 { Glibc.close(made) }
        }
        connection = try Damage.naming(path) {
            try Confined(label: "roost.accounts") {
                let connection = try SQLiteConnection(path: path, create: true)
                try connection.execute(script: "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;")
                try AccountMigrator.migrate(connection, path: path)
                return connection
            }
        }
    }

    /// A user by name; nil when there is none.
    public func account(_ username: String) async throws -> Account? {
        if let account = known.withLock({ $0[username] }) { return account }
        return try await run(writes: false) { accounts in
            let account = try accounts.account(username)
            if let account {
                self.known.withLock { known in
                    if known.count >= Self.remembered { known = [:] }
                    known[username] = account
                }
            }
            return account
        }
    }

    /// The user whose token this is, and when it expires; nil when it is nobody's.
    public func account(token digest: [UInt8]) async throws -> (account: Account, expiry: Int64)? {
        var owner = tokens.withLock { $0[digest] }
        if owner == nil {
            owner = try await run(writes: false) { accounts in
                let owner = try accounts.owner(ofToken: digest)
                if let owner {
                    self.tokens.withLock { tokens in
                        if tokens.count >= Self.remembered { tokens = [:] }
                        tokens[digest] = owner
                    }
                }
                return owner
            }
        }
        guard let owner, let account = try await account(owner.username) else { return nil }
        return (account, owner.expiry)
    }

    /// The same as `read`, before anybody is served.
    public func readNow<Result: Sendable>(_ body: @Sendable (Accounts) throws -> Result) throws -> Result {
        let (world, standard) = (world, standard)
        let result = try connection.sync { try body(Accounts(db: $0, world: world, standard: standard)) }
        guard let result else { throw StoreOpeningError("The file of users is closed.") }
        return result
    }

    /// The same as `write`, before anybody is served.
    public func writeNow(_ body: @Sendable (Accounts) throws -> Void) throws {
        let (world, standard) = (world, standard)
        try connection.sync { connection in
            try connection.inTransaction { try body(Accounts(db: connection, world: world, standard: standard)) }
        }
    }

    /// Runs `body` on the file as it is.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (Accounts) throws -> Result
    ) async throws -> Result { try await run(writes: false, body) }

    /// Runs `body` in a transaction, and answers once that is on disk and nobody remembers what was before.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (Accounts) throws -> Result
    ) async throws -> Result { try await run(writes: true, body) }

    public func close() {
        connection.close()
        lock?.release()
    }

    private func run<Result: Sendable>(
        writes: Bool, _ body: @escaping @Sendable (Accounts) throws -> Result
    ) async throws -> Result {
        let (world, log, standard) = (world, log, standard)
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
            connection.async { connection in
                let accounts = Accounts(db: connection, world: world, standard: standard)
                let result = Swift.Result { () throws -> Result in
                    guard writes else {
                        // Nobody may see what a write left that failed and could not be undone.
                        if connection.isInTransaction { try connection.run("ROLLBACK") }
                        return try body(accounts)
                    }
                    return try connection.inTransaction { try body(accounts) }
                }
                if writes {
                    self.known.withLock { $0 = [:] }
                    self.tokens.withLock { $0 = [:] }
                }
                continuation.resume(with: result.mapError { answer(to: $0, log: log) as any Error })
            }
        }
    }
}

extension SQLiteConnection {
    /// All of it, or nothing.
    fileprivate func inTransaction<Result>(_ body: () throws -> Result) throws -> Result {
        try begin(toWrite: true)
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // What fails here is made up for before the next transaction.
            if isInTransaction { try? run("ROLLBACK") }
            throw error
        }
    }
}

/// The file of users, for the operations on it.
public struct Accounts {
    let db: SQLiteConnection
    let world: World
    let standard: AccessLevel
}

/// Brings a file of users to the newest schema: a new one, one of Roost's, or one that MLflow's server wrote.
enum AccountMigrator {
    /// The migrations in order; the position is the number, counted from 1.
    static let files = ["schema/auth/0001_accounts.sql", "schema/auth/0002_tokens.sql"]
    /// The revision of MLflow 3.17.2's own migrations.
    static let revision = "f1a2b3c4d5e6"

    static func migrate(_ connection: SQLiteConnection, path: String) throws {
        let version = Int(try connection.first("PRAGMA user_version") { $0.int64(0) } ?? 0)
        guard version <= files.count else {
            throw StoreOpeningError("The file of users \(path) was written by a newer Roost. Nothing was changed.")
        }
        let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.int64(0) } ?? 0
        if tables > 0 { try checkRevision(connection, path) }
        for (index, file) in files.enumerated().dropFirst(version) {
            // MLflow's server has made the first tables itself.
            try Migrator.step(connection, to: index + 1, by: index == 0 && tables > 0 ? nil : file)
        }
    }

    private static func checkRevision(_ connection: SQLiteConnection, _ path: String) throws {
        let isTheirs = try connection.first(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version_auth'"
        ) { $0.int64(0) == 1 }
        guard isTheirs == true else {
            throw StoreOpeningError(
                "The file \(path) is no file of users, or one of an MLflow before 3.6. Start MLflow 3.17.2 on it once"
                    + " to bring it up to date, or name another file as database_uri.")
        }
        let found = try connection.first("SELECT version_num FROM alembic_version_auth") { $0.text(0) } ?? "none"
        guard found == revision else {
            throw StoreOpeningError(
                "The file of users \(path) has revision \(found) of MLflow's schema, and Roost knows \(revision), that of"
                    + " MLflow 3.17.2. Start that version on it once to bring it up to date. Nothing was changed.")
        }
    }
}
