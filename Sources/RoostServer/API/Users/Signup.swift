// The page on which an admin makes a user, and the form it sends. No script runs on it, and only its own form is taken.

internal import HTTPTypes
internal import RoostCore
internal import RoostStore

/// Handlers of the page for new users.
enum Signup {
    static func page(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let (access, caller) = try services.signedIn()
        let action = services.settings.staticPrefix + "/api/2.0/mlflow/users/create-ui"
        return document(
            """
            <h1>New user</h1>
            <form action="\(escape(action))" method="post">
            <input type="hidden" name="csrf_token" value="\(access.formToken(for: caller.username))">
            <p><label>Username<br><input type="text" name="username" required maxlength="255" autocomplete="off"></label></p>
            <p><label>Password, at least 12 characters<br>
            <input type="password" name="password" required minlength="12" maxlength="256" autocomplete="new-password">
            </label></p>
            <p><input type="submit" value="Sign up"></p>
            </form>
            """)
    }

    static func create(_ head: RequestHead, _ body: BodyReader, _ services: Services) async throws -> APIResponse {
        let (access, caller) = try services.signedIn()
        let type = head.headers[.contentType]?.prefix { $0 != ";" } ?? ""
        guard type == "application/x-www-form-urlencoded" else {
            throw APIError.invalid("Invalid content type. Must be application/x-www-form-urlencoded")
        }
        let form = parseQuery(Substring(String(decoding: try await body(Limits.signupBody), as: UTF8.self)))
        let value = { (name: String) in form.first { $0.name == name }?.value ?? "" }
        guard access.isFormToken(value("csrf_token"), of: caller.username) else {
            throw APIError.invalid("The form is not the one of this page. Open the page again.")
        }
        let (username, password) = (value("username"), value("password"))
        guard !username.isEmpty, !password.isEmpty else {
            throw APIError.invalid("Username and password cannot be empty.")
        }
        try AccessCheck.username(username)
        try AccessCheck.password(password)
        let hash = try await access.hash(password)
        let isNew = try await access.accounts.write { accounts in
            guard try !accounts.hasUser(username) else { return false }
            _ = try accounts.createUser(username, passwordHash: hash)
            return true
        }
        let prefix = escape(services.settings.staticPrefix)
        return document(
            isNew
                ? "<p>Successfully signed up user: \(escape(username))</p><p><a href=\"\(prefix)/\">Home</a></p>"
                : "<p>Username has already been taken: \(escape(username))</p><p><a href=\"\(prefix)/signup\">Back</a></p>"
        )
    }

    private static func document(_ body: String) -> APIResponse {
        var response = APIResponse.text(
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Roost: new user</title></head><body>
            \(body)
            </body></html>

            """, type: "text/html; charset=utf-8")
        response.headers[.cacheControl] = "no-store"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        return response
    }

    private static func escape(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
    }
}
