// What a server with users is told at its start.

public import RoostAuth
public import RoostCore
public import RoostStore

/// The settings of `--app-name basic-auth`.
public struct AccessSettings: Sendable {
    /// Where the users are.
    public var users: StoreLocation
    /// What holds where nothing was granted.
    public var standard: AccessLevel
    /// The user that is made when there is none of this name.
    public var adminName: String?
    public var adminPassword: String?
    /// How much work a guess at a password is.
    public var cost: PasswordHash.Cost

    public init(
        users: StoreLocation, standard: AccessLevel = .read, adminName: String? = nil, adminPassword: String? = nil,
        cost: PasswordHash.Cost = .standard
    ) {
        self.users = users
        self.standard = standard
        self.adminName = adminName
        self.adminPassword = adminPassword
        self.cost = cost
    }
}
