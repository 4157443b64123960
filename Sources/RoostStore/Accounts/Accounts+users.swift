// Users in the file of users.

internal import CSQLite
public import RoostCore

extension Accounts {
    /// - Throws: 404 when there is no such user.
    public func user(_ username: String) throws -> User {
        guard
            let user = try db.first(
                "SELECT id, username, is_admin FROM users WHERE username = ?1", username, row: Self.user)
        else { throw APIError.missing("User with username=\(username) not found") }
        return user
    }

    public func hasUser(_ username: String) throws -> Bool {
        try db.first("SELECT 1 FROM users WHERE username = ?1", username) { _ in true } ?? false
    }

    /// The stored hash; empty when the user has none, nil when there is no such user.
    public func passwordHash(_ username: String) throws -> String? {
        try db.first("SELECT coalesce(password_hash, '') FROM users WHERE username = ?1", username) { $0.text(0) }
    }

    public func users() throws -> [User] {
        var users: [User] = []
        try db.query("SELECT id, username, is_admin FROM users ORDER BY id") { users.append(Self.user($0)) }
        return users
    }

    /// - Throws: 400 when the name is taken.
    public func createUser(_ username: String, passwordHash: String, isAdmin: Bool = false) throws -> User {
        guard try !hasUser(username) else {
            throw APIError(.resourceAlreadyExists, "User (username=\(username)) already exists.")
        }
        try db.run(
            "INSERT INTO users (username, password_hash, is_admin) VALUES (?1, ?2, ?3)", username, passwordHash,
            isAdmin ? 1 : 0)
        return User(id: db.lastInsertID, username: username, isAdmin: isAdmin)
    }

    /// - Throws: 404 when there is no such user.
    public func setPassword(_ username: String, hash: String) throws {
        let user = try user(username)
        try db.run("UPDATE users SET password_hash = ?2 WHERE id = ?1", user.id, hash)
    }

    /// - Throws: 404 when there is no such user; 400 when nobody would be left to administer.
    public func setAdmin(_ username: String, _ isAdmin: Bool) throws {
        let user = try user(username)
        if !isAdmin { try keepAnAdmin(beside: user) }
        try db.run("UPDATE users SET is_admin = ?2 WHERE id = ?1", user.id, isAdmin ? 1 : 0)
    }

    /// Deletes a user with the tokens, the role of the user's own grants and the places in other roles.
    /// - Throws: 404 when there is no such user.
    public func deleteUser(_ username: String) throws {
        let user = try user(username)
        try keepAnAdmin(beside: user)
        try db.run("DELETE FROM roost_tokens WHERE user_id = ?1", user.id)
        try db.run(
            "DELETE FROM role_permissions WHERE role_id IN (SELECT id FROM roles WHERE name = ?1)",
            Self.ownRole(user.id))
        try db.run(
            "DELETE FROM user_role_assignments WHERE user_id = ?1 OR role_id IN (SELECT id FROM roles WHERE name = ?2)",
            user.id, Self.ownRole(user.id))
        try db.run("DELETE FROM roles WHERE name = ?1", Self.ownRole(user.id))
        // Grants of older versions, which would pass to whoever gets this number next.
        try db.run("DELETE FROM experiment_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM registered_model_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM scorer_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM gateway_secret_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM gateway_endpoint_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM gateway_model_definition_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM workspace_permissions WHERE user_id = ?1", user.id)
        try db.run("DELETE FROM users WHERE id = ?1", user.id)
    }

    private func keepAnAdmin(beside user: User) throws {
        guard user.isAdmin else { return }
        let others = try db.first("SELECT count(*) FROM users WHERE is_admin AND id <> ?1", user.id) { $0.int64(0) }
        guard others ?? 0 > 0 else {
            throw APIError(
                .badRequest, "\(user.username) is the only admin: make somebody else one before.")
        }
    }

    /// A user with everything that decides about requests.
    func account(_ username: String) throws -> Account? {
        guard
            let (user, hash) = try db.first(
                "SELECT id, username, is_admin, password_hash FROM users WHERE username = ?1", username,
                row: { (Self.user($0), $0.optionalText(3)) })
        else { return nil }
        var grants: [Grant] = []
        var workspaces: Set<String> = []
        var managed: Set<String> = []
        try db.query(
            """
            SELECT r.workspace, p.resource_type, p.resource_pattern, p.permission
            FROM user_role_assignments a JOIN roles r ON r.id = a.role_id
            LEFT JOIN role_permissions p ON p.role_id = r.id WHERE a.user_id = ?1
            """, user.id
        ) { row in
            let workspace = row.text(0)
            workspaces.insert(workspace)
            guard !row.isNull(1) else { return }
            let pattern = row.text(2)
            guard let type = ResourceType(rawValue: row.text(1)) else { return }
            // A word that nobody knows grants nothing, and must not outdo what forbids.
            let grant = Grant(type: type, pattern: pattern, level: AccessLevel(rawValue: row.text(3)) ?? .deny)
            if grant == Grant(type: .workspace, pattern: "*", level: .manage) { managed.insert(workspace) }
            if workspace == AccountStore.workspace { grants.append(grant) }
        }
        return Account(
            id: user.id, username: user.username, isAdmin: user.isAdmin, passwordHash: hash,
            rules: AccessRules(grants, standard: standard), managedWorkspaces: managed, workspaces: workspaces)
    }

    private static func user(_ row: Row) -> User {
        User(id: row.int64(0), username: row.text(1), isAdmin: row.int64(2) != 0)
    }

    /// The name of the role that holds what was granted to one user alone.
    static func ownRole(_ user: Int64) -> String { "__user_\(user)__" }
}
