// The one parser of artifact paths. What it accepts is a list of names; nothing below the edge sees the text again.

public import RoostCore

/// A place below the root of a repository: safe names, outermost first. No names mean the root itself.
///
/// Two accepted texts name one file exactly if they are equal byte by byte (a directory may be spelled with one slash at
/// its end, and the root as `.`). Names are kept as they were sent: nothing is normalised, so `é` in one code point and in
/// two are two files. Compared as bytes, since `String` takes those two for equal.
public struct ArtifactPath: Sendable, Hashable {
    /// Each a name of 1 to 255 bytes that is no `.`, no `..`, and holds no separator.
    public let names: [String]

    /// The root.
    public static let root = ArtifactPath(trusted: [])

    private init(trusted names: [String]) { self.names = names }

    /// The path of a file.
    /// - Throws: 400; also for a text that can only mean a directory, with MLflow's words.
    public init(file text: String) throws(APIError) {
        guard !text.isEmpty, text != ".", text.utf8.last != UInt8(ascii: "/") else { throw .isDirectory(text) }
        try self.init(names: text)
    }

    /// The path of a directory: empty and `.` mean the root, and one slash may stand at the end.
    public init(directory text: String) throws(APIError) {
        if text.isEmpty || text == "." {
            self = .root
        } else {
            try self.init(names: text.utf8.last == UInt8(ascii: "/") ? String(Substring(text.utf8.dropLast())) : text)
        }
    }

    /// A file or a directory, but never the root.
    public init(beneathRoot text: String) throws(APIError) {
        try self.init(directory: text)
        guard !names.isEmpty else { throw .invalidPath("it names the root") }
    }

    /// A name below this place.
    public func appending(_ other: ArtifactPath) -> ArtifactPath { ArtifactPath(trusted: names + other.names) }

    /// The names with slashes between them; empty for the root.
    public var text: String { names.joined(separator: "/") }

    /// The place around; nil for the root.
    public var parent: ArtifactPath? { names.isEmpty ? nil : ArtifactPath(trusted: names.dropLast()) }

    public static func == (left: ArtifactPath, right: ArtifactPath) -> Bool {
        left.names.count == right.names.count
            && zip(left.names, right.names).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    public func hash(into hasher: inout Hasher) {
        for name in names { for byte in name.utf8 { hasher.combine(byte) } }
        hasher.combine(names.count)
    }

    // MARK: The rules

    private init(names text: String) throws(APIError) {
        guard text.utf8.count <= Limits.artifactPath else {
            throw .invalidPath("it is longer than \(Limits.artifactPath) bytes")
        }
        // As MLflow reads it, a URI names a place of its own.
        guard !text.lowercased().utf8.starts(with: "file:".utf8) else { throw .invalidPath() }
        // By bytes, as the system reads it: a slash with an accent over it is another character to Swift.
        let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
        guard names.count <= Limits.artifactDepth else {
            throw .invalidPath("it is deeper than \(Limits.artifactDepth) directories")
        }
        for (index, name) in names.enumerated() { try Self.check(name, first: index == 0) }
        self.names = names.map(String.init)
        guard self.names.first != Self.workshop else { throw .invalidPath("'\(Self.workshop)' is reserved") }
        guard let last = names.last, !last.utf8.starts(with: Self.uploading.utf8) else {
            throw .invalid(
                "Invalid artifact file name: '\(names.last ?? "")'. Artifact names starting with '\(Self.uploading)' are reserved."
            )
        }
    }

    /// Where files are made before they are published: a directory of that name in the root.
    static let workshop = ".roost-tmp"
    /// How MLflow calls its own unfinished uploads; they may lie around in a directory that it used before.
    static let uploading = ".artifact.uploading."

    /// Whether a name found on disk could be asked for, too.
    static func accepts(_ name: String) -> Bool {
        do {
            try check(name[...], first: false)
            return !name.utf8.starts(with: uploading.utf8)
        } catch { return false }
    }

    private static func check(_ name: Substring, first: Bool) throws(APIError) {
        // An empty first name is an absolute path, which MLflow refuses, too.
        guard !name.isEmpty else { throw first ? .invalidPath() : .invalidPath("a name in it is empty") }
        guard name != ".." else { throw .invalidPath() }
        guard name != "." else { throw .invalidPath("it holds '.'") }
        guard name.utf8.count <= Limits.artifactName else {
            throw .invalidPath("a name in it is longer than \(Limits.artifactName) bytes")
        }
        let bytes = Array(name.utf8)
        if bytes.count == 2, bytes[1] == UInt8(ascii: ":"), bytes[0] | 0x20 >= UInt8(ascii: "a"),
            bytes[0] | 0x20 <= UInt8(ascii: "z")
        {
            throw .invalidPath()
        }
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0..<0x20, 0x7F: throw .invalidPath("a name in it holds a control character")
            // There is none in a name of a path that was taken apart; were there one, it would lead out of its place.
            case UInt8(ascii: "/"), UInt8(ascii: "#"): throw .invalidPath()
            // Separators for somebody, or what a URL gives another meaning: a client that does not escape it sends less.
            case UInt8(ascii: "\\"): throw .invalidPath("a name in it holds a backslash")
            case UInt8(ascii: "?"): throw .invalidPath("a name in it holds a question mark")
            case UInt8(ascii: "%"):
                // Decoding twice would make another name of it: MLflow decodes until nothing changes.
                if bytes[index...].dropFirst().prefix(2).filter(\.isHexDigit).count == 2 { throw .invalidPath() }
            default: break
            }
        }
        // What stands for bytes that are no text: several spellings would end in it.
        guard !name.unicodeScalars.contains("\u{FFFD}") else { throw .invalidPath("it is not UTF-8") }
    }
}

extension ArtifactPath {
    /// Undoes the percent-encoding of a URL's path, once. What is no escape stays as it is, as every HTTP server has it.
    /// - Throws: 400 when the bytes are no UTF-8.
    public static func decode(_ raw: Substring) throws(APIError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.utf8.count)
        var rest = Array(raw.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexDigit, let low = rest.dropFirst().first?.hexDigit {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidPath("it is not UTF-8") }
        return text
    }
}

extension APIError {
    /// 400 with MLflow's two words, and the reason where MLflow would have taken the path.
    public static func invalidPath(_ reason: String? = nil) -> APIError {
        .invalid(reason.map { "Invalid path: \($0)." } ?? "Invalid path")
    }

    /// 400 for a directory where a file is needed.
    public static func isDirectory(_ text: String) -> APIError {
        .invalid("Artifact path refers to a directory, not a file: '\(text)'")
    }
}

extension UInt8 {
    var isHexDigit: Bool { hexDigit != nil }

    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
