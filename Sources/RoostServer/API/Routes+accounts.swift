// The rows of the table for users, roles and tokens. They are there only with `--app-name basic-auth`.

internal import HTTPTypes
internal import RoostCore

extension Routes {
    static let accounts: [Route] = users + grants + roles + tokens

    private static let users: [Route] = [
        Route(
            .post, "2.0/mlflow/users/create", needs: .manage, area: .accounts, "Makes a user.",
            example: FoundUser.example, handle: Users.create),
        Route(
            .get, "2.0/mlflow/users/get", needs: .read, area: .accounts,
            "A user by name: oneself, or anybody for an admin.",
            example: FoundUser.example, handle: Users.get),
        Route(
            .get, "2.0/mlflow/users/list", needs: .signedIn, area: .accounts,
            "All users, with those of their roles that the caller administers.",
            example: FoundUsers.example, handle: Users.list),
        Route(
            .get, "2.0/mlflow/users/current", needs: .signedIn, area: .accounts, "Who asks.",
            example: CurrentUser.example, handle: Users.current),
        Route(
            .patch, "2.0/mlflow/users/update-password", needs: .edit, area: .accounts,
            "Changes a password: one's own with the current one beside it, anybody's for an admin.",
            example: Nothing(), respond: Users.updatePassword),
        Route(
            .patch, "2.0/mlflow/users/update-admin", needs: .administer, area: .accounts,
            "Makes a user an admin, or no longer one.", example: Nothing(), handle: Users.updateAdmin),
        Route(
            .delete, "2.0/mlflow/users/delete", needs: .administer, area: .accounts,
            "Deletes a user with the tokens and the permissions.", example: Nothing(), handle: Users.delete),
    ]

    private static let grants: [Route] = [
        Route(
            .get, "3.0/mlflow/users/current/permissions", needs: .signedIn, area: .accounts,
            "What the roles of the caller grant.", example: FoundPermissions.example, handle: Users.ownPermissions),
        Route(
            .get, "3.0/mlflow/users/permissions/list", needs: .read, area: .accounts, "What the roles of a user grant.",
            example: FoundPermissions.example, handle: Users.permissions),
        Route(
            .get, "3.0/mlflow/users/permissions/get", needs: .read, area: .accounts,
            "What a user may do with a thing, all roles and the default taken together.",
            example: EffectivePermission.example, handle: Users.permission),
        Route(
            .post, "3.0/mlflow/users/permissions/grant", needs: .manage, area: .accounts,
            "Grants a user a permission on a thing.", example: Nothing(), handle: Users.grant),
        Route(
            .post, "3.0/mlflow/users/permissions/revoke", needs: .manage, area: .accounts,
            "Takes a permission on a thing back.", example: Nothing(), handle: Users.revoke),
        Route(
            .get, "3.0/mlflow/users/roles/list", needs: .read, area: .accounts, "The roles of a user.",
            example: FoundRoles.example, handle: Users.roles),
    ]

    private static let roles: [Route] = [
        Route(
            .post, "3.0/mlflow/roles/create", needs: .manage, area: .accounts, "Makes a role.",
            example: FoundRole.example, handle: Roles.create),
        Route(
            .get, "3.0/mlflow/roles/get", needs: .read, area: .accounts, "A role with what it grants.",
            example: FoundRole.example, handle: Roles.get),
        Route(
            .get, "3.0/mlflow/roles/list", needs: .read, area: .accounts, "The roles of some workspaces, or of all.",
            example: FoundRoles.example, handle: Roles.list),
        Route(
            .patch, "3.0/mlflow/roles/update", needs: .manage, area: .accounts,
            "Changes name or description of a role.",
            example: FoundRole.example, handle: Roles.update),
        Route(
            .delete, "3.0/mlflow/roles/delete", needs: .manage, area: .accounts, "Deletes a role with what it grants.",
            example: Nothing(), handle: Roles.delete),
        Route(
            .post, "3.0/mlflow/roles/permissions/add", needs: .manage, area: .accounts, "Lets a role grant something.",
            example: FoundRolePermission.example, handle: Roles.addPermission),
        Route(
            .delete, "3.0/mlflow/roles/permissions/remove", needs: .manage, area: .accounts,
            "Lets a role grant something no longer.", example: Nothing(), handle: Roles.removePermission),
        Route(
            .get, "3.0/mlflow/roles/permissions/list", needs: .read, area: .accounts, "What a role grants.",
            example: FoundRolePermissions.example, handle: Roles.permissions),
        Route(
            .patch, "3.0/mlflow/roles/permissions/update", needs: .manage, area: .accounts,
            "Changes the level that a role grants.", example: FoundRolePermission.example,
            handle: Roles.updatePermission),
        Route(
            .post, "3.0/mlflow/roles/assign", needs: .manage, area: .accounts, "Gives a user a role.",
            example: FoundAssignment.example, handle: Roles.assign),
        Route(
            .delete, "3.0/mlflow/roles/unassign", needs: .manage, area: .accounts, "Takes a role from a user.",
            example: Nothing(), handle: Roles.unassign),
        Route(
            .get, "3.0/mlflow/roles/users/list", needs: .manage, area: .accounts, "Who has a role.",
            example: FoundAssignments.example, handle: Roles.users),
    ]

    /// Roost's own.
    private static let tokens: [Route] = [
        Route(
            .post, "roost/1.0/tokens/create", needs: .signedIn, area: .accounts,
            "Makes a token of the caller for MLFLOW_TRACKING_TOKEN, and tells it this once.",
            example: CreatedToken.example, respond: Tokens.create),
        Route(
            .get, "roost/1.0/tokens/list", needs: .signedIn, area: .accounts,
            "The caller's tokens that have not expired; an admin may name another user.",
            example: FoundTokens.example, handle: Tokens.list),
        Route(
            .post, "roost/1.0/tokens/revoke", needs: .signedIn, area: .accounts, "Ends a token at once.",
            example: Nothing(), handle: Tokens.revoke),
    ]

    /// The page for new users and the form it sends.
    static let signup: [Route] = [
        Route(
            bytes: .get, "signup", .root, needs: .manage, naming: { _ in [.userAdministration] }, area: .accounts,
            media: RouteMedia(answersText: true), "The page for new users.", handle: Signup.page),
        Route(
            bytes: .post, "2.0/mlflow/users/create-ui", .client, needs: .manage,
            naming: { _ in [.userAdministration] }, area: .accounts,
            media: RouteMedia(takesBytes: true, answersText: true), bodyLimit: Limits.signupBody,
            "Makes a user from the form of that page.", handle: Signup.create),
    ]
}
