// A password as it is stored: the format that MLflow's server writes, so that a file of users can move both ways.

internal import CNIOBoringSSL
public import RoostCore

/// A hash like `scrypt:32768:8:1$salt$hexadecimal`, or one that older servers wrote, `pbkdf2:sha256:600000$salt$hexadecimal`.
public struct PasswordHash: Sendable, Equatable {
    /// How much work a guess is.
    public struct Cost: Sendable, Equatable {
        let rounds: UInt64
        let blockSize: UInt64
        let parallelism: UInt64

        /// What MLflow 3.17.2 asks for: 32 MiB and a tenth of a second.
        public static let standard = Cost(rounds: 32768, blockSize: 8, parallelism: 1)
        /// Next to nothing, for tests of something else.
        public static let trifling = Cost(rounds: 16, blockSize: 1, parallelism: 1)
    }

    private enum Method: Equatable {
        case scrypt(Cost)
        case pbkdf2(rounds: UInt32)
    }

    private let method: Method
    private let salt: String
    private let key: [UInt8]

    /// As it is stored.
    public var text: String {
        let name =
            switch method {
            case .scrypt(let cost): "scrypt:\(cost.rounds):\(cost.blockSize):\(cost.parallelism)"
            case .pbkdf2(let rounds): "pbkdf2:sha256:\(rounds)"
            }
        return "\(name)$\(salt)$\(hexadecimal(key))"
    }

    /// The hash of a new password. Takes a tenth of a second.
    public init(_ password: String, cost: Cost, world: World) {
        salt = world.randomLetters(16)
        method = .scrypt(cost)
        key = Self.derive(password, salt, method, count: 64)
    }

    /// Reads a stored hash; nil when it is none that this program can check.
    public init?(stored text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[1].isEmpty, let key = bytes(hexadecimal: parts[2]), (16...64) ~= key.count else {
            return nil
        }
        let name = parts[0].split(separator: ":")
        switch name.first {
        case "scrypt":
            guard name.count == 4, let rounds = UInt64(name[1]), let size = UInt64(name[2]),
                let lanes = UInt64(name[3]),
                // What this may cost is bounded, whoever wrote the file.
                (2...1 << 20) ~= rounds, rounds & (rounds - 1) == 0, (1...32) ~= size, (1...16) ~= lanes
            else { return nil }
            method = .scrypt(Cost(rounds: rounds, blockSize: size, parallelism: lanes))
        case "pbkdf2":
            guard name.count == 3, name[1] == "sha256", let rounds = UInt32(name[2]), (1...10_000_000) ~= rounds else {
                return nil
            }
            method = .pbkdf2(rounds: rounds)
        default: return nil
        }
        salt = String(parts[1])
        self.key = key
    }

    /// Whether this is the hash of a password. Takes as long for a wrong one as for the right one.
    public func matches(_ password: String) -> Bool {
        isEqual(Self.derive(password, salt, method, count: key.count), key)
    }

    private static func derive(_ password: String, _ salt: String, _ method: Method, count: Int) -> [UInt8] {
        let secret = password.utf8.map { CChar(bitPattern: $0) }
        let salt = Array(salt.utf8)
        var key = [UInt8](repeating: 0, count: count)
        let done =
            switch method {
            case .scrypt(let cost):
                EVP_PBE_scrypt(
                    secret, secret.count, salt, salt.count, cost.rounds, cost.blockSize, cost.parallelism,
                    Int(132 * cost.rounds * cost.blockSize * (cost.parallelism + 1)), &key, count)
            case .pbkdf2(let rounds):
                PKCS5_PBKDF2_HMAC(
                    secret, secret.count, salt, salt.count, rounds, EVP_sha256(), count, &key)
            }
        // It fails when there is no memory: then nothing matches, as no password has a hash of nothing.
        return done == 1 ? key : []
    }
}

/// Compares in a time that does not depend on where they differ.
func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count, !one.isEmpty else { return false }
    return CRYPTO_memcmp(one, other, one.count) == 0
}

/// Two digits a byte.
public func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { (byte: UInt8) in [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }, as: UTF8.self)
}

private func bytes(hexadecimal text: Substring) -> [UInt8]? {
    guard text.utf8.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while !rest.isEmpty {
        guard let pair = Substring(rest.prefix(2)).asciiHexPair else { return nil }
        bytes.append(pair)
        rest = rest.dropFirst(2)
    }
    return bytes
}

extension Substring {
    /// The byte that two hexadecimal digits write.
    fileprivate var asciiHexPair: UInt8? { allSatisfy(\.isHexDigit) ? UInt8(self, radix: 16) : nil }
}
