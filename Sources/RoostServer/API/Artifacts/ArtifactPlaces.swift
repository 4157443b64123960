// From the artifact URI of a run or a model to a repository and the place in it: only places that the operator has named.

internal import Logging
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore

/// The repositories of a server.
struct ArtifactPlaces: Sendable {
    /// Where the proxy keeps files; nil when it is switched off.
    let proxy: (any ArtifactRepository)?
    /// The operator's own root for experiments, where that is a directory: clients of this machine write there themselves.
    private let local: (path: String, repository: any ArtifactRepository)?
    private let directories: [LocalRepository]

    init(_ settings: Settings, world: World) {
        let isDurable = settings.durability == .full
        let destination = LocalRepository(root: settings.artifactsDestination, isDurable: isDurable, world: world)
        proxy = settings.serveArtifacts ? destination : nil
        if let path = Self.directory(settings.artifactRoot) {
            let repository = LocalRepository(root: path, isDurable: isDurable, world: world)
            local = (path, repository)
            directories = settings.serveArtifacts ? [destination, repository] : [repository]
        } else {
            local = nil
            directories = settings.serveArtifacts ? [destination] : []
        }
    }

    /// Removes what uploads have left that ended with an earlier server.
    func sweep(_ log: Logger) {
        for directory in directories {
            do { try directory.sweep() } catch {
                log.warning("Unfinished uploads below \(directory.root) could not be removed: \(error)")
            }
        }
    }

    /// Gives up uploads in parts that nobody goes on with.
    func abortIdleUploads() async { await proxy?.abortIdleUploads() }

    /// Where the files of a run are.
    func place(of run: RunInfo) throws(APIError) -> (repository: any ArtifactRepository, path: ArtifactPath) {
        try place(run.artifactURI, of: "run \(run.runID)")
    }

    /// Where the files at this URI are.
    /// - Parameter owner: whose files these are, for messages.
    func place(
        _ uri: String, of owner: String
    ) throws(APIError) -> (repository: any ArtifactRepository, path: ArtifactPath) {
        let scheme = uri.firstIndex(of: ":").map { uri[..<$0].lowercased() } ?? ""
        switch scheme {
        case "mlflow-artifacts":
            guard let proxy else {
                throw APIError(
                    .notImplemented,
                    "The artifacts of \(owner) are kept by a server that serves artifacts; this one was started with"
                        + " --no-serve-artifacts.")
            }
            return (proxy, try ArtifactPath(beneathRoot: ArtifactPath.decode(Self.proxied(uri))))
        case "", "file":
            guard let local, let path = Self.directory(uri), let rest = Self.rest(of: path, below: local.path) else {
                throw .invalid(
                    "The artifacts of \(owner) are not below this server's --default-artifact-root, so it does not"
                        + " read or write them.")
            }
            return (local.repository, try ArtifactPath(beneathRoot: rest))
        default:
            throw APIError(
                .notImplemented,
                "The artifacts of \(owner) are at '\(scheme):', which this server cannot reach yet.")
        }
    }

    /// `1/run/artifacts` in `mlflow-artifacts:/1/run/artifacts`, without its query.
    private static func proxied(_ uri: String) -> Substring {
        Substring(
            uri.utf8.drop { $0 != UInt8(ascii: ":") }.dropFirst().prefix { $0 != UInt8(ascii: "?") }
                .drop { $0 == UInt8(ascii: "/") })
    }

    /// Where a URI's files are below the proxy's directory; nil when they are elsewhere.
    static func proxiedPath(_ uri: String) -> ArtifactPath? {
        guard uri.lowercased().hasPrefix("mlflow-artifacts:"), let text = try? ArtifactPath.decode(proxied(uri)) else {
            return nil
        }
        return try? ArtifactPath(beneathRoot: text)
    }

    /// The directory that a path or a `file:` URI names; nil for a place elsewhere.
    static func directory(_ uri: String) -> String? {
        if uri.hasPrefix("/") { return uri }
        return localPath(ofFileURI: uri)
    }

    /// What follows a directory in a path; nil when the path is elsewhere.
    private static func rest(of path: String, below root: String) -> String? {
        let root = root.utf8.last == UInt8(ascii: "/") ? root : root + "/"
        guard path.utf8.starts(with: root.utf8) else { return nil }
        return String(path.utf8.dropFirst(root.utf8.count))
    }
}

/// The path in `file:/path`, `file:///path` or `file://localhost/path`; nil for any other text.
public func localPath(ofFileURI uri: String) -> String? {
    guard uri.lowercased().hasPrefix("file:") else { return nil }
    var rest = uri.dropFirst("file:".count)
    if rest.hasPrefix("//localhost/") { rest = rest.dropFirst("//localhost".count) }
    if rest.hasPrefix("///") { rest = rest.dropFirst(2) }
    guard rest.hasPrefix("/"), !rest.hasPrefix("//") else { return nil }
    return try? ArtifactPath.decode(rest)
}
