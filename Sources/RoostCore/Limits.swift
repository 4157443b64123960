// Every number a client can hit, named once. Source where not said otherwise: `mlflow/utils/validation.py` of 3.17.2.

/// Limits of requests. Lengths of text are in Unicode code points, as Python counts them.
public enum Limits {
    // MARK: Bodies and JSON (Roost's own)

    /// Nesting of a JSON body.
    public static let jsonDepth = 100
    /// Digits of an integer outside of int64.
    public static let integerDigits = 400
    /// Bytes of a request body, unless a route says another number. MLflow names 1 MB and does not enforce it.
    public static let bodyBytes = 16 << 20
    /// Bytes of the body of `runs/log-inputs`, whose dataset profiles may be 16 MB each.
    public static let inputsBodyBytes = 64 << 20

    // MARK: Names and values

    public static let entityKey = 250
    public static let paramValue = 6000
    public static let runTagValue = 8000
    public static let experimentName = 500
    public static let experimentTagKey = 250
    public static let experimentTagValue = 20_000
    public static let artifactLocation = 2048
    public static let datasetName = 500
    public static let datasetDigest = 36
    public static let datasetSchema = 1_048_575
    public static let datasetSource = 65_535
    public static let datasetProfile = 16_777_215
    public static let inputTagKey = 255
    public static let inputTagValue = 500
    /// Length of a run id; MLflow's client refuses longer ones itself.
    public static let runID = 256

    // MARK: Logged models: the widths of MLflow's columns

    public static let modelName = 500
    public static let modelType = 500
    public static let modelKey = 255
    /// Length of a param or a tag (Roost's own; MLflow names none).
    public static let modelText = 1 << 20
    /// Length of the tags in which `runs/log-model` lists the models of a run, and the registry the versions made of a
    /// logged model (Roost's own).
    public static let modelHistory = 1 << 20

    // MARK: Model registry

    /// Length of the name of a registered model: the width of MLflow's column.
    public static let registeredModelName = 256
    public static let modelAlias = 255
    public static let registryTagKey = 250
    public static let registryTagValue = 100_000
    /// Length of the description of a model or a version (Roost's own).
    public static let modelDescription = 100_000
    /// Length of the source of a version, and of the link to its run (Roost's own).
    public static let modelSource = 8192
    /// Stages named in one request for the latest versions (Roost's own).
    public static let modelStages = 100

    // MARK: Artifacts

    /// Bytes of one name in the path of an artifact: what file systems take.
    public static let artifactName = 255
    /// Bytes of the path of an artifact (Roost's own).
    public static let artifactPath = 4096
    /// Names in the path of an artifact (Roost's own).
    public static let artifactDepth = 100
    /// Bytes that `upload-artifact` takes.
    public static let artifactUpload = 10 << 20
    /// Parts of one upload, as with S3.
    public static let uploadParts = 10_000
    /// Uploads in parts that may be under way at once (Roost's own).
    public static let openUploads = 128
    /// Uploads in parts that are remembered after they were completed, for a client that did not get the answer (Roost's own).
    public static let completedUploads = 1000
    /// Milliseconds without a part, after which an upload in parts is given up (Roost's own).
    public static let uploadIdle: Int64 = 24 * 3_600_000
    /// Files and directories in one page of `artifacts/list` (Roost's own).
    public static let artifactListing = 50_000

    // MARK: Batches

    public static let batchMetrics = 1000
    public static let batchParams = 100
    public static let batchTags = 100
    public static let batchItems = 1000
    /// Datasets, models or tags in one `log-inputs` or `outputs`; tags of a new run or experiment (Roost's own).
    public static let listItems = 1000

    // MARK: The trash (Roost's own)

    /// Runs or experiments that one request names for removal, or a rule puts in the trash at once.
    public static let trashItems = 1000
    /// Runs that one request removes unless it says another number.
    public static let trashPage = 200

    // MARK: Reading

    public static let searchModelsDefault = 100
    /// Datasets named in one search for logged models (Roost's own).
    public static let searchModelsDatasets = 20
    /// Experiments named in one search for datasets, and how many datasets it answers.
    public static let searchDatasetsExperiments = 20
    public static let searchDatasets = 1000

    public static let searchResults = 50_000
    public static let searchRunsDefault: Int64 = 1000
    public static let searchRegisteredModels: Int64 = 1000
    public static let searchRegisteredModelsDefault: Int64 = 100
    public static let searchModelVersions: Int64 = 200_000
    public static let searchModelVersionsDefault: Int64 = 10_000
    /// Experiments named in one search (Roost's own).
    public static let searchExperimentIDs = 100_000
    /// Runs in one bulk request for metric histories.
    public static let historyRuns = 100
    public static let historyBulkResults: Int64 = 25_000
    /// Points of each run that `get-history-bulk-interval` answers at most.
    public static let intervalResults: Int64 = 2500
    /// Points of each run that `metrics/series` may be asked for, what it gives when it is not asked, and the most of one
    /// answer (Roost's own).
    public static let seriesPoints: ClosedRange<Int64> = 10...5000
    public static let seriesPointsDefault: Int64 = 640
    public static let seriesPointsTogether: Int64 = 200_000
    /// Significant digits to which `metrics/series` may be asked to round (Roost's own).
    public static let seriesDigits: ClosedRange<Int64> = 3...15
    /// Metrics that one request for series may name (Roost's own).
    public static let seriesKeys = 40
    /// Runs whose children one request rolls up (Roost's own).
    public static let rolledUpRuns = 100

    // MARK: GraphQL (`mlflow/server/graphql/graphql_no_batching.py`)

    public static let graphQLDepth = 10
    public static let graphQLSelections = 1000
    /// Fields at the top, and aliases of one level.
    public static let graphQLFields = 10
    /// Bytes of a query with its variables (Roost's own).
    public static let graphQLBodyBytes = 1 << 20

    // MARK: Users (the names and the least length are MLflow's)

    public static let username = 255
    public static let passwordShortest = 12
    /// The greatest length, so that hashing has a bound (Roost's own).
    public static let passwordLongest = 256
    public static let roleName = 255
    public static let roleDescription = 1024
    public static let workspaceName = 63
    public static let grantPattern = 255
    /// Tokens that a user may have, characters of the name of one, and how long one may last (Roost's own).
    public static let tokensOfUser: Int64 = 100
    public static let tokenName = 255
    public static let tokenDays: Int64 = 3650
    /// Bytes of the form for a new user (Roost's own).
    public static let signupBody = 16 << 10
}
