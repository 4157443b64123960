// How MLflow words the refusal of a whole filter: each kind of entity has its own way.

import RoostCore

extension Vocabulary.Wording {
    /// The filter has nothing in it to read.
    func unreadable(_ filter: String) -> APIError {
        switch self {
        case .runs, .experiments, .registeredModels, .modelVersions:
            .invalid("Invalid filter '\(filter)'. Could not be parsed.")
        case .loggedModels: severalStatements(filter)
        }
    }

    /// Something follows a semicolon.
    func severalStatements(_ filter: String) -> APIError {
        switch self {
        case .runs, .experiments, .registeredModels, .modelVersions:
            .invalid(
                "Search filter contained multiple expression \(PythonText.quoted(filter)). "
                    + "Provide AND-ed expression list.")
        case .loggedModels:
            .invalid("Invalid filter string: \(PythonText.quoted(filter)). Expected a single SQL expression.")
        }
    }

    /// These parts of the filter are no comparisons.
    func invalidClauses(_ clauses: [String], of filter: String) -> APIError {
        switch self {
        case .runs:
            .invalid("Invalid clause(s) in filter string: \(clauses.map { "'\($0)'" }.joined(separator: ", "))")
        case .experiments, .registeredModels, .modelVersions:
            .invalid("Invalid clause(s) in filter string: \(clauses.joined(separator: ", "))")
        case .loggedModels:
            .invalid(
                "Invalid filter string: \(PythonText.quoted(filter)). Expected a list of comparisons separated by 'AND'"
                    + " (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').")
        }
    }
}
