// From a method and a path to a row of the table, or to the reason why there is none.

internal import HTTPTypes
internal import RoostCore

/// Finds rows by path. Built once from the table.
struct Dispatcher: Sendable {
    private let routes: [String: [Route]]
    /// Rows whose path has parameters, by path; those with more fixed words first.
    private let patterns: [(pattern: PathPattern, rows: [Route])]
    private let prefix: String

    /// - Parameter prefix: the static prefix, empty or like `/tracking`; every path answers with and without it.
    init(prefix: String) {
        var routes: [String: [Route]] = [:]
        for route in Routes.all {
            for path in route.scope.paths(route.path) { routes[path, default: []].append(route) }
        }
        // By bytes: hundreds of paths are looked through before the first request can come.
        let hasNames = { (path: String) in path.utf8.contains(UInt8(ascii: "{")) }
        patterns = routes.filter { hasNames($0.key) }
            .map { (PathPattern($0.key), $0.value) }
            .sorted { ($0.0.fixedWords, $1.0.text) > ($1.0.fixedWords, $0.0.text) }
        self.routes = routes.filter { !hasNames($0.key) }
        self.prefix = prefix
    }

    /// What to do with a request.
    enum Decision {
        /// With the row's path, and what stands for the names in it.
        case serve(Route, pattern: String, parameters: [String: String])
        /// The path is there, the method is not: 405 with these.
        case methods([HTTPRequest.Method])
        case refuse(APIError)
    }

    /// The path without the static prefix.
    func bare(_ path: String) -> String {
        guard !prefix.isEmpty, path == prefix || path.hasPrefix(prefix + "/") else { return path }
        let rest = String(path.dropFirst(prefix.count))
        return rest.isEmpty ? "/" : rest
    }

    /// - Parameter path: without the static prefix.
    func decide(_ method: HTTPRequest.Method, _ path: String) -> Decision {
        if let (rows, pattern, parameters) = rows(of: path) {
            // HEAD is GET without the body.
            let wanted: HTTPRequest.Method = method == .head ? .get : method
            if let row = rows.first(where: { $0.method == wanted }) {
                return .serve(row, pattern: pattern, parameters: parameters)
            }
            if case .refuse(let planned)? = refusal(method, path) { return .refuse(planned) }
            return .methods(rows.map(\.method))
        }
        return refusal(method, path)
            ?? .refuse(APIError(.endpointNotFound, "There is no endpoint \(method.rawValue) \(path)."))
    }

    private func rows(of path: String) -> (rows: [Route], pattern: String, parameters: [String: String])? {
        if let rows = routes[path] { return (rows, path, [:]) }
        for (pattern, rows) in patterns {
            if let parameters = pattern.match(path) { return (rows, pattern.text, parameters) }
        }
        return nil
    }

    private func refusal(_ method: HTTPRequest.Method, _ path: String) -> Decision? {
        switch NotServed.all.find(method.rawValue, path) {
        case .found(let reason):
            .refuse(APIError(.notImplemented, "Roost does not serve \(method.rawValue) \(path): \(reason)."))
        case .otherMethods(let methods): .methods(methods.compactMap { HTTPRequest.Method($0) })
        case .unknown: nil
        }
    }
}
