// `search-datasets`: which datasets the runs of some experiments have read, for the filters of MLflow's page.

internal import RoostCore
internal import RoostStore

/// Handlers of datasets.
enum Datasets {
    static func search(_ request: SearchDatasets, _ services: Services) async throws -> FoundDatasets {
        FoundDatasets(
            summaries: try await services.store.read(.large) {
                try $0.datasets(of: request.experiments, limit: Limits.searchDatasets)
            })
    }
}

struct SearchDatasets: FieldsReadable {
    let experiments: [Int64]

    init(from fields: inout Fields) throws(APIError) {
        let ids = try fields.strings("experiment_ids")
        if !fields.isDescribing, ids.isEmpty {
            throw .invalid("SearchDatasets request must specify at least one experiment_id.")
        }
        let most = Limits.searchDatasetsExperiments
        guard ids.count <= most else {
            throw .invalid(
                "SearchDatasets request cannot specify more than \(most) experiment_ids."
                    + " Received \(ids.count) experiment_ids.")
        }
        var experiments: Set<Int64> = []
        for id in ids { if let number = try ExperimentID(id).number { experiments.insert(number) } }
        self.experiments = experiments.sorted()
    }
}

struct FoundDatasets: JSONWritable, Sendable {
    let summaries: [DatasetSummary]

    func write(to json: inout JSONWriter) {
        json.object { json in json.member("dataset_summaries", list: summaries) }
    }

    static let example = FoundDatasets(summaries: [
        DatasetSummary(experimentID: 1, name: "lines", digest: "8f3c2a1b", context: "training")
    ])
}
