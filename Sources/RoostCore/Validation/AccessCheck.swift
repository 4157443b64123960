// Rules for users, passwords and grants, in MLflow's words where it has some.

/// Checks of what requests say about users and grants.
public enum AccessCheck {
    /// - Throws: 400 for a name that nobody can log in with.
    public static func username(_ name: String) throws(APIError) {
        guard !name.isEmpty else { throw .invalid("Username cannot be empty.") }
        try Check.length(name, Limits.username, "username")
        // Basic authentication ends the name at the first colon.
        guard !name.contains(":"), !Check.holdsControls(name) else {
            throw .invalid("Invalid value for parameter 'username': it must hold no ':' and no control character.")
        }
    }

    /// - Throws: 400 for one that is too short, or longer than anybody types.
    public static func password(_ password: String) throws(APIError) {
        guard password.unicodeScalars.count >= Limits.passwordShortest else {
            throw .invalid("Password must be at least \(Limits.passwordShortest) characters.")
        }
        guard password.unicodeScalars.count <= Limits.passwordLongest else {
            throw .invalid("Password must be at most \(Limits.passwordLongest) characters.")
        }
    }

    public static func type(_ text: String) throws(APIError) -> ResourceType {
        guard let type = ResourceType(rawValue: text) else {
            throw .invalid(
                "Invalid resource type '\(text)'. Valid resource types are: "
                    + tuple(ResourceType.allCases.map(\.rawValue).sorted()))
        }
        return type
    }

    /// A level that can be granted on a kind of thing.
    public static func level(_ text: String, of type: String) throws(APIError) -> AccessLevel {
        guard let level = AccessLevel(rawValue: text) else {
            let all: [AccessLevel] = [.read, .use, .edit, .manage, .none, .deny]
            throw .invalid("Invalid permission '\(text)'. Valid permissions are: " + tuple(all.map(\.rawValue)))
        }
        let type = try self.type(type)
        guard type.grantable.contains(level) else {
            throw .invalid(
                "Invalid permission '\(text)' for resource_type='\(type.rawValue)'. "
                    + (type == .workspace ? "Workspace-wide" : "Resource-level") + " grants accept only: "
                    + tuple(type.grantable.map(\.rawValue).sorted()) + ".")
        }
        return level
    }

    public static func pattern(_ pattern: String, of type: ResourceType) throws(APIError) {
        try Check.length(pattern, Limits.grantPattern, "resource_pattern")
        guard pattern == "*" || type.hasIDs else {
            throw .invalid(
                "Invalid resource_pattern '\(pattern)' for resource_type='\(type.rawValue)'. This resource type supports"
                    + " only wildcard ('*') grants.")
        }
    }

    /// A kind of thing that can be granted to a single user; MLflow's API for that leaves workspaces out.
    public static func grantedType(_ text: String) throws(APIError) -> ResourceType {
        guard text != ResourceType.workspace.rawValue else {
            throw .invalid(
                "resource_type 'workspace' is not supported by the per-user permission convenience APIs. Use"
                    + " set_workspace_permission / delete_workspace_permission for workspace-wide grants.")
        }
        return try type(text)
    }

    /// The id under which a single thing is looked up, for kinds that MLflow's API for single users knows.
    public static func lookUp(_ type: ResourceType, _ id: String) throws(APIError) -> String {
        switch type {
        case .scorer where !id.contains("/"):
            throw .invalid("Invalid scorer resource_id. Expected '<experiment_id>/<scorer_name>'.")
        case .experiment, .registeredModel, .scorer, .gatewaySecret, .gatewayEndpoint, .gatewayModelDefinition,
            .mcpServer, .prompt:
            return id
        default:
            throw .invalid(
                "resource_type '\(type.rawValue)' is not supported by the per-user permission convenience APIs.")
        }
    }

    private static func tuple(_ words: [String]) -> String {
        "(" + words.map { "'\($0)'" }.joined(separator: ", ") + ")"
    }
}
