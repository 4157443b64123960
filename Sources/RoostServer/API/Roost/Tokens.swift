// Tokens for programs: what `MLFLOW_TRACKING_TOKEN` holds. A token is told once, when it is made; after that only its digest
// is kept.

internal import HTTPTypes
internal import RoostAuth
internal import RoostCore
internal import RoostStore

/// Handlers of tokens.
enum Tokens {
    static func create(_ request: CreateToken, _ head: RequestHead, _ services: Services) async throws -> APIResponse {
        let (access, caller) = try services.signedIn()
        // A token that leaked must not make another one that outlives it.
        guard !caller.usesToken else { throw AccessRefusal.forbidden }
        let token = BearerToken(world: services.world)
        let expiry = services.world.now() + request.milliseconds
        let account = caller.account
        let info = try await access.accounts.write {
            try $0.createToken(
                request.name, for: account.id, account.username, digest: token.digest, expiry: expiry)
        }
        var response = APIResponse.json(JSONWriter.bytes(of: CreatedToken(token: token.text, info: info)))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    static func list(_ request: ListTokens, _ services: Services) async throws -> FoundTokens {
        let (access, caller) = try services.signedIn()
        let username = request.username.isEmpty ? caller.username : request.username
        guard caller.isAdmin || username == caller.username else { throw AccessRefusal.forbidden }
        return FoundTokens(tokens: try await access.accounts.read { try $0.tokens(of: username) })
    }

    static func revoke(_ request: OneToken, _ services: Services) async throws -> Nothing {
        let (access, caller) = try services.signedIn()
        try await access.accounts.write {
            try $0.revokeToken(request.id, of: caller.isAdmin ? nil : caller.username)
        }
        return Nothing()
    }
}

struct CreateToken: FieldsReadable, NamesResources {
    let name: String
    let milliseconds: Int64

    init(from fields: inout Fields) throws(APIError) {
        name = try fields.string("name", required: true)
        let lasting = try fields.string("expires_in")
        try Check.length(name, Limits.tokenName, "name")
        guard !fields.isDescribing, !lasting.isEmpty else {
            milliseconds = 90 * 86_400_000
            return
        }
        milliseconds = try Age(lasting).milliseconds
        guard (1000...Limits.tokenDays * 86_400_000).contains(milliseconds) else {
            throw .invalid(
                "Invalid value '\(lasting)' for parameter 'expires_in' supplied: a second to \(Limits.tokenDays) days.")
        }
    }

    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}

struct ListTokens: FieldsReadable, NamesResources {
    /// Empty for one's own.
    let username: String

    init(from fields: inout Fields) throws(APIError) { username = try fields.string("username") }

    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}

struct OneToken: FieldsReadable, NamesResources {
    let id: Int64

    init(from fields: inout Fields) throws(APIError) { id = try fields.int64("token_id", required: true) ?? 0 }

    func resources(_ head: RequestHead) -> [Resource] { [.listing] }
}

struct CreatedToken: JSONWritable, Sendable {
    let token: String
    let info: TokenInfo

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("token", token)
            json.member("info", info)
        }
    }

    static let example = CreatedToken(token: "roost_" + String(repeating: "0123456789abcdef", count: 4), info: .example)
}

struct FoundTokens: JSONWritable, Sendable {
    let tokens: [TokenInfo]

    func write(to json: inout JSONWriter) { json.object { json in json.write("tokens", all: tokens) } }

    static let example = FoundTokens(tokens: [.example])
}
