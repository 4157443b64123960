// Roost's own pages: one document for every address of the UI, one script, one style sheet, all of them in the program.

internal import HTTPTypes
internal import RoostCore
internal import RoostStore
internal import Synchronization

/// Answers what a browser loads before it asks the API.
final class WebUI: Sendable {
    /// The files as they are sent; made at the first request, for most servers in tests never show a page.
    private struct Files: Sendable {
        let page: String
        let script: File
        let more: File
        let style: File
    }

    private struct File: Sendable {
        let bytes: [UInt8]
        let type: String
        let tag: String

        init(_ text: String, type: String) {
            bytes = Array(text.utf8)
            self.type = type
            tag = WebUI.digest(bytes)
        }
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
                .replacing("ui/app.js", with: "ui/app.js?v=\(files.script.tag)")
                .replacing("ui/style.css", with: "ui/style.css?v=\(files.style.tag)").utf8)
        var response = Self.answer(bytes, "text/html; charset=utf-8", tag: Self.digest(bytes), head)
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.cacheControl] = "no-cache"
        response.headers[.referrerPolicy] = "same-origin"
        return response
    }

    /// A file by its name.
    func file(_ name: String, _ head: RequestHead) throws -> APIResponse {
        let files = try made()
        let file: File
        switch name {
        case "app.js": file = files.script
        case "pages.js": file = files.more
        case "style.css": file = files.style
        default: throw APIError(.endpointNotFound, "There is no file '\(name)' of the web UI.")
        }
        var response = Self.answer(file.bytes, file.type, tag: file.tag, head)
        // Asked for by its digest it never changes.
        let isNamed = head.query.contains { $0.name == "v" && $0.value == file.tag }
        response.headers[.cacheControl] = isNamed ? "public, max-age=31536000, immutable" : "no-cache"
        return response
    }

    private func made() throws -> Files {
        try files.withLock { files in
            if let files { return files }
            let (first, more) = try Self.scripts()
            let pages = File(more, type: "text/javascript; charset=utf-8")
            let made = Files(
                page: Asset.text("ui/index.html") ?? "",
                script: File(
                    first.replacing("import(\"./pages.js\")", with: "import(\"./pages.js?v=\(pages.tag)\")"),
                    type: "text/javascript; charset=utf-8"),
                more: pages, style: File(Self.style, type: "text/css; charset=utf-8"))
            files = made
            return made
        }
    }

    /// The script that every page begins with, and the one with the views that draw charts.
    static func scripts() throws(ScriptBundle.Defect) -> (first: String, more: String) {
        var sources: [String: String] = [:]
        for name in Asset.names where name.hasPrefix("ui/") && name.hasSuffix(".js") {
            sources[String(name.dropFirst("ui/".count))] = Asset.text(name)
        }
        var bundle = ScriptBundle(sources: sources)
        return (try bundle.join(entry: "app.js"), try bundle.join(entry: "pages.js"))
    }

    private static var style: String {
        (Asset.text("ui/style.css") ?? "").split(separator: "\n").map { $0.drop { $0 == " " } + "\n" }.joined()
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
