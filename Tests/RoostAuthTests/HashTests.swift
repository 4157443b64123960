// Hashes as MLflow's server writes them, and the delays for guessing. Expected hashes are werkzeug 3.1's.

import RoostCore
import Testing

@testable import RoostAuth

@Suite("Hashes and guesses")
struct HashTests {
    @Test(
        "a hash that MLflow's server wrote is checked",
        arguments: [
            "scrypt:32768:8:1$0123456789abcdef$a6e1c5f30b25e0fe6d47724036c0a579988e41eb3ed39298d8fa076d41293064"
                + "7bfbd8338fad0c674fc29cc170747879c0991be6a0c73d928929b4e2871151dd",
            "pbkdf2:sha256:1000$saltsalt$a900cf4996b73ab9b2cbda0ad4fbb464b2f03f64afce6c77caef0ebc376afc9d",
        ])
    func theirs(_ text: String) throws {
        let hash = try #require(PasswordHash(stored: text))
        #expect(hash.matches("correct horse"))
        #expect(!hash.matches("correct horsf") && !hash.matches(""))
        #expect(hash.text == text)
    }

    @Test("what is no hash is refused, and what would cost too much")
    func malformed() {
        for text in [
            "", "x", "scrypt:32768:8:1$$00", "scrypt:3:8:1$a$00112233445566778899aabbccddeeff",
            "scrypt:2147483648:8:1$a$00112233445566778899aabbccddeeff", "md5$a$00112233445566778899aabbccddeeff",
            "scrypt:16:1:1$a$zz112233445566778899aabbccddeeff", "pbkdf2:sha1:1$a$00112233445566778899aabbccddeeff",
        ] { #expect(PasswordHash(stored: text) == nil, "\(text)") }
    }

    @Test("a new hash matches its password, and no two are the same")
    func own() throws {
        let one = PasswordHash("pässword-1234", cost: .trifling, world: .real)
        let other = PasswordHash("pässword-1234", cost: .trifling, world: .real)
        #expect(one.matches("pässword-1234") && other.matches("pässword-1234") && one != other)
        #expect(try #require(PasswordHash(stored: one.text)) == one)
    }

    @Test("a token has 256 random bits, and is found again by its digest")
    func tokens() throws {
        let token = BearerToken(world: .real)
        #expect(token.text.utf8.count == 70 && token.text != BearerToken(world: .real).text)
        #expect(try #require(BearerToken(token.text)).digest == token.digest && token.digest.count == 32)
        #expect(BearerToken("roost_") == nil && BearerToken(String(token.text.dropFirst())) == nil)
        #expect(hexadecimal(sha256("abc")).hasPrefix("ba7816bf8f01cfea"))
    }

    @Test("five wrong passwords cost nothing, then the wait doubles up to half a minute, and a right one ends it")
    func waits() {
        let guesses = Guesses()
        var now: Int64 = 1_000_000
        var waits: [Int] = []
        for _ in 0..<14 {
            now += 40_000
            waits.append(guesses.wait(user: "ann", address: "a", now: now))
            guesses.failed(user: "ann", address: "a", now: now)
        }
        #expect(waits.allSatisfy { $0 == 0 })
        #expect(guesses.wait(user: "ann", address: "a", now: now) == 30)
        // Others are kept waiting by neither, until a user is guessed from everywhere.
        #expect(guesses.wait(user: "bob", address: "a", now: now) == 0)
        #expect(guesses.wait(user: "ann", address: "b", now: now) == 0)
        guesses.succeeded(user: "ann", address: "a")
        #expect(guesses.wait(user: "ann", address: "a", now: now) == 0)
        for address in 0..<40 { guesses.failed(user: "ann", address: "\(address)", now: now) }
        #expect(guesses.wait(user: "ann", address: "b", now: now) == 1)
    }

    @Test("what is remembered of guessing is bounded, and forgotten after a quarter of an hour")
    func bounded() {
        let guesses = Guesses(limit: 100)
        for number in 0..<5000 { guesses.failed(user: "user\(number)", address: "\(number)", now: Int64(number)) }
        #expect(guesses.count <= 102)
        for _ in 0..<10 { guesses.failed(user: "ann", address: "a", now: 10_000) }
        #expect(guesses.wait(user: "ann", address: "a", now: 10_001) > 0)
        #expect(guesses.wait(user: "ann", address: "a", now: 10_000 + 15 * 60_000) == 0)
    }

    @Test("no more wait for the hashing threads than a bound")
    func desk() async throws {
        let desk = HashingDesk(workers: 1, limit: 2)
        let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        _ = try await desk.run { PasswordHash("a", cost: .standard, world: .real).matches("b") }
                        return false
                    } catch { return (error as? APIError)?.status == 503 }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused > 0)
        #expect(try await desk.run { 1 } == 1)
    }
}
