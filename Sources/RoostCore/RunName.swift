// Names for runs that were given none: adjective-noun-number, at most 20 characters, as MLflow's are.

extension World {
    /// A name such as `brisk-heron-417`.
    public func newRunName() -> String {
        for _ in 0..<10 {
            let name = anyRunName()
            if name.utf8.count <= 20 { return name }
        }
        return String(anyRunName().prefix(20))
    }

    private func anyRunName() -> String {
        let adjective = adjectives[random(below: adjectives.count)]
        let noun = nouns[random(below: nouns.count)]
        return "\(adjective)-\(noun)-\(random(below: 1001))"
    }
}

private let adjectives = [
    "able", "airy", "amber", "ample", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "clever", "cosy",
    "crisp", "curious", "dapper", "daring", "deft", "eager", "early", "earnest", "fair", "fleet", "fond", "frank",
    "fresh", "gentle", "glad", "golden", "grand", "handy", "hardy", "honest", "humble", "keen", "kind", "lively",
    "loyal", "lucid", "lucky", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "patient", "plucky",
    "polite", "prompt", "proud", "quick", "quiet", "rapid", "ready", "robust", "rosy", "sage", "serene", "sharp",
    "silent", "sleek", "smart", "smooth", "snug", "solid", "spry", "steady", "sturdy", "subtle", "sunny", "swift",
    "tidy", "tranquil", "trusty", "upbeat", "vivid", "warm", "wise", "witty", "zesty",
]

private let nouns = [
    "avocet", "barbet", "bittern", "bulbul", "bunting", "buzzard", "chough", "condor", "coot", "cormorant", "corncrake",
    "crane", "crossbill", "cuckoo", "curlew", "dabchick", "dipper", "dove", "dunlin", "dunnock", "eagle", "egret",
    "falcon", "finch", "flicker", "fulmar", "gannet", "godwit", "goose", "goshawk", "grebe", "grouse", "gull",
    "harrier",
    "heron", "hobby", "hoopoe", "ibis", "jackdaw", "jay", "kestrel", "kite", "kiwi", "knot", "lapwing", "lark",
    "linnet",
    "loon", "magpie", "mallard", "martin", "merlin", "mynah", "nightjar", "nuthatch", "oriole", "osprey", "ouzel",
    "owl",
    "parrot", "partridge", "pelican", "petrel", "pigeon", "pipit", "plover", "puffin", "quail", "raven", "redstart",
    "robin", "rook", "ruff", "sandpiper", "shrike", "siskin", "snipe", "sparrow", "starling", "stilt", "stork",
    "swallow",
    "swan", "swift", "tanager", "teal", "tern", "thrush", "toucan", "turnstone", "wagtail", "warbler", "waxwing",
    "wheatear", "whimbrel", "wigeon", "wren",
]
