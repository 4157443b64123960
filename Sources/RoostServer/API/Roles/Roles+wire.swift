// Requests and answers of the endpoints below `roles/`. MLflow writes these by hand: what is empty is there, too.

internal import RoostCore

struct CreateRole: FieldsReadable, NamesResources {
    let name: String
    let workspace: String
    let description: String?

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name", required: true)
        workspace = try fields.string("workspace", required: true)
        description = try fields.optionalString("description")
        if fields.isDescribing { return }
        guard !name.isBlank else { throw .invalid("Role name cannot be empty.") }
        guard !workspace.isBlank else { throw .invalid("Workspace cannot be empty.") }
        try Check.length(name, Limits.roleName, "name")
        try Check.length(workspace, Limits.workspaceName, "workspace")
        try Check.length(description ?? "", Limits.roleDescription, "description")
    }

    func resources(_ head: RequestHead) -> [Resource] { [.workspace(workspace)] }
}

/// A request that names a role and says no more.
struct OneRole: FieldsReadable, NamesResources {
    let id: Int64

    init(from fields: inout Fields) throws(APIError) { id = try fields.number("role_id") }

    func resources(_ head: RequestHead) -> [Resource] { [.role(id)] }
}

struct ListRoles: FieldsReadable, NamesResources {
    let workspaces: [String]

    init(from fields: inout Fields) throws(APIError) {
        workspaces = try fields.strings("workspace", max: Limits.listItems)
        guard workspaces.allSatisfy({ !$0.isBlank }) else {
            throw .invalid("Parameter 'workspace' must be a non-empty string when provided.")
        }
    }

    func resources(_ head: RequestHead) -> [Resource] { [.rolesOf(workspaces)] }
}

struct UpdateRole: FieldsReadable, NamesResources {
    let id: Int64
    let name: String?
    let description: String?

    init(from fields: inout Fields) throws(APIError) {
        id = try fields.number("role_id")
        name = try fields.optionalString("name")
        description = try fields.optionalString("description")
        if fields.isDescribing { return }
        guard name != nil || description != nil else {
            throw .invalid("At least one of 'name' or 'description' must be provided to update a role.")
        }
        if let name, name.isBlank { throw .invalid("Role name cannot be empty.") }
        try Check.length(name ?? "", Limits.roleName, "name")
        try Check.length(description ?? "", Limits.roleDescription, "description")
    }

    func resources(_ head: RequestHead) -> [Resource] { [.role(id)] }
}

struct AddRolePermission: FieldsReadable, NamesResources {
    let role: Int64
    let grant: Grant

    init(from fields: inout Fields) throws(APIError) {
        role = try fields.number("role_id")
        let type = try fields.string("resource_type", required: true)
        let pattern = try fields.string("resource_pattern", required: true)
        let permission = try fields.string("permission", required: true)
        if fields.isDescribing {
            grant = Grant(type: .experiment, pattern: "*", level: .read)
            return
        }
        let known = try AccessCheck.type(type)
        try AccessCheck.pattern(pattern, of: known)
        grant = Grant(type: known, pattern: pattern, level: try AccessCheck.level(permission, of: type))
    }

    func resources(_ head: RequestHead) -> [Resource] { [.role(role)] }
}

/// A request that names what a role grants by its number.
struct OneRolePermission: FieldsReadable, NamesResources {
    let id: Int64

    init(from fields: inout Fields) throws(APIError) { id = try fields.number("role_permission_id") }

    func resources(_ head: RequestHead) -> [Resource] { [.rolePermission(id)] }
}

struct UpdateRolePermission: FieldsReadable, NamesResources {
    let id: Int64
    let permission: String

    init(from fields: inout Fields) throws(APIError) {
        id = try fields.number("role_permission_id")
        permission = try fields.string("permission", required: true)
    }

    func resources(_ head: RequestHead) -> [Resource] { [.rolePermission(id)] }
}

struct AssignRole: FieldsReadable, NamesResources {
    let username: String
    let role: Int64

    init(from fields: inout Fields) throws(APIError) {
        username = try fields.string("username", required: true)
        role = try fields.number("role_id")
    }

    func resources(_ head: RequestHead) -> [Resource] { [.role(role)] }
}

extension Fields {
    /// A number that must be given.
    fileprivate mutating func number(_ name: String) throws(APIError) -> Int64 {
        try int64(name, required: true) ?? 0
    }
}

extension String {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

struct FoundRole: JSONWritable, Sendable {
    let role: Role

    func write(to json: inout JSONWriter) { json.object { json in json.member("role", role) } }

    static let example = FoundRole(role: .example)
}

struct FoundRoles: JSONWritable, Sendable {
    let roles: [Role]

    func write(to json: inout JSONWriter) { json.object { json in json.write("roles", all: roles) } }

    static let example = FoundRoles(roles: [.example])
}

struct FoundRolePermission: JSONWritable, Sendable {
    let permission: RolePermission

    func write(to json: inout JSONWriter) { json.object { json in json.member("role_permission", permission) } }

    static let example = FoundRolePermission(permission: .example)
}

struct FoundRolePermissions: JSONWritable, Sendable {
    let permissions: [RolePermission]

    func write(to json: inout JSONWriter) { json.object { json in json.write("role_permissions", all: permissions) } }

    static let example = FoundRolePermissions(permissions: [.example])
}

struct FoundAssignment: JSONWritable, Sendable {
    let assignment: RoleAssignment

    func write(to json: inout JSONWriter) { json.object { json in json.member("assignment", assignment) } }

    static let example = FoundAssignment(assignment: .example)
}

struct FoundAssignments: JSONWritable, Sendable {
    let assignments: [RoleAssignment]

    func write(to json: inout JSONWriter) { json.object { json in json.write("assignments", all: assignments) } }

    static let example = FoundAssignments(assignments: [.example])
}
