// Adoption: the first time a client asks for the root run of a PromptFlow batch, that run is made.
//
// PromptFlow names a batch and hands that name to its nodes as `root_run_id`; only Azure's server makes a run of it. With
// `--adopt-runs` Roost does, so that the same nodes work. It is the one GET that may write, and only below `/api/`.

internal import HTTPTypes
internal import Logging
public import RoostCore
internal import RoostStore
internal import Synchronization

/// Which unknown runs are adopted, and into which experiment.
public struct AdoptionRule: Sendable {
    /// PromptFlow's own names: `<flow>_<variant>_<date>_<time>_<microseconds>`.
    public static let promptFlowNames = "[A-Za-z0-9][A-Za-z0-9_]{0,200}_[0-9]{8}_[0-9]{6}_[0-9]{6}"

    /// The name of the experiment; it is made with the first run.
    public let experiment: String
    /// A regular expression that the whole id must match.
    public let pattern: String

    /// - Throws: 400 when the pattern is not a regular expression.
    public init(experiment: String, pattern: String = promptFlowNames) throws(APIError) {
        self.experiment = experiment
        self.pattern = pattern
        guard (try? Regex(pattern)) != nil else { throw .invalid("'\(pattern)' is not a regular expression.") }
    }

    /// Whether a run of this id is adopted; ids that a server or a library made never are, whatever the pattern.
    func matches(_ id: String) -> Bool {
        guard isOwnRunID(id), let regex = try? Regex(pattern) else { return false }
        return id.wholeMatch(of: regex) != nil
    }
}

/// How many runs were adopted of late: a link to the runs of another server must not fill the database.
final class AdoptionCount: Sendable {
    /// Adoptions in an hour.
    static let limit = 1000

    private let state = Mutex<(hour: Int64, count: Int, told: Bool)>((0, 0, false))
    private let saidDeleted = Atomic<Bool>(false)

    /// True the first time: the log needs to hear of a deleted experiment once.
    func tellOnce() -> Bool { !saidDeleted.exchange(true, ordering: .relaxed) }

    enum Decision { case go, stop, stopAndTell }

    func next(now: Int64) -> Decision {
        state.withLock { state in
            let hour = now / 3_600_000
            if hour != state.hour { state = (hour, 0, false) }
            state.count += 1
            guard state.count > Self.limit else { return .go }
            defer { state.told = true }
            return state.told ? .stop : .stopAndTell
        }
    }
}

extension Runs {
    /// `runs/get` for clients: as always, but that an unknown root run may be adopted.
    static func getOrAdopt(_ request: OneRun, _ head: RequestHead, _ services: Services) async throws -> APIResponse {
        guard let rule = services.settings.adoption else {
            return .json(JSONWriter.bytes(of: try await get(request, services)))
        }
        var run = try await services.store.read { try $0.findRun(request.runID) }
        if run == nil, head.method == .get, rule.matches(request.runID) {
            run = try await adopt(request.runID, rule, services)
        }
        guard let run else { throw APIError.missing("Run with id=\(request.runID) not found") }
        var response = APIResponse.json(JSONWriter.bytes(of: FoundRun(run: run)))
        // An answer that writes must not be answered out of a cache.
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private static func adopt(_ id: String, _ rule: AdoptionRule, _ services: Services) async throws -> Run? {
        switch services.adoptions.next(now: services.world.now()) {
        case .go: break
        case .stop: return nil
        case .stopAndTell:
            services.log.warning(
                "more than \(AdoptionCount.limit) runs were adopted within the hour; no more until it is over")
            return nil
        }
        let start = services.world.now()
        let tags = [
            KeyValue("framework", "Prompt Flow"), KeyValue("mlflow.source.type", "LOCAL"),
            KeyValue("promptflow.root_run_id", id), KeyValue("roost.adopted", "true"),
        ]
        do {
            let (run, madeIn) = try await services.store.write(weight: 8) { tx in
                let experiment = try tx.getOrCreateExperiment(name: rule.experiment, artifactLocation: nil, tags: [])
                let new = NewRun(
                    experimentID: ExperimentID(experiment.thing.id), userID: "", name: id, startTime: start, tags: tags,
                    runID: id)
                return (
                    try tx.getOrCreateRun(id: id, new).thing, experiment.created ? experiment.thing.id : nil as Int64?
                )
            }
            if let madeIn { try await services.own(.experiment, String(madeIn)) }
            return run
        } catch let error as APIError where error.code == .invalidState {
            // The operator deleted the experiment: it is not revived, and the client sees an unknown run.
            if services.adoptions.tellOnce() { services.log.warning("no run is adopted: \(error.message)") }
            return nil
        }
    }
}
