// Which directories are on the disk for good, so that an upload does not sync all of those around it again.

internal import Glibc
internal import Synchronization

/// Directories whose entries in the ones around them were synced by this process.
///
/// Each is kept open: as long as it is, the file system gives its number to no other, so a directory that was deleted and
/// made anew is never taken for it.
final class SettledDirectories: Sendable {
    /// Open descriptors that it may cost.
    private static let limit = 64
    private let known = Mutex<[FileIdentity: Descriptor]>([:])

    func contains(_ directory: Descriptor) throws(FileFailure) -> Bool {
        let identity = try directory.identity()
        return known.withLock { $0[identity] != nil }
    }

    func insert(_ directory: Descriptor) throws(FileFailure) {
        let identity = try directory.identity()
        known.withLock { known in
            // Which of them go does not matter: they are synced once more.
            if known.count >= Self.limit { known.removeAll() }
            known[identity] = directory
        }
    }

    /// Lets go of all: a deleted directory shall not hold its place on the disk.
    func removeAll() { known.withLock { $0.removeAll() } }
}
