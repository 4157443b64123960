// Puts tokens together into nodes: first what brackets enclose, then, level by level, what dots, arithmetic and
// comparators join. Each step goes once over a level, so that grouping is linear; brackets nest to a fixed depth.

import RoostCore

struct Grouper {
    let source: Source

    /// The nodes of a whole text, grouped inside its brackets only; ``level(_:)`` does the rest where it is wanted.
    func enclose(_ tokens: [Token]) throws(APIError) -> [Node] {
        var nodes: [Node] = []
        nodes.reserveCapacity(tokens.count)
        // Where in `nodes` the brackets stand that may yet be closed, the innermost last.
        var open: [Int] = []
        for token in tokens {
            let node = Node(.token(token.kind), token.range)
            if node.isPunctuation("(", in: source) || node.isPunctuation("[", in: source) {
                guard open.count < SearchLimits.nesting else {
                    throw .invalid("More than \(SearchLimits.nesting) levels of parentheses.")
                }
                open.append(nodes.count)
            }
            let isRound = node.isPunctuation(")", in: source)
            guard isRound || node.isPunctuation("]", in: source),
                let level = open.lastIndex(where: { nodes[$0].isPunctuation(isRound ? "(" : "[", in: source) })
            else {
                nodes.append(node)
                continue
            }
            // Whatever was opened further in stays open for good: it is a sign like any other.
            let start = open[level]
            open.removeSubrange(level...)
            let inside = Array(nodes[(start + 1)...])
            let group = Node(isRound ? .parenthesis : .brackets, from: nodes[start], to: node, parts: inside)
            nodes.removeSubrange(start...)
            nodes.append(group)
        }
        return nodes
    }

    /// Groups one level: the whole text, or the inside of a parenthesis.
    func level(_ nodes: [Node]) -> [Node] {
        var nodes = merge(nodes, as: .function) { $0.kind == .token(.name) && $1.kind == .parenthesis }
        nodes = joinPeriods(nodes)
        nodes = merge(nodes, as: .identifier, chained: true) { $0.canBeIndexed && $1.kind == .brackets }
        nodes = nodes.map { $0.isName ? Node(.identifier, $0.range) : $0 }
        nodes = merge(nodes, as: .identifier, chained: true) { $0.canBeOrdered && $1.kind == .token(.order) }
        nodes = join(nodes, as: .arithmetic) {
            ($0.kind == .token(.arithmetic) || $0.kind == .token(.wildcard)) && $1.isOperand && $2.isOperand
        }
        nodes = join(nodes, as: .comparison) { [self] in
            $0.kind == .token(.comparison) && (isComparable($1) || $1.kind == .comparison) && isComparable($2)
        }
        nodes = merge(nodes, as: .identifier) { $0.takesAlias && $1.kind == .identifier }
        return join(nodes, as: .list) { [source] in
            $0.isPunctuation(",", in: source) && $1.canBeListed && $2.canBeListed
        }
    }

    /// Makes one node of two neighbours; with `chained` the result may take a further neighbour.
    private func merge(
        _ nodes: [Node], as kind: Node.Kind, chained: Bool = false, where fits: (Node, Node) -> Bool
    ) -> [Node] {
        var merged: [Node] = []
        merged.reserveCapacity(nodes.count)
        var isFresh = false
        for node in nodes {
            if let previous = merged.last, chained || !isFresh, fits(previous, node) {
                merged[merged.count - 1] = Node(kind, from: previous, to: node)
                isFresh = true
            } else {
                merged.append(node)
                isFresh = false
            }
        }
        return merged
    }

    /// Makes one node of a joining sign and its neighbours, from left to right.
    private func join(
        _ nodes: [Node], as kind: Node.Kind, where fits: (_ sign: Node, _ left: Node, _ right: Node) -> Bool
    ) -> [Node] {
        var joined: [Node] = []
        joined.reserveCapacity(nodes.count)
        var index = 0
        while index < nodes.count {
            if let left = joined.last, index + 1 < nodes.count, fits(nodes[index], left, nodes[index + 1]) {
                let right = nodes[index + 1]
                // `a > b > c` is refused whatever is in its left side; keeping that would nest without a bound.
                let parts = kind == .comparison ? [Node(left.kind, left.range), nodes[index], right] : []
                joined[joined.count - 1] = Node(kind, from: left, to: right, parts: parts)
                index += 2
            } else {
                joined.append(nodes[index])
                index += 1
            }
        }
        return joined
    }

    /// `metrics.acc`, `tags.a.b`, `tags."a b"`; a dot with nothing fit after it stays with what precedes it.
    private func joinPeriods(_ nodes: [Node]) -> [Node] {
        var joined: [Node] = []
        joined.reserveCapacity(nodes.count)
        var index = 0
        while index < nodes.count {
            let node = nodes[index]
            index += 1
            guard let left = joined.last, left.canPrecedePeriod, node.isPunctuation(".", in: source) else {
                joined.append(node)
                continue
            }
            var last = node
            if index < nodes.count, nodes[index].canFollowPeriod {
                last = nodes[index]
                index += 1
            }
            joined[joined.count - 1] = Node(.identifier, from: left, to: last)
        }
        return joined
    }

    private func isComparable(_ node: Node) -> Bool {
        switch node.kind {
        case .brackets: false
        case .token(.keyword): node.isKeyword("NULL", in: source)
        default: node.isOperand
        }
    }
}

extension Node {
    fileprivate var isName: Bool { kind == .token(.name) || kind == .token(.symbol) }

    fileprivate var canPrecedePeriod: Bool { isName || kind == .identifier || kind == .brackets }

    fileprivate var canFollowPeriod: Bool {
        isName || kind == .token(.wildcard) || kind == .token(.string) || kind == .brackets || kind == .function
    }

    fileprivate var canBeIndexed: Bool { canPrecedePeriod || kind == .function }

    fileprivate var isNumber: Bool { kind == .token(.integer) || kind == .token(.real) }

    fileprivate var canBeOrdered: Bool { kind == .identifier || isNumber }

    fileprivate var isOperand: Bool {
        switch kind {
        case .token(.string), .token(.placeholder), .identifier, .function, .parenthesis, .brackets, .arithmetic: true
        default: isNumber
        }
    }

    fileprivate var takesAlias: Bool {
        switch kind {
        case .identifier, .function, .parenthesis, .arithmetic, .comparison: true
        default: isNumber
        }
    }

    fileprivate var canBeListed: Bool {
        switch kind {
        case .identifier, .function, .comparison, .list, .arithmetic: true
        case .token(.string), .token(.placeholder), .token(.keyword), .token(.comment), .token(.wildcard): true
        default: isNumber
        }
    }
}
