// Reads the nodes of a filter as comparisons joined by AND, OR and parentheses. It knows how a clause is written,
// not what any of its words mean: that is the vocabulary's.

import RoostCore

/// One comparison as written.
struct Comparison {
    let left: Node
    /// The comparator as written: `like` is not yet `LIKE`, and `==` still possible.
    let comparator: String
    /// Nothing for `IS NULL` and `IS NOT NULL`.
    let right: Node?
}

struct Parser {
    let source: Source
    let wording: Vocabulary.Wording

    /// Reads a filter. The caller has seen to an empty one.
    static func parse(_ text: String, _ wording: Vocabulary.Wording) throws(APIError) -> (Tree<Comparison>, Source) {
        try checkText(text, "filter")
        let source = Source(text)
        let lexer = Lexer(source)
        guard !lexer.tokens.isEmpty else { throw wording.unreadable(text) }
        guard !lexer.hasSecondStatement else { throw wording.severalStatements(text) }
        let parser = Parser(source: source, wording: wording)
        let (expression, invalid) = parser.expression(try Grouper(source: source).enclose(lexer.tokens))
        guard invalid.isEmpty else { throw wording.invalidClauses(invalid.map { source[$0.range] }, of: text) }
        return (expression, source)
    }

    /// Refuses what no clause may contain or weigh, before anything is read.
    static func checkText(_ text: String, _ what: String) throws(APIError) {
        guard text.utf8.count <= SearchLimits.textBytes else {
            throw .invalid("The \(what) has \(text.utf8.count) bytes; at most \(SearchLimits.textBytes) are allowed.")
        }
        guard !text.utf8.contains(0) else { throw .invalid("The \(what) contains a NUL character.") }
    }

    private func expression(_ enclosed: [Node]) -> (Tree<Comparison>, invalid: [Node]) {
        let nodes = joinWords(Grouper(source: source).level(enclosed))
        var invalid: [Node] = []
        let expression = read(nodes, invalid: &invalid)
        return (expression, invalid)
    }

    /// Reads one level. What is no clause goes to `invalid`; a parenthesis with such a thing inside goes there whole.
    ///
    /// An AND with nothing to join is ignored, an OR with nothing beside it is not.
    private func read(_ nodes: [Node], invalid: inout [Node]) -> Tree<Comparison> {
        var alternatives: [Tree<Comparison>] = []
        var parts: [Tree<Comparison>] = []
        var isEmpty = true
        var dangling: Node?
        for node in nodes where !node.isKeyword("AND", in: source) {
            guard !node.isKeyword("OR", in: source) else {
                if isEmpty { invalid.append(node) }
                dangling = isEmpty ? nil : node
                alternatives.append(.all(parts))
                parts = []
                isEmpty = true
                continue
            }
            isEmpty = false
            dangling = nil
            switch node.kind {
            case .comparison: parts.append(.test(comparison(node)))
            case .parenthesis:
                if let group = group(node) { parts.append(group) } else { invalid.append(node) }
            default: invalid.append(node)
            }
        }
        if let dangling { invalid.append(dangling) }
        return alternatives.isEmpty ? .all(parts) : .any(alternatives + [.all(parts)])
    }

    /// The condition in a parenthesis, or nil if there is none, or something else besides.
    private func group(_ parenthesis: Node) -> Tree<Comparison>? {
        var invalid: [Node] = []
        let group = read(joinWords(Grouper(source: source).level(parenthesis.parts)), invalid: &invalid)
        return invalid.isEmpty && group.leafCount > 0 ? group : nil
    }

    private func comparison(_ node: Node) -> Comparison {
        let right = node.parts.count > 2 ? node.parts[2] : nil
        let written = source[node.parts[1].range]
        guard node.parts[1].kind != .token(.comparison) else {
            return Comparison(left: node.parts[0], comparator: written, right: right)
        }
        // `not  in` and `Is Null` are written in words, whose blanks and case do not matter; a lone `in` is kept.
        let words = source.upperASCII(node.parts[1].range).split { $0.isWhitespace }.joined(separator: " ")
        return Comparison(left: node.parts[0], comparator: words == "IN" ? written : words, right: right)
    }

    /// Makes comparisons of `key IN (…)`, `key NOT IN (…)`, `key IS NULL` and `key IS NOT NULL`.
    private func joinWords(_ nodes: [Node]) -> [Node] {
        var joined: [Node] = []
        joined.reserveCapacity(nodes.count)
        var index = 0
        while index < nodes.count {
            let length = lengthOfWords(nodes, from: index)
            if length == 1 {
                joined.append(nodes[index])
            } else {
                let last = nodes[index + length - 1]
                let isList = last.kind == .parenthesis
                let word = Node(
                    .token(.keyword), from: nodes[index + 1], to: isList ? nodes[index + length - 2] : last)
                let parts = isList ? [nodes[index], word, last] : [nodes[index], word]
                joined.append(Node(.comparison, from: nodes[index], to: last, parts: parts))
            }
            index += length
        }
        return joined
    }

    /// How many nodes from `index` on make one comparison in words; 1 if they do not.
    private func lengthOfWords(_ nodes: [Node], from index: Int) -> Int {
        guard nodes[index].kind == .identifier, index + 2 < nodes.count else { return 1 }
        let (second, third) = (nodes[index + 1], nodes[index + 2])
        if second.isKeyword("IN", in: source), third.kind == .parenthesis { return 3 }
        if second.isKeyword("IS", in: source), isNull(third) { return 3 }
        guard index + 3 < nodes.count, nodes[index + 3].kind == .parenthesis else { return 1 }
        return second.isKeyword("NOT", in: source) && third.isKeyword("IN", in: source) ? 4 : 1
    }

    /// `NULL`, or `NOT NULL`, which the lexer hands over as one token.
    private func isNull(_ node: Node) -> Bool {
        node.kind == .token(.keyword) && source.upperASCII(node.range).hasSuffix("NULL")
    }
}
