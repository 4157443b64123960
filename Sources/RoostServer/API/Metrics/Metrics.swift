// The endpoints below `metrics/`.

internal import HTTPTypes
internal import RoostCore
internal import RoostStore

/// Handlers of metric histories.
enum Metrics {
    static func history(_ request: GetHistory, _ head: RequestHead, _ services: Services) async throws -> APIResponse {
        try await HistoryStream(request: request, store: services.store).response(isHead: head.method == .head)
    }

    static func bulk(_ request: GetHistoryBulk, _ services: Services) async throws -> BulkHistory {
        BulkHistory(
            metrics: try await services.store.read(.large) { snapshot in
                try snapshot.histories(request.runIDs, key: request.key, limit: request.limit)
            })
    }

    static func interval(_ request: GetHistoryInterval, _ services: Services) async throws -> History {
        let metrics = try await services.store.read(.large) { snapshot in
            try request.runIDs.flatMap { try snapshot.sample($0, request.sample) }
        }
        return History(metrics: metrics, nextPageToken: nil)
    }
}
