// One sync of a directory for all who wait for it: files that are uploaded at the same time often come into one directory.

internal import Glibc
internal import Synchronization

/// Syncs directories. While one is being synced, those who have since put something into it wait together for the next
/// sync, as writes wait for the next commit of the database.
final class SharedSyncs: Sendable {
    /// Those who wait for the sync after the one that is under way, for each directory that is being synced.
    private let waiting = Mutex<[FileIdentity: [FilePool.End]]>([:])

    /// Tells `end` once the disk has what stands in the directory now. To be called on a thread that may block: it may do
    /// the work of others, too.
    func sync(_ directory: Descriptor, _ end: @escaping FilePool.End) throws(FileFailure) {
        let identity = try directory.identity()
        let isFirst = waiting.withLock { waiting in
            if waiting[identity] == nil {
                waiting[identity] = []
                return true
            }
            waiting[identity]?.append(end)
            return false
        }
        guard isFirst else { return }
        var round = [end]
        while !round.isEmpty {
            // Whoever is in this round has put its entry there before, so this sync is later than all of them.
            let result = Result { try directory.sync() }
            for end in round { end(result) }
            round = waiting.withLock { waiting in
                let next = waiting[identity] ?? []
                waiting[identity] = next.isEmpty ? nil : []
                return next
            }
        }
    }
}
