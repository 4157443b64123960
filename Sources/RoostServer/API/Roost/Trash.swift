// Emptying the trash: artifacts first, then rows, one run after another, so that whatever ends it in between leaves each
// run gone or in the trash. And the rules that put runs there.

internal import Logging
internal import RoostArtifacts
internal import RoostCore
internal import RoostStore
internal import ServiceLifecycle

extension Extensions {
    static func purge(_ request: PurgeTrash, _ services: Services) async throws -> PurgeAnswer {
        let now = services.world.now()
        let page = try await services.store.read {
            try $0.trash(request.selection, now: now, after: request.after, limit: request.limit)
        }
        let keeper = TrashKeeper(services: services, keepsArtifacts: request.keepsArtifacts)
        return request.isDryRun ? try await keeper.plan(page) : try await keeper.purge(page)
    }

    static func applyRetention(_ request: ApplyRetention, _ services: Services) async throws -> RetentionAnswer {
        let named = try request.experiments.map { id throws(APIError) in try ExperimentID(id) }
        let wanted = try await services.store.read { snapshot in
            try named.map { try snapshot.experiment($0, stage: .active).id }
        }
        return try await TrashKeeper(services: services).retain(
            only: wanted.isEmpty ? nil : Set(wanted), isDryRun: request.isDryRun)
    }
}

/// Takes care of the trash.
struct TrashKeeper: Sendable {
    let services: Services
    /// Remove runs whose files this server cannot reach, and leave those files.
    var keepsArtifacts = false

    /// What would go, with the size of its files.
    func plan(_ page: TrashPage) async throws -> PurgeAnswer {
        var answer = PurgeAnswer(next: page.next)
        for run in page.runs {
            do {
                let (repository, place) = try services.artifacts.place(of: run)
                let files = try await Self.measure(place, in: repository, depth: 0)
                answer.runs.append(entry(run, files))
            } catch let error as APIError {
                if keepsArtifacts { answer.runs.append(entry(run, (0, 0))) } else { answer.keep(run, error) }
            }
        }
        for model in page.models {
            do {
                _ = try services.artifacts.place(model.artifactLocation, of: "model \(model.modelID)")
                answer.models.append(model.modelID)
            } catch {
                if keepsArtifacts { answer.models.append(model.modelID) } else { answer.keep(model, error) }
            }
        }
        let kept = Set(answer.kept.compactMap { if case .run(let id) = $0.thing { id } else { nil } })
        for id in page.experiments {
            let left = try await services.store.read { try $0.runCount(ofExperiment: id) }
            let going = page.runs.count { $0.experimentID == id && !kept.contains($0.runID) }
            // Runs of the parts before are still there in a dry run: only what is active keeps an experiment for certain.
            if left > going, page.next == nil, try await services.store.read({ try $0.hasActiveRuns(id) }) {
                answer.kept.append(KeptInTrash(thing: .experiment(id), reason: Self.holdsRuns))
            } else {
                answer.experiments.append(id)
            }
        }
        return answer
    }

    /// Removes what a part of the trash holds.
    func purge(_ page: TrashPage) async throws -> PurgeAnswer {
        var answer = PurgeAnswer(next: page.next)
        for run in page.runs {
            do {
                if try await purge(run) { answer.runs.append(entry(run, nil)) }
            } catch let error as APIError where error.status < 500 || error.code == .notImplemented {
                answer.keep(run, error)
            }
        }
        for model in page.models {
            do {
                if try await purge(model) { answer.models.append(model.modelID) }
            } catch let error as APIError where error.status < 500 || error.code == .notImplemented {
                answer.keep(model, error)
            }
        }
        for id in Set(answer.runs.map(\.experiment)).subtracting(page.experiments) {
            try await services.store.write { try $0.purgeDatasets(ofExperiment: id) }
        }
        for id in page.experiments {
            if try await services.store.write(weight: 64, { try $0.purgeExperiment(id) }) {
                answer.experiments.append(id)
            } else if (try? await services.store.read { try $0.experiment(ExperimentID(id), stage: .deleted) }) != nil {
                answer.kept.append(KeptInTrash(thing: .experiment(id), reason: Self.holdsRuns))
            }
        }
        return answer
    }

    /// - Returns: false when it is no longer in the trash.
    private func purge(_ run: RunInfo) async throws -> Bool {
        // Somebody may have restored it since the trash was looked at.
        let isTrash = try await services.store.read { snapshot in
            do { return try snapshot.runInfo(run.runID).stage == .deleted } catch let error as APIError {
                if error.code == .resourceDoesNotExist { return false }
                throw error
            }
        }
        guard isTrash else { return false }
        try await removeFiles(run.artifactURI, of: "run \(run.runID)", id: run.runID)
        return try await services.store.write(weight: 1024) { try $0.purgeRun(run.runID) }
    }

    private func purge(_ model: TrashedModel) async throws -> Bool {
        guard try await services.store.read({ try $0.isTrash(model: model.modelID) }) else { return false }
        try await removeFiles(model.artifactLocation, of: "model \(model.modelID)", id: model.modelID)
        return try await services.store.write(weight: 64) { try $0.purgeModel(model.modelID) }
    }

    private func removeFiles(_ uri: String, of owner: String, id: String) async throws {
        do {
            let (repository, place) = try services.artifacts.place(uri, of: owner)
            try await repository.removeAll(ofRun: Self.home(place, id))
        } catch let error as APIError where keepsArtifacts && (error.status < 500 || error.code == .notImplemented) {
            services.log.notice("The files of \(owner) stay where they are: \(error.message)")
        }
    }

    /// The owner's own directory, where there is one around its artifacts: `1/RUN` of `1/RUN/artifacts`.
    private static func home(_ place: ArtifactPath, _ id: String) -> ArtifactPath {
        guard place.names.last == "artifacts", let parent = place.parent, parent.names.last == id else {
            return place
        }
        return parent
    }

    private static func measure(
        _ place: ArtifactPath, in repository: any ArtifactRepository, depth: Int
    ) async throws -> (count: Int64, bytes: Int64) {
        var (count, bytes) = (Int64(0), Int64(0))
        guard depth < Limits.artifactDepth else { return (0, 0) }
        for entry in try await repository.list(place) {
            if let size = entry.size {
                count += 1
                bytes += size
            } else {
                let below = try await measure(
                    place.appending(ArtifactPath(directory: entry.name)), in: repository, depth: depth + 1)
                count += below.count
                bytes += below.bytes
            }
        }
        return (count, bytes)
    }

    private func entry(_ run: RunInfo, _ files: (Int64, Int64)?) -> PurgedRun {
        PurgedRun(runID: run.runID, experiment: run.experimentID, name: run.name, files: files)
    }

    private static let holdsRuns = "It holds runs or models that are not removed."

    // MARK: Retention

    /// Puts in the trash what the rules say.
    /// - Parameter only: the experiments looked at; nil for all.
    func retain(only: Set<Int64>?, isDryRun: Bool) async throws -> RetentionAnswer {
        var applied: [AppliedRetention] = []
        var isPart = false
        let rules = try await services.store.read { try $0.retentionRules() }
        for entry in rules where only?.contains(entry.experiment) ?? true {
            var runs: [String] = []
            var problem: String?
            do {
                let rule = try RetentionRule(entry.text)
                let now = services.world.now()
                let limit = Limits.trashItems
                runs =
                    isDryRun
                    ? try await services.store.read {
                        try $0.beyond(rule, ofExperiment: entry.experiment, now: now, limit: limit)
                    }
                    : try await services.store.write(weight: limit) {
                        try $0.trash(beyond: rule, ofExperiment: entry.experiment, limit: limit)
                    }
                isPart = isPart || runs.count == limit
            } catch let error as APIError where error.code == .invalidParameterValue {
                problem = error.message
            }
            applied.append(
                AppliedRetention(experiment: entry.experiment, rule: entry.text, runs: runs, problem: problem))
        }
        return RetentionAnswer(experiments: applied, isPart: isPart && !isDryRun)
    }

    /// Removes what has been in the trash for as long as its experiment's rule says.
    /// - Returns: how many runs.
    func expire() async throws -> Int {
        var removed = 0
        let rules = try await services.store.read { try $0.retentionRules() }
        for entry in rules {
            guard let rule = try? RetentionRule(entry.text), rule.trash != nil else { continue }
            let now = services.world.now()
            var expired: [RunInfo] = []
            repeat {
                expired = try await services.store.read {
                    try $0.expired(rule, ofExperiment: entry.experiment, now: now, limit: Limits.trashPage)
                }
                let answer = try await purge(TrashPage(runs: expired, next: nil))
                removed += answer.runs.count
                // What cannot be removed would come again and again.
                if answer.runs.isEmpty { break }
            } while expired.count == Limits.trashPage
        }
        return removed
    }
}

extension PurgeAnswer {
    fileprivate mutating func keep(_ run: RunInfo, _ error: APIError) {
        kept.append(KeptInTrash(thing: .run(run.runID), reason: error.message))
    }

    fileprivate mutating func keep(_ model: TrashedModel, _ error: APIError) {
        kept.append(KeptInTrash(thing: .model(model.modelID), reason: error.message))
    }
}

/// Applies the rules from time to time, beside the requests.
struct RetentionService: Service {
    let services: Services
    let interval: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await pass()
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func pass() async {
        let keeper = TrashKeeper(services: services)
        do {
            var answer: RetentionAnswer
            repeat {
                answer = try await keeper.retain(only: nil, isDryRun: false)
                for entry in answer.experiments {
                    if let problem = entry.problem {
                        services.log.warning("experiment \(entry.experiment): \(problem)")
                    } else if !entry.runs.isEmpty {
                        services.log.notice(
                            "experiment \(entry.experiment): \(entry.runs.count) runs put in the trash by \(entry.rule)"
                        )
                    }
                }
            } while answer.isPart
            let removed = try await keeper.expire()
            if removed > 0 { services.log.notice("\(removed) runs removed from the trash for good") }
        } catch {
            // The next pass tries again.
            services.log.warning("retention was not applied: \(error)")
        }
    }
}
