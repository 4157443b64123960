// What a model version may be made of. Rules and texts: `_validate_source_run` and its neighbours in
// `mlflow/server/handlers.py` of 3.17.2. A source is read once, here; what it means is decided with the database at hand.

/// The source of a model version, read.
public enum ModelSource: Equatable, Sendable {
    /// A place on a disk: its path without `.` and `..`, or a relative one, which is never accepted.
    case local(String)
    /// `runs:/id/…`
    case run(String)
    /// `models:/id`
    case loggedModel(String)
    /// `models:/name/…` or `models:/name@alias`
    case version(name: String, Choice)
    /// `mlflow-artifacts:/…`
    case proxied
    /// A store that this server does not look into.
    case elsewhere
    /// A version of a prompt has none.
    case prompt

    /// Which version of a model.
    public enum Choice: Equatable, Sendable {
        case number(String)
        case latest
        case stage(String)
        case alias(String)
    }

    /// - Throws: 400 in MLflow's words for what can be no source, whatever the database holds.
    public init(_ text: String, isPrompt: Bool) throws(APIError) {
        if isPrompt {
            guard PromptTag.sources.contains(text) else {
                throw .invalid("Invalid prompt source: '\(text)'. Prompt sources must use an MLflow placeholder.")
            }
            self = .prompt
            return
        }
        try Check.length(text, Limits.modelSource, "source")
        guard !Check.holdsControls(text) else { throw Self.invalid(text, "It holds a control character.") }
        let uri = URIParts(text)
        try Self.refuseHosts(uri)
        switch uri.scheme {
        case "" where text != "databricks":
            self = .local(Self.resolved(text))
        case "file":
            let host = uri.authority.lowercased()
            guard host.isEmpty || host == "." || host.hasPrefix("localhost") || host.hasPrefix("127.0.0.1") else {
                throw .invalid(
                    "\(text) is not a valid remote uri. For remote access on windows, please consider using a different"
                        + " scheme such as SMB (e.g. smb://<hostname>/<path>).")
            }
            self = .local(Self.resolved(URIParts.decoded(String(uri.path))))
        case "models":
            guard uri.authority.isEmpty else {
                throw Self.invalid(text, "Registered model sources must use the active model registry.")
            }
            self = try Self.models(text, path: uri.rest)
            if case .loggedModel = self { try Self.refuseRelative(text) }
        case "runs":
            try Self.refuseRelative(text)
            guard uri.authority.isEmpty, let id = pathNames(uri.path).first, !uri.path.hasPrefix("//") else {
                throw Self.notContaining(text, "run_id")
            }
            self = .run(id)
        case "mlflow-artifacts":
            try Self.refuseRelative(text)
            self = .proxied
        default:
            try Self.refuseRelative(text)
            self = .elsewhere
        }
    }

    // MARK: Refusals

    /// `Invalid model version source: '…'. …`
    public static func invalid(_ text: String, _ why: String) -> APIError {
        .invalid("Invalid model version source: '\(text)'. \(why)")
    }

    /// The source lies in no run or model that the request names.
    /// - Parameter field: `run_id` or `model_id`.
    public static func notContaining(_ text: String, _ field: String) -> APIError {
        invalid(text, "The \(field) request parameter must identify the resource that contains the source.")
    }

    /// A place on a disk that is outside of the run or model that the request names.
    public static func outside(_ text: String, _ field: String) -> APIError {
        invalid(
            text,
            "To use a local path as a model version source, the \(field) request parameter has to be specified and the"
                + " local path has to be contained within the artifact directory of the run specified by the \(field).")
    }

    // MARK: Where a source lies

    /// Whether a URI is that of a directory or of something in it, compared name by name.
    public static func isWithin(_ text: String, _ root: String) -> Bool {
        let (uri, root) = (URIParts(text), URIParts(root))
        let names = root.names
        return uri.scheme == root.scheme && uri.authority.lowercased() == root.authority.lowercased()
            && !names.isEmpty && uri.names.starts(with: names)
    }

    /// Whether a path is that of a local directory, given by a path or a `file:` URI, or of something in it.
    public static func isLocal(_ path: String, within root: String) -> Bool {
        let uri = URIParts(root)
        guard uri.scheme.isEmpty || uri.scheme == "file" else { return false }
        let directory = resolved(uri.scheme.isEmpty ? root : URIParts.decoded(String(uri.path)))
        guard path.utf8.first == slash, directory.utf8.first == slash else { return false }
        return pathNames(path).starts(with: pathNames(directory))
    }

    // MARK: Behind them

    /// A path without `.`, `..` and doubled slashes; what the disk holds plays no part.
    private static func resolved(_ path: String) -> String {
        var kept: [String] = []
        for name in pathNames(path) where name != "." {
            if name == "..", let last = kept.last, last != ".." {
                kept.removeLast()
            } else if name != ".." || path.utf8.first != slash {
                kept.append(name)
            }
        }
        return (path.utf8.first == slash ? "/" : "") + kept.joined(separator: "/")
    }

    /// Schemes that name a host which this server would connect to.
    private static func refuseHosts(_ uri: URIParts) throws(APIError) {
        switch uri.scheme {
        case "http", "https", "ftp", "sftp", "hdfs", "viewfs", "r2", "b2", "abfss": break
        case "mlflow-artifacts" where !uri.authority.isEmpty: break
        default: return
        }
        throw .invalid(
            "'source' cannot use the '\(uri.scheme)' scheme: the '\(uri.scheme)' scheme addresses a host other than the"
                + " tracking server's configured artifact storage, so the server would connect to the host named in the"
                + " URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to"
                + " allow it.")
    }

    /// A path must be absolute and mean what it says, however often it is decoded.
    private static func refuseRelative(_ text: String) throws(APIError) {
        let decoded = URIParts.decodedThroughout(text)
        let path = URIParts(decoded).path
        let names = pathNames(path)
        guard !decoded.utf8.contains(0), !pathNames(decoded).contains(".."), path.utf8.first == slash,
            !names.isEmpty, !names.contains(".")
        else {
            throw invalid(
                text,
                "If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an"
                    + " absolute path must be provided without relative path references present. Please provide an absolute"
                    + " path.")
        }
    }

    /// - Parameter path: what follows `models:`, with a query if there is one: it is not the path's end there.
    private static func models(_ text: String, path: Substring) throws(APIError) -> ModelSource {
        let path = path.utf8.prefix { $0 != UInt8(ascii: "?") }
        let improper = notContaining(text, "model_id")
        guard path.first == slash else { throw improper }
        let parts = path.drop { $0 == slash }.split(separator: slash, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard let name = parts.first, !name.trimmingSpaces().isEmpty, parts.count <= 2 else { throw improper }
        if parts.count == 2 {
            let suffix = parts[1]
            guard !suffix.trimmingSpaces().isEmpty else { throw improper }
            if suffix.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
                return .version(name: name, .number(suffix))
            }
            return .version(name: name, suffix.lowercased() == "latest" ? .latest : .stage(suffix))
        }
        guard let at = name.lastIndex(of: "@") else { return .loggedModel(name) }
        let alias = String(name[name.index(after: at)...])
        guard !alias.trimmingSpaces().isEmpty else { throw improper }
        return .version(name: String(name[..<at]), .alias(alias))
    }
}

/// A URI taken apart as Python's `urlsplit` does.
struct URIParts {
    /// In small letters; empty for a path.
    let scheme: String
    /// What stands between two slashes and the path.
    let authority: Substring
    /// Without query and fragment.
    let path: Substring
    /// Everything after the scheme and the authority.
    let rest: Substring

    init(_ text: String) {
        let isScheme = { (text: Substring) in
            text.first.map { $0.isASCII && $0.isLetter } ?? false
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        }
        // Byte by byte: a slash that a combining mark follows is still one.
        var rest = text[...].utf8
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), isScheme(text[..<colon]) {
            scheme = text[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        } else {
            scheme = ""
        }
        if rest.starts(with: [slash, slash]) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
            authority = Substring(rest[..<end])
            rest = rest[end...]
        } else {
            authority = ""
        }
        self.rest = Substring(rest)
        path = Substring(rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    }

    /// The names of the path, decoded each by itself.
    var names: [String] { pathNames(path).map(Self.decodedThroughout) }

    /// Undoes percent-encoding once.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Undoes percent-encoding until nothing changes: each round makes the text shorter, so it ends.
    static func decodedThroughout(_ text: String) -> String {
        var text = text
        while true {
            let next = decoded(text)
            if next == text { return text }
            text = next
        }
    }
}

private let slash = UInt8(ascii: "/")

/// What stands between the slashes of a path.
private func pathNames(_ path: some StringProtocol) -> [String] {
    String(path).utf8.split(separator: slash).map { String(Substring($0)) }
}
