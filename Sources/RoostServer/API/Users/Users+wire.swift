// Requests and answers of the endpoints below `users/`. MLflow writes these by hand: what is empty is there, too.

internal import HTTPTypes
internal import RoostCore

struct CreateUser: FieldsReadable, NamesResources {
    let username: String
    let password: String

    init(from fields: inout Fields) throws(APIError) {
        username = try fields.given("username")
        password = try fields.given("password")
        if fields.isDescribing { return }
        guard !username.isEmpty, !password.isEmpty else { throw .invalid("Username and password cannot be empty.") }
        try AccessCheck.username(username)
        try AccessCheck.password(password)
    }

    func resources(_ head: RequestHead) -> [Resource] { [.userAdministration] }
}

/// A request that names a user and says no more.
struct OneUser: FieldsReadable, NamesResources {
    let username: String

    init(from fields: inout Fields) throws(APIError) { username = try fields.string("username", required: true) }

    func resources(_ head: RequestHead) -> [Resource] { [.user(username)] }
}

/// The same, for what others than the user may ask.
struct RolesOfUser: FieldsReadable, NamesResources {
    let username: String

    init(from fields: inout Fields) throws(APIError) { username = try fields.string("username", required: true) }

    func resources(_ head: RequestHead) -> [Resource] { [.userRoles(username)] }
}

struct UpdatePassword: FieldsReadable, NamesResources {
    let username: String
    let password: String
    /// Empty when not given.
    let current: String

    init(from fields: inout Fields) throws(APIError) {
        username = try fields.string("username", required: true)
        password = try fields.given("password")
        current = try fields.string("current_password")
        if !fields.isDescribing { try AccessCheck.password(password) }
    }

    func resources(_ head: RequestHead) -> [Resource] { [.user(username)] }
}

struct UpdateAdmin: FieldsReadable, NamesResources {
    let username: String
    let isAdmin: Bool

    init(from fields: inout Fields) throws(APIError) {
        username = try fields.string("username", required: true)
        guard let isAdmin = try fields.bool("is_admin") else {
            self.isAdmin = false
            if fields.isDescribing { return }
            throw .invalid(
                "Missing value for required parameter 'is_admin'. See the API docs for more information about request"
                    + " parameters.")
        }
        self.isAdmin = isAdmin
    }

    func resources(_ head: RequestHead) -> [Resource] { [] }
}

/// A thing and a user, for permissions of single users.
struct UserResource: FieldsReadable, NamesResources {
    let username: String
    let type: String
    let id: String

    init(from fields: inout Fields) throws(APIError) {
        username = try fields.string("username", required: true)
        type = try fields.string("resource_type", required: true)
        id = try fields.string("resource_id", required: true)
    }

    func resources(_ head: RequestHead) -> [Resource] {
        head.method == .get || head.method == .head
            ? [.permission(of: username, type: type)] : [.grants(type: type, id: id)]
    }
}

struct GrantToUser: FieldsReadable, NamesResources {
    let target: UserResource
    let permission: String

    init(from fields: inout Fields) throws(APIError) {
        target = try UserResource(from: &fields)
        permission = try fields.string("permission", required: true)
    }

    func resources(_ head: RequestHead) -> [Resource] { [.grants(type: target.type, id: target.id)] }
}

extension Fields {
    /// A text that must be given, and may be empty.
    fileprivate mutating func given(_ name: String) throws(APIError) -> String {
        if let text = try optionalString(name) { return text }
        if isDescribing { return "" }
        throw .invalid(
            "Missing value for required parameter '\(name)'. See the API docs for more information about request"
                + " parameters.")
    }
}

struct FoundUser: JSONWritable, Sendable {
    let user: User

    func write(to json: inout JSONWriter) { json.object { json in json.member("user", user) } }

    static let example = FoundUser(user: .example)
}

struct CurrentUser: JSONWritable, Sendable {
    let user: User

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("user", user)
            json.member("is_basic_auth", true)
        }
    }

    static let example = CurrentUser(user: .example)
}

struct FoundUsers: JSONWritable, Sendable {
    let users: [(user: User, roles: [Role])]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.name("users")
            json.array { json in
                for (user, roles) in users {
                    json.object { json in
                        json.member("id", user.id)
                        json.member("username", user.username)
                        json.member("is_admin", user.isAdmin)
                        json.name("roles")
                        json.array { json in for role in roles { role.write(to: &json) } }
                    }
                }
            }
        }
    }

    static let example = FoundUsers(users: [(.example, [.example])])
}

/// What the roles of a user grant, each with the role it comes from.
struct FoundPermissions: JSONWritable, Sendable {
    let isAdmin: Bool
    let roles: [Role]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("is_admin", isAdmin)
            json.name("permissions")
            json.array { json in
                for role in roles {
                    for permission in role.permissions {
                        json.object { json in
                            json.member("role_id", role.id)
                            json.member("role_name", role.name)
                            json.member("workspace", role.workspace)
                            json.member("resource_type", permission.type)
                            json.member("resource_pattern", permission.pattern)
                            json.member("permission", permission.permission)
                        }
                    }
                }
            }
        }
    }

    static let example = FoundPermissions(isAdmin: false, roles: [.example])
}

struct EffectivePermission: JSONWritable, Sendable {
    let level: AccessLevel

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("allowed", level.allows(.use))
            json.member("permission", level.rawValue)
        }
    }

    static let example = EffectivePermission(level: .edit)
}
