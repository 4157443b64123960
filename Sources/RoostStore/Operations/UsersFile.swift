// The file of users seen from outside, for commands of an operator. A server may have it open meanwhile.

internal import CSQLite
internal import Glibc

public enum UsersFile {
    /// Writes the file as it is at one moment to a new one that is for this user of the machine alone, as it holds hashes of
    /// passwords; it is on the disk on return.
    /// - Throws: ``StoreOpeningError`` when there is no such file, or it is none of users, or damaged.
    public static func copy(_ path: String, to target: String) throws {
        let source = try opened(path)
        let made = open(target, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard made >= 0 else {
            throw StoreOpeningError("The file \(target) cannot be made: \(String(cString: strerror(errno))).")
        }
        close(made)
        try Damage.naming(target) {
            try source.copyPages(to: try SQLiteConnection(path: target, create: false)) { _, _ in }
        }
    }

    /// Checks every page.
    /// - Returns: how many users there are.
    /// - Throws: ``StoreOpeningError`` that says what is wrong.
    public static func verify(_ path: String) throws -> Int64 {
        let connection = try opened(path)
        return try Damage.naming(path) {
            if let complaint = try Damage.complaints(connection, limit: 1).first {
                throw StoreOpeningError("The file of users \(path) is damaged: \(complaint.text).")
            }
            return try connection.first("SELECT count(*) FROM users") { $0.int64(0) } ?? 0
        }
    }

    private static func opened(_ path: String) throws -> SQLiteConnection {
        guard fileSize(path) > 0 else { throw StoreOpeningError("There is no file of users at \(path).") }
        return try Damage.naming(path) {
            // Not for reading alone: what a server that was killed left half done is undone first.
            let connection = try SQLiteConnection(path: path, create: false)
            let isOne = try connection.first(
                "SELECT count(*) FROM sqlite_schema WHERE name IN ('users', 'alembic_version_auth')"
            ) { $0.int64(0) == 2 }
            guard isOne == true else { throw StoreOpeningError("The file \(path) is no file of users.") }
            return connection
        }
    }
}
