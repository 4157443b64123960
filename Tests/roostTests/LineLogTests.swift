// The form of log lines.

import Glibc
import Logging
import Testing

@testable import roost

struct LineLogTests {
    /// The zone of the machine that tests is not known: only the date is compared where it cannot matter.
    private func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        LineLog.line(1_795_485_600, level, "roost", message, metadata)
    }

    @Test(arguments: [
        (Logger.Level.trace, "DEBUG"), (.debug, "DEBUG"), (.info, "INFO"), (.notice, "INFO"), (.warning, "WARNING"),
        (.error, "ERROR"), (.critical, "CRITICAL"),
    ])
    func formOfALine(_ level: Logger.Level, _ name: String) {
        let line = line(level, "message")
        #expect(line.contains(#/^2026/11/2[34] \d\d:\d\d:\d\d /#))
        #expect(line.hasSuffix(" \(name) roost: message\n"))
    }

    @Test func timeIsLocal() {
        var moment = 1_795_485_600
        var parts = tm()
        localtime_r(&moment, &parts)
        let hour = (parts.tm_hour < 10 ? "0" : "") + "\(parts.tm_hour)"
        #expect(line(.info, "x").dropFirst(11).prefix(2) == hour)
    }

    @Test func metadataFollowsInOrder() {
        #expect(line(.info, "x", ["b": "2", "a": "1"]).hasSuffix("roost: x a=1 b=2\n"))
    }

    @Test func nothingStartsALineOfItsOwn() {
        #expect(line(.info, "a\nb\r\u{1B}[31m\u{85}\u{E9}").hasSuffix("roost: a\\nb\\r\\u{1B}[31m\\u{0085}\u{E9}\n"))
    }
}
