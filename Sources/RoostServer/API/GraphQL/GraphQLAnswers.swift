// What the queries of MLflow's pages are answered with: all fields that may be asked for, and the choice among them.
// Names are those of MLflow's schema (`mlflow/server/graphql`): whole numbers of 64 bits are texts, NaN is null.

internal import RoostCore

/// Answers as JSON with every field.
enum GraphQLAnswers {
    static func response(_ type: String, _ name: String, _ value: JSON, _ more: [(String, JSON)] = []) -> JSON {
        object(type, [(name, value), ("apiError", .null)] + more)
    }

    static func experiment(_ experiment: Experiment) -> JSON {
        object(
            "MlflowExperiment",
            [
                ("experimentId", .string(String(experiment.id))), ("name", .string(experiment.name)),
                ("artifactLocation", .string(experiment.artifactLocation)),
                ("lifecycleStage", .string(experiment.stage.rawValue)),
                ("lastUpdateTime", number(experiment.lastUpdateTime)),
                ("creationTime", number(experiment.creationTime)),
                ("tags", pairs("MlflowExperimentTag", experiment.tags)),
                ("effectiveTraceArchivalRetention", .string("")), ("workspace", .string("default")),
            ])
    }

    /// - Parameter modelVersions: the versions of registered models that this run made.
    static func run(_ run: Run, of experiment: Experiment, modelVersions: [ModelVersion]) -> JSON {
        object(
            "MlflowRunExtension",
            [
                ("info", info(run.info)),
                (
                    "data",
                    object(
                        "MlflowRunData",
                        [
                            ("metrics", .array(run.metrics.map(metric))), ("params", pairs("MlflowParam", run.params)),
                            ("tags", pairs("MlflowRunTag", run.tags)),
                        ])
                ),
                ("experiment", self.experiment(experiment)), ("modelVersions", .array(modelVersions.map(modelVersion))),
                (
                    "inputs",
                    object(
                        "MlflowRunInputs",
                        [
                            ("datasetInputs", .array(run.datasets.map(dataset))),
                            (
                                "modelInputs",
                                .array(
                                    run.modelInputs.map {
                                        object("MlflowModelInput", [("modelId", .string($0.modelID))])
                                    })
                            ),
                        ])
                ),
                (
                    "outputs",
                    object(
                        "MlflowRunOutputs",
                        [
                            (
                                "modelOutputs",
                                .array(
                                    (run.modelOutputs ?? []).map {
                                        object(
                                            "MlflowModelOutput",
                                            [("modelId", .string($0.modelID)), ("step", number($0.step))])
                                    })
                            )
                        ])
                ),
            ])
    }

    static func modelVersion(_ version: ModelVersion) -> JSON {
        object(
            "MlflowModelVersion",
            [
                ("name", .string(version.name)), ("version", number(version.version)),
                ("creationTimestamp", number(version.creationTime)),
                ("lastUpdatedTimestamp", number(version.lastUpdatedTime)), ("userId", .null),
                ("currentStage", .string(version.stage.rawValue)),
                ("description", .string(version.description ?? "")), ("source", .string(version.source)),
                ("runId", .string(version.runID)), ("status", .string("READY")), ("statusMessage", .null),
                ("tags", pairs("MlflowModelVersionTag", version.tags)), ("runLink", .string(version.runLink)),
                ("aliases", .array(version.aliases.map { .string($0) })), ("modelId", .null),
            ])
    }

    private static func info(_ info: RunInfo) -> JSON {
        object(
            "MlflowRunInfo",
            [
                ("runId", .string(info.runID)), ("runUuid", .string(info.runID)), ("runName", .string(info.name)),
                ("experimentId", .string(String(info.experimentID))), ("userId", .string(info.userID)),
                ("status", .string(info.status.rawValue)), ("startTime", number(info.startTime)),
                ("endTime", info.endTime.map(number) ?? .null), ("artifactUri", .string(info.artifactURI)),
                ("lifecycleStage", .string(info.stage.rawValue)),
            ])
    }

    private static func metric(_ metric: Metric) -> JSON {
        object(
            "MlflowMetricExtension",
            [
                ("key", .string(metric.key)),
                ("value", metric.point.value.isNaN ? .null : .decimal(metric.point.value)),
                ("timestamp", number(metric.point.timestamp)), ("step", number(metric.point.step)),
                ("datasetName", .null), ("datasetDigest", .null), ("modelId", .null), ("runId", .null),
            ])
    }

    private static func dataset(_ input: DatasetInput) -> JSON {
        let dataset = input.dataset
        return object(
            "MlflowDatasetInput",
            [
                ("tags", pairs("MlflowInputTag", input.tags)),
                (
                    "dataset",
                    object(
                        "MlflowDataset",
                        [
                            ("name", .string(dataset.name)), ("digest", .string(dataset.digest)),
                            ("sourceType", .string(dataset.sourceType)), ("source", .string(dataset.source)),
                            ("schema", .string(dataset.schema ?? "")), ("profile", .string(dataset.profile ?? "")),
                        ])
                ),
            ])
    }

    private static func pairs(_ type: String, _ pairs: [KeyValue]) -> JSON {
        .array(pairs.map { object(type, [("key", .string($0.key)), ("value", .string($0.value))]) })
    }

    private static func number(_ value: Int64) -> JSON { .string(String(value)) }

    static func object(_ type: String, _ members: [(String, JSON)]) -> JSON {
        .object([JSON.Member("__typename", .string(type))] + members.map { JSON.Member($0.0, $0.1) })
    }
}

extension GraphQLField {
    /// Of a value that has every field, what this field's selection names.
    func select(from value: JSON) throws(GraphQLError) -> JSON {
        switch value {
        case .array(let items):
            var chosen: [JSON] = []
            for item in items { chosen.append(try select(from: item)) }
            return .array(chosen)
        case .object:
            guard case .string(let type)? = value["__typename"] else { return value }
            guard !fields.isEmpty else {
                throw GraphQLError(message: "Field '\(name)' of type '\(type)' must have a selection of subfields.")
            }
            var chosen: [JSON.Member] = []
            for field in fields {
                guard let member = value[field.name] else {
                    throw GraphQLError(message: "Cannot query field '\(field.name)' on type '\(type)'.")
                }
                chosen.append(JSON.Member(field.alias, try field.select(from: member)))
            }
            return .object(chosen)
        case .null: return value
        default:
            guard fields.isEmpty else {
                throw GraphQLError(message: "Field '\(name)' must not have a selection, it has no subfields.")
            }
            return value
        }
    }
}
