// A long history as it is read: the store is asked for a portion at a time, and the next one once the client has taken the
// last, so that a million points take no more memory than ten thousand.

internal import HTTPTypes
internal import NIOCore
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

/// The answer to `metrics/get-history`, whole or in portions.
struct HistoryStream: Sendable {
    /// Points that are read and written at once, about a megabyte of JSON.
    static let portion = 10_000

    let request: GetHistory
    let store: Store

    /// The answer. One that fits into a portion is sent with its length; a longer one in pieces.
    func response(isHead: Bool) async throws -> APIResponse {
        let first = try await page(request.limit, after: request.token)
        guard first.nextPageToken != nil, request.limit.map({ $0 > Self.portion }) ?? true else {
            return .json(
                JSONWriter.bytes(of: History(metrics: first.metrics, nextPageToken: first.nextPageToken)))
        }
        var response = APIResponse.json([])
        if isHead {
            // The length of what a GET would send, without keeping any of it.
            var length = 0
            try await write(first) { length += $0.readableBytes }
            response.headers[.contentLength] = String(length)
        } else {
            response.content = .pieces { sink in try await write(first, to: sink) }
        }
        return response
    }

    private func page(_ limit: Int?, after token: PageToken?) async throws -> HistoryPage {
        let count = min(limit ?? Self.portion, Self.portion)
        return try await store.read { try $0.history(request.runID, key: request.key, limit: count, after: token) }
    }

    /// Writes a ``History``. Each portion continues after the last point of the one before, so a point logged meanwhile
    /// neither repeats nor hides another.
    private func write(_ first: HistoryPage, to sink: ByteSink) async throws {
        var page = first
        var left = request.limit
        try await sink(ByteBuffer(string: #"{"metrics":["#))
        while true {
            let json = await LargeRequests.run { [page] in Self.list(page.metrics) }
            left = left.map { $0 - page.metrics.count }
            // Only its JSON waits for the client.
            page.metrics = []
            try await sink(json)
            guard let token = page.nextPageToken, left != 0 else { break }
            page = try await self.page(left, after: try PageToken(token))
            if page.metrics.isEmpty { break }
            try await sink(ByteBuffer(string: ","))
        }
        var end = "]"
        if let token = page.nextPageToken { end += #","next_page_token":"\#(token)""# }
        try await sink(ByteBuffer(string: end + "}"))
    }

    /// Points without the brackets around them: the list goes on.
    private static func list(_ metrics: [Metric]) -> ByteBuffer {
        var json = JSONWriter(reserving: metrics.count * 100)
        json.array { json in for metric in metrics { metric.write(to: &json) } }
        return ByteBuffer(bytes: json.bytes.dropFirst().dropLast())
    }
}
