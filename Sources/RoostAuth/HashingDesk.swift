// Hashing is slow on purpose: it happens on threads of its own, few at a time, and no more wait than a bound.

internal import Dispatch
public import RoostCore
internal import Synchronization

/// Takes work that keeps a core busy for a tenth of a second and 32 MiB of memory meanwhile.
public final class HashingDesk: Sendable {
    private let queues: [DispatchQueue]
    private let state = Mutex((waiting: 0, next: 0))
    private let limit: Int

    /// - Parameters:
    ///   - workers: how many passwords are hashed at once.
    ///   - limit: how many may wait before more are refused.
    public init(workers: Int, limit: Int = 64) {
        queues = (0..<max(1, workers)).map { DispatchQueue(label: "roost.hash.\($0)", qos: .utility) }
        self.limit = limit
    }

    /// - Throws: 503 when too many wait.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async throws(APIError) -> Result {
        let index = state.withLock { state -> Int? in
            guard state.waiting < limit else { return nil }
            state.waiting += 1
            state.next = (state.next + 1) % queues.count
            return state.next
        }
        guard let index else {
            throw APIError(
                .temporarilyUnavailable, "The server has too many passwords to check. Try again in a moment.")
        }
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result, Never>) in
            queues[index].async { continuation.resume(returning: body()) }
        }
        state.withLock { $0.waiting -= 1 }
        return result
    }
}
