// Threads for requests that are long at work: searches whose answers are megabytes, bodies of megabytes. On the threads that
// all requests share they would stand in the way of small ones, which need but microseconds of them.

internal import NIOCore
internal import NIOPosix

/// Runs what is large on threads of its own, as many as there are cores.
final class LargeRequests: TaskExecutor {
    /// Started with the first large request.
    static let shared = LargeRequests()

    /// Bytes of a body from which on a request is large.
    static let bodyBytes = 256 << 10

    private let threads = NIOThreadPool(numberOfThreads: max(2, System.coreCount))

    private init() { threads.start() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Runs `body` there.
    static func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value {
        try await withTaskExecutorPreference(shared, operation: body)
    }
}
