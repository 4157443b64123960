// Clauses joined by AND and OR, whatever stage of reading they are in.

import RoostCore

indirect enum Tree<Leaf> {
    case all([Tree])
    case any([Tree])
    case test(Leaf)

    var leafCount: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.leafCount }
        case .test: 1
        }
    }

    /// The same tree with other leaves, made from left to right.
    func map<Other>(_ transform: (Leaf) throws(APIError) -> Other) throws(APIError) -> Tree<Other> {
        switch self {
        case .all(let parts): return .all(try Self.map(parts, transform))
        case .any(let parts): return .any(try Self.map(parts, transform))
        case .test(let leaf): return .test(try transform(leaf))
        }
    }

    private static func map<Other>(
        _ parts: [Tree], _ transform: (Leaf) throws(APIError) -> Other
    ) throws(APIError) -> [Tree<Other>] {
        var mapped: [Tree<Other>] = []
        mapped.reserveCapacity(parts.count)
        for part in parts { mapped.append(try part.map(transform)) }
        return mapped
    }
}

extension Tree<Clause> {
    /// The condition with no level that joins a single part, nor one like the level above it.
    var condition: Condition {
        switch self {
        case .test(let clause): return .test(clause)
        case .all(let parts):
            let flat = parts.map(\.condition).flatMap { part in
                if case .all(let inner) = part { inner } else { [part] }
            }
            return flat.count == 1 ? flat[0] : .all(flat)
        case .any(let parts):
            let flat = parts.map(\.condition).flatMap { part in
                if case .any(let inner) = part { inner } else { [part] }
            }
            return flat.count == 1 ? flat[0] : .any(flat)
        }
    }
}
