// Makes one script of modules of `ui/`, so that a browser asks once. They stay ordinary modules: each becomes a
// function of its own here, and what it imports a constant. The order follows from the imports.

/// One script out of ES modules that import from each other by relative path. Scripts may share modules: whichever comes
/// second leaves what is there as it is.
struct ScriptBundle {
    /// Why the modules cannot be joined; a defect of ours that a test finds.
    struct Defect: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private let sources: [String: String]
    private var begun: Set<String> = []
    private var written: Set<String> = []
    private(set) var script = ""

    /// - Parameter sources: texts by path.
    init(sources: [String: String]) { self.sources = sources }

    /// - Parameter entry: the module that begins, like `app.js`.
    /// - Returns: a script that is a module itself.
    mutating func join(entry: String) throws(Defect) -> String {
        script = "// Modules of ui/ in one file; see ui/\(entry).\nconst modules = (globalThis.roostModules ??= {});\n"
        try add(entry)
        return script
    }

    private mutating func add(_ path: String) throws(Defect) {
        guard !written.contains(path) else { return }
        guard begun.insert(path).inserted else { throw Defect(description: "\(path) imports itself through others") }
        guard let source = sources[path] else { throw Defect(description: "there is no module \(path)") }
        var body = ""
        var exports: [String] = []
        var statement = ""
        var isComment = false
        for line in source.split(separator: "\n") {
            // What is for readers stays in the repository: comments on lines of their own, and the indentation.
            let line = line.drop { $0 == " " }
            isComment = isComment || line.hasPrefix("/**")
            if isComment || line.hasPrefix("//") || line.isEmpty {
                if line.hasSuffix("*/") { isComment = false }
                continue
            }
            if !statement.isEmpty || line.hasPrefix("import ") {
                // An import may take several lines; it ends with its semicolon.
                statement += line + " "
                guard line.hasSuffix(";") else { continue }
                body += try constant(statement, in: path) + "\n"
                statement = ""
            } else if line.hasPrefix("export ") {
                let declaration = line.dropFirst("export ".count)
                if declaration.hasPrefix("{") {
                    exports += try Self.names(declaration, in: path).map { $0.alias + ": " + $0.name }
                } else {
                    exports.append(try Self.declared(declaration, in: path))
                    body += Self.tight(declaration) + "\n"
                }
            } else {
                body += Self.tight(line) + "\n"
            }
        }
        guard statement.isEmpty else { throw Defect(description: "\(path): an import does not end") }
        script += "modules[\"\(path)\"] ??= (() => {\n\(body)return { \(exports.joined(separator: ", ")) };\n})();\n"
        written.insert(path)
    }

    /// A line without the blanks beside its signs, but for those in texts. A line that may have a pattern or a template is
    /// left alone; templates of several lines must not mind, and the only ones are style sheets.
    private static func tight(_ line: Substring) -> Substring {
        guard !line.utf8.contains(where: { unclear.contains($0) }) else { return line }
        let bytes = Array(line.utf8)
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var quote: UInt8?
        for (at, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                if quote == nil { quote = byte } else if quote == byte { quote = nil }
            }
            let isBesideSign =
                kept.last.map(signs.contains) == true || (at + 1 < bytes.count && signs.contains(bytes[at + 1]))
            if byte != UInt8(ascii: " ") || quote != nil || !isBesideSign { kept.append(byte) }
        }
        return Substring(decoding: kept, as: UTF8.self)
    }

    private static let unclear = Set("`/\\".utf8)
    /// None of them becomes another one by what stands beside it.
    private static let signs = Set("{},;:?=&|>".utf8)

    /// `import { a, b as c } from "./x.js";` as `const { a, b: c } = modules["x.js"];`, the module itself put in before.
    private mutating func constant(_ statement: String, in path: String) throws(Defect) -> String {
        guard let from = statement.split(separator: " from ").last, from.count < statement.count else {
            throw Defect(description: "\(path): not an import of names: \(statement)")
        }
        let target = Self.resolve(from.filter { !" ;\"'".contains($0) }, beside: path)
        try add(target)
        let what = statement.dropFirst("import ".count)
        if what.hasPrefix("* as ") {
            let name = what.dropFirst("* as ".count).prefix { $0 != " " }
            return "const \(name) = modules[\"\(target)\"];"
        }
        let names = try Self.names(what, in: path).map { $0.name == $0.alias ? $0.name : "\($0.name): \($0.alias)" }
        return "const { \(names.joined(separator: ", ")) } = modules[\"\(target)\"];"
    }

    /// What stands in braces: `{ a, b as c }`.
    private static func names(_ text: Substring, in path: String) throws(Defect) -> [(name: String, alias: String)] {
        guard text.hasPrefix("{"), let end = text.firstIndex(of: "}") else {
            throw Defect(description: "\(path): only names in braces are imported and exported, not \(text)")
        }
        return text[text.index(after: text.startIndex)..<end].split(separator: ",").compactMap { item in
            let words = item.split(separator: " ")
            guard let name = words.first, let alias = words.last else { return nil }
            return (String(name), String(alias))
        }
    }

    /// The name that `function x(`, `const x =` and `class x` declare.
    private static func declared(_ declaration: Substring, in path: String) throws(Defect) -> String {
        let words = declaration.split(maxSplits: 3, whereSeparator: { " (=*{".contains($0) })
            .drop { $0 == "async" }
        guard let kind = words.first, ["function", "const", "class"].contains(kind), let name = words.dropFirst().first
        else { throw Defect(description: "\(path): not an export of a function, constant or class: \(declaration)") }
        return String(name)
    }

    private static func resolve(_ target: String, beside path: String) -> String {
        var folders = path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = folders.popLast()
            default: folders.append(String(part))
            }
        }
        return folders.joined(separator: "/")
    }
}
