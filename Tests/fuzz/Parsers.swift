// What libFuzzer calls again and again, guided by the code that an input reaches: everything that reads untrusted text.
// `scripts/fuzz-parsers` compiles this together with the sources of the parsers into one program.

/// The first byte of an input says which parser reads the rest.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let rest = Array(bytes.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    switch bytes[0] & 7 {
    case 0, 1: readJSON(rest)
    case 2: for vocabulary in vocabularies { readFilter(text, vocabulary) }
    case 3: for vocabulary in vocabularies { _ = try? vocabulary.ordering([text]) }
    case 4: readPath(text)
    case 5: _ = try? GraphQLDocument(text)
    case 6: _ = try? ModelSource(text, isPrompt: bytes[0] > 127)
    default:
        _ = try? ArtifactURI.check(text, ArtifactRules(root: "/srv/roost", maxLength: 2048))
        _ = pythonRepr(text)
    }
    return 0
}

private let vocabularies = [Vocabulary.runs, .experiments, .loggedModels, .registeredModels, .modelVersions]

/// What was read is the same after it was written and read again.
private func readJSON(_ bytes: [UInt8]) {
    guard let json = try? JSONReader.parse(bytes) else { return }
    let written = JSONWriter.bytes(of: json)
    guard let again = try? JSONReader.parse(written) else { preconditionFailure("what was written cannot be read") }
    precondition(JSONWriter.bytes(of: again) == written, "written twice, it differs")
}

/// A refusal says something.
private func readFilter(_ text: String, _ vocabulary: Vocabulary) {
    do throws(APIError) { _ = try vocabulary.filter(text) } catch {
        precondition(error.status == 400 && !error.message.isEmpty)
    }
}

/// What is accepted can only be beneath the root, and is accepted as one thing.
private func readPath(_ text: String) {
    guard let path = try? ArtifactPath(file: text) else { return }
    precondition(!path.names.isEmpty)
    for name in path.names {
        precondition(!name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255)
        precondition(!name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") })
    }
    precondition((try? ArtifactPath(file: path.text)) == path)
}
