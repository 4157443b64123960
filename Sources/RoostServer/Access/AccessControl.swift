// Recognises who asks: by the password of a user, hashed off the event loops, or by a token.

internal import Glibc
internal import HTTPTypes
internal import Logging
internal import RoostAuth
internal import RoostCore
internal import RoostStore
internal import Synchronization

/// The users of a server. There is one only with `--app-name basic-auth`.
final class AccessControl: Sendable {
    /// A password that was checked, kept as a digest under a key of this process. It counts as long as the file has the hash
    /// it was checked against, so a change of the password ends it at once.
    private struct Verified {
        let digest: [UInt8]
        let hash: String
    }

    /// Users whose passwords are remembered at once.
    private static let remembered = 10_000
    /// The password that MLflow came with until 3.17; no admin gets in with it.
    static let oldDefault = "password1234"

    let accounts: AccountStore
    let desk: HashingDesk
    let cost: PasswordHash.Cost
    private let world: World
    private let log: Logger
    private let key: DigestKey
    private let guesses = Guesses()
    private let verified = Mutex<[String: Verified]>([:])
    /// What a password is checked against when there is no such user, so that both take the same time.
    private let decoy: PasswordHash

    /// Opens the file of users, and makes the first admin.
    init(_ settings: AccessSettings, world: World, log: Logger) throws {
        if case .file(let path) = settings.users, Glibc.access(path, F_OK) != 0 { try settings.checkAdmin() }
        self.world = world
        self.log = log
        cost = settings.cost
        key = DigestKey(world: world)
        decoy = PasswordHash("nobody has this password", cost: settings.cost, world: world)
        // At least one core stays free for everything else.
        desk = HashingDesk(workers: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
        accounts = try AccountStore(settings.users, standard: settings.standard, world: world, log: log)
        do { try accounts.makeAdmin(settings, world: world, log: log) } catch {
            accounts.close()
            throw error
        }
    }

    /// - Throws: ``AccessRefusal``; 503 when too many passwords wait to be hashed.
    func authenticate(_ head: RequestHead) async throws -> Caller {
        guard let header = head.headers[.authorization] else { throw AccessRefusal.unknown }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { throw AccessRefusal.unknown }
        switch parts[0].lowercased() {
        case "basic":
            guard let (username, password) = basicCredentials(parts[1]) else { throw AccessRefusal.unknown }
            return Caller(account: try await account(username, password, head.address), usesToken: false)
        case "bearer":
            guard let token = BearerToken(String(parts[1].filter { $0 != " " })),
                let found = try await accounts.account(token: token.digest), found.expiry > world.now()
            else { throw AccessRefusal.unknown }
            return Caller(account: found.account, usesToken: true)
        default: throw AccessRefusal.unknown
        }
    }

    /// Whether this is the password of a user; wrong ones are counted.
    func check(_ username: String, _ password: String, _ address: String) async throws -> Bool {
        do {
            _ = try await account(username, password, address)
            return true
        } catch AccessRefusal.unknown { return false }
    }

    /// The hash of a new password.
    func hash(_ password: String) async throws -> String {
        let (cost, world) = (cost, world)
        return try await desk.run { PasswordHash(password, cost: cost, world: world).text }
    }

    /// What the form for new users carries, so that no other page can send one. It lasts as long as this process.
    func formToken(for username: String) -> String { hexadecimal(key.digest("form " + username)) }

    func isFormToken(_ text: String, of username: String) -> Bool { key.isSame(text, formToken(for: username)) }

    private func account(_ username: String, _ password: String, _ address: String) async throws -> Account {
        let account = try await accounts.account(username)
        // Looked at anew each time, as somebody may become an admin while the password stays.
        let isOldDefault = account?.isAdmin == true && password == Self.oldDefault
        if let account, !isOldDefault, let hash = account.passwordHash, isVerified(username, password, hash) {
            return account
        }
        let wait = guesses.wait(user: username, address: address, now: world.now())
        if wait > 0 { throw AccessRefusal.wait(wait) }
        let stored = account?.passwordHash.flatMap { PasswordHash(stored: $0) }
        let candidate = stored ?? decoy
        let isRight = try await desk.run {
            // Others may have asked the same while this one waited: many connections of one client begin at once.
            if let hash = account?.passwordHash, self.isVerified(username, password, hash) { return true }
            let matches = candidate.matches(password)
            if matches, stored != nil { self.remember(username, password, candidate.text) }
            return matches && stored != nil
        }
        // Meanwhile the password may have been changed, or the user deleted.
        guard isRight, let account = try await accounts.account(username), account.passwordHash == candidate.text else {
            guesses.failed(user: username, address: address, now: world.now())
            throw AccessRefusal.unknown
        }
        if account.isAdmin, password == Self.oldDefault {
            log.warning(
                "A login of the admin '\(username)' with the password that old versions of MLflow came with was refused. Set MLFLOW_AUTH_ADMIN_PASSWORD to another one and start again."
            )
            throw AccessRefusal.unknown
        }
        guesses.succeeded(user: username, address: address)
        return account
    }

    private func isVerified(_ username: String, _ password: String, _ hash: String) -> Bool {
        guard let known = verified.withLock({ $0[username] }), known.hash == hash else { return false }
        return key.matches(known.digest, password)
    }

    private func remember(_ username: String, _ password: String, _ hash: String) {
        let digest = key.digest(password)
        verified.withLock { verified in
            if verified.count >= Self.remembered { verified = [:] }
            verified[username] = Verified(digest: digest, hash: hash)
        }
    }
}

/// Name and password of `Basic` credentials; nil when they are malformed.
func basicCredentials(_ text: Substring) -> (username: String, password: String)? {
    guard let bytes = Base64.decode(text), let whole = String(validating: bytes, as: UTF8.self),
        let colon = whole.firstIndex(of: ":")
    else { return nil }
    return (String(whole[..<colon]), String(whole[whole.index(after: colon)...]))
}
