// THE table: every endpoint that is served, who may call it, how large its body may be, and what it does.
// Everything else derives from it: paths, OpenAPI, metric labels, the list of what is not served.

internal import HTTPTypes
internal import RoostCore

/// The rows, by area.
enum Routes {
    static let all: [Route] =
        experiments + datasets + runs + metrics + loggedModels + artifacts + registeredModels + modelVersions
        + extensions + server + pages + mlflowPages + accounts + signup

    private static let experiments: [Route] = [
        Route(
            .post, "2.0/mlflow/experiments/create", needs: .create, "Makes an experiment.",
            example: CreatedExperiment(id: 1), handle: Experiments.create),
        Route(
            .get, "2.0/mlflow/experiments/get", needs: .read, "An experiment by its id, deleted ones included.",
            example: FoundExperiment.example, handle: Experiments.get),
        Route(
            .get, "2.0/mlflow/experiments/get-by-name", needs: .read,
            "An experiment by its name, deleted ones included.",
            example: FoundExperiment.example, handle: Experiments.getByName),
        Route(
            .post, "2.0/mlflow/experiments/search", needs: .read, "Experiments by filter and order, in pages.",
            example: FoundExperiments.example, handle: Experiments.search
        ).large,
        Route(
            .get, "2.0/mlflow/experiments/search", needs: .read, "Experiments by filter and order, in pages.",
            example: FoundExperiments.example, handle: Experiments.search
        ).large,
        Route(
            .post, "2.0/mlflow/experiments/update", needs: .edit, "Renames an experiment.",
            example: Nothing(), handle: Experiments.update),
        Route(
            .post, "2.0/mlflow/experiments/delete", needs: .manage, "Puts an experiment and its runs in the trash.",
            example: Nothing(), handle: Experiments.delete),
        Route(
            .post, "2.0/mlflow/experiments/restore", needs: .manage,
            "Takes an experiment and its runs out of the trash.",
            example: Nothing(), handle: Experiments.restore),
        Route(
            .post, "2.0/mlflow/experiments/set-experiment-tag", needs: .edit, "Sets a tag of an experiment.",
            example: Nothing(), handle: Experiments.setTag),
        Route(
            .post, "2.0/mlflow/experiments/delete-experiment-tag", needs: .edit, "Removes a tag of an experiment.",
            example: Nothing(), handle: Experiments.deleteTag),
    ]

    private static let datasets: [Route] = [
        Route(
            .post, "2.0/mlflow/experiments/search-datasets", .ajax, needs: .read,
            "Datasets that runs of some experiments have read.", example: FoundDatasets.example,
            handle: Datasets.search
        ).large,
        // MLflow's own table spells it so; its server answers only the other one.
        Route(
            .post, "2.0mlflow/experiments/search-datasets", needs: .read,
            "Datasets that runs of some experiments have read.", example: FoundDatasets.example,
            handle: Datasets.search
        ).large,
    ]

    private static let runs: [Route] = [
        Route(
            .post, "2.0/mlflow/runs/create", needs: .edit, "Makes a run.",
            example: FoundRun.example, handle: Runs.create),
        Route(
            .get, "2.0/mlflow/runs/get", .client, needs: .readOrAdopt,
            "A run with its latest metrics, params, tags and inputs; with --adopt-runs, an unknown root run is made.",
            example: FoundRun.example, respond: Runs.getOrAdopt),
        Route(
            .get, "2.0/mlflow/runs/get", .ajax, needs: .read, "A run with its latest metrics, params, tags and inputs.",
            example: FoundRun.example, handle: Runs.get),
        Route(
            .post, "2.0/mlflow/runs/update", needs: .edit, "Changes status, end time or name of a run.",
            example: UpdatedRun.example, handle: Runs.update),
        Route(
            .post, "2.0/mlflow/runs/delete", needs: .manage, "Puts a run in the trash.",
            example: Nothing(), handle: Runs.delete),
        Route(
            .post, "2.0/mlflow/runs/restore", needs: .manage, "Takes a run out of the trash.",
            example: Nothing(), handle: Runs.restore),
        Route(
            .post, "2.0/mlflow/runs/search", needs: .read, "Runs by filter and order, in pages.",
            example: FoundRuns.example, handle: Runs.search
        ).large,
        Route(
            .post, "2.0/mlflow/runs/log-metric", needs: .edit, "Logs one point of a metric.",
            example: Nothing(), handle: Runs.logMetric),
        Route(
            .post, "2.0/mlflow/runs/log-parameter", needs: .edit, "Logs a param, once and for all.",
            example: Nothing(), handle: Runs.logParam),
        Route(
            .post, "2.0/mlflow/runs/log-batch", needs: .edit, "Logs metrics, params and tags: all of them or none.",
            example: Nothing(), handle: Runs.logBatch),
        Route(
            .post, "2.0/mlflow/runs/set-tag", needs: .edit, "Sets a tag of a run.",
            example: Nothing(), handle: Runs.setTag),
        Route(
            .post, "2.0/mlflow/runs/delete-tag", needs: .edit, "Removes a tag of a run.",
            example: Nothing(), handle: Runs.deleteTag),
        Route(
            .post, "2.0/mlflow/runs/log-inputs", needs: .edit, bodyLimit: Limits.inputsBodyBytes,
            "Notes datasets and models that a run has read.",
            example: Nothing(), handle: Runs.logInputs),
        Route(
            .post, "2.0/mlflow/runs/outputs", needs: .edit, "Notes models that a run has made.",
            example: Nothing(), handle: Runs.logOutputs),
        Route(
            .post, "2.0/mlflow/runs/log-model", needs: .edit, "Notes in a tag that a run has logged a model.",
            example: Nothing(), handle: Runs.recordModel),
    ]

    private static let metrics: [Route] = [
        Route(
            .get, "2.0/mlflow/metrics/get-history", needs: .read, "All points of a metric, in pages if asked.",
            example: History.example, respond: Metrics.history),
        Route(
            .get, "2.0/mlflow/metrics/get-history-bulk", .ajax, needs: .read,
            "The first points of a metric of several runs.",
            example: BulkHistory.example, handle: Metrics.bulk
        ).large,
        Route(
            .get, "2.0/mlflow/metrics/get-history-bulk-interval", needs: .read,
            "Points of a metric of several runs, spread evenly over its steps.",
            example: History.bulkExample, handle: Metrics.interval
        ).large,
    ]

    private static let loggedModels: [Route] = [
        Route(
            .post, "2.0/mlflow/logged-models", needs: .edit, "Makes a logged model, pending until it is finalized.",
            example: FoundLoggedModel.example, handle: LoggedModels.create),
        Route(
            .post, "2.0/mlflow/logged-models/search", needs: .read, "Logged models by filter and order, in pages.",
            example: FoundLoggedModels.example, handle: LoggedModels.search
        ).large,
        Route(
            .get, "2.0/mlflow/logged-models/{model_id}", needs: .read,
            "A logged model with its params, tags and metrics.", example: FoundLoggedModel.example,
            respond: LoggedModels.get),
        Route(
            .patch, "2.0/mlflow/logged-models/{model_id}", needs: .edit, "Says how the upload of a model ended.",
            example: FoundLoggedModel.example, respond: LoggedModels.finalize),
        Route(
            bytes: .delete, "2.0/mlflow/logged-models/{model_id}", needs: .manage,
            naming: { [.loggedModel(LoggedModels.modelID($0))] }, area: .tracking,
            media: RouteMedia(), "Puts a logged model in the trash.", example: JSONWriter.bytes(of: Nothing()),
            handle: LoggedModels.delete),
        Route(
            .post, "2.0/mlflow/logged-models/{model_id}/params", needs: .edit,
            "Logs params of a model, once and for all.", example: Nothing(), respond: LoggedModels.logParams),
        Route(
            .patch, "2.0/mlflow/logged-models/{model_id}/tags", needs: .edit, "Sets tags of a logged model.",
            example: Nothing(), respond: LoggedModels.setTags),
        Route(
            bytes: .delete, "2.0/mlflow/logged-models/{model_id}/tags/{tag_key}", needs: .manage,
            naming: { [.loggedModel(LoggedModels.modelID($0))] }, area: .tracking,
            media: RouteMedia(), "Removes a tag of a logged model.", example: JSONWriter.bytes(of: Nothing()),
            handle: LoggedModels.deleteTag),
        Route(
            .get, "2.0/mlflow/logged-models/{model_id}/artifacts/directories", needs: .read,
            "What a directory of a model's artifacts holds.", example: FoundArtifacts.example,
            respond: LoggedModels.listArtifacts),
        Route(
            bytes: .get, "2.0/mlflow/logged-models/{model_id}/artifacts/files", .ajax, needs: .read,
            naming: { [.loggedModel(LoggedModels.modelID($0))] }, area: .tracking,
            query: LoggedModels.fileFields, media: RouteMedia(answersBytes: true), "A file of a logged model.",
            handle: LoggedModels.file),
    ]

    private static let artifacts: [Route] = [
        Route(
            .get, "2.0/mlflow-artifacts/artifacts", needs: .read, area: .artifactProxy,
            "What a directory of the artifact store holds.",
            example: ProxiedFiles.example, handle: Artifacts.list),
        Route(
            bytes: .get, "2.0/mlflow-artifacts/artifacts/{artifact_path...}", needs: .read, naming: Artifacts.named,
            area: .artifactFiles,
            media: RouteMedia(answersBytes: true), "A file of the artifact store, whole or in one range.",
            handle: Artifacts.download),
        Route(
            bytes: .put, "2.0/mlflow-artifacts/artifacts/{artifact_path...}", needs: .edit, naming: Artifacts.named,
            area: .artifactFiles,
            media: RouteMedia(takesBytes: true, answersNothing: true), bodyLimit: .max,
            "Stores a file, whole or not at all.", handle: Artifacts.upload),
        Route(
            bytes: .delete, "2.0/mlflow-artifacts/artifacts/{artifact_path...}", needs: .manage,
            naming: Artifacts.named,
            area: .artifactProxy,
            media: RouteMedia(), "Removes a file, or a directory with what is in it.",
            example: JSONWriter.bytes(of: Nothing()), handle: Artifacts.delete),
        Route(
            .post, "2.0/mlflow-artifacts/mpu/create/{artifact_path...}", needs: .edit, area: .artifactProxy,
            "Begins an upload in parts, and says where to send them.", example: StartedUpload.example,
            respond: Artifacts.createUpload),
        Route(
            bytes: .put, "2.0/mlflow-artifacts/mpu/part/{upload_id}/{part_number}", .client, needs: .holder,
            naming: { _ in [] }, area: .artifactProxy, media: RouteMedia(takesBytes: true, answersNothing: true),
            bodyLimit: .max,
            "Stores a part of an upload; one sent again takes the place of the first. Beyond MLflow.",
            handle: Artifacts.uploadPart),
        Route(
            .post, "2.0/mlflow-artifacts/mpu/complete/{artifact_path...}", needs: .edit, area: .artifactProxy,
            "Makes the file of its parts, whole or not at all.", example: Nothing(), respond: Artifacts.completeUpload),
        Route(
            .post, "2.0/mlflow-artifacts/mpu/abort/{artifact_path...}", needs: .edit, area: .artifactProxy,
            "Gives an upload in parts up.", example: Nothing(), respond: Artifacts.abortUpload),
        Route(
            bytes: .get, "2.0/mlflow-artifacts/presigned/{artifact_path...}", needs: .read, naming: Artifacts.named,
            area: .artifactProxy,
            media: RouteMedia(), "Where a file can be fetched in ranges: its own address, with its size.",
            example: JSONWriter.bytes(of: FileLink.example), handle: Artifacts.presigned),
        Route(
            .get, "2.0/mlflow/artifacts/list", needs: .read, "What a directory of a run's artifacts holds.",
            example: FoundArtifacts.example, handle: Artifacts.listOfRun),
        Route(
            .post, "2.0/mlflow/artifacts/presigned-upload-url", needs: .edit, media: RouteMedia(isRefused: true),
            "Links to an object store: refused, there is none.", example: Nothing(), handle: Artifacts.presignedUpload),
        Route(
            .post, "2.0/mlflow/artifacts/presigned-download-url", needs: .read, media: RouteMedia(isRefused: true),
            "Links to an object store: refused, there is none.", example: Nothing(),
            handle: Artifacts.presignedDownload),
        Route(
            bytes: .get, "get-artifact", .root, needs: .read, naming: Artifacts.runOfQuery, area: .tracking,
            query: Artifacts.getFields,
            media: RouteMedia(answersBytes: true), "A file of a run.", handle: Artifacts.get),
        Route(
            bytes: .post, "2.0/mlflow/upload-artifact", .ajax, needs: .edit, naming: Artifacts.runOfUpload,
            area: .tracking,
            query: Artifacts.uploadFields, media: RouteMedia(takesBytes: true, answersNothing: true),
            bodyLimit: Limits.artifactUpload, "Stores a small file of a run.", handle: Artifacts.uploadToRun),
    ]

    private static let registeredModels: [Route] = [
        Route(
            .post, "2.0/mlflow/registered-models/create", needs: .create, "Makes a registered model, or a prompt.",
            example: FoundRegisteredModel.example, handle: RegisteredModels.create),
        Route(
            .get, "2.0/mlflow/registered-models/get", needs: .read,
            "A registered model with the latest version of each stage, its tags and aliases.",
            example: FoundRegisteredModel.example, handle: RegisteredModels.get),
        Route(
            .get, "2.0/mlflow/registered-models/search", needs: .read,
            "Registered models by filter and order, in pages; prompts only if the filter asks for them.",
            example: FoundRegisteredModels.example, handle: RegisteredModels.search
        ).large,
        Route(
            .patch, "2.0/mlflow/registered-models/update", needs: .edit, "Changes the description of a model.",
            example: FoundRegisteredModel.example, handle: RegisteredModels.update),
        Route(
            .post, "2.0/mlflow/registered-models/rename", needs: .edit,
            "Renames a model; versions, tags and aliases go with it.",
            example: FoundRegisteredModel.example, handle: RegisteredModels.rename),
        Route(
            .delete, "2.0/mlflow/registered-models/delete", needs: .manage,
            "Deletes a model with everything that belongs to it.",
            example: Nothing(), handle: RegisteredModels.delete),
        Route(
            .get, "2.0/mlflow/registered-models/get-latest-versions", needs: .read,
            "The latest version of each stage, or of the stages asked for.",
            example: FoundModelVersions.example, handle: RegisteredModels.latestVersions),
        Route(
            .post, "2.0/mlflow/registered-models/get-latest-versions", needs: .read,
            "The latest version of each stage, or of the stages asked for.",
            example: FoundModelVersions.example, handle: RegisteredModels.latestVersions),
        Route(
            .post, "2.0/mlflow/registered-models/set-tag", needs: .edit, "Sets a tag of a model.",
            example: Nothing(), handle: RegisteredModels.setTag),
        Route(
            .delete, "2.0/mlflow/registered-models/delete-tag", needs: .edit, "Removes a tag of a model.",
            example: Nothing(), handle: RegisteredModels.deleteTag),
        Route(
            .post, "2.0/mlflow/registered-models/alias", needs: .edit, "Gives a version a name of its own.",
            example: Nothing(), handle: RegisteredModels.setAlias),
        Route(
            .delete, "2.0/mlflow/registered-models/alias", needs: .manage, "Removes an alias.",
            example: Nothing(), handle: RegisteredModels.deleteAlias),
        Route(
            .get, "2.0/mlflow/registered-models/alias", needs: .read, "The version that an alias names.",
            example: FoundModelVersion.example, handle: RegisteredModels.getByAlias),
    ]

    private static let modelVersions: [Route] = [
        Route(
            .post, "2.0/mlflow/model-versions/create", needs: .edit, "Makes the next version of a model.",
            example: FoundModelVersion.example, handle: ModelVersions.create),
        Route(
            .get, "2.0/mlflow/model-versions/get", needs: .read, "A version with its tags and aliases.",
            example: FoundModelVersion.example, handle: ModelVersions.get),
        Route(
            .get, "2.0/mlflow/model-versions/search", needs: .read,
            "Versions by filter and order, in pages; those of prompts only if the filter asks for them.",
            example: FoundModelVersions.example, handle: ModelVersions.search
        ).large,
        Route(
            .patch, "2.0/mlflow/model-versions/update", needs: .edit, "Changes the description of a version.",
            example: FoundModelVersion.example, handle: ModelVersions.update),
        Route(
            .post, "2.0/mlflow/model-versions/transition-stage", needs: .edit, "Moves a version to a stage.",
            example: FoundModelVersion.example, handle: ModelVersions.transition),
        Route(
            .delete, "2.0/mlflow/model-versions/delete", needs: .manage,
            "Deletes a version; its number is not given again.",
            example: Nothing(), handle: ModelVersions.delete),
        Route(
            .get, "2.0/mlflow/model-versions/get-download-uri", needs: .read, "Where the files of a version are.",
            example: ModelLocation.example, handle: ModelVersions.downloadURI),
        Route(
            .post, "2.0/mlflow/model-versions/set-tag", needs: .edit, "Sets a tag of a version.",
            example: Nothing(), handle: ModelVersions.setTag),
        Route(
            .delete, "2.0/mlflow/model-versions/delete-tag", needs: .manage, "Removes a tag of a version.",
            example: Nothing(), handle: ModelVersions.deleteTag),
        Route(
            bytes: .get, "model-versions/get-artifact", .root, needs: .read,
            naming: { [.version(ModelVersions.named($0))] }, area: .tracking,
            query: ModelVersions.artifactFields, media: RouteMedia(answersBytes: true), "A file of a version.",
            handle: ModelVersions.artifact),
    ]

    /// What MLflow has not; below a name of our own.
    private static let extensions: [Route] = [
        Route(
            .post, "roost/1.0/experiments/get-or-create", needs: .create,
            "The experiment of a name, made if there is none.",
            example: GottenExperiment.example, handle: Extensions.experiment),
        Route(
            .post, "roost/1.0/runs/get-or-create", needs: .edit,
            "The run of a key or id of the caller's choice, made if there is none.",
            example: GottenRun.example, handle: Extensions.run),
        Route(
            .get, "roost/1.0/runs/children-summary", needs: .read,
            "The children of a run: how many, how they ended, their metrics rolled up.",
            example: ChildrenAnswer.example, handle: Extensions.children
        ).large,
        Route(
            .get, "roost/1.0/metrics/series", needs: .read,
            "Metrics of several runs for charts: thinned, with the ends and every peak and dip kept.",
            example: SeriesAnswer.example, handle: Extensions.series
        ).large,
        Route(
            .post, "roost/1.0/runs/tree", needs: .read,
            "Runs at the top of the tree, the children of one, or runs by id; with how many children each has, by status.",
            example: FoundTree.example, handle: Extensions.tree
        ).large,
        Route(
            bytes: .get, "roost/1.0/artifacts/preview", .ajax, needs: .read, naming: Artifacts.runOfQuery,
            area: .tracking,
            query: Artifacts.getFields, media: RouteMedia(answersBytes: true),
            "An HTML file of a run as a page that can reach nothing: scripts run, but in no origin and without a network.",
            handle: Artifacts.preview),
        Route(
            .post, "roost/1.0/trash/purge", needs: .administer,
            "Removes runs and experiments of the trash for good, with their files; with dry_run, says what would go.",
            example: PurgeAnswer.example, handle: Extensions.purge),
        Route(
            .post, "roost/1.0/retention/apply", needs: .administer,
            "Puts runs in the trash by the rules of their experiments, the tag roost.retention.",
            example: RetentionAnswer.example, handle: Extensions.applyRetention),
    ]

    private static let server: [Route] = [
        Route(text: "health", needs: .open, "Whether the process lives.", handle: ServerState.health),
        Route(text: "ready", needs: .open, "Whether the store takes reads and writes.", handle: ServerState.ready),
        Route(text: "version", needs: .signedIn, "The MLflow version that is answered.", handle: ServerState.version),
        Route(
            text: "metrics", needs: .signedIn, "Counters for Prometheus, if switched on.", handle: ServerState.metrics),
        Route(
            .get, "3.0/mlflow/server-info", needs: .open, area: .always,
            "What clients ask before they choose how to talk.",
            example: ServerInfo(), handle: ServerState.info),
    ]

    /// The web UI: each of its addresses answers the one document, whose script reads the address.
    private static let pages: [Route] =
        ["", "e/{id}", "e/{id}/{tab}", "runs/{id}", "compare", "models", "models/{name}", "models/{name}/{version}"]
        .map { path in
            Route(
                bytes: .get, path, .root, needs: .signedIn, naming: { _ in [.listing] }, area: .pages,
                media: RouteMedia(answersText: true),
                "A page of the web UI.", handle: path.isEmpty ? MLflowPages.index : WebUI.page)
        } + [
            Route(
                bytes: .get, "ui/{file...}", .root, needs: .open, naming: { _ in [] }, area: .pages,
                media: RouteMedia(answersText: true),
                "A file of the web UI.", handle: WebUI.file)
        ]
}
