// Who guesses passwords waits: longer with each wrong one. What is remembered of guessing is bounded.

internal import Synchronization

/// Counts wrong passwords, for each user from each address, for each user and for each address.
///
/// Somebody who mistypes notices nothing. A user whose password others guess is kept waiting for a second at most, so that
/// nobody can lock another out; the address that guesses is kept waiting for up to half a minute.
public final class Guesses: Sendable {
    private struct Record {
        var count: Int
        var last: Int64
    }

    private enum Key: Hashable {
        case pair(user: String, address: String)
        case user(String)
        case address(String)

        /// Wrong ones without a wait, and the longest wait in milliseconds.
        var rule: (free: Int, longest: Int64) {
            switch self {
            case .pair: (5, 30_000)
            case .user: (20, 1000)
            case .address: (50, 30_000)
            }
        }
    }

    /// After that many milliseconds without a wrong one all is forgotten.
    private static let memory: Int64 = 15 * 60_000

    private let records = Mutex<[Key: Record]>([:])
    private let limit: Int

    /// - Parameter limit: how many users and addresses are remembered.
    public init(limit: Int = 10_000) { self.limit = limit }

    /// How many seconds somebody has to wait before the next password is looked at; 0 for none.
    public func wait(user: String, address: String, now: Int64) -> Int {
        let milliseconds = records.withLock { records in
            Self.keys(user, address).map { key -> Int64 in
                guard let record = records[key], now - record.last < Self.memory else { return 0 }
                let rule = key.rule
                guard record.count >= rule.free else { return 0 }
                let delay = min(rule.longest, 250 << min(10, Int64(record.count - rule.free)))
                return max(0, record.last + delay - now)
            }.max() ?? 0
        }
        return Int((milliseconds + 999) / 1000)
    }

    /// Notes a wrong password.
    public func failed(user: String, address: String, now: Int64) {
        records.withLock { records in
            for key in Self.keys(user, address) {
                var record = records[key] ?? Record(count: 0, last: now)
                if now - record.last >= Self.memory { record.count = 0 }
                record.count += 1
                record.last = now
                if records[key] == nil, records.count >= limit { Self.makeRoom(&records, now, limit) }
                records[key] = record
            }
        }
    }

    /// Notes a right password: this user at this address guesses no more.
    public func succeeded(user: String, address: String) {
        records.withLock { records in
            guard !records.isEmpty else { return }
            records[.pair(user: user, address: address)] = nil
        }
    }

    /// How many are remembered, for tests.
    var count: Int { records.withLock { $0.count } }

    private static func keys(_ user: String, _ address: String) -> [Key] {
        // A name longer than any user's is no user's: it need not be remembered whole.
        let user = String(user.prefix(255))
        return [.pair(user: user, address: address), .user(user), .address(address)]
    }

    private static func makeRoom(_ records: inout [Key: Record], _ now: Int64, _ limit: Int) {
        records = records.filter { now - $0.value.last < memory }
        guard records.count >= limit else { return }
        // The half that was quiet for longest.
        let times = records.values.map(\.last).sorted()
        let middle = times[times.count / 2]
        var kept = records.filter { $0.value.last > middle }
        if kept.count >= limit { kept = [:] }
        records = kept
    }
}
