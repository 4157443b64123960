// The path parser: rows of hostile paths, and what holds for everything it accepts.

import RoostCore
import Testing

@testable import RoostArtifacts

@Suite("Artifact paths")
struct PathTests {
    /// As an HTTP route reads a path: decoded once, then parsed.
    private func parse(_ raw: String) throws -> [String] {
        try ArtifactPath(file: ArtifactPath.decode(raw[...])).names
    }

    @Test(
        "hostile and ambiguous paths are refused with 400",
        arguments: [
            "../../../../etc/passwd", "a/../../x", "..", "a/..", "a/../b", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/x",
            "%252e%252e%252fx", "%252525252525252525252525252e", "a%2523b", "/etc/passwd", "%2fetc%2fpasswd",
            "file:///etc/passwd", "FILE:x", "file:x", "C:/windows", "C:%5Cwindows", "c:/x", "1/C:/x",
            "..%5c..%5cetc", "a%5cb", "a\\b", "a%23/../../x", "a%3f/../../x", "a;/../../x", "a%23b", "a#b", "a%3fb",
            "a%00b", "a%0ab", "a%0d%0ab", "a%7fb", "a%09b", ".", "", "./a", "a/.", "a/./b", "a//b", "//a", "a/", "a//",
            "/",
            "%c0%ae%c0%ae/x", "%c0%afx", "%ff", "a%ef%bf%bdb", "%ed%a0%80", "%f4%90%80%80",
            ".roost-tmp", ".roost-tmp/x", ".artifact.uploading.x", "a/.artifact.uploading.x",
            "../%cc%81x", "a%d8%80/../x", "a%d8%80/", ".roost-tmp/%cc%81x", ".artifact.uploading.%cc%81x",
        ])
    func refused(_ raw: String) {
        #expect("\(raw)") { try parse(raw) } throws: { error in (error as? APIError)?.status == 400 }
    }

    @Test(
        "names that only look hostile are kept byte by byte",
        arguments: [
            ("a.txt", ["a.txt"]), ("a/b/c", ["a", "b", "c"]), ("...", ["..."]), ("..a/b..", ["..a", "b.."]),
            ("a%20b", ["a b"]), ("a+b", ["a+b"]), ("a;b", ["a;b"]), ("50%", ["50%"]), ("50%25", ["50%"]),
            ("a%zz", ["a%zz"]), ("%41", ["A"]), ("a%2fb", ["a", "b"]), ("CON", ["CON"]), ("nul.txt", ["nul.txt"]),
            ("a.", ["a."]), ("a%20", ["a "]), ("~", ["~"]), ("$HOME", ["$HOME"]), ("a:b", ["a:b"]), ("C:x", ["C:x"]),
            ("caf%C3%A9", ["caf\u{E9}"]), ("cafe%CC%81", ["cafe\u{301}"]), ("%E2%80%AEx", ["\u{202E}x"]),
            ("\u{FF0E}\u{FF0E}/x", ["\u{FF0E}\u{FF0E}", "x"]), ("a'\"b", ["a'\"b"]),
            ("a/.roost-tmp", ["a", ".roost-tmp"]), ("a/%cc%81b", ["a", "\u{301}b"]), ("%d8%80/b", ["\u{600}", "b"]),
        ])
    func accepted(_ raw: String, _ names: [String]) throws {
        #expect(try parse(raw).map { Array($0.utf8) } == names.map { Array($0.utf8) })
    }

    @Test("composed and decomposed letters are two files")
    func normalForms() throws {
        let composed = try ArtifactPath(file: "caf\u{E9}")
        let decomposed = try ArtifactPath(file: "cafe\u{301}")
        #expect("caf\u{E9}" == "cafe\u{301}", "Swift compares text, which is why paths do not")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("directories may end with one slash; the root is empty or a dot, and is never a file")
    func directories() throws {
        #expect(try ArtifactPath(directory: "") == .root)
        #expect(try ArtifactPath(directory: ".") == .root)
        #expect(try ArtifactPath(directory: "a/b/") == ArtifactPath(directory: "a/b"))
        for text in ["/", "a//", "..", "./", "a/./"] {
            #expect(throws: APIError.self) { try ArtifactPath(directory: text) }
        }
        for text in ["", "."] {
            #expect(throws: APIError.self) { try ArtifactPath(beneathRoot: text) }
        }
        #expect(throws: APIError.isDirectory(".")) { try ArtifactPath(file: ".") }
        #expect(throws: APIError.isDirectory("a/")) { try ArtifactPath(file: "a/") }
    }

    @Test("limits at N and one more")
    func limits() throws {
        let name = String(repeating: "n", count: Limits.artifactName)
        #expect(try parse(name).count == 1)
        #expect(throws: APIError.self) { try parse(name + "n") }
        #expect(throws: APIError.self) { try parse(String(repeating: "\u{E9}", count: 128)) }
        let deep = Array(repeating: "d", count: Limits.artifactDepth)
        #expect(try parse(deep.joined(separator: "/")).count == Limits.artifactDepth)
        #expect(throws: APIError.self) { try parse((deep + ["d"]).joined(separator: "/")) }
        let long = Array(repeating: String(repeating: "p", count: 254), count: 16).joined(separator: "/")
        #expect(
            try parse(long + "/" + String(repeating: "p", count: Limits.artifactPath - long.utf8.count - 1)).count == 17
        )
        #expect(throws: APIError.self) {
            try parse(long + "/" + String(repeating: "p", count: Limits.artifactPath - long.utf8.count))
        }
    }

    @Test(
        "whatever is accepted is one place below the root, and no two texts are one place",
        arguments: 1...8 as ClosedRange<UInt64>)
    func properties(_ seed: UInt64) throws {
        var maker = PathMaker(seed: seed)
        var places: [ArtifactPath: String] = [:]
        var accepted = 0
        for _ in 0..<20_000 {
            let raw = maker.path()
            guard let text = try? ArtifactPath.decode(raw[...]), let path = try? ArtifactPath(file: text) else {
                continue
            }
            accepted += 1
            #expect(!path.names.isEmpty, "\(raw) seed \(seed)")
            for name in path.names {
                let bytes = Array(name.utf8)
                #expect(!bytes.isEmpty && bytes.count <= 255 && name != "." && name != "..", "\(raw) seed \(seed)")
                #expect(!bytes.contains { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C || $0 == 0x7F }, "\(raw) seed \(seed)")
            }
            // The text says the place, exactly: what stands on disk is what was sent.
            #expect(path.text.utf8.elementsEqual(text.utf8), "\(raw) seed \(seed)")
            if let other = places.updateValue(text, forKey: path) {
                #expect(other.utf8.elementsEqual(text.utf8), "\(other) and \(text) are one place, seed \(seed)")
            }
            // Parsing is idempotent: what is listed can be asked for.
            #expect(try ArtifactPath(file: path.text) == path)
        }
        #expect(accepted > 1000, "the maker makes too little that is accepted")
    }
}

/// Makes paths out of the pieces that matter.
private struct PathMaker {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    private mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    private static let pieces = [
        "a", "b", "A", ".", "..", "/", "/", "/", "%2f", "%2F", "%2e", "%252e", "%5c", "\\", "%00", "%0a", "#", "%23",
        "?", "%3f",
        ";", "%25", "%", "%41", "\u{E9}", "e\u{301}", "%C3%A9", "e%CC%81", "%ff", "%c0%ae", "C:", "file:", " ", "%20",
        "+", "~",
        "\u{FFFD}", ".roost-tmp", "0", "artifacts", "%E2%80%AE", "-", "_", "x.txt",
    ]

    mutating func path() -> String {
        (0..<1 + next(6)).map { _ in Self.pieces[next(next(3) == 0 ? Self.pieces.count : 8)] }.joined()
    }
}
