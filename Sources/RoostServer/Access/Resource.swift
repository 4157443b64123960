// What a request names, as permissions are decided by it.

internal import RoostArtifacts
internal import RoostCore

/// A thing that a request names, or the rule that takes the place of one.
enum Resource: Sendable {
    /// Nothing: the answer shows what the caller may see, and the handler sees to that.
    case listing
    case experiment(ExperimentID)
    /// An experiment by its name; one that is not there is for the handler to say.
    case experimentNamed(String)
    /// A new experiment, with the place for its files if the request names one.
    case newExperiment(location: String)
    /// A run; one that is not there may be nobody's.
    case run(String)
    /// A run that may be adopted if it is not there.
    case runOrAdopted(String)
    /// Several runs; one that is not there is said to be unknown.
    case runs([String])
    case newRun(ExperimentID)
    /// The run of an id of the caller's choice, if it is there.
    case runIfThere(String)
    case loggedModel(String)
    case newLoggedModel(ExperimentID)
    /// A registered model or a prompt.
    case model(String)
    case newModel(String, isPrompt: Bool)
    /// Any version of a registered model or a prompt.
    case version(String)
    case newVersion(String, isPrompt: Bool?)
    /// An alias of a registered model or a prompt, which says something about its versions.
    case alias(String)
    /// A source that a version is made of: what it names must be readable.
    case source(ModelSource, String)
    /// A path of the artifact store; nil for one that is malformed.
    case artifacts(ArtifactPath?)

    /// A user: oneself, or anybody for an admin.
    case user(String)
    /// Users and their roles, for those who administer a workspace.
    case userAdministration
    case userRoles(String)
    /// A role by its number: to be seen by who has a role in its workspace, changed by who administers that.
    case role(Int64)
    /// The role that a permission with this number belongs to.
    case rolePermission(Int64)
    /// Roles of workspaces; none for those of all.
    case rolesOf([String])
    /// Roles of a workspace, to be made.
    case workspace(String)
    /// The right to give and take permissions on a thing.
    case grants(type: String, id: String)
    /// What a user may do with a thing.
    case permission(of: String, type: String)
}

/// A request that says what it names. Every request of a row does, or the row does not compile.
protocol NamesResources {
    /// All that must be allowed. An empty list allows nothing.
    func resources(_ head: RequestHead) -> [Resource]
}

/// A request that names nothing.
extension NoFields: NamesResources {
    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}
