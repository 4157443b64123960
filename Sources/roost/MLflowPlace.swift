// Finds the build of MLflow's own UI inside an installed mlflow package, by looking at paths alone: no program is run.

import Glibc
import RoostServer

/// Which web UI is served at `/`.
enum WebUIChoice: Equatable {
    /// Roost's own.
    case own
    /// MLflow's, out of this directory.
    case directory(String, source: String)
    /// MLflow's, out of the package that Python would import.
    case package(source: String)

    init(_ flags: ServerFlags, _ environment: Environment, directory: String) throws(Refusal) {
        let place = Given("--ui-dir", flags.uiDirectory, .uiDirectory, environment)
        let name = Given("--ui", flags.ui, .ui, environment)
        let word = try name?.word(of: ["roost", "mlflow"])
        if let place {
            guard word != "roost" else {
                throw .usage("\(place.source) is where MLflow's UI is, and \(name?.source ?? "--ui") asks for Roost's.")
            }
            let path = place.value.hasPrefix("/") ? place.value : "\(directory)/\(place.value)"
            self = .directory(path, source: place.source)
        } else if word == "mlflow" {
            self = .package(source: name?.source ?? "--ui")
        } else {
            self = .own
        }
    }

    /// The directory of the build that was asked for; nil for Roost's own UI.
    func find(_ environment: Environment) async throws -> String? {
        switch self {
        case .own: return nil
        case .directory(let path, let source):
            if let defect = await App.defectOfUI(in: path) {
                throw Refusal.failed("\(source): \(defect). It must name the 'build' directory of MLflow's UI.")
            }
            return path
        case .package(let source):
            let places = MLflowPlace(environment).directories
            for path in places { if await App.defectOfUI(in: path) == nil { return path } }
            let looked =
                places.isEmpty
                ? "No directory of Python packages was found" : "Looked for \(places.joined(separator: ", "))"
            throw Refusal.failed(
                "\(source) mlflow: no installed mlflow package has the UI. \(looked). Install mlflow for the python3 on PATH or"
                    + " activate its environment, or name the directory with --ui-dir.")
        }
    }
}

/// Where mlflow may be installed.
struct MLflowPlace {
    /// Directories that would hold the build, the likeliest first. Whether they do is for the caller to see.
    let directories: [String]

    /// The environment that is active, then those of the first `mlflow` and `python3` on PATH: Python's packages lie
    /// beside the `bin` in which it was called, or in which the file is that a link there leads to.
    init(_ environment: Environment) {
        var prefixes: [String] = []
        if let active = environment[.virtualEnvironment] { prefixes.append(active) }
        let path = (environment[.path] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
        for program in ["mlflow", "python3"] {
            let files: [String] = path.map { "\($0)/\(program)" }
            guard let found = files.first(where: { access($0, X_OK) == 0 }) else { continue }
            for file in [found, Self.target(of: found)] {
                let parts = file.split(separator: "/")
                if parts.count > 2, parts[parts.count - 2] == "bin" {
                    prefixes.append("/" + parts.dropLast(2).joined(separator: "/"))
                }
            }
        }
        var seen: Set<String> = []
        directories = prefixes.flatMap(Self.packages).map { "\($0)/mlflow/server/js/build" }
            .filter { seen.insert($0).inserted }
    }

    /// The directories of packages below a prefix: `lib/python3.11/site-packages`, and Debian's `dist-packages`.
    private static func packages(below prefix: String) -> [String] {
        var found: [String] = []
        for library in ["\(prefix)/lib", "\(prefix)/local/lib"] {
            let pythons = names(in: library).filter { $0.hasPrefix("python3") }.sorted { version($0) > version($1) }
            for python in pythons {
                for packages in ["\(library)/\(python)/site-packages", "\(library)/\(python)/dist-packages"]
                where access(packages, R_OK | X_OK) == 0 { found.append(packages) }
            }
        }
        return found
    }

    /// 11 of `python3.11`.
    private static func version(_ name: String) -> Int { name.split(separator: ".").last.flatMap { Int($0) } ?? 0 }

    private static func names(in directory: String) -> [String] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private static func target(of path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
