// Users, roles, what these grant, and tokens, as clients see them. MLflow writes these by hand: what is empty is there, too.

/// A user as others may see one.
public struct User: Sendable, Equatable {
    public let id: Int64
    public let username: String
    public let isAdmin: Bool

    public init(id: Int64, username: String, isAdmin: Bool) {
        self.id = id
        self.username = username
        self.isAdmin = isAdmin
    }
}

/// What a role grants.
public struct RolePermission: Sendable, Equatable {
    public let id: Int64
    public let roleID: Int64
    public let type: String
    public let pattern: String
    public let permission: String

    public init(id: Int64, roleID: Int64, type: String, pattern: String, permission: String) {
        self.id = id
        self.roleID = roleID
        self.type = type
        self.pattern = pattern
        self.permission = permission
    }
}

/// A role with what it grants.
public struct Role: Sendable, Equatable {
    public let id: Int64
    public let name: String
    public let workspace: String
    public let description: String?
    public var permissions: [RolePermission]

    public init(id: Int64, name: String, workspace: String, description: String?, permissions: [RolePermission]) {
        self.id = id
        self.name = name
        self.workspace = workspace
        self.description = description
        self.permissions = permissions
    }
}

/// That a user has a role.
public struct RoleAssignment: Sendable, Equatable {
    public let id: Int64
    public let userID: Int64
    public let roleID: Int64

    public init(id: Int64, userID: Int64, roleID: Int64) {
        self.id = id
        self.userID = userID
        self.roleID = roleID
    }
}

/// A token as it is listed: the token itself is told once, when it is made.
public struct TokenInfo: Sendable, Equatable {
    public let id: Int64
    public let username: String
    public let name: String
    /// Milliseconds since 1970.
    public let creationTime: Int64
    public let expiryTime: Int64

    public init(id: Int64, username: String, name: String, creationTime: Int64, expiryTime: Int64) {
        self.id = id
        self.username = username
        self.name = name
        self.creationTime = creationTime
        self.expiryTime = expiryTime
    }
}

extension User: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("username", username)
            json.member("is_admin", isAdmin)
        }
    }

    public static let example = User(id: 2, username: "ann", isAdmin: false)
}

extension RolePermission: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("role_id", roleID)
            json.member("resource_type", type)
            json.member("resource_pattern", pattern)
            json.member("permission", permission)
        }
    }

    public static let example = RolePermission(id: 7, roleID: 3, type: "experiment", pattern: "1", permission: "EDIT")
}

extension Role: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("name", name)
            json.member("workspace", workspace)
            json.name("description")
            if let description { json.string(description) } else { json.null() }
            json.name("permissions")
            json.array { json in for permission in permissions { permission.write(to: &json) } }
        }
    }

    public static let example = Role(
        id: 3, name: "annotators", workspace: "default", description: "Those who label.", permissions: [.example])
}

extension RoleAssignment: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("user_id", userID)
            json.member("role_id", roleID)
        }
    }

    public static let example = RoleAssignment(id: 5, userID: 2, roleID: 3)
}

extension TokenInfo: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("username", username)
            json.member("name", name)
            json.member("creation_time", creationTime)
            json.member("expiry_time", expiryTime)
        }
    }

    public static let example = TokenInfo(
        id: 1, username: "ann", name: "nightly training", creationTime: 1_764_000_000_000,
        expiryTime: 1_771_776_000_000)
}

extension JSONWriter {
    /// A list that is there even when it is empty.
    public mutating func write(_ name: StaticString, all values: [some JSONWritable]) {
        self.name(name)
        array { json in for value in values { value.write(to: &json) } }
    }
}
