// The files of runs that are brought in, wherever they are: in directories beside a database, or in an export.

internal import NIOCore
internal import RoostArtifacts
internal import RoostCore

/// A file on its way in.
struct IncomingFile: Sendable {
    /// Relative to its run or model.
    let path: String
    let size: Int64
    let bytes: ByteSource
}

/// What there is of the files of a run or model.
enum IncomingFiles {
    case none
    /// In a store that this machine does not reach, or may not read.
    case elsewhere
    /// Left out by whoever made the source.
    case leftOut
    /// A directory that is not there.
    case missing(String)
    /// With what cannot be taken: names that Roost refuses, links.
    case files([IncomingFile], refused: [String])
}

/// Where an import finds files.
protocol FileSource {
    /// Whether a file that is here stays, though the source has another one of its name.
    var keepsWhatIsHere: Bool { get }
    /// Whether runs may go on to keep their files at a place that is neither a directory nor behind a server's proxy.
    func mayKeep(_ uri: String) -> Bool
    func files(of owner: ArchiveOwner, at uri: String) throws -> IncomingFiles
}

/// Files in directories.
struct DirectoryFiles: FileSource {
    /// The directory behind the `mlflow-artifacts:` URIs of the source; nil where it is not at hand.
    let proxied: String?

    var keepsWhatIsHere: Bool { false }
    func mayKeep(_ uri: String) -> Bool { true }

    func files(of owner: ArchiveOwner, at uri: String) throws -> IncomingFiles {
        if RunImport.isRemote(uri) { return .elsewhere }
        if uri.lowercased().hasPrefix("mlflow-artifacts:") {
            guard let proxied, let path = ArtifactPlaces.proxiedPath(uri) else { return .elsewhere }
            // A run without files has no directory.
            let directory = proxied + "/" + path.text
            return FileTree.isDirectory(directory) ? try Self.files(in: directory) : .none
        }
        guard let directory = ArtifactPlaces.directory(uri) else { return .elsewhere }
        return FileTree.isDirectory(directory) ? try Self.files(in: directory) : .missing(directory)
    }

    /// All plain files below a directory.
    static func files(in directory: String) throws -> IncomingFiles {
        let listing = try FileTree.list(directory)
        return .files(
            listing.files.map { file in
                let path = directory + "/" + file.path
                return IncomingFile(path: file.path, size: file.size) { sink in
                    try await FileTree.read(path) { try await sink(ByteBuffer(bytes: $0)) }
                }
            }, refused: listing.others.map { directory + "/" + $0 })
    }
}
