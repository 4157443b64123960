// Threads for work that blocks on the disk, so that none of it runs where requests are served.

internal import NIOPosix

/// Runs blocking work. What was begun is finished even if the task that asked for it is cancelled: a file that is to be
/// removed is removed.
struct FilePool: Sendable {
    private let threads: NIOThreadPool

    /// As many as upload at once without waiting for each other's sync; idle ones cost little. One for the process, like
    /// its event loops, and started with the first work.
    static let shared = FilePool(threads: 16)

    private init(threads count: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            threads.submit { _ in continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    /// Runs blocking work whose end somebody else may tell. An error of `body` itself is the end as well.
    func run(endingIn body: @escaping @Sendable (_ end: @escaping End) throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            threads.submit { _ in
                do {
                    try body { continuation.resume(with: $0) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Told once how something ended.
    typealias End = @Sendable (Result<Void, any Error>) -> Void
}
