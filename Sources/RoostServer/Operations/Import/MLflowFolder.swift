// A folder of MLflow's file store (`mlruns`) as a source of runs. Links are never followed, and what cannot be read is named.

internal import RoostArtifacts
public import RoostCore
public import RoostStore

/// An `mlruns` folder, as MLflow 3.17.2 and its forerunners write it.
public final class MLflowFolder: RunSource {
    let root: String
    /// The directory behind `mlflow-artifacts:` URIs, or one outside of the folder that may be read; nil for none.
    let otherFiles: String?
    private var homes: [Int64: String] = [:]
    private var places: [String: String] = [:]
    private var found: [Experiment] = []
    private var faults: [String] = []
    private var others: [String: Int64] = [:]

    /// - Throws: ``OperationError`` when it is no such folder.
    public init(_ path: String, otherFiles: String?) throws {
        guard let whole = FileTree.resolved(path), FileTree.isDirectory(whole) else {
            throw OperationError("there is no folder \(path)")
        }
        root = whole
        self.otherFiles = otherFiles
        for (folder, isTrash) in [(root, false), (root + "/.trash", true)] {
            for name in StoreFolder.directories(folder).sorted(by: Self.byNumber) {
                if ["models", ".trash"].contains(name), !isTrash { continue }
                take(experiment: folder + "/" + name, name)
            }
        }
        guard !found.isEmpty || FileTree.isPlainDirectory(root + "/models") else {
            throw OperationError(
                "\(path) is no folder of MLflow's file store: it has no experiment, which would be a folder with a meta.yaml"
            )
        }
    }

    private static func byNumber(_ one: String, _ other: String) -> Bool {
        (Int64(one) ?? .max, one) < (Int64(other) ?? .max, other)
    }

    private func take(experiment path: String, _ name: String) {
        do {
            let meta = try StoreFolder.meta(path)
            guard let id = meta.integer("experiment_id"), String(id) == name, id >= 0 else {
                throw SourceDamage("meta.yaml names another experiment_id than its folder")
            }
            guard let title = meta.text("name"), !title.isEmpty else { throw SourceDamage("meta.yaml has no name") }
            guard homes[id] == nil else { throw SourceDamage("there are two of this number") }
            let experiment = Experiment(
                id: id, name: title, artifactLocation: meta.text("artifact_location") ?? "",
                stage: meta.text("lifecycle_stage").flatMap { LifecycleStage(rawValue: $0) } ?? .active,
                creationTime: meta.integer("creation_time") ?? 0, lastUpdateTime: meta.integer("last_update_time") ?? 0,
                tags: try StoreFolder.pairs(path + "/tags"))
            homes[id] = path
            found.append(experiment)
            let traces = StoreFolder.directories(path + "/traces").count
            if traces > 0 { others["traces", default: 0] += Int64(traces) }
        } catch { faults.append("experiment folder \(name): \(StoreFolder.reason(error))") }
    }

    public func experiments() -> [Experiment] { found.sorted { $0.id < $1.id } }

    public func runIDs(ofExperiment id: Int64) -> [String] {
        guard let home = homes[id] else { return [] }
        let reserved: Set<String> = ["tags", "datasets", "traces", "models"]
        return StoreFolder.directories(home).filter { name in
            guard !reserved.contains(name) else { return false }
            guard places[name] == nil else {
                faults.append("run \(name): there are two of this id")
                return false
            }
            places[name] = home + "/" + name
            return true
        }
    }

    public func run(_ runID: String) throws -> ImportedRun {
        guard let path = places[runID], let home = path.lastIndex(of: "/").map({ String(path[..<$0]) }) else {
            throw SourceDamage("it is not there")
        }
        return try StoreFolder.naming {
            guard (try? Check.runID(runID)) != nil, ArchiveOwner.isFolder(runID) else {
                throw SourceDamage("its folder has no name that a run may have")
            }
            let meta = try StoreFolder.meta(path)
            guard meta.text("run_id") ?? meta.text("run_uuid") == runID else {
                throw SourceDamage("meta.yaml names another run_id than its folder")
            }
            guard let experiment = meta.integer("experiment_id"), homes[experiment] == home else {
                throw SourceDamage("meta.yaml names another experiment_id than its folder")
            }
            let number = meta.integer("status") ?? 1
            let status = [RunStatus.running, .scheduled, .finished, .failed, .killed]
            guard (1...5).contains(number) else { throw SourceDamage("meta.yaml has the unknown status \(number)") }
            let tags = try StoreFolder.pairs(path + "/tags")
            let title = [meta.text("run_name"), meta.text("name"), tags.first { $0.key == "mlflow.runName" }?.value]
                .compactMap(\.self).first { !$0.isEmpty }
            let (datasets, inputs) = try self.inputs(path, home)
            try StoreMetrics.check(path + "/metrics") { faults.append("run \(runID): \($0)") }
            let info = RunInfo(
                runID: runID, experimentID: experiment, name: title ?? "", userID: meta.text("user_id") ?? "",
                status: status[Int(number) - 1], startTime: meta.integer("start_time") ?? 0,
                endTime: meta.integer("end_time"), artifactURI: meta.text("artifact_uri") ?? "",
                stage: meta.text("lifecycle_stage").flatMap { LifecycleStage(rawValue: $0) } ?? .active)
            return ImportedRun(
                run: Run(
                    info: info, metrics: [], params: try StoreFolder.pairs(path + "/params"), tags: tags,
                    datasets: datasets, modelInputs: inputs, modelOutputs: try outputs(path)),
                deletedTime: meta.integer("deleted_time"))
        }
    }

    public func points(_ runID: String, after position: String?) throws -> (points: [Metric], next: String?) {
        guard let path = places[runID] else { return ([], nil) }
        return try StoreFolder.naming { try StoreMetrics.piece(path + "/metrics", after: position) }
    }

    // MARK: Inputs and outputs

    private func inputs(_ run: String, _ home: String) throws -> (datasets: [DatasetInput], models: [ModelInput]) {
        var (datasets, models): ([DatasetInput], [ModelInput]) = ([], [])
        for name in StoreFolder.directories(run + "/inputs") {
            let meta = try StoreFolder.meta(run + "/inputs/" + name)
            guard let id = meta.text("source_id"), ArchiveOwner.isFolder(id) else {
                throw SourceDamage("inputs/\(name)/meta.yaml has no source_id")
            }
            switch meta.text("source_type") {
            case "DATASET":
                let dataset = try StoreFolder.meta(home + "/datasets/" + id)
                guard let title = dataset.text("name"), let digest = dataset.text("digest") else {
                    throw SourceDamage("datasets/\(id)/meta.yaml has no name or digest")
                }
                datasets.append(
                    DatasetInput(
                        tags: meta.mapping("tags").sorted { $0.key < $1.key }.map { KeyValue($0.key, $0.value) },
                        dataset: Dataset(
                            name: title, digest: digest, sourceType: dataset.text("source_type") ?? "",
                            source: dataset.text("source") ?? "", schema: dataset.text("schema"),
                            profile: dataset.text("profile"))))
            case "MODEL": models.append(ModelInput(modelID: id))
            default: throw SourceDamage("inputs/\(name)/meta.yaml has an unknown source_type")
            }
        }
        return (datasets, models)
    }

    private func outputs(_ run: String) throws -> [ModelOutput] {
        try StoreFolder.directories(run + "/outputs").map { name in
            let meta = try StoreFolder.meta(run + "/outputs/" + name)
            guard let id = meta.text("destination_id") else {
                throw SourceDamage("outputs/\(name)/meta.yaml has no destination_id")
            }
            return ModelOutput(modelID: id, step: meta.integer("step") ?? 0)
        }
    }

    // MARK: Models

    public func modelIDs(ofExperiment id: Int64) -> [String] {
        guard let home = homes[id] else { return [] }
        return StoreFolder.directories(home + "/models").filter { name in
            guard places[name] == nil else {
                faults.append("logged model \(name): there are two of this id")
                return false
            }
            places[name] = home + "/models/" + name
            return true
        }
    }

    public func model(_ modelID: String) throws -> ImportedModel {
        guard let path = places[modelID] else { throw SourceDamage("it is not there") }
        return try StoreFolder.naming {
            let meta = try StoreFolder.meta(path)
            guard meta.text("model_id") == modelID, ArchiveOwner.isFolder(modelID) else {
                throw SourceDamage("meta.yaml names another model_id than its folder")
            }
            guard let experiment = meta.integer("experiment_id"),
                homes[experiment].map({ path.hasPrefix($0 + "/") }) == true
            else { throw SourceDamage("meta.yaml names another experiment_id than its folder") }
            let model = LoggedModel(
                modelID: modelID, experimentID: experiment, name: meta.text("name") ?? "",
                artifactLocation: meta.text("artifact_location") ?? "",
                creationTime: meta.integer("creation_timestamp") ?? 0,
                lastUpdateTime: meta.integer("last_updated_timestamp") ?? 0,
                status: LoggedModelStatus(stored: meta.text("status")), type: meta.text("model_type") ?? "",
                sourceRunID: meta.text("source_run_id") ?? "", tags: try StoreFolder.pairs(path + "/tags"),
                params: try StoreFolder.pairs(path + "/params"),
                metrics: try StoreMetrics.ofModel(modelID, path + "/metrics"))
            return ImportedModel(
                model: model, stage: meta.text("lifecycle_stage").flatMap { LifecycleStage(rawValue: $0) } ?? .active)
        }
    }

    public func registeredModels() -> [ImportedRegisteredModel] {
        StoreFolder.directories(root + "/models").compactMap { name in
            do { return try registeredModel(root + "/models/" + name, name) } catch {
                faults.append("registered model \(name): \(StoreFolder.reason(error))")
                return nil
            }
        }
    }

    private func registeredModel(_ path: String, _ name: String) throws -> ImportedRegisteredModel {
        let meta = try StoreFolder.meta(path)
        guard meta.text("name") == name else { throw SourceDamage("meta.yaml names another model than its folder") }
        try Check.modelName(name)
        var versions: [ImportedRegisteredModel.Version] = []
        var last: Int64 = 0
        for folder in StoreFolder.directories(path) where folder.hasPrefix("version-") {
            guard let number = Int64(folder.dropFirst("version-".count)), number > 0 else {
                throw SourceDamage("\(folder) has no number")
            }
            let version = try StoreFolder.meta(path + "/" + folder)
            last = max(last, number)
            // What is left of a version that was deleted.
            if version.text("current_stage") == "Deleted_Internal" { continue }
            let source = version.text("source") ?? ""
            versions.append(
                ImportedRegisteredModel.Version(
                    number: number, creationTime: version.integer("creation_timestamp") ?? 0,
                    lastUpdatedTime: version.integer("last_updated_timestamp") ?? 0,
                    description: version.text("description"), stage: version.text("current_stage") ?? "None",
                    source: source, storageLocation: version.text("storage_location") ?? source,
                    runID: version.text("run_id") ?? "", runLink: version.text("run_link") ?? "",
                    modelID: version.text("model_id"), tags: try StoreFolder.pairs(path + "/" + folder + "/tags")))
        }
        let numbers = Set(versions.map(\.number))
        let aliases = try StoreFolder.pairs(path + "/aliases").compactMap { pair in
            Int64(pair.value.trimmingSpaces()).flatMap { numbers.contains($0) ? (alias: pair.key, version: $0) : nil }
        }
        return ImportedRegisteredModel(
            name: name, creationTime: meta.integer("creation_timestamp") ?? 0,
            lastUpdatedTime: meta.integer("last_updated_timestamp") ?? 0, description: meta.text("description"),
            lastVersion: last, tags: try StoreFolder.pairs(path + "/tags"),
            versions: versions.sorted { $0.number < $1.number }, aliases: aliases)
    }

    public func leftOut() -> [(what: String, count: Int64)] {
        others.sorted { $0.key < $1.key }.map { (what: $0.key, count: $0.value) }
    }

    public func damage() -> [String] { faults }

    /// Where the folder of a run or model is.
    func place(of owner: ArchiveOwner) -> String? {
        switch owner {
        case .run(let id), .model(let id): places[id]
        }
    }
}

extension LoggedModelStatus {
    /// As the file store writes it: MLflow's number, or its word.
    fileprivate init(stored text: String?) {
        self =
            text.flatMap { Int64($0) }.map { LoggedModelStatus(number: $0) }
            ?? Self.allCases.first { $0.word == text || $0.rawValue == text } ?? .unspecified
    }
}
