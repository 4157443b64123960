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
        self.world = world
        self.log = log
        cost = settings.cost
        key = DigestKey(world: world)
        decoy = PasswordHash("nobody has this password", cost: settings.cost, world: world)
        // At least one core stays free for everything else.
        desk = HashingDesk(workers: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
        accounts = try AccountStore(settings.users, standard: settings.standard, world: world, log: log)
        do { try accounts.makeAdmin(settings, cost, world, log) } catch {
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
        if let account, let hash = account.passwordHash, isVerified(username, password, hash) { return account }
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

extension AccountStore {
    /// Makes the admin that the settings name, in MLflow's words where that cannot be done.
    fileprivate func makeAdmin(
        _ settings: AccessSettings, _ cost: PasswordHash.Cost, _ world: World, _ log: Logger
    ) throws {
        guard let name = settings.adminName, !name.isEmpty else {
            throw ServerStartError(
                "MLflow Authentication needs a username for the admin user, but none is configured (or it is empty). Set the"
                    + " MLFLOW_AUTH_ADMIN_USERNAME environment variable, or set `admin_username` in the configuration file"
                    + " referenced by MLFLOW_AUTH_CONFIG_PATH, and restart the server.")
        }
        let old = AccessControl.oldDefault
        let hash = try readNow { try $0.passwordHash(name) }
        if let hash {
            // Only one that still has the old default is changed.
            guard let password = settings.adminPassword, password != old,
                let stored = PasswordHash(stored: hash), stored.matches(old)
            else { return }
            try Self.check(name, password)
            let new = PasswordHash(password, cost: cost, world: world).text
            try writeNow { try $0.setPassword(name, hash: new) }
            log.warning(
                "The old default password of the admin '\(name)' was replaced by the configured one. Remove that from the settings now."
            )
            return
        }
        guard let password = settings.adminPassword, !password.isEmpty else {
            throw ServerStartError(
                "MLflow Authentication needs a password to create the admin user '\(name)', but none is configured (or it is"
                    + " empty). MLflow ships no default admin password. Set the MLFLOW_AUTH_ADMIN_PASSWORD environment"
                    + " variable, or set `admin_password` in the configuration file referenced by MLFLOW_AUTH_CONFIG_PATH, and"
                    + " restart the server.")
        }
        try Self.check(name, password)
        let new = PasswordHash(password, cost: cost, world: world).text
        try writeNow { accounts in
            if try accounts.passwordHash(name) == nil {
                _ = try accounts.createUser(name, passwordHash: new, isAdmin: true)
            }
        }
        log.info("Created admin user '\(name)'.")
    }

    private static func check(_ name: String, _ password: String) throws(ServerStartError) {
        let advice =
            "Set MLFLOW_AUTH_ADMIN_PASSWORD or `admin_password` in the configuration file referenced by"
            + " MLFLOW_AUTH_CONFIG_PATH to "
        guard password != AccessControl.oldDefault else {
            throw ServerStartError(
                "Refusing to use the insecure default password that older MLflow versions shipped in basic_auth.ini for the"
                    + " admin user '\(name)' (https://github.com/advisories/GHSA-gq3w-7jj3-x7gr). " + advice
                    + "a different password.")
        }
        do {
            try AccessCheck.username(name)
            try AccessCheck.password(password)
        } catch {
            throw ServerStartError(
                "The configured password for the admin user '\(name)' is invalid: \(error.message) " + advice
                    + "a valid password.")
        }
    }
}

/// Name and password of `Basic` credentials; nil when they are malformed.
func basicCredentials(_ text: Substring) -> (username: String, password: String)? {
    guard let bytes = decodeBase64(text), let whole = String(validating: bytes, as: UTF8.self),
        let colon = whole.firstIndex(of: ":")
    else { return nil }
    return (String(whole[..<colon]), String(whole[whole.index(after: colon)...]))
}

/// The bytes of a text in base64, padded or not; nil when it is none.
private func decodeBase64(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8.reversed().drop(while: { $0 == UInt8(ascii: "=") }).reversed() {
        let value: UInt8
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
        default: return nil
        }
        bits = bits << 6 | UInt32(value)
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
