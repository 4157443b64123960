// Which values of the Host header are answered: a page whose name was pointed at this machine (DNS rebinding) is not.

public import RoostCore

/// Decides on the Host header. Probes (`/health`, `/version`) are exempt; the caller knows the path.
public struct HostGuard: Sendable {
    private enum Rule: Sendable {
        case anything
        /// This host, with any port.
        case host(Authority.Host)
        case exactly(Authority)
        case pattern(Wildcard)
        /// A pattern over numbers, like `192.168.*`: names never match it.
        case addresses(Wildcard)
        case privateAddresses
    }

    private let rules: [Rule]

    /// - Parameter allowed: entries like `roost.example`, `10.0.0.5:5000`, `*.corp.example` or `*`. nil stands for this
    ///   machine's names and private addresses, with any port; an entry of a list without a port does not match a
    ///   header with one, as in MLflow.
    public init(allowed: [String]?) {
        guard let allowed else {
            let own = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"].compactMap { Authority($0) }
            rules = own.map { .host($0.host) } + [.privateAddresses]
            return
        }
        rules = allowed.compactMap(Self.rule)
    }

    /// nil for a host that is answered, else the refusal.
    public func check(_ host: String?) -> APIError? {
        if rules.contains(where: { if case .anything = $0 { true } else { false } }) { return nil }
        guard let host, !host.isEmpty else { return Self.refusal }
        guard let authority = Authority(host) else {
            return APIError(.badRequest, "The Host header is neither a name nor an address with an optional port.")
        }
        return rules.contains { Self.rule($0, allows: authority) } ? nil : Self.refusal
    }

    /// The entries of a list that no header can match, for a warning at the start.
    public static func useless(in allowed: [String]) -> [String] { allowed.filter { rule($0) == nil } }

    private static let refusal = APIError(
        .permissionDenied, "Invalid Host header - possible DNS rebinding attack detected")

    private static func rule(_ entry: String) -> Rule? {
        if entry == "*" { return .anything }
        if let wildcard = Wildcard(entry) {
            let isNumeric = entry.utf8.allSatisfy { (0x30...0x39).contains($0) || ".*:".utf8.contains($0) }
            return isNumeric && entry.first?.isNumber ?? false ? .addresses(wildcard) : .pattern(wildcard)
        }
        // An IPv6 address may be listed without brackets; a header never has it so.
        let written = IPAddress(entry) == nil || !entry.contains(":") ? entry : "[\(entry)]"
        return Authority(written).map { .exactly($0) }
    }

    private static func rule(_ rule: Rule, allows authority: Authority) -> Bool {
        switch rule {
        case .anything: return true
        case .host(let host): return authority.host == host
        case .exactly(let wanted): return authority.host == wanted.host && authority.port == wanted.port
        case .pattern(let wildcard): return wildcard.matches(authority.text)
        case .addresses(let wildcard):
            guard case .address = authority.host else { return false }
            return wildcard.matches(authority.text)
        case .privateAddresses:
            guard case .address(let address) = authority.host else { return false }
            return address.isPrivate
        }
    }
}
