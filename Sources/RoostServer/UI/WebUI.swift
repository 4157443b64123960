// Roost's own pages: one document for every address of the UI, one script for each kind of page, one style sheet, all of
// them in the program.

internal import HTTPTypes
internal import RoostCore
internal import RoostStore
internal import Synchronization

/// Answers what a browser loads before it asks the API.
final class WebUI: Sendable {
    /// The files as they are sent; made at the first request, for most servers in tests never show a page.
    private struct Files: Sendable {
        let page: String
        /// By name.
        let files: [String: File]
        /// Of all files together: the scripts name each other, so that none can have a tag of its own.
        let tag: String
    }

    private struct File: Sendable {
        let bytes: [UInt8]
        let type: String
    }

    private let files = Mutex<Files?>(nil)

    static func page(_ head: RequestHead, _ body: BodyReader, _ services: Services) throws -> APIResponse {
        try services.ui.page(head, services.settings)
    }

    static func file(_ head: RequestHead, _ body: BodyReader, _ services: Services) throws -> APIResponse {
        let name = head.parameters["file"] ?? ""
        // `/ui/` is the first page, whatever is served at `/`.
        return name.isEmpty
            ? try services.ui.page(head, services.settings) : try services.ui.file(name, head)
    }

    /// Where the first page is when `/` belongs to MLflow's UI, seen from where the UI begins.
    static let home = "ui/"

    /// Nothing from elsewhere, no script or style in the document, frames only for what artifacts show.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
        + " frame-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"

    /// The document, whatever the page: its script reads the address.
    func page(_ head: RequestHead, _ settings: Settings) throws -> APIResponse {
        let files = try made()
        // The document names its files from the address it has, so that any proxy may put it below any path.
        let base = Self.base(of: head.path, prefix: settings.staticPrefix)
        let bytes = Array(
            files.page.replacing("href=\"./\"", with: "href=\"\(base)\"")
                .replacing("data-home=\"\"", with: "data-home=\"\(settings.mlflowUI == nil ? "" : Self.home)\"")
                .replacing("ui/tables.js", with: "ui/\(Self.script(of: head.path, base: base))?v=\(files.tag)")
                .replacing("ui/style.css", with: "ui/style.css?v=\(files.tag)").utf8)
        var response = Self.answer(bytes, "text/html; charset=utf-8", tag: Self.digest(bytes), head)
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.cacheControl] = "no-cache"
        response.headers[.referrerPolicy] = "same-origin"
        return response
    }

    /// A file by its name.
    func file(_ name: String, _ head: RequestHead) throws -> APIResponse {
        let files = try made()
        guard let file = files.files[name] else {
            throw APIError(.endpointNotFound, "There is no file '\(name)' of the web UI.")
        }
        var response = Self.answer(file.bytes, file.type, tag: files.tag, head)
        // Asked for by its digest it never changes.
        let isNamed = head.query.contains { $0.name == "v" && $0.value == files.tag }
        response.headers[.cacheControl] = isNamed ? "public, max-age=31536000, immutable" : "no-cache"
        return response
    }

    private func made() throws -> Files {
        try files.withLock { files in
            if let files { return files }
            let scripts = try Self.scripts()
            let tag = Self.digest(Array((scripts.map(\.text) + [Self.style]).joined().utf8))
            var found = ["style.css": File(bytes: Array(Self.style.utf8), type: "text/css; charset=utf-8")]
            for script in scripts {
                let text = Self.entries.reduce(script.text) { text, name in
                    text.replacing("import(\"./\(name)\")", with: "import(\"./\(name)?v=\(tag)\")")
                }
                found[script.name] = File(bytes: Array(text.utf8), type: "text/javascript; charset=utf-8")
            }
            let made = Files(page: Asset.text("ui/index.html") ?? "", files: found, tag: tag)
            files = made
            return made
        }
    }

    /// The modules with which a page begins: its script is made of them and of all that they import.
    static let entries = ["tables.js", "boards.js", "compare.js", "registry.js"]

    /// The one that the page of an address begins with; the others come when one goes to their pages.
    static func script(of path: String, base: String) -> String {
        // As many parts as there are steps up to where the UI begins.
        let depth = base.split(separator: "/").count { $0 == ".." } + 1
        let parts = path.split(separator: "/").suffix(depth)
        switch parts.first {
        case "runs": return "boards.js"
        case "compare": return "compare.js"
        case "e" where parts.last == "dashboard": return "boards.js"
        case "models": return "registry.js"
        default: return "tables.js"
        }
    }

    static func scripts() throws(ScriptBundle.Defect) -> [(name: String, text: String)] {
        var sources: [String: String] = [:]
        for name in Asset.names where name.hasPrefix("ui/") && name.hasSuffix(".js") {
            sources[String(name.dropFirst("ui/".count))] = Asset.text(name)
        }
        var scripts: [(name: String, text: String)] = []
        for name in entries {
            var bundle = ScriptBundle(sources: sources)
            scripts.append((name, try bundle.join(entry: name)))
        }
        return scripts
    }

    /// In one line, without the blanks that only people need.
    private static var style: String {
        let lines = (Asset.text("ui/style.css") ?? "").split(separator: "\n").map { $0.drop { $0 == " " } }
        return [
            (" {", "{"), ("{ ", "{"), (" }", "}"), (";}", "}"), (": ", ":"), ("; ", ";"), (", ", ","), (" > ", ">"),
        ]
        .reduce(lines.filter { !$0.hasPrefix("/*") }.joined()) { text, pair in
            text.replacing(pair.0, with: pair.1)
        }
    }

    /// Where the UI begins, as seen from a path: `../../` at `/runs/x`.
    static func base(of path: String, prefix: String) -> String {
        // At the prefix itself, without a slash, the browser would leave it.
        if !prefix.isEmpty, path == prefix { return prefix + "/" }
        let bare = !prefix.isEmpty && path.hasPrefix(prefix + "/") ? path.dropFirst(prefix.count) : path[...]
        let depth = bare.count { $0 == "/" } - 1
        return depth > 0 ? String(repeating: "../", count: depth) : "./"
    }

    private static func answer(_ bytes: [UInt8], _ type: String, tag: String, _ head: RequestHead) -> APIResponse {
        let tag = "\"\(tag)\""
        let isKnown = (head.headers[.ifNoneMatch] ?? "").split(separator: ",").contains { entry in
            entry.drop { " W/".contains($0) }.prefix { $0 != " " } == tag
        }
        var response = APIResponse(
            status: isKnown ? 304 : 200, headers: [.contentType: type, .eTag: tag], body: isKnown ? [] : bytes)
        if isKnown { response.headers[.contentType] = nil }
        return response
    }

    /// FNV-1a over 64 bits: files of ours are told apart by it, it guards nothing.
    private static func digest(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

extension HTTPField.Name {
    fileprivate static var referrerPolicy: HTTPField.Name {
        guard let name = HTTPField.Name("Referrer-Policy") else {
            preconditionFailure("Referrer-Policy is the name of a field")
        }
        return name
    }
}
