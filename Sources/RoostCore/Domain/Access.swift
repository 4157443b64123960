// Who may do what: levels, kinds of resources, grants, and how they add up. The rules are those of MLflow 3.17.2
// (`mlflow/server/auth/permissions.py` and `requirements.py`). No users and no requests here.

/// A level of permission, by MLflow's name.
public enum AccessLevel: String, Sendable, CaseIterable {
    case read = "READ"
    case use = "USE"
    case edit = "EDIT"
    case manage = "MANAGE"
    case none = "NO_PERMISSIONS"
    /// Wins over every other grant on the same thing.
    case deny = "DENY"

    public func allows(_ action: AccessAction) -> Bool {
        switch action {
        case .read: rank >= 1
        case .use: rank >= 2
        case .update: rank >= 3
        case .delete, .manage: rank >= 4
        case .notDenied: self != .deny
        }
    }

    /// The stronger of two.
    public func joined(_ other: AccessLevel) -> AccessLevel { rank >= other.rank ? self : other }

    private var rank: Int {
        switch self {
        case .deny: -1
        case .none: 0
        case .read: 1
        case .use: 2
        case .edit: 3
        case .manage: 4
        }
    }
}

/// What somebody wants to do with a thing.
public enum AccessAction: Sendable {
    case read, use, update, delete, manage
    /// Anything, as long as it is not forbidden expressly.
    case notDenied
}

/// A kind of thing that can be granted, by MLflow's name; also those that Roost does not keep, so that a file of users means
/// the same here and there.
public enum ResourceType: String, Sendable, CaseIterable {
    case experiment
    case registeredModel = "registered_model"
    case prompt
    case scorer
    case gatewaySecret = "gateway_secret"
    case gatewayEndpoint = "gateway_endpoint"
    case gatewayModelDefinition = "gateway_model_definition"
    case mcpServer = "mcp_server"
    case workspace
    // What belongs to one of those; granted for all of a kind or not at all.
    case run
    case trace
    case assessment
    case loggedModel = "logged_model"
    case reviewQueue = "review_queue"
    case registeredModelVersion = "registered_model_version"
    case promptVersion = "prompt_version"
    case scorerVersion = "scorer_version"
    case mcpServerVersion = "mcp_server_version"

    /// Whether one thing of this kind can be granted by its id.
    public var hasIDs: Bool {
        switch self {
        case .experiment, .registeredModel, .prompt, .scorer, .gatewaySecret, .gatewayEndpoint, .gatewayModelDefinition,
            .mcpServer:
            true
        default: false
        }
    }

    /// The level under which things of this kind can be granted.
    public var grantable: [AccessLevel] {
        self == .workspace ? [.use, .manage] : [.read, .use, .edit, .manage, .deny]
    }
}

/// A level on all things of a kind, `*`, or on one.
public struct Grant: Sendable, Equatable {
    public let type: ResourceType
    public let pattern: String
    public let level: AccessLevel

    public init(type: ResourceType, pattern: String, level: AccessLevel) {
        self.type = type
        self.pattern = pattern
        self.level = level
    }
}

/// A demand: an action on a thing, decided by the first of several places that says anything about the user.
public struct Demand: Sendable {
    public let action: AccessAction
    public let places: [(type: ResourceType, id: String)]

    /// - Parameter fallback: what decides when nothing is granted on the thing itself.
    public init(
        _ action: AccessAction, _ type: ResourceType, _ id: String = "*",
        or fallback: (type: ResourceType, id: String)? = nil
    ) {
        self.action = action
        places = [(type, id)] + (fallback.map { [$0] } ?? [])
    }
}

/// Which things of a kind somebody may read, in a form that a search can carry into its query.
public enum ReadScope: Sendable, Equatable {
    case all
    case only([String])
    case except([String])

    public func contains(_ id: String) -> Bool {
        switch self {
        case .all: true
        case .only(let ids): ids.contains(id)
        case .except(let ids): !ids.contains(id)
        }
    }
}

/// What one user was granted, added up.
public struct AccessRules: Sendable {
    private struct Key: Hashable {
        let type: ResourceType
        let pattern: String
    }

    private let levels: [Key: AccessLevel]
    private let standard: AccessLevel
    /// Whether everything is allowed, by the workspace's own grant.
    public let managesWorkspace: Bool

    /// - Parameter standard: what holds where nothing was granted, and at least where something was.
    public init(_ grants: [Grant], standard: AccessLevel) {
        var levels: [Key: AccessLevel] = [:]
        for grant in grants {
            let key = Key(type: grant.type, pattern: grant.pattern)
            let known = levels[key] ?? grant.level
            levels[key] = known == .deny || grant.level == .deny ? .deny : known.joined(grant.level)
        }
        self.levels = levels
        self.standard = standard
        managesWorkspace = grants.contains(Grant(type: .workspace, pattern: "*", level: .manage))
    }

    /// What was granted on a thing, by its id or for all of its kind; nil for nothing.
    private func granted(_ type: ResourceType, _ id: String) -> AccessLevel? {
        let all = levels[Key(type: type, pattern: "*")]
        let one = type.hasIDs ? levels[Key(type: type, pattern: id)] : nil
        guard let all, let one else { return all ?? one }
        return all == .deny || one == .deny ? .deny : all.joined(one)
    }

    /// The level that holds for a thing.
    public func level(_ type: ResourceType, _ id: String) -> AccessLevel {
        if managesWorkspace { return .manage }
        return raised(granted(type, id) ?? standard)
    }

    public func meets(_ demand: Demand) -> Bool {
        if managesWorkspace { return true }
        for place in demand.places {
            if let level = granted(place.type, place.id) { return raised(level).allows(demand.action) }
        }
        return standard.allows(demand.action)
    }

    /// The things of a kind that may be read.
    public func readable(_ type: ResourceType) -> ReadScope {
        if managesWorkspace { return .all }
        let all = levels[Key(type: type, pattern: "*")]
        if all == .deny { return .only([]) }
        let named = levels.filter { $0.key.type == type && $0.key.pattern != "*" }
        if raised(all ?? standard).allows(.read) {
            let hidden = named.filter { $0.value == .deny }.map(\.key.pattern).sorted()
            return hidden.isEmpty ? .all : .except(hidden)
        }
        return .only(named.filter { raised($0.value).allows(.read) }.map(\.key.pattern).sorted())
    }

    /// A grant never lowers what holds for everybody, unless it forbids.
    private func raised(_ level: AccessLevel) -> AccessLevel {
        level == .deny || level == .none ? level : level.joined(standard)
    }
}
