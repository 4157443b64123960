// Who asks, and what this user may see in listings.

internal import RoostCore
internal import RoostStore

/// A user who was recognised by a password or a token.
struct Caller: Sendable {
    let account: Account
    /// Whether it was a token: one cannot be used to make others or to change the password.
    let usesToken: Bool

    var username: String { account.username }
    var isAdmin: Bool { account.isAdmin }

    func level(_ type: ResourceType, _ id: String) -> AccessLevel {
        isAdmin ? .manage : account.rules.level(type, id)
    }

    func meets(_ demands: [Demand]) -> Bool { isAdmin || demands.allSatisfy(account.rules.meets) }

    /// Whether this user administers roles and users of a workspace.
    func manages(_ workspace: String) -> Bool { isAdmin || account.managedWorkspaces.contains(workspace) }

    /// The experiments that listings show.
    var experiments: ReadScope { isAdmin ? .all : account.rules.readable(.experiment) }

    /// The experiments whose runs listings show.
    var runs: ReadScope { parts(.run, of: .experiment) }
    /// The experiments whose logged models listings show.
    var loggedModels: ReadScope { parts(.loggedModel, of: .experiment) }
    /// The registered models and prompts that listings show.
    var models: RegistryScope? {
        isAdmin
            ? nil
            : RegistryScope(
                models: account.rules.readable(.registeredModel), prompts: account.rules.readable(.prompt))
    }
    /// The registered models and prompts whose versions listings show.
    var versions: RegistryScope? {
        isAdmin
            ? nil
            : RegistryScope(
                models: parts(.registeredModelVersion, of: .registeredModel),
                prompts: parts(.promptVersion, of: .prompt))
    }

    private func parts(_ part: ResourceType, of whole: ResourceType) -> ReadScope {
        if isAdmin { return .all }
        return account.rules.meets(Demand(.notDenied, part)) ? account.rules.readable(whole) : .only([])
    }
}

extension ReadScope {
    func readable(_ ids: [Int64]) -> [Int64] {
        switch self {
        case .all: return ids
        case .only(let some):
            let set = Set(some)
            return ids.filter { set.contains(String($0)) }
        case .except(let some):
            let set = Set(some)
            return ids.filter { !set.contains(String($0)) }
        }
    }
}
