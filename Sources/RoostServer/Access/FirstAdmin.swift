// The first admin: made at the start when there is no user of that name, in MLflow's words where that cannot be done.

internal import Logging
internal import RoostAuth
internal import RoostCore
internal import RoostStore

extension AccessSettings {
    /// - Throws: ``ServerStartError`` when no admin can be made of what is configured.
    func checkAdmin() throws(ServerStartError) {
        let name = try requireName()
        let file = "in the configuration file referenced by MLFLOW_AUTH_CONFIG_PATH"
        guard let password = adminPassword, !password.isEmpty else {
            throw ServerStartError(
                "MLflow Authentication needs a password to create the admin user '\(name)', but none is configured (or it is"
                    + " empty). MLflow ships no default admin password. Set the MLFLOW_AUTH_ADMIN_PASSWORD environment"
                    + " variable, or set `admin_password` \(file), and restart the server.")
        }
        let advice = "Set MLFLOW_AUTH_ADMIN_PASSWORD or `admin_password` \(file) to "
        guard password != AccessControl.oldDefault else {
            throw ServerStartError(
                "Refusing to use the insecure default password that older MLflow versions shipped in basic_auth.ini for the"
                    + " admin user '\(name)' (https://github.com/advisories/GHSA-gq3w-7jj3-x7gr). \(advice)a different"
                    + " password.")
        }
        do {
            try AccessCheck.username(name)
            try AccessCheck.password(password)
        } catch {
            throw ServerStartError(
                "The configured password for the admin user '\(name)' is invalid: \(error.message) \(advice)a valid"
                    + " password.")
        }
    }

    fileprivate func requireName() throws(ServerStartError) -> String {
        guard let name = adminName, !name.isEmpty else {
            throw ServerStartError(
                "MLflow Authentication needs a username for the admin user, but none is configured (or it is empty). Set the"
                    + " MLFLOW_AUTH_ADMIN_USERNAME environment variable, or set `admin_username` in the configuration file"
                    + " referenced by MLFLOW_AUTH_CONFIG_PATH, and restart the server.")
        }
        return name
    }
}

extension AccountStore {
    /// Makes the admin that the settings name, or replaces the password that old versions of MLflow came with.
    func makeAdmin(_ settings: AccessSettings, world: World, log: Logger) throws {
        let name = try settings.requireName()
        let hash = try readNow { try $0.passwordHash(name) }
        if let hash {
            guard let password = settings.adminPassword, password != AccessControl.oldDefault,
                let stored = PasswordHash(stored: hash), stored.matches(AccessControl.oldDefault)
            else { return }
            try settings.checkAdmin()
            let new = PasswordHash(password, cost: settings.cost, world: world).text
            try writeNow { try $0.setPassword(name, hash: new) }
            log.warning(
                "The old default password of the admin '\(name)' was replaced by the configured one. Remove that from the settings now."
            )
            return
        }
        try settings.checkAdmin()
        let new = PasswordHash(settings.adminPassword ?? "", cost: settings.cost, world: world).text
        try writeNow { _ = try $0.createUser(name, passwordHash: new, isAdmin: true) }
        log.info("Created admin user '\(name)'.")
    }
}
