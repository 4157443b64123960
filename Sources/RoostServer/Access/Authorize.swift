// Whether a caller may: the row says what kind of permission it needs, the request what it names, and MLflow 3.17.2 how the
// two come together (the validators of `mlflow/server/auth/__init__.py`).

internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

extension AccessControl {
    /// - Throws: ``AccessRefusal``; 404 where MLflow says so before it looks at permissions.
    func check(
        _ permission: Permission, _ resources: [Resource], of caller: Caller?, _ services: Services
    ) async throws {
        if permission == .open || permission == .holder { return }
        guard let caller else { throw AccessRefusal.unknown }
        if caller.isAdmin || permission == .signedIn { return }
        guard let action = permission.action, !resources.isEmpty else { throw AccessRefusal.forbidden }
        for resource in resources.map({ permission == .readOrAdopt ? $0.orAdopted : $0 }) {
            guard try await Decision(caller: caller, action: action, services: services).allows(resource) else {
                throw AccessRefusal.forbidden
            }
        }
    }
}

extension Permission {
    /// What is to be done with what a request names; nil for what no level but that of an admin allows.
    fileprivate var action: AccessAction? {
        switch self {
        case .read, .readOrAdopt: .read
        case .edit, .create: .update
        case .manage: .delete
        case .open, .holder, .signedIn, .administer: nil
        }
    }
}

extension Resource {
    fileprivate var orAdopted: Resource { if case .run(let id) = self { .runOrAdopted(id) } else { self } }
}

/// One action of one caller, who is no admin.
private struct Decision {
    let caller: Caller
    let action: AccessAction
    let services: Services

    func allows(_ resource: Resource) async throws -> Bool {
        switch resource {
        case .listing: return true
        case .experiment(let id): return caller.meets(demands(onExperiment: id.key))
        case .experimentNamed(let name):
            guard let found = try await services.store.read({ try $0.experiment(named: name) }) else { return true }
            // Whoever asks for it by `get-or-create` sees it, and no more.
            return caller.meets([Demand(.read, .experiment, String(found.id))])
        case .newExperiment(let location):
            return caller.meets([Demand(.notDenied, .experiment)]) && isOwnPlace(location)
        case .run, .runOrAdopted, .runs, .newRun, .runIfThere: return try await allows(run: resource)
        case .loggedModel(let id):
            guard let experiment = try await services.store.read({ try $0.experiment(ofModel: id) }) else {
                return false
            }
            return caller.meets(part(.loggedModel, of: String(experiment), action))
        case .newLoggedModel(let experiment):
            return caller.meets([
                Demand(.update, .experiment, experiment.key), Demand(.notDenied, .loggedModel),
            ])
        case .model, .newModel, .version, .newVersion, .alias: return try await allows(registry: resource)
        case .source(let source, let text): return try await mayRead(source, text)
        case .artifacts(let path): return path.map { caller.meets(demands(onArtifacts: $0)) } ?? false
        case .user, .userAdministration, .userRoles, .role, .rolePermission, .rolesOf, .workspace, .grants, .permission:
            return try await allows(account: resource)
        }
    }

    // MARK: Experiments and runs

    private func demands(onExperiment id: String) -> [Demand] {
        let whole = Demand(action, .experiment, id)
        guard action == .delete else { return [whole] }
        // What is in it goes with it.
        let parts: [ResourceType] = [.run, .trace, .loggedModel, .assessment, .reviewQueue, .scorer, .scorerVersion]
        return [whole] + parts.map { Demand(.delete, $0, or: (.experiment, id)) }
    }

    /// A part of an experiment: that must be readable, and the part allows the action itself or leaves it to the experiment.
    private func part(_ type: ResourceType, of experiment: String, _ action: AccessAction) -> [Demand] {
        [Demand(.read, .experiment, experiment), Demand(action, type, or: (.experiment, experiment))]
    }

    private func allows(run resource: Resource) async throws -> Bool {
        switch resource {
        case .run(let id):
            guard let experiment = try await experiment(ofRun: id) else { return false }
            return caller.meets(part(.run, of: experiment, action))
        case .runOrAdopted(let id):
            if let experiment = try await experiment(ofRun: id) {
                return caller.meets(part(.run, of: experiment, .read))
            }
            // A run that is adopted is made, in the experiment that the operator named.
            guard let rule = services.settings.adoption, rule.matches(id) else { return false }
            guard let found = try await services.store.read({ try $0.experiment(named: rule.experiment) }) else {
                return caller.meets([Demand(.notDenied, .experiment), Demand(.notDenied, .run)])
            }
            return caller.meets([Demand(.update, .experiment, String(found.id)), Demand(.notDenied, .run)])
        case .runs(let ids):
            let found = try await services.store.read { snapshot in
                try ids.map { id in
                    guard let experiment = try snapshot.experiment(ofRun: id) else {
                        throw APIError.missing("Run with id=\(id) not found")
                    }
                    return experiment
                }
            }
            return caller.meets(Set(found).flatMap { part(.run, of: String($0), action) })
        case .newRun(let experiment):
            return caller.meets([Demand(.update, .experiment, experiment.key), Demand(.notDenied, .run)])
        case .runIfThere(let id):
            guard let experiment = try await experiment(ofRun: id) else { return true }
            return caller.meets(part(.run, of: experiment, action))
        default: return false
        }
    }

    private func experiment(ofRun id: String) async throws -> String? {
        try await services.store.read { try $0.experiment(ofRun: id) }.map { String($0) }
    }

    /// A place for files that is no experiment's: the files of others are read by whoever owns an experiment that is there.
    private func isOwnPlace(_ location: String) -> Bool {
        guard !location.isEmpty else { return true }
        guard location.hasPrefix("mlflow-artifacts:"), let path = proxied(location), let first = path.names.first else {
            return false
        }
        return first != "workspaces" && !first.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    // MARK: The registry

    private func allows(registry resource: Resource) async throws -> Bool {
        switch resource {
        case .model(let name):
            // One that is not there counts as a model.
            let (whole, part) = types(isPrompt: try await isPrompt(name) ?? false)
            let demand = Demand(action, whole, name)
            return caller.meets(action == .delete ? [demand, Demand(.delete, part, or: (whole, name))] : [demand])
        case .newModel(let name, let isPrompt):
            return caller.meets([Demand(.notDenied, types(isPrompt: isPrompt).whole, name)])
        case .version(let name):
            guard let isPrompt = try await isPrompt(name) else { return false }
            let (whole, part) = types(isPrompt: isPrompt)
            let version = action == .read ? Demand(.notDenied, part) : Demand(action, part, or: (whole, name))
            return caller.meets([Demand(.read, whole, name), version])
        case .newVersion(let name, let asserted):
            guard let isPrompt = try await isPrompt(name) else { return false }
            let (whole, part) = types(isPrompt: isPrompt)
            return caller.meets(
                [Demand(.update, whole, name), Demand(.notDenied, part)]
                    + (asserted.map { [Demand(.notDenied, types(isPrompt: $0).part)] } ?? []))
        case .alias(let name):
            guard let isPrompt = try await isPrompt(name) else { return false }
            let (whole, part) = types(isPrompt: isPrompt)
            return caller.meets([Demand(action, whole, name), Demand(.read, part, or: (whole, name))])
        default: return false
        }
    }

    private func isPrompt(_ name: String) async throws -> Bool? {
        try await services.store.read { try $0.isPrompt(name) }
    }

    private func types(isPrompt: Bool) -> (whole: ResourceType, part: ResourceType) {
        isPrompt ? (.prompt, .promptVersion) : (.registeredModel, .registeredModelVersion)
    }

    private func mayRead(_ source: ModelSource, _ text: String) async throws -> Bool {
        switch source {
        case .run(let id):
            guard let experiment = try await experiment(ofRun: id) else { return false }
            return caller.meets(part(.run, of: experiment, .read))
        case .loggedModel(let id):
            guard let experiment = try await services.store.read({ try $0.experiment(ofModel: id) }) else {
                return false
            }
            return caller.meets(part(.loggedModel, of: String(experiment), .read))
        case .version(let name, _):
            guard let isPrompt = try await isPrompt(name) else { return false }
            return caller.meets([Demand(.read, types(isPrompt: isPrompt).whole, name)])
        case .proxied:
            return proxied(text).map {
                caller.meets(Decision(caller: caller, action: .read, services: services).demands(onArtifacts: $0))
            } ?? false
        // The handler binds it to the files of the run that is named beside.
        case .local, .elsewhere, .prompt: return true
        }
    }

    // MARK: Files

    /// A path below `EXPERIMENT/` is that experiment's; another one is under what holds for everybody.
    private func demands(onArtifacts path: ArtifactPath) -> [Demand] {
        var names = path.names[...]
        if names.first == "workspaces" { names = names.dropFirst(2) }
        guard let experiment = names.first, experiment.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            // Nothing is granted on files without an experiment.
            return [Demand(action, .experiment, "")]
        }
        let rest = names.dropFirst()
        let id = Int64(experiment).map { String($0) } ?? experiment
        let whole = Demand(.read, .experiment, id)
        // Removing a directory removes what is below.
        let kinds: [ResourceType] =
            switch rest.first {
            case nil: action == .delete ? [.run, .trace, .loggedModel] : []
            case "models": [.loggedModel]
            case "traces": [.trace]
            default: [.run]
            }
        if kinds.isEmpty { return [Demand(action, .experiment, id)] }
        return [whole] + kinds.map { Demand(action, $0, or: (.experiment, id)) }
    }

    private func proxied(_ uri: String) -> ArtifactPath? {
        let slash = UInt8(ascii: "/")
        guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        var rest = uri.utf8[uri.utf8.index(after: colon)...]
        if rest.starts(with: [slash, slash]) {
            // What stands there is a host.
            rest = rest.dropFirst(2).drop { $0 != slash }
        }
        guard let text = try? ArtifactPath.decode(Substring(rest.drop { $0 == slash })) else { return nil }
        return try? ArtifactPath(directory: text)
    }

    // MARK: Users and roles

    private func allows(account resource: Resource) async throws -> Bool {
        let accounts = services.access?.accounts
        switch resource {
        case .user(let name): return name == caller.username
        case .userAdministration: return !caller.account.managedWorkspaces.isEmpty
        case .userRoles(let name):
            if name == caller.username { return true }
            guard let other = try await accounts?.account(name) else { return false }
            return !caller.account.managedWorkspaces.isDisjoint(with: other.workspaces)
        case .role(let id):
            guard let workspace = try await accounts?.read({ try $0.workspace(ofRole: id) }) else { return false }
            return mayUse(workspace)
        case .rolePermission(let id):
            guard let workspace = try await accounts?.read({ try $0.workspace(ofPermission: id) }) else { return false }
            return mayUse(workspace)
        case .workspace(let name): return caller.manages(name)
        case .rolesOf(let names): return !names.isEmpty && caller.account.workspaces.isSuperset(of: names)
        case .grants(let type, let id):
            let type = try AccessCheck.grantedType(type)
            if id == "*" { return caller.manages(AccountStore.workspace) }
            return caller.account.rules.level(type, try AccessCheck.lookUp(type, id)).allows(.manage)
        case .permission(let name, let type):
            _ = try AccessCheck.grantedType(type)
            if name == caller.username { return true }
            guard try await accounts?.account(name) != nil else { return false }
            return caller.manages(AccountStore.workspace)
        default: return false
        }
    }

    /// Roles are seen by whoever has one in their workspace, and changed by whoever administers that.
    private func mayUse(_ workspace: String) -> Bool {
        action == .read ? caller.account.workspaces.contains(workspace) : caller.manages(workspace)
    }
}

extension ExperimentID {
    /// The id as grants name it: `05` is the experiment 5.
    fileprivate var key: String { number.map { String($0) } ?? text }
}
