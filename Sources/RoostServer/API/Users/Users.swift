// The endpoints below `users/`: who there is, and what is granted to single users.

internal import HTTPTypes
internal import RoostCore
internal import RoostStore

/// Handlers of users.
enum Users {
    static func create(_ request: CreateUser, _ services: Services) async throws -> FoundUser {
        let (access, _) = try services.signedIn()
        let hash = try await access.hash(request.password)
        return FoundUser(
            user: try await access.accounts.write { try $0.createUser(request.username, passwordHash: hash) })
    }

    static func get(_ request: OneUser, _ services: Services) async throws -> FoundUser {
        let (access, _) = try services.signedIn()
        return FoundUser(user: try await access.accounts.read { try $0.user(request.username) })
    }

    static func current(_ request: NoFields, _ services: Services) async throws -> CurrentUser {
        let account = try services.signedIn().caller.account
        return CurrentUser(user: User(id: account.id, username: account.username, isAdmin: account.isAdmin))
    }

    /// Everybody sees everybody, and of the roles of others those that one administers.
    static func list(_ request: NoFields, _ services: Services) async throws -> FoundUsers {
        let (access, caller) = try services.signedIn()
        return FoundUsers(
            users: try await access.accounts.read { accounts in
                try accounts.users().map { ($0, visible(try accounts.roles(of: $0.id), of: $0.username, to: caller)) }
            })
    }

    static func updatePassword(
        _ request: UpdatePassword, _ head: RequestHead, _ services: Services
    ) async throws -> APIResponse {
        let (access, caller) = try services.signedIn()
        // A token that leaked must not become a password.
        guard !caller.usesToken else { throw AccessRefusal.forbidden }
        if request.username == caller.username {
            guard !request.current.isEmpty else {
                throw APIError.invalid("Current password is required when changing your own password.")
            }
            guard try await access.check(caller.username, request.current, head.address) else {
                throw APIError.invalid("Current password does not match.")
            }
            guard request.password != request.current else {
                throw APIError.invalid("New password must differ from the current password.")
            }
        }
        let hash = try await access.hash(request.password)
        try await access.accounts.write { try $0.setPassword(request.username, hash: hash) }
        return .json(JSONWriter.bytes(of: Nothing()))
    }

    static func updateAdmin(_ request: UpdateAdmin, _ services: Services) async throws -> Nothing {
        let (access, _) = try services.signedIn()
        try await access.accounts.write { try $0.setAdmin(request.username, request.isAdmin) }
        return Nothing()
    }

    static func delete(_ request: OneUser, _ services: Services) async throws -> Nothing {
        let (access, caller) = try services.signedIn()
        guard request.username != caller.username else {
            throw APIError(
                .badRequest,
                "Users cannot delete their own account. Ask another admin to delete this user instead.")
        }
        try await access.accounts.write { try $0.deleteUser(request.username) }
        return Nothing()
    }

    // MARK: Permissions

    static func roles(_ request: RolesOfUser, _ services: Services) async throws -> FoundRoles {
        FoundRoles(roles: try await rolesOf(request.username, services).roles)
    }

    static func permissions(_ request: RolesOfUser, _ services: Services) async throws -> FoundPermissions {
        let (user, roles) = try await rolesOf(request.username, services)
        return FoundPermissions(isAdmin: user.isAdmin, roles: roles)
    }

    static func ownPermissions(_ request: NoFields, _ services: Services) async throws -> FoundPermissions {
        let (user, roles) = try await rolesOf(try services.signedIn().caller.username, services)
        return FoundPermissions(isAdmin: user.isAdmin, roles: roles)
    }

    static func grant(_ request: GrantToUser, _ services: Services) async throws -> Nothing {
        let (access, _) = try services.signedIn()
        let target = request.target
        let type = try AccessCheck.grantedType(target.type)
        try AccessCheck.pattern(target.id, of: type)
        let level = try AccessCheck.level(request.permission, of: target.type)
        try await access.accounts.write {
            try $0.grant(Grant(type: type, pattern: target.id, level: level), to: target.username, replacing: false)
        }
        return Nothing()
    }

    static func revoke(_ request: UserResource, _ services: Services) async throws -> Nothing {
        let (access, _) = try services.signedIn()
        let type = try AccessCheck.grantedType(request.type)
        try await access.accounts.write { try $0.revoke(type, request.id, from: request.username) }
        return Nothing()
    }

    /// What a user may do with a thing, as a request of that user would be decided. An admin's own right is not counted.
    static func permission(_ request: UserResource, _ services: Services) async throws -> EffectivePermission {
        let (access, _) = try services.signedIn()
        let type = try AccessCheck.grantedType(request.type)
        let id = request.id == "*" ? "*" : try AccessCheck.lookUp(type, request.id)
        guard let account = try await access.accounts.account(request.username) else {
            throw APIError.missing("User with username=\(request.username) not found")
        }
        return EffectivePermission(level: account.rules.level(type, id))
    }

    private static func rolesOf(
        _ username: String, _ services: Services
    ) async throws -> (user: User, roles: [Role]) {
        let (access, caller) = try services.signedIn()
        return try await access.accounts.read { accounts in
            let user = try accounts.user(username)
            return (user, visible(try accounts.roles(of: user.id), of: username, to: caller))
        }
    }

    private static func visible(_ roles: [Role], of username: String, to caller: Caller) -> [Role] {
        username == caller.username ? roles : roles.filter { caller.manages($0.workspace) }
    }
}

extension Services {
    /// The users and who asks, for rows that need both.
    func signedIn() throws -> (access: AccessControl, caller: Caller) {
        guard let access, let caller else { throw AccessRefusal.unknown }
        return (access, caller)
    }

    /// Gives a new thing to who made it.
    func own(_ type: ResourceType, _ id: String) async throws {
        guard let access, let caller else { return }
        let username = caller.username
        try await access.accounts.write { accounts in
            // Whoever made it may have been deleted meanwhile.
            if try accounts.hasUser(username) { try accounts.own(type, id, username) }
        }
    }
}
