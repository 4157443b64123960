// The log: lines like MLflow's on standard error, `2026/11/23 22:14:11 WARNING roost: message`.

import Glibc
import Logging

/// One of the two streams of output. Written in one call each, so that lines of several threads do not mix.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(rawValue, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                // Nobody reads any more: there is no other place to say so.
                guard count > 0 || errno == EINTR else { return }
                rest = rest.dropFirst(max(count, 0))
            }
        }
    }
}

/// Writes log lines; with local time, as MLflow does.
struct LineLog: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { fields["error"] = "\(error)" }
        StandardStream.error.write(
            Self.line(time(nil), event.level, label, event.message.description, fields))
    }

    /// One line, whatever the message holds.
    static func line(
        _ seconds: Int, _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
    ) -> String {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        var line = "\(stamp(seconds)) \(name(of: level)) \(label): "
        for scalar in (message + fields).unicodeScalars {
            // A control character could end the line, or colour the terminal: clients choose parts of messages.
            if scalar.properties.generalCategory == .control {
                line += scalar.escaped(asASCII: true)
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line + "\n"
    }

    private static func name(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "DEBUG"
        case .info, .notice: "INFO"
        case .warning: "WARNING"
        case .error: "ERROR"
        case .critical: "CRITICAL"
        }
    }

    private static func stamp(_ seconds: Int) -> String {
        var moment = seconds
        var parts = tm()
        guard localtime_r(&moment, &parts) != nil else { return "" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let start = buffer.baseAddress, strftime(start, buffer.count, "%Y/%m/%d %H:%M:%S", &parts) > 0 else {
                return ""
            }
            return String(cString: start)
        }
    }
}

/// Whether a person reads along.
func isStandardErrorATerminal() -> Bool { isatty(STDERR_FILENO) == 1 }
