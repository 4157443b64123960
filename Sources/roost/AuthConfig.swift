// The configuration of `--app-name basic-auth`: an INI file as MLflow's server reads it, and the variables that win over it.

import RoostCore
import RoostServer
import RoostStore

/// What the file and the variables say.
enum AuthConfig {
    /// As shipped with MLflow 3.17.2, without a password.
    private static let standard = [
        "default_permission": "READ", "database_uri": "sqlite:///basic_auth.db", "admin_username": "admin",
    ]
    private static let knownFunction = "mlflow.server.auth:authenticate_request_basic_auth"

    /// - Parameter read: hands out the text of a file.
    /// - Returns: the settings, and a line for each thing that is without effect.
    static func settings(
        _ environment: Environment, read: (String) throws(Refusal) -> String
    ) throws(Refusal) -> (access: AccessSettings, notes: [String]) {
        var source = "the configuration of MLflow 3.17.2"
        var values = standard
        if let given = Given(.authConfigPath, environment) {
            source = "\(given.source) (\(given.value))"
            values.merge(try INIFile.section("mlflow", of: try read(given.value), source: source)) { $1 }
        }
        if let function = values["authorization_function"], function != knownFunction {
            throw .failed(
                "\(source): authorization_function '\(function)' is refused: it is Python code, and a server that leaves it"
                    + " out would let others in. Roost knows \(knownFunction).")
        }
        let level = values["default_permission"] ?? ""
        guard let standard = AccessLevel(rawValue: level) else {
            throw .usage(
                "\(source): default_permission '\(level)' is none of "
                    + AccessLevel.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        let uri = try StoreURI(values["database_uri"] ?? "", source: "\(source): database_uri")
        // A variable that is set wins even when it is empty: an empty secret must not fall back to an old one.
        let name = environment.isSet(.authAdminUsername) ? environment[.authAdminUsername] : values["admin_username"]
        let password =
            environment.isSet(.authAdminPassword) ? environment[.authAdminPassword] : values["admin_password"]
        let without: [(key: String, reason: String)] = [
            ("read_database_uri", "one file is read and written"),
            ("workspace_cache_max_size", "a server holds one workspace"),
            ("workspace_cache_ttl_seconds", "a server holds one workspace"),
            ("auth_cache_max_size", "a password that was checked is remembered until anything changes"),
            ("auth_cache_ttl_seconds", "a password that was checked is remembered until anything changes"),
        ]
        return (
            AccessSettings(users: uri.location, standard: standard, adminName: name, adminPassword: password),
            without.compactMap { key, reason in
                values[key].map { _ in "\(source): \(key) is accepted without effect: \(reason)." }
            }
        )
    }
}

/// A file of sections and values, as Python's `configparser` reads it.
enum INIFile {
    /// The values of a section, their names in lower case.
    /// - Parameter source: what messages blame. They never repeat a value: it may be a secret.
    static func section(
        _ wanted: String, of text: String, source: String
    ) throws(Refusal) -> [String: String] {
        var found: [String: String] = [:]
        var section: Substring?
        var hasSection = false
        var key: String?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let place = "\(source), line \(index + 1)"
            let bare = trimmed(line)
            guard let first = bare.first, first != "#", first != ";" else { continue }
            if line.first?.isWhitespace == true, let key {
                // Goes on from the line before.
                if section == wanted[...] { found[key, default: ""] += "\n" + bare }
                continue
            }
            if first == "[" {
                guard bare.last == "]" else { throw .usage("\(place): a section is written [name].") }
                section = bare.dropFirst().dropLast()
                if section == wanted[...] { hasSection = true }
                key = nil
                continue
            }
            guard section != nil, let mark = bare.firstIndex(where: { $0 == "=" || $0 == ":" }), mark != bare.startIndex
            else { throw .usage("\(place): a setting is written name = value, below a section.") }
            let name = trimmed(bare[..<mark]).lowercased()
            key = name
            guard section == wanted[...] else { continue }
            guard found[name] == nil else { throw .usage("\(place): '\(name)' is set twice.") }
            found[name] = String(trimmed(bare[bare.index(after: mark)...]))
        }
        guard hasSection else { throw .usage("\(source): there is no section [\(wanted)].") }
        for (name, value) in found { found[name] = try plain(value, "\(source): \(name)") }
        return found
    }

    /// `%%` is a percent sign; other uses name another setting, which none of these needs.
    private static func plain(_ value: String, _ place: String) throws(Refusal) -> String {
        var rest = value[...]
        var plain = ""
        while let mark = rest.firstIndex(of: "%") {
            plain += rest[..<mark]
            rest = rest[rest.index(after: mark)...]
            guard rest.first == "%" else { throw .usage("\(place): a percent sign is written twice, %%.") }
            plain += "%"
            rest = rest.dropFirst()
        }
        return plain + rest
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
