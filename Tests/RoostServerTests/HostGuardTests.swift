// The Host header, row by row; what mlflow 3.17.2 does where Roost is meant to do the same.

import RoostCore
import Testing

@testable import RoostServer

struct HostGuardTests {
    private let standard = HostGuard(allowed: nil)

    @Test(arguments: [
        "localhost", "localhost:5000", "localhost:0", "localhost:65535", "localhost:", "LOCALHOST", "LocalHost:80",
        "localhost.", "localhost.:5000", "127.0.0.1", "127.0.0.1:80", "0.0.0.0", "0.0.0.0:5000",
        "[::1]", "[::1]:5000", "[0:0:0:0:0:0:0:1]", "[0000::0001]:1",
    ])
    func namesOfThisMachinePass(_ host: String) { #expect(standard.check(host) == nil) }

    @Test(arguments: [
        "10.0.0.0", "10.255.255.255:5000", "192.168.0.1", "192.168.255.255", "172.16.0.0", "172.31.255.255:1",
        "[fc00::1]", "[fd12:3456::1]:5000", "[FDFF:ffff::]", "[fd00::10.0.0.1]",
    ])
    func privateAddressesPass(_ host: String) { #expect(standard.check(host) == nil) }

    /// BI-50: other names, no name, and the address where clouds keep credentials.
    @Test(arguments: [
        "evil.com", "evil.com:5000", "", "169.254.169.254", "8.8.8.8", "[2001:db8::1]", "[fe80::1]", "[::]",
        "[fbff::1]",
        "[fe00::1]", "[::ffff:8.8.8.8]", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
        "192.169.0.0", "127.0.0.2", "xlocalhost", "localhost.evil.com", "localhost..", "a_b",
    ])
    func othersAreRefused(_ host: String) { expectRefusal(standard.check(host)) }

    @Test func aRequestWithoutHostIsRefused() { expectRefusal(standard.check(nil)) }

    /// BI-51: a private range is a range of addresses, not of texts; mlflow lets the first three in.
    @Test(arguments: [
        "10.evil.com", "192.168.evil.com", "172.20.attacker.net", "10.0.0.1.evil.com", "127.0.0.1.evil.com", "10.1",
        "10.0.0.256", "10.0.0.01", "010.0.0.1", "10.0.0", "10..0.1", "2130706433", "0x7f.0.0.1", "fc00",
    ])
    func textsThatLookPrivateAreRefused(_ host: String) { expectRefusal(standard.check(host)) }

    /// BI-53.
    @Test(arguments: [
        "localhost:x", "localhost:-1", "localhost:+1", "localhost:65536", "localhost:99999", "localhost:1:2",
        "localhost: 1", "fd00:evil", "::1", "[::1", "[::1]x", "[::1]:x", "[]", "[::1::]", "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4:5:6:7::8]", "[12345::]", "[fe80::1%eth0]", "[127.0.0.1]", "user@localhost", "localhost/x",
        "local host",
        ":80", ".", "l\u{F6}calhost", "\u{212A}", "http://localhost", "localhost\u{0}",
    ])
    func malformedOnesAreBadRequests(_ host: String) {
        #expect(standard.check(host)?.status == 400)
    }

    // MARK: Own lists

    @Test(arguments: [
        ("roost.example", "roost.example", true), ("roost.example", "ROOST.example.", true),
        ("ROOST.example", "roost.example", true),
        // As in mlflow: an entry without a port is for headers without one.
        ("roost.example", "roost.example:5000", false), ("roost.example:5000", "roost.example", false),
        ("roost.example:5000", "roost.example:5000", true), ("roost.example:5000", "roost.example:5001", false),
        ("roost.example", "xroost.example", false), ("roost.example", "localhost", false),
        ("roost.example", "10.0.0.1", false), ("roost.example", "", false),
        ("[::1]", "[0::1]", true), ("[::1]", "[::1]:80", false), ("::1", "[::1]", true),
        ("10.0.0.5:5000", "10.0.0.5:5000", true),
        // Patterns.
        ("*.corp.example", "a.corp.example", true), ("*.corp.example", "a.b.CORP.example", true),
        ("*.corp.example", "corp.example", false), ("*.corp.example", "a.corp.example.evil.com", false),
        ("*.corp.example", "a.corp.example:80", false), ("*.corp.example:*", "a.corp.example:80", true),
        ("app-*.internal", "app-1.internal", true), ("a*b*c", "a1b2c", true), ("a*b*c", "a1b2", false),
        ("localhost:*", "localhost:80", true), ("localhost:*", "localhost", false),
        ("[::1]:*", "[::1]:80", true), ("[[]::1]:*", "[::1]:80", true), ("a?*", "ab", true), ("a?*", "a", false),
        // Over numbers: addresses only, where mlflow takes any text.
        ("192.168.*", "192.168.1.1", true), ("192.168.*", "192.168.1.1:5000", true),
        ("192.168.*", "192.168.evil.com", false), ("10.*:5000", "10.0.0.1:5000", true),
        ("10.*:5000", "10.evil.com:5000", false), ("*", "evil.com", true), ("*", "", true), ("*", "localhost:x", true),
    ])
    func anOwnListReplacesTheDefaults(_ entry: String, _ host: String, _ passes: Bool) {
        #expect((HostGuard(allowed: [entry]).check(host) == nil) == passes)
        #expect((HostGuard(allowed: ["other.example", entry]).check(host) == nil) == passes)
    }

    @Test func anEmptyListAllowsNothing() { expectRefusal(HostGuard(allowed: []).check("localhost")) }

    @Test func malformedHostsAreBadRequestsUnderAnOwnListToo() {
        #expect(HostGuard(allowed: ["roost.example"]).check("roost.example:x")?.status == 400)
    }

    @Test func entriesThatMatchNothingAreNamed() {
        let list = ["roost.example", "http://roost.example", "*", "a b", "::1", "*.x", "h:99999"]
        #expect(HostGuard.useless(in: list) == ["http://roost.example", "a b", "h:99999"])
    }

    @Test func manyStarsDoNotSlowMatchingDown() {
        let pattern = String(repeating: "*a", count: 50) + "b"
        let host = String(repeating: "a", count: 2000)
        let began = ContinuousClock.now
        expectRefusal(HostGuard(allowed: [pattern]).check(host))
        #expect(began.duration(to: .now) < .seconds(10))
    }

    private func expectRefusal(_ error: APIError?, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            error
                == APIError(
                    .permissionDenied, "Invalid Host header - possible DNS rebinding attack detected", status: 403),
            sourceLocation: sourceLocation)
    }
}
