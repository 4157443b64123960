// POST /graphql: the queries that MLflow's own pages send, and no others.

internal import RoostCore
internal import RoostSearch
internal import RoostStore

/// The endpoint for queries.
enum GraphQL {
    static func answer(_ request: GraphQLRequest, _ services: Services) async throws -> GraphQLAnswer {
        do {
            let document = try GraphQLDocument(request.query)
            var data: [JSON.Member] = []
            for field in document.fields {
                // What the caller may not see is null, as in MLflow.
                guard try await mayAsk(field, request, services) else {
                    data.append(JSON.Member(field.alias, .null))
                    continue
                }
                let whole = try await value(of: field, request, services)
                data.append(JSON.Member(field.alias, try field.select(from: whole)))
            }
            return GraphQLAnswer(data: .object(data), errors: [])
        } catch let error as GraphQLError {
            return GraphQLAnswer(data: .null, errors: [error.message])
        } catch let error as APIError where error.status < 500 {
            // A run that is not there is an answer of a query, not of HTTP.
            return GraphQLAnswer(data: .null, errors: [error.message])
        }
    }

    private static func mayAsk(
        _ field: GraphQLField, _ request: GraphQLRequest, _ services: Services
    ) async throws -> Bool {
        guard let access = services.access else { return true }
        let named: Resource
        switch field.name {
        case "mlflowGetRun": named = .run(try request.input(of: field).runID)
        case "mlflowGetExperiment":
            named = .experiment(try ExperimentID(try request.input(of: field).experimentID))
        default: return true
        }
        do { try await access.check(.read, [named], of: services.caller, services) } catch is AccessRefusal {
            return false
        }
        return true
    }

    private static func value(
        of field: GraphQLField, _ request: GraphQLRequest, _ services: Services
    ) async throws -> JSON {
        switch field.name {
        case "__typename": return .string("Query")
        case "mlflowGetRun":
            let id = try request.input(of: field).runID
            let scope = services.caller?.versions
            return GraphQLAnswers.response(
                "MlflowGetRunResponse", "run",
                try await services.store.read { snapshot in
                    let run = try snapshot.run(id)
                    return GraphQLAnswers.run(
                        run, of: try snapshot.experiment(ExperimentID(run.info.experimentID)),
                        modelVersions: try versions(of: run, snapshot, scope))
                })
        case "mlflowGetExperiment":
            let id = try ExperimentID(try request.input(of: field).experimentID)
            return GraphQLAnswers.response(
                "MlflowGetExperimentResponse", "experiment",
                try await services.store.read { GraphQLAnswers.experiment(try $0.experiment(id)) })
        case "mlflowSearchRuns":
            var search = try request.input(of: field).search.search
            if let caller = services.caller { search.experiments = caller.runs.readable(search.experiments) }
            let scope = services.caller?.versions
            return try await services.store.read(.large) { [search] snapshot in
                let page = try snapshot.searchRuns(search)
                var experiments: [Int64: Experiment] = [:]
                let runs = try page.runs.map { run in
                    let id = run.info.experimentID
                    let experiment = try experiments[id] ?? snapshot.experiment(ExperimentID(id))
                    experiments[id] = experiment
                    return GraphQLAnswers.run(
                        run, of: experiment, modelVersions: try versions(of: run, snapshot, scope))
                }
                return GraphQLAnswers.response(
                    "MlflowSearchRunsResponse", "runs", .array(runs),
                    [("nextPageToken", page.nextPageToken.map { .string($0) } ?? .null)])
            }
        default: throw GraphQLError(message: "Cannot query field '\(field.name)' on type 'Query'.")
        }
    }
}

/// The versions of registered models that a run made, as the registry's own search finds them.
private func versions(of run: Run, _ snapshot: Snapshot, _ scope: RegistryScope?) throws -> [ModelVersion] {
    // An adopted run may have any name, and the language has no escapes.
    let quote = run.info.runID.contains("'") ? "\"" : "'"
    let filter = "run_id = \(quote)\(run.info.runID)\(quote)"
    var search = RegistrySearch(
        filter: try Vocabulary.modelVersions.filter(filter), order: [], limit: 1000, token: nil, source: [filter])
    search.scope = scope
    return try snapshot.searchModelVersions(search).versions
}

/// A query with its variables.
struct GraphQLRequest: FieldsReadable {
    let query: String
    private let data: GraphQLInput?
    private let input: GraphQLInput?

    init(from fields: inout Fields) throws(APIError) {
        query = try fields.string("query", required: true)
        _ = try fields.string("operationName")
        let variables = try fields.object("variables", of: GraphQLVariables.self)
        data = variables?.data
        input = variables?.input
    }

    /// What a field's argument `input` was given by a variable.
    func input(of field: GraphQLField) throws(GraphQLError) -> GraphQLInput {
        guard let name = field.variables["input"] else {
            throw GraphQLError(message: "The argument 'input' of '\(field.name)' must be a variable.")
        }
        let given: GraphQLInput? =
            switch name {
            case "data": data
            case "input": input
            default: throw GraphQLError(message: "Roost knows the variables '$data' and '$input', not '$\(name)'.")
            }
        guard let given else { throw GraphQLError(message: "Variable '$\(name)' was not provided.") }
        return given
    }
}

/// The two variables that MLflow's pages use.
private struct GraphQLVariables: FieldsReadable {
    let data: GraphQLInput?
    let input: GraphQLInput?

    init(from fields: inout Fields) throws(APIError) {
        data = try fields.object("data", of: GraphQLInput.self)
        input = try fields.object("input", of: GraphQLInput.self)
    }
}

/// What the queries take, of whichever there is; `runId` is read where `run_id` stands.
struct GraphQLInput: FieldsReadable {
    let runID: String
    let experimentID: String
    let search: SearchRuns

    init(from fields: inout Fields) throws(APIError) {
        let id = try fields.string("run_id")
        let old = try fields.string("run_uuid")
        runID = id.isEmpty ? old : id
        experimentID = try fields.string("experiment_id")
        search = try SearchRuns(from: &fields)
    }
}

struct GraphQLAnswer: JSONWritable, Sendable {
    let data: JSON
    let errors: [String]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("data", data)
            json.name("errors")
            if errors.isEmpty { json.null() } else { json.array { json in for error in errors { json.string(error) } } }
        }
    }

    static let example = GraphQLAnswer(
        data: .object([
            JSON.Member(
                "mlflowGetExperiment",
                .object([JSON.Member("experiment", .object([JSON.Member("name", .string(Experiment.example.name))]))]))
        ]), errors: [])
}
