// Entry point: reads the options, runs the load once, prints one JSON object on standard output.
// Exit codes: 0 the load ran (look at `errors`), 1 it could not run, 2 usage.
import Glibc

@main
struct Main {
    static func main() {
        do throws(Failure) {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            let workload = try makeWorkload(options)
            var engine = try Engine(options: options, workload: workload)
            print(try engine.run().json)
        } catch {
            switch error {
            case .usage(let text): leave(text + "\n\n" + Options.help, code: 2)
            case .run(let text): leave(text, code: 1)
            }
        }
    }

    private static func leave(_ text: String, code: Int32) -> Never {
        let line = Array("load: \(text)\n".utf8)
        _ = write(2, line, line.count)
        exit(code)
    }
}

/// Why the load did not run: a wrong command line, or a system call or file that failed.
enum Failure: Error {
    case usage(String)
    case run(String)

    /// A failed system call with the reason the kernel gave.
    static func system(_ call: String) -> Failure {
        .run("\(call): \(String(cString: strerror(errno)))")
    }
}
