// The rows of the table that only MLflow's own web UI asks for.

internal import HTTPTypes
internal import RoostCore

extension Routes {
    /// What MLflow's own web UI needs beyond the API, if it is served at all.
    static let mlflowPages: [Route] = [
        Route(
            bytes: .get, "static-files/{path...}", .root, needs: .open, naming: { _ in [] }, area: .always,
            media: RouteMedia(answersBytes: true), "A file of MLflow's own UI.", handle: MLflowPages.file),
        Route(
            .post, "graphql", .root, needs: .read, media: RouteMedia(variesInShape: true),
            bodyLimit: Limits.graphQLBodyBytes,
            "The GraphQL queries of MLflow's own UI: a run, an experiment, runs.",
            example: GraphQLAnswer.example, handle: GraphQL.answer
        ).large,
        Route(
            .get, "2.0/mlflow/gateway-proxy", .ajax, needs: .signedIn,
            "Which endpoints of an AI gateway MLflow's own UI may offer: none.",
            example: NoEndpoints(), handle: MLflowPages.gateway),
        Route(
            .get, "3.0/mlflow/ui-telemetry", .ajax, needs: .signedIn, "Tells MLflow's own UI to send no usage data.",
            example: TelemetrySettings(), handle: MLflowPages.telemetrySettings),
        Route(
            .post, "3.0/mlflow/ui-telemetry", .ajax, needs: .signedIn,
            "Drops what MLflow's own UI sends of its use all the same.",
            example: TelemetryDropped(), handle: MLflowPages.telemetry),
        Route(
            .get, "3.0/mlflow/assistant/config", .ajax, needs: .signedIn,
            "How the assistant of MLflow's own UI is set up: there is none.",
            example: NoAssistant(), handle: MLflowPages.assistant),
        Route(
            .get, "3.0/mlflow/assistant/providers", .ajax, needs: .signedIn,
            "Which programs the assistant of MLflow's own UI may use: none.",
            example: NoProviders(), handle: MLflowPages.assistantProviders),
        Route(
            .post, "3.0/mlflow/traces/search", .ajax, needs: .read,
            "The traces tab of MLflow's own UI, while that is served: there are none. Clients are told that traces are not kept.",
            example: Nothing(), handle: MLflowPages.traces),
    ]
}
