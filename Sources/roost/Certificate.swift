// Which certificate a server shall have: Roost's own flags, or the options of the servers that MLflow starts.

import RoostServer

enum Certificate {
    /// Nil for plain HTTP.
    static func files(
        _ flags: ServerFlags, _ environment: Environment, directory: String
    ) throws(Refusal) -> TLSFiles? {
        let certificate = Given("--ssl-certfile", flags.certificateFile, .certificateFile, environment)
        let key = Given("--ssl-keyfile", flags.keyFile, .keyFile, environment)
        let uvicorn = Given("--uvicorn-opts", flags.uvicornOpts, .uvicornOpts, environment)
        let gunicorn = Given("--gunicorn-opts", flags.gunicornOpts, .gunicornOpts, environment)
        var found: (certificate: String?, key: String?, source: String)?
        if let certificate {
            found = (certificate.value, key?.value, certificate.source)
        } else if let key {
            throw .usage("\(key.source) needs --ssl-certfile.")
        } else if let uvicorn {
            found = try options(uvicorn, certificate: "--ssl-certfile", key: "--ssl-keyfile", prefix: "--ssl-")
        } else if let gunicorn {
            found = try options(gunicorn, certificate: "--certfile", key: "--keyfile", prefix: "--ssl")
        }
        guard let found else { return nil }
        guard let file = found.certificate else { throw .usage("\(found.source): there is a key and no certificate.") }
        let whole = resolvedPath(file, in: directory)
        return TLSFiles(certificate: whole, key: found.key.map { resolvedPath($0, in: directory) } ?? whole)
    }

    /// The certificate in the options of another server; nil when there is none.
    private static func options(
        _ given: Given, certificate: String, key: String, prefix: String
    ) throws(Refusal) -> (certificate: String?, key: String?, source: String)? {
        var values: [String: String] = [:]
        var rest = words(given.value)[...]
        while let word = rest.popFirst() {
            let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
            guard name == certificate || name == key else {
                // Asking clients for certificates and the like: without it the server would be more open than it should.
                guard !name.hasPrefix(prefix), !["--ca-certs", "--cert-reqs"].contains(name) else {
                    throw .failed(
                        "\(given.source): \(name) is not supported, and the server would not be what was asked for.")
                }
                continue
            }
            let value = name.count < word.count ? String(word.dropFirst(name.count + 1)) : rest.popFirst() ?? ""
            guard !value.isEmpty else { throw .usage("\(given.source): \(name) has no value.") }
            values[name] = value
        }
        return values.isEmpty ? nil : (values[certificate], values[key], given.source)
    }

    /// Words as a shell parts them: blanks between, quotes around what holds blanks.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }
}
