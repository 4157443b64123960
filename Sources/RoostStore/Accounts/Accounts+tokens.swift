// Tokens for programs in the file of users.

internal import CSQLite
public import RoostCore

extension Accounts {
    /// - Throws: 400 when the user has as many as one may have.
    public func createToken(
        _ name: String, for user: Int64, _ username: String, digest: [UInt8], expiry: Int64
    ) throws -> TokenInfo {
        let now = world.now()
        // What has expired is of no use to anybody.
        try db.run("DELETE FROM roost_tokens WHERE user_id = ?1 AND expiry_time <= ?2", user, now)
        let count = try db.first("SELECT count(*) FROM roost_tokens WHERE user_id = ?1", user) { $0.int64(0) } ?? 0
        guard count < Limits.tokensOfUser else {
            throw APIError(
                .resourceExhausted, "A user may have \(Limits.tokensOfUser) tokens. Revoke one that is not used.",
                status: 400)
        }
        try db.run(
            """
            INSERT INTO roost_tokens (user_id, username, name, digest, creation_time, expiry_time)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """, user, username, name, SQLBlob(bytes: digest), now, expiry)
        return TokenInfo(
            id: db.lastInsertID, username: username, name: name, creationTime: now, expiryTime: expiry)
    }

    public func tokens(of username: String) throws -> [TokenInfo] {
        let user = try user(username)
        var tokens: [TokenInfo] = []
        try db.query(
            """
            SELECT id, username, name, creation_time, expiry_time FROM roost_tokens
            WHERE user_id = ?1 AND username = ?2 AND expiry_time > ?3 ORDER BY id
            """, user.id, username, world.now()
        ) { row in
            tokens.append(
                TokenInfo(
                    id: row.int64(0), username: row.text(1), name: row.text(2), creationTime: row.int64(3),
                    expiryTime: row.int64(4)))
        }
        return tokens
    }

    /// - Parameter username: whose token it must be; nil for anybody's.
    /// - Throws: 404 when there is none.
    public func revokeToken(_ id: Int64, of username: String?) throws {
        let owner = try db.first("SELECT username FROM roost_tokens WHERE id = ?1", id) { $0.text(0) }
        guard let owner, username == nil || owner == username else {
            throw APIError.missing("Token with id=\(id) not found")
        }
        try db.run("DELETE FROM roost_tokens WHERE id = ?1", id)
    }

    /// Whose token this is and when it expires; nil when it is nobody's.
    public func owner(ofToken digest: [UInt8]) throws -> (username: String, expiry: Int64)? {
        try db.first(
            """
            SELECT u.username, t.expiry_time FROM roost_tokens t JOIN users u ON u.id = t.user_id
            WHERE t.digest = ?1 AND u.username = t.username
            """, SQLBlob(bytes: digest)
        ) { ($0.text(0), $0.int64(1)) }
    }
}
