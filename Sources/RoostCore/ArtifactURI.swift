// Where runs keep their files: joining such URIs, and which of them a client may name.

/// URIs of artifact stores.
public enum ArtifactURI {
    /// The URI with a path added to its own, before any query: `mlflow-artifacts:/` and `1` give `mlflow-artifacts:/1`.
    public static func appending(_ path: String, to uri: String) -> String {
        let query = uri.firstIndex(of: "?") ?? uri.endIndex
        var base = uri[..<query]
        while base.utf8.last == UInt8(ascii: "/") { base = Substring(base.utf8.dropLast()) }
        return base + "/" + path + uri[query...]
    }

    /// Checks a location that a client wants for its experiment.
    ///
    /// A client never names a host that the server would dial, nor a place on the server's disk, unless that lies below
    /// the root that the operator configured.
    public static func check(_ location: String, _ rules: ArtifactRules) throws(APIError) {
        let root = rules.root
        guard location.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw .invalid("'artifact_location' holds a control character.")
        }
        // Params are what follows a semicolon in the last segment of a path.
        let name = location.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last
        let hasParams = APIError.invalid("'artifact_location' URL can't include fragments or params.")
        guard !location.utf8.contains(UInt8(ascii: "#")), name?.contains(UInt8(ascii: ";")) != true else {
            throw hasParams
        }
        let scheme = location.firstIndex(of: ":").map { location[..<$0].lowercased() } ?? ""
        if scheme == "runs" { throw .invalid("Artifact location cannot be a runs:/ URI. Given: '\(location)'") }
        let decoded = percentDecoded(location)
        // Bytes, here and below: to Swift a slash or a dot with an accent over it is another character.
        let bytes = Array(decoded.utf8)
        if let query = bytes.firstIndex(of: UInt8(ascii: "?")), Self.holdsDots(bytes[query...]) {
            throw .invalid("Invalid query string")
        }
        guard location.unicodeScalars.count <= rules.maxLength else {
            throw .invalid(
                "Invalid artifact path length. The length of the artifact path cannot be greater than \(rules.maxLength)"
                    + " characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment"
                    + " variable.")
        }
        let rest = scheme.isEmpty ? location[...] : location.dropFirst(scheme.count + 1)
        switch scheme {
        case "http", "https", "ftp", "sftp", "hdfs", "viewfs":
            throw .invalid(
                "'artifact_location' cannot use the '\(scheme)' scheme: the '\(scheme)' scheme addresses a host other than the"
                    + " tracking server's configured artifact storage, so the server would connect to the host named in the"
                    + " URI. Set the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to"
                    + " allow it.")
        case "mlflow-artifacts":
            guard !rest.hasPrefix("//") || rest.hasPrefix("///") else {
                throw .invalid("'artifact_location' cannot name a host in the '\(scheme)' scheme.")
            }
        case "s3", "gs", "wasb", "wasbs", "abfs", "abfss", "r2", "b2", "oss", "obs":
            guard rest.hasPrefix("//"), rest.dropFirst(2).first.map({ $0 != "/" }) ?? false else {
                throw .invalid("'artifact_location' names no bucket: '\(location)'.")
            }
        case "", "file":
            guard location.utf8.starts(with: root.utf8),
                location.utf8.dropFirst(root.utf8.count).first.map({
                    $0 == UInt8(ascii: "/") || root.utf8.last == UInt8(ascii: "/")
                }) ?? true
            else {
                throw .invalid(
                    "'artifact_location' '\(location)' is a place on the server's disk outside of its artifact root.")
            }
        default:
            throw .invalid("'artifact_location' uses the scheme '\(scheme)', which this server does not know.")
        }
        guard !bytes.contains(UInt8(ascii: ";")) else { throw hasParams }
        let names = bytes.split { "/\\?".utf8.contains($0) }
        guard !names.contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw .invalid("Invalid artifact location: '\(location)' leaves its own directory.")
        }
    }

    /// Whether there are two dots next to one another.
    private static func holdsDots(_ bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }
    }

    /// Undoes percent-encoding until nothing changes, ten times at most, as a careless reader further down might.
    private static func percentDecoded(_ text: String) -> String {
        var text = text
        for _ in 0..<10 {
            var bytes: [UInt8] = []
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
            let decoded = String(decoding: bytes, as: UTF8.self)
            if decoded == text { return text }
            text = decoded
        }
        return text
    }
}

/// What the operator allows of artifact locations.
public struct ArtifactRules: Sendable {
    /// The server's artifact root.
    public let root: String
    /// Code points of a location.
    public let maxLength: Int

    public init(root: String, maxLength: Int) {
        self.root = root
        self.maxLength = maxLength
    }
}
