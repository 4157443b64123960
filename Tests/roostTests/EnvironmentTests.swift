// The file of `--env-file`, and what of it counts. Values as python-dotenv reads them.

import Glibc
import Testing

@testable import roost

struct EnvironmentTests {
    @Test(arguments: [
        ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("A=", ""), ("A=a=b", "a=b"), ("A='x y'", "x y"),
        ("A=\"x y\"", "x y"), ("A=x # note", "x"), ("A=x#y", "x#y"), ("A= # note", ""), ("A='x # y' # note", "x # y"),
        ("A='a\\nb'", "a\\nb"), ("A=\"a\\nb\"", "a\nb"), ("A=\"a\\\"b\"", "a\"b"), ("A='it\\'s'", "it's"),
        ("A='${HOME}'", "${HOME}"), ("A=$HOME", "$HOME"), ("\u{9}A=1\r", "1"),
    ])
    func values(_ line: String, _ value: String) throws {
        #expect(try EnvironmentFile.parse("# first\n\n\(line)\nB=2", name: "f") == ["A": value, "B": "2"])
    }

    @Test(arguments: ["A", "# A=1", "", "   "])
    func linesThatSetNothing(_ line: String) throws {
        #expect(try EnvironmentFile.parse(line, name: "f") == [:])
    }

    @Test(arguments: ["A=${HOME}", "A=\"${HOME}\"", "A='open", "A='x' y", "=1", "A B=1"])
    func whatCannotBeTakenAsItStandsIsRefused(_ line: String) {
        #expect(throws: Refusal.usage("--env-file: line 2 of 'f' is no variable with a plain or quoted value.")) {
            try EnvironmentFile.parse("B=1\n\(line)", name: "f")
        }
    }

    @Test func aMissingFileIsAUsageError() {
        #expect(throws: Refusal.usage("--env-file: cannot read '/no/such/file': No such file or directory.")) {
            try Environment.ofProcess(adding: "/no/such/file")
        }
    }

    @Test func theFileFillsWhatTheProcessHasNot() throws {
        let file = try #require(tmpfile())
        defer { fclose(file) }
        fputs("ROOST_DURABILITY=normal\nROOST_HEADER_TIMEOUT=9\nMLFLOW_PORT=1\n", file)
        fflush(file)
        let environment = try Environment.ofProcess(adding: "/proc/self/fd/\(fileno(file))") { name in
            ["MLFLOW_PORT": "2", "ROOST_HEADER_TIMEOUT": ""][name]
        }
        #expect(environment[.durability] == "normal")
        #expect(environment[.port] == "2")
        // Set but empty is set.
        #expect(environment[.headerTimeout] == nil)
    }
}
