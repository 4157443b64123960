// The endpoints below `roles/`: named bundles of permissions, and who has them.

internal import RoostCore
internal import RoostStore

/// Handlers of roles.
enum Roles {
    static func create(_ request: CreateRole, _ services: Services) async throws -> FoundRole {
        FoundRole(
            role: try await services.signedIn().access.accounts.write {
                try $0.createRole(request.name, workspace: request.workspace, description: request.description)
            })
    }

    static func get(_ request: OneRole, _ services: Services) async throws -> FoundRole {
        FoundRole(role: try await services.signedIn().access.accounts.read { try $0.role(request.id) })
    }

    static func list(_ request: ListRoles, _ services: Services) async throws -> FoundRoles {
        let wanted = Set(request.workspaces)
        let roles = try await services.signedIn().access.accounts.read { try $0.roles() }
        return FoundRoles(roles: wanted.isEmpty ? roles : roles.filter { wanted.contains($0.workspace) })
    }

    static func update(_ request: UpdateRole, _ services: Services) async throws -> FoundRole {
        FoundRole(
            role: try await services.signedIn().access.accounts.write {
                try $0.updateRole(request.id, name: request.name, description: request.description)
            })
    }

    static func delete(_ request: OneRole, _ services: Services) async throws -> Nothing {
        try await services.signedIn().access.accounts.write { try $0.deleteRole(request.id) }
        return Nothing()
    }

    static func addPermission(_ request: AddRolePermission, _ services: Services) async throws -> FoundRolePermission {
        FoundRolePermission(
            permission: try await services.signedIn().access.accounts.write {
                try $0.addRolePermission(request.role, request.grant)
            })
    }

    static func removePermission(_ request: OneRolePermission, _ services: Services) async throws -> Nothing {
        try await services.signedIn().access.accounts.write { try $0.removeRolePermission(request.id) }
        return Nothing()
    }

    static func permissions(_ request: OneRole, _ services: Services) async throws -> FoundRolePermissions {
        let role = try await services.signedIn().access.accounts.read { try $0.role(request.id) }
        return FoundRolePermissions(permissions: role.permissions)
    }

    static func updatePermission(
        _ request: UpdateRolePermission, _ services: Services
    ) async throws -> FoundRolePermission {
        FoundRolePermission(
            permission: try await services.signedIn().access.accounts.write {
                try $0.updateRolePermission(request.id, request.permission)
            })
    }

    static func assign(_ request: AssignRole, _ services: Services) async throws -> FoundAssignment {
        FoundAssignment(
            assignment: try await services.signedIn().access.accounts.write {
                try $0.assign(request.username, request.role)
            })
    }

    static func unassign(_ request: AssignRole, _ services: Services) async throws -> Nothing {
        try await services.signedIn().access.accounts.write { try $0.unassign(request.username, request.role) }
        return Nothing()
    }

    static func users(_ request: OneRole, _ services: Services) async throws -> FoundAssignments {
        FoundAssignments(
            assignments: try await services.signedIn().access.accounts.read { try $0.assignments(of: request.id) })
    }
}
