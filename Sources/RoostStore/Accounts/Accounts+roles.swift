// Roles in the file of users, what they grant, and who has them.

internal import CSQLite
public import RoostCore

extension Accounts {
    // MARK: Roles

    /// - Throws: 404 when there is no such role.
    public func role(_ id: Int64) throws -> Role {
        guard
            let role = try db.first(
                "SELECT id, name, workspace, description FROM roles WHERE id = ?1", id, row: Self.role)
        else { throw APIError.missing("Role with id=\(id) not found") }
        return try withPermissions(role)
    }

    public func roles() throws -> [Role] {
        var roles: [Role] = []
        try db.query("SELECT id, name, workspace, description FROM roles ORDER BY id") { roles.append(Self.role($0)) }
        return try roles.map(withPermissions)
    }

    public func roles(of user: Int64) throws -> [Role] {
        var roles: [Role] = []
        try db.query(
            """
            SELECT r.id, r.name, r.workspace, r.description
            FROM user_role_assignments a JOIN roles r ON r.id = a.role_id WHERE a.user_id = ?1 ORDER BY a.id
            """, user
        ) { roles.append(Self.role($0)) }
        return try roles.map(withPermissions)
    }

    /// - Throws: 400 when the name is taken in the workspace.
    public func createRole(_ name: String, workspace: String, description: String?) throws -> Role {
        try checkRoleName(name)
        guard try !hasRole(name, workspace) else {
            throw APIError(.resourceAlreadyExists, "Role (name=\(name), workspace=\(workspace)) already exists.")
        }
        try db.run(
            "INSERT INTO roles (name, workspace, description) VALUES (?1, ?2, ?3)", name, workspace, description)
        return Role(id: db.lastInsertID, name: name, workspace: workspace, description: description, permissions: [])
    }

    /// - Throws: 404, or 400 when the name is taken.
    public func updateRole(_ id: Int64, name: String?, description: String?) throws -> Role {
        let role = try role(id)
        if let name {
            try checkRoleName(name)
            guard try name == role.name || !hasRole(name, role.workspace) else {
                throw APIError(
                    .resourceAlreadyExists, "Role with name=\(name) already exists in workspace=\(role.workspace)")
            }
            try db.run("UPDATE roles SET name = ?2 WHERE id = ?1", id, name)
        }
        if let description { try db.run("UPDATE roles SET description = ?2 WHERE id = ?1", id, description) }
        return try self.role(id)
    }

    public func deleteRole(_ id: Int64) throws {
        _ = try role(id)
        try db.run("DELETE FROM role_permissions WHERE role_id = ?1", id)
        try db.run("DELETE FROM user_role_assignments WHERE role_id = ?1", id)
        try db.run("DELETE FROM roles WHERE id = ?1", id)
    }

    /// The workspace of a role; nil when there is no such role.
    public func workspace(ofRole id: Int64) throws -> String? {
        try db.first("SELECT workspace FROM roles WHERE id = ?1", id) { $0.text(0) }
    }

    /// The workspace of the role that a permission belongs to; nil when there is no such permission.
    public func workspace(ofPermission id: Int64) throws -> String? {
        try db.first(
            "SELECT r.workspace FROM role_permissions p JOIN roles r ON r.id = p.role_id WHERE p.id = ?1", id
        ) { $0.text(0) }
    }

    // MARK: What a role grants

    public func rolePermission(_ id: Int64) throws -> RolePermission {
        guard
            let found = try db.first(
                "SELECT id, role_id, resource_type, resource_pattern, permission FROM role_permissions WHERE id = ?1",
                id,
                row: Self.permission)
        else { throw APIError.missing("Role permission with id=\(id) not found") }
        return found
    }

    public func addRolePermission(_ role: Int64, _ grant: Grant) throws -> RolePermission {
        _ = try self.role(role)
        let (type, pattern) = (grant.type.rawValue, grant.pattern)
        guard try permissionID(role, type, pattern) == nil else {
            throw APIError(
                .resourceAlreadyExists,
                "Role permission (role_id=\(role), resource_type=\(type), resource_pattern=\(pattern)) already exists.")
        }
        return try rolePermission(try insert(role, grant))
    }

    public func removeRolePermission(_ id: Int64) throws {
        _ = try rolePermission(id)
        try db.run("DELETE FROM role_permissions WHERE id = ?1", id)
    }

    /// - Throws: 404, or 400 when the kind of thing does not know the level.
    public func updateRolePermission(_ id: Int64, _ permission: String) throws -> RolePermission {
        let known = try rolePermission(id)
        let level = try AccessCheck.level(permission, of: known.type)
        try db.run("UPDATE role_permissions SET permission = ?2 WHERE id = ?1", id, level.rawValue)
        return try rolePermission(id)
    }

    // MARK: Who has a role

    public func assign(_ username: String, _ role: Int64) throws -> RoleAssignment {
        let user = try user(username)
        _ = try self.role(role)
        guard try assignment(user.id, role) == nil else {
            throw APIError(
                .resourceAlreadyExists,
                "User role assignment (user_id=\(user.id), role_id=\(role)) already exists")
        }
        try db.run("INSERT INTO user_role_assignments (user_id, role_id) VALUES (?1, ?2)", user.id, role)
        return RoleAssignment(id: db.lastInsertID, userID: user.id, roleID: role)
    }

    public func unassign(_ username: String, _ role: Int64) throws {
        let user = try user(username)
        guard let id = try assignment(user.id, role) else {
            throw APIError.missing("User role assignment (user_id=\(user.id), role_id=\(role)) not found")
        }
        try db.run("DELETE FROM user_role_assignments WHERE id = ?1", id)
    }

    public func assignments(of role: Int64) throws -> [RoleAssignment] {
        _ = try self.role(role)
        var found: [RoleAssignment] = []
        try db.query("SELECT id, user_id, role_id FROM user_role_assignments WHERE role_id = ?1 ORDER BY id", role) {
            found.append(RoleAssignment(id: $0.int64(0), userID: $0.int64(1), roleID: $0.int64(2)))
        }
        return found
    }

    // MARK: What is granted to one user alone

    /// - Parameter replacing: whether a grant on the same thing is changed rather than refused.
    public func grant(_ grant: Grant, to username: String, replacing: Bool) throws {
        let user = try user(username)
        let role = try ownRole(of: user.id)
        if let id = try permissionID(role, grant.type.rawValue, grant.pattern) {
            guard replacing else {
                throw APIError(
                    .resourceAlreadyExists,
                    "Permission for user=\(username) on resource_type=\(grant.type.rawValue), resource_id=\(grant.pattern)"
                        + " already exists.")
            }
            try db.run("UPDATE role_permissions SET permission = ?2 WHERE id = ?1", id, grant.level.rawValue)
        } else {
            _ = try insert(role, grant)
        }
    }

    public func revoke(_ type: ResourceType, _ pattern: String, from username: String) throws {
        let user = try user(username)
        let id = try roleID(Self.ownRole(user.id), AccountStore.workspace).flatMap {
            try permissionID($0, type.rawValue, pattern)
        }
        guard let id else {
            throw APIError.missing(
                "Permission for user=\(username) on resource_type=\(type.rawValue), resource_id=\(pattern) not found.")
        }
        try db.run("DELETE FROM role_permissions WHERE id = ?1", id)
    }

    /// Gives a new thing to who made it, and to nobody else what was granted on another one of its name before.
    public func own(_ type: ResourceType, _ id: String, _ username: String) throws {
        if type == .experiment { try forget(type, id) }
        try grant(Grant(type: type, pattern: id, level: .manage), to: username, replacing: true)
    }

    /// Removes what was granted to single users on a thing that is gone.
    public func forget(_ type: ResourceType, _ id: String) throws {
        try db.run(
            """
            DELETE FROM role_permissions WHERE resource_type = ?1 AND resource_pattern = ?2
                AND role_id IN (SELECT id FROM roles WHERE name GLOB '__user_[0-9]*__')
            """, type.rawValue, id)
    }

    /// Lets what was granted to single users on a thing follow its name.
    public func rename(_ type: ResourceType, _ old: String, to new: String) throws {
        try forget(type, new)
        try db.run(
            """
            UPDATE role_permissions SET resource_pattern = ?3 WHERE resource_type = ?1 AND resource_pattern = ?2
                AND role_id IN (SELECT id FROM roles WHERE name GLOB '__user_[0-9]*__')
            """, type.rawValue, old, new)
    }

    // MARK: Behind them

    private func insert(_ role: Int64, _ grant: Grant) throws -> Int64 {
        try db.run(
            """
            INSERT INTO role_permissions (role_id, resource_type, resource_pattern, permission)
            VALUES (?1, ?2, ?3, ?4)
            """, role, grant.type.rawValue, grant.pattern, grant.level.rawValue)
        return db.lastInsertID
    }

    private func ownRole(of user: Int64) throws -> Int64 {
        let name = Self.ownRole(user)
        let role: Int64
        if let known = try roleID(name, AccountStore.workspace) {
            let other = try db.first(
                "SELECT user_id FROM user_role_assignments WHERE role_id = ?1 AND user_id <> ?2", known, user
            ) { $0.int64(0) }
            if let other {
                throw APIError.invalid(
                    "Role '\(name)' in workspace '\(AccountStore.workspace)' collides with the reserved '__user_<id>__'"
                        + " synthetic namespace but is already assigned to user_id=\(other). Rename or delete the"
                        + " conflicting role before granting per-user permissions.")
            }
            role = known
        } else {
            try db.run(
                "INSERT INTO roles (name, workspace, description) VALUES (?1, ?2, NULL)", name, AccountStore.workspace)
            role = db.lastInsertID
        }
        if try assignment(user, role) == nil {
            try db.run("INSERT INTO user_role_assignments (user_id, role_id) VALUES (?1, ?2)", user, role)
        }
        return role
    }

    private func checkRoleName(_ name: String) throws {
        guard !name.hasPrefix("__user_") else {
            throw APIError.invalid(
                "Role name \(pythonRepr(name)) uses the reserved '__user_' prefix, which is held for the per-user"
                    + " permission representation. Choose a different name.")
        }
    }

    private func hasRole(_ name: String, _ workspace: String) throws -> Bool { try roleID(name, workspace) != nil }

    private func roleID(_ name: String, _ workspace: String) throws -> Int64? {
        try db.first("SELECT id FROM roles WHERE name = ?1 AND workspace = ?2", name, workspace) { $0.int64(0) }
    }

    private func permissionID(_ role: Int64, _ type: String, _ pattern: String) throws -> Int64? {
        try db.first(
            """
            SELECT id FROM role_permissions WHERE role_id = ?1 AND resource_type = ?2 AND resource_pattern = ?3
            """, role, type, pattern
        ) { $0.int64(0) }
    }

    private func assignment(_ user: Int64, _ role: Int64) throws -> Int64? {
        try db.first("SELECT id FROM user_role_assignments WHERE user_id = ?1 AND role_id = ?2", user, role) {
            $0.int64(0)
        }
    }

    private func withPermissions(_ role: Role) throws -> Role {
        var role = role
        try db.query(
            """
            SELECT id, role_id, resource_type, resource_pattern, permission FROM role_permissions
            WHERE role_id = ?1 ORDER BY id
            """, role.id
        ) { role.permissions.append(Self.permission($0)) }
        return role
    }

    private static func role(_ row: Row) -> Role {
        Role(
            id: row.int64(0), name: row.text(1), workspace: row.text(2), description: row.optionalText(3),
            permissions: [])
    }

    private static func permission(_ row: Row) -> RolePermission {
        RolePermission(
            id: row.int64(0), roleID: row.int64(1), type: row.text(2), pattern: row.text(3), permission: row.text(4))
    }
}
