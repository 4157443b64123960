// What a row of the route table is.

internal import HTTPTypes
internal import Logging
internal import RoostCore
internal import RoostStore

/// What handlers work with.
struct Services: Sendable {
    let store: Store
    let settings: Settings
    let telemetry: Telemetry
    let artifacts: ArtifactPlaces
    let world: World
    let log: Logger
    /// MLflow's own UI; nil when it is not served.
    var mlflowUI: MLflowUI?
    /// The users; nil for a server that everybody may use.
    var access: AccessControl?
    /// Who asks; nil without users, and on rows that anyone may use.
    var caller: Caller?
    let adoptions = AdoptionCount()
    let ui = WebUI()
}

/// What a caller must be allowed to do. There is no default: a row without it does not compile.
enum Permission: String, Sendable {
    /// Anyone, logged in or not: liveness and what clients ask before they can log in.
    case open
    /// Whoever is logged in.
    case signedIn
    /// Admins alone.
    case administer
    /// Whoever may see the named experiment, run or model; listings show what the caller may see.
    case read
    /// As `read`; adopting an unknown run needs `edit` on the experiment of `--adopt-runs` as well, and without it the
    /// run stays unknown.
    case readOrAdopt
    /// Whoever may write to the named experiment, run or model.
    case edit
    /// Whoever may delete and restore the named experiment, run or model.
    case manage
    /// Whoever may make experiments or registered models.
    case create
    /// Whoever knows the id in the path, which cannot be guessed and is told only to who may `edit`: MLflow's client sends
    /// the parts of a file without its credentials.
    case holder
}

/// Where a row's path hangs.
enum PathScope: Sendable {
    /// Below `/api/` and, for browsers, below `/ajax-api/`.
    case api
    /// Below `/ajax-api/` alone: what only MLflow's web page asks.
    case ajax
    /// Below `/api/` alone: what a page must not do.
    case client
    /// As it is written, with and without the static prefix.
    case root

    func paths(_ path: String) -> [String] {
        switch self {
        case .api: ["/api/" + path, "/ajax-api/" + path]
        case .ajax: ["/ajax-api/" + path]
        case .client: ["/api/" + path]
        case .root: ["/" + path]
        }
    }
}

/// What bodies a row has beside JSON, for its documentation.
struct RouteMedia: Sendable {
    /// The request's body is bytes of any type.
    var takesBytes = false
    /// The answer is bytes of any type.
    var answersBytes = false
    var answersText = false
    /// The answer has no body.
    var answersNothing = false
    /// Whatever is well-formed is answered with 501: what MLflow does with another kind of storage, ours has not.
    var isRefused = false
    /// The JSON of an answer is of many shapes; the example is one.
    var variesInShape = false
}

/// Which part of the server a row belongs to; a server may be started with one part alone.
enum RouteArea: Sendable {
    /// Experiments, runs and what belongs to them.
    case tracking
    /// Files that clients send and fetch through this server.
    case artifactProxy
    /// The same, for the two routes that MLflow refuses in other words.
    case artifactFiles
    /// The pages for people; no part of the API, so its document leaves them out.
    case pages
    /// What every server answers.
    case always
    /// Users, roles and tokens: only with `--app-name basic-auth`.
    case accounts

    /// - Parameter pattern: the path as the table has it.
    /// - Throws: 503 in MLflow's words when this server was started without the part.
    func check(_ settings: Settings, _ pattern: String) throws(APIError) {
        switch self {
        case .accounts where settings.access == nil:
            throw APIError(
                .endpointNotFound,
                "There is no endpoint \(pattern): the server was started without --app-name basic-auth.")
        case .tracking where settings.artifactsOnly, .pages where settings.artifactsOnly:
            throw APIError(
                .temporarilyUnavailable,
                "Endpoint: \(Self.rule(pattern)) disabled due to the mlflow server running in `--artifacts-only` mode."
                    + " To enable tracking server functionality, run `mlflow server` without `--artifacts-only`")
        case .artifactProxy where !settings.serveArtifacts:
            throw APIError(
                .temporarilyUnavailable,
                "Endpoint: \(Self.rule(pattern)) disabled due to the mlflow server running with `--no-serve-artifacts`."
                    + " To enable artifacts server functionality, run `mlflow server` with `--serve-artifacts`")
        case .artifactFiles where !settings.serveArtifacts:
            throw APIError(
                .temporarilyUnavailable,
                "Artifact serving is disabled. Run `mlflow server` with `--serve-artifacts` to enable.")
        default: return
        }
    }

    /// The path as MLflow's framework writes it.
    private static func rule(_ pattern: String) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{") else { return String(segment) }
            let name = segment.dropFirst().dropLast()
            return name.hasSuffix("...") ? "<path:\(name.dropLast(3))>" : "<\(name)>"
        }.joined(separator: "/")
    }
}

/// A row: what is served, for whom, with which limit, and how.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let scope: PathScope
    /// Without the scope's beginning, like `2.0/mlflow/runs/create`.
    let path: String
    let permission: Permission
    let area: RouteArea
    /// Bytes of the body.
    let bodyLimit: Int
    /// One line for the documentation.
    let summary: String
    let fields: [FieldShape]
    /// A JSON answer to show; nil when the answer is none.
    let example: [UInt8]?
    /// What bodies are beside JSON.
    let media: RouteMedia
    let handle: @Sendable (RequestHead, BodyReader, Services) async throws -> APIResponse
    /// Whether a request may be long at work, as a search may.
    private(set) var isLarge = false

    /// The same row, its requests taken for large ones.
    var large: Route {
        var route = self
        route.isLarge = true
        return route
    }

    /// A row whose fields come from the query (`GET`) or from a JSON body (the rest), and which answers JSON.
    init<Fields: FieldsReadable & NamesResources, Answer: JSONWritable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, _ scope: PathScope = .api, needs permission: Permission,
        area: RouteArea = .tracking, media: RouteMedia = RouteMedia(), bodyLimit: Int = Limits.bodyBytes,
        _ summary: String, example: Answer,
        handle: @escaping @Sendable (Fields, Services) async throws -> Answer
    ) {
        self.init(
            method, path, scope, needs: permission, area: area, media: media, bodyLimit: bodyLimit, summary,
            example: example
        ) { (fields: Fields, _, services) in
            .json(JSONWriter.bytes(of: try await handle(fields, services)))
        }
    }

    /// A row whose handler needs the head of the request, or answers with headers of its own.
    init<Fields: FieldsReadable & NamesResources, Answer: JSONWritable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, _ scope: PathScope = .api, needs permission: Permission,
        area: RouteArea = .tracking, media: RouteMedia = RouteMedia(), bodyLimit: Int = Limits.bodyBytes,
        _ summary: String, example: Answer,
        respond: @escaping @Sendable (Fields, RequestHead, Services) async throws -> APIResponse
    ) {
        self.method = method
        self.scope = scope
        self.path = path
        self.permission = permission
        self.area = area
        self.bodyLimit = bodyLimit
        self.summary = summary
        fields = Fields.shape
        self.example = JSONWriter.bytes(of: example)
        self.media = media
        handle = { head, readBody, services in
            var fields = try await Route.fields(head, readBody, limit: bodyLimit)
            let request = try Fields(from: &fields)
            if let access = services.access {
                try await access.check(permission, request.resources(head), of: services.caller, services)
            }
            return try await respond(request, head, services)
        }
    }

    /// A row without fields that answers text.
    init(
        text path: String, needs permission: Permission, _ summary: String,
        handle: @escaping @Sendable (Services) async throws -> APIResponse
    ) {
        method = .get
        scope = .root
        self.path = path
        self.permission = permission
        area = .always
        bodyLimit = 0
        self.summary = summary
        fields = []
        example = nil
        media = RouteMedia(answersText: true)
        self.handle = { _, _, services in
            if let access = services.access { try await access.check(permission, [], of: services.caller, services) }
            return try await handle(services)
        }
    }

    /// A row that takes or answers bytes, or whose path says it all; its handler reads the request itself.
    /// - Parameters:
    ///   - naming: what the request names.
    ///   - query: the fields that the handler reads from the query.
    init(
        bytes method: HTTPRequest.Method, _ path: String, _ scope: PathScope = .api, needs permission: Permission,
        naming: @escaping @Sendable (RequestHead) -> [Resource], area: RouteArea, query: [FieldShape] = [],
        media: RouteMedia, bodyLimit: Int = 0, _ summary: String,
        example: [UInt8]? = nil,
        handle: @escaping @Sendable (RequestHead, BodyReader, Services) async throws -> APIResponse
    ) {
        self.method = method
        self.scope = scope
        self.path = path
        self.permission = permission
        self.area = area
        self.bodyLimit = bodyLimit
        self.summary = summary
        fields = query
        self.example = example
        self.media = media
        self.handle = { head, readBody, services in
            if let access = services.access {
                try await access.check(permission, naming(head), of: services.caller, services)
            }
            return try await handle(head, readBody, services)
        }
    }

    /// How metrics and logs name the row.
    var name: String { "\(method.rawValue) \(scope.paths(path)[0])" }

    private static func fields(_ head: RequestHead, _ readBody: BodyReader, limit: Int) async throws -> Fields {
        if head.method == .get || head.method == .head { return Fields(query: head.query) }
        try checkContentType(head.headers)
        if let coding = head.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw APIError(.badRequest, "The request body is encoded as '\(coding)'; send it plain.", status: 415)
        }
        let bytes = try await readBody(limit)
        guard !bytes.isEmpty else {
            throw APIError.invalid("The request body is malformed JSON at byte 0: it is empty.")
        }
        var json = try JSONReader.parse(bytes)
        // Old clients encode twice: a string that holds the object.
        if case .string(let inner) = json { json = try JSONReader.parse(Array(inner.utf8)) }
        if json == .null { json = .object([]) }
        return try Fields(body: json)
    }

    private static func checkContentType(_ headers: HTTPFields) throws(APIError) {
        guard let type = headers.quick(.contentType) else {
            throw APIError(.invalidParameterValue, "Bad Request. Content-Type header is missing.")
        }
        guard type == "application/json" || type.prefix(while: { $0 != ";" }) == "application/json" else {
            throw APIError(
                .invalidParameterValue, "Bad Request. Content-Type must be one of ['application/json'].")
        }
    }
}
