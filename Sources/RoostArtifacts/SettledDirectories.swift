// Which directories are on the disk for good, so that an upload does not sync all of those around it again.

internal import Glibc
internal import Synchronization

/// Directories whose entries in the ones around them were synced by this process.
///
/// Each is kept open: as long as it is, the file system gives its number to no other, so a directory that was deleted and
/// made anew is never taken for it.
final class SettledDirectories: Sendable {
    private struct Identity: Hashable {
        let device: UInt64
        let number: UInt64

        init(_ directory: Descriptor) throws(FileFailure) {
            let status = try directory.status()
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    /// Open descriptors that it may cost.
    private static let limit = 64
    private let known = Mutex<[Identity: Descriptor]>([:])

    func contains(_ directory: Descriptor) throws(FileFailure) -> Bool {
        let identity = try Identity(directory)
        return known.withLock { $0[identity] != nil }
    }

    func insert(_ directory: Descriptor) throws(FileFailure) {
        let identity = try Identity(directory)
        known.withLock { known in
            // Which of them go does not matter: they are synced once more.
            if known.count >= Self.limit { known.removeAll() }
            known[identity] = directory
        }
    }

    /// Lets go of all: a deleted directory shall not hold its place on the disk.
    func removeAll() { known.withLock { $0.removeAll() } }
}
