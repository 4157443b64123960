// Digests of what nobody can guess: tokens, and passwords under a key that never leaves this process.

internal import CNIOBoringSSL
public import RoostCore

/// SHA-256 of a text.
public func sha256(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    _ = SHA256(bytes, bytes.count, &digest)
    return digest
}

/// A key of this process, and the digests made with it.
public struct DigestKey: Sendable {
    private let bytes: [UInt8]

    public init(world: World) { bytes = world.randomBytes(32) }

    /// HMAC-SHA-256 of a text.
    public func digest(_ text: String) -> [UInt8] {
        let message = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 32
        _ = HMAC(
            EVP_sha256(), bytes, bytes.count, message, message.count, &digest, &count)
        return digest
    }

    /// Whether two texts are the same, in a time that does not depend on where they differ.
    public func isSame(_ one: String, _ other: String) -> Bool { matches(digest(one), other) }

    /// Whether a digest is that of a text, in a time that does not depend on where they differ.
    public func matches(_ digest: [UInt8], _ text: String) -> Bool { isEqual(self.digest(text), digest) }
}

/// A bearer token: 256 random bits, so a fast digest is enough to store it.
public struct BearerToken: Sendable {
    /// With a beginning that people and scanners of secrets know again.
    public let text: String
    public var digest: [UInt8] { sha256(text) }

    public init(world: World) { text = Self.beginning + hexadecimal(world.randomBytes(32)) }

    /// A text that a client sent; nil when it cannot be a token.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.beginning), text.utf8.count == Self.beginning.utf8.count + 64 else { return nil }
        self.text = text
    }

    private static let beginning = "roost_"
}
