// What a start says before the store is opened, all of it on standard error.

import Logging
import RoostServer

/// A line at the start.
enum StartMessage: Equatable {
    /// As MLflow prints it, without time and level.
    case plain(String)
    case info(String)
    case warning(String)

    /// What the rules for hosts and origins are; loud where they are off.
    static func security(_ settings: Settings) -> [StartMessage] {
        guard settings.securityEnabled else {
            return [
                .warning(
                    "The security middleware is DISABLED: neither Host nor Origin is checked, so any web page that a user"
                        + " opens may read and change the data.")
            ]
        }
        guard settings.allowedHosts != nil || settings.corsAllowedOrigins != nil else {
            return [
                .info(
                    "The security middleware runs with its defaults: this machine's names, private addresses, and pages of"
                        + " this machine. Other names need --allowed-hosts, other pages --cors-allowed-origins.")
            ]
        }
        var messages: [StartMessage] = []
        var rules = "The security middleware runs."
        if let hosts = settings.allowedHosts {
            rules += " Allowed hosts: \(hosts.joined(separator: ", "))."
            if hosts.contains("*") {
                messages.append(
                    .warning(
                        "Every Host header is accepted: a web page whose name is pointed at this machine (DNS rebinding) may"
                            + " read and change the data."))
            }
            messages += HostGuard.useless(in: hosts).map {
                .warning("The allowed host '\($0)' is neither a host, with or without a port, nor a pattern.")
            }
        }
        if let origins = settings.corsAllowedOrigins {
            rules += " Allowed origins: \(origins.joined(separator: ", "))."
            if origins.contains("*") {
                messages.append(
                    .warning(
                        "Every origin is accepted, without credentials: any web page that a user opens may read and change"
                            + " the data."))
            }
        }
        return [.info(rules)] + messages
    }

    func say(to log: Logger) {
        switch self {
        case .plain(let text): StandardStream.error.write(text + "\n")
        case .info(let text): log.info("\(text)")
        case .warning(let text): log.warning("\(text)")
        }
    }
}
