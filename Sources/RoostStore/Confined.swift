// A value that lives on one serial queue: the home of a database connection.

internal import Dispatch

/// Holds a value that is not `Sendable` and lets only one queue touch it.
///
/// `@unchecked Sendable` is right because `value` is made, used and released on `queue` alone, which is serial: `make`
/// runs inside of `queue.sync`, each body inside of `queue.async`, `asyncAfter` or `sync`, and `deinit` hands the last reference to it.
final class Confined<Value>: @unchecked Sendable {
    private let queue: DispatchQueue
    private var value: Value?

    /// Makes the value on the queue; what `make` throws is thrown here.
    init(label: String, make: @Sendable () throws -> Value) throws {
        let queue = DispatchQueue(label: label)
        self.queue = queue
        value = try queue.sync { try make() }
    }

    /// Runs `body` on the queue, in the order of the calls.
    func async(_ body: @escaping @Sendable (inout Value) -> Void) {
        queue.async { self.perform(body) }
    }

    /// On the queue.
    private func perform(_ body: (inout Value) -> Void) {
        guard var value = self.value.take() else { return }
        body(&value)
        self.value = value
    }

    /// Runs `body` on the queue once the time has passed, unless the value is released before.
    func async(after delay: Duration, _ body: @escaping @Sendable (inout Value) -> Void) {
        let parts = delay.components
        let nanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds))) { [weak self] in self?.perform(body) }
    }

    /// Runs `body` on the queue and waits for it.
    func sync<Result: Sendable>(_ body: @Sendable (inout Value) throws -> Result) rethrows -> Result? {
        try queue.sync {
            guard var value = self.value.take() else { return nil }
            defer { self.value = value }
            return try body(&value)
        }
    }

    /// Releases the value on the queue, after all that was asked before. Nothing runs afterwards.
    func close() { queue.sync { self.value = nil } }
}
