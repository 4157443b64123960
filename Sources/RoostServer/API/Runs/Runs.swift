// The endpoints below `runs/`.

internal import RoostCore
internal import RoostStore

/// Handlers of runs.
enum Runs {
    static func create(_ request: CreateRun, _ services: Services) async throws -> FoundRun {
        FoundRun(
            run: try await services.store.write(weight: 1 + request.run.tags.count) { try $0.createRun(request.run) })
    }

    static func get(_ request: OneRun, _ services: Services) async throws -> FoundRun {
        FoundRun(run: try await services.store.read { try $0.run(request.runID) })
    }

    static func update(_ request: UpdateRun, _ services: Services) async throws -> UpdatedRun {
        let info = try await services.store.write { tx in
            try tx.updateRun(request.runID, status: request.status, endTime: request.endTime, name: request.name)
        }
        return UpdatedRun(info: info)
    }

    static func delete(_ request: MarkRun, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteRun(request.runID) }
        return Nothing()
    }

    static func restore(_ request: MarkRun, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.restoreRun(request.runID) }
        return Nothing()
    }

    static func search(_ request: SearchRuns, _ services: Services) async throws -> FoundRuns {
        var search = request.search
        if let caller = services.caller { search.experiments = caller.runs.readable(search.experiments) }
        let page = try await services.store.read(.large) { [search] in try $0.searchRuns(search) }
        return FoundRuns(runs: page.runs, nextPageToken: page.nextPageToken)
    }

    static func logMetric(_ request: LogMetric, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.logMetric(request.runID, request.metric) }
        return Nothing()
    }

    static func logParam(_ request: LogParam, _ services: Services) async throws -> Nothing {
        let param = try Check.param(request.param, at: "", truncate: services.settings.truncateLongValues)
        try await services.store.write { try $0.logParam(request.runID, param) }
        return Nothing()
    }

    static func setTag(_ request: SetTag, _ services: Services) async throws -> Nothing {
        let tag = try Check.tag(request.tag, at: "", truncate: services.settings.truncateLongValues)
        try await services.store.write { try $0.setTag(request.runID, tag) }
        return Nothing()
    }

    static func deleteTag(_ request: DeleteTag, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.deleteTag(request.runID, key: request.key) }
        return Nothing()
    }

    static func logBatch(_ request: LogBatchRequest, _ services: Services) async throws -> Nothing {
        let batch = try request.checked(truncate: services.settings.truncateLongValues)
        try await services.store.write(weight: batch.weight) { try $0.log(request.runID, batch) }
        return Nothing()
    }

    static func recordModel(_ request: RecordModel, _ services: Services) async throws -> Nothing {
        try await services.store.write { try $0.recordModel(request.runID, request.model) }
        return Nothing()
    }

    static func logInputs(_ request: LogInputs, _ services: Services) async throws -> Nothing {
        try await services.store.write(weight: request.datasets.count + request.models.count) { tx in
            try tx.logInputs(request.runID, datasets: request.datasets, models: request.models)
        }
        return Nothing()
    }

    static func logOutputs(_ request: LogOutputs, _ services: Services) async throws -> Nothing {
        try await services.store.write(weight: request.models.count) { tx in
            try tx.logOutputs(request.runID, models: request.models)
        }
        return Nothing()
    }
}
