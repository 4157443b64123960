-- What the files in sqlite/ make, one after the other. Written by `make schema`, not by hand.

CREATE TABLE experiments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    artifact_location TEXT NOT NULL,
    lifecycle_stage TEXT NOT NULL CHECK (lifecycle_stage IN ('active', 'deleted')),
    creation_time INTEGER NOT NULL,
    last_update_time INTEGER NOT NULL
) STRICT;

CREATE TABLE experiment_tags (
    experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    experiment INTEGER NOT NULL REFERENCES experiments (id),
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
    start_time INTEGER NOT NULL,
    end_time INTEGER,
    deleted_time INTEGER,
    lifecycle_stage TEXT NOT NULL CHECK (lifecycle_stage IN ('active', 'deleted')),
    artifact_uri TEXT NOT NULL
) STRICT;

CREATE TABLE run_params (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    value TEXT NOT NULL, is_indexed INTEGER NOT NULL DEFAULT 1 CHECK (is_indexed IN (0, 1)),
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    value TEXT NOT NULL, is_indexed INTEGER NOT NULL DEFAULT 1 CHECK (is_indexed IN (0, 1)),
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_series (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    points INTEGER NOT NULL,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value REAL NOT NULL,
    is_nan INTEGER NOT NULL CHECK (is_nan IN (0, 1)), experiment INTEGER NOT NULL DEFAULT 0, tail INTEGER NOT NULL DEFAULT 0, is_due INTEGER NOT NULL DEFAULT 0, settled INTEGER,
    UNIQUE (run, key)
) STRICT;

CREATE TABLE metric_points (
    series INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value REAL NOT NULL,
    is_nan INTEGER NOT NULL,
    PRIMARY KEY (series, timestamp, step, value, is_nan)
) STRICT, WITHOUT ROWID;

CREATE TABLE datasets (
    id INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source TEXT NOT NULL,
    schema TEXT,
    profile TEXT,
    UNIQUE (experiment, name, digest)
) STRICT;

CREATE TABLE run_datasets (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    dataset INTEGER NOT NULL REFERENCES datasets (id),
    UNIQUE (run, dataset)
) STRICT;

CREATE TABLE run_dataset_tags (
    input INTEGER NOT NULL REFERENCES run_datasets (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (input, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_models (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    model_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    PRIMARY KEY (run, direction, model_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_keys (
    experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (experiment, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_models (
    id INTEGER PRIMARY KEY,
    model_id TEXT NOT NULL UNIQUE,
    experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    artifact_location TEXT NOT NULL,
    creation_time INTEGER NOT NULL,
    last_update_time INTEGER NOT NULL,
    -- 0 unspecified, 1 pending, 2 ready, 3 failed: MLflow's numbers, by which it also orders.
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
    model_type TEXT NOT NULL,
    source_run_id TEXT NOT NULL,
    lifecycle_stage TEXT NOT NULL CHECK (lifecycle_stage IN ('active', 'deleted'))
) STRICT;

CREATE TABLE logged_model_params (
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_model_tags (
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logged_model_metrics (
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    timestamp INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value REAL NOT NULL,
    is_nan INTEGER NOT NULL CHECK (is_nan IN (0, 1)),
    -- Both or none.
    dataset_name TEXT,
    dataset_digest TEXT,
    UNIQUE (model, key, timestamp, step, run),
    CHECK ((dataset_name IS NULL) = (dataset_digest IS NULL))
) STRICT;

CREATE TABLE registered_models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    creation_time INTEGER NOT NULL,
    last_updated_time INTEGER NOT NULL,
    description TEXT,
    -- The greatest number a version was ever given: the number of a deleted version is not used again.
    last_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE registered_model_tags (
    model INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_versions (
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    creation_time INTEGER NOT NULL,
    last_updated_time INTEGER NOT NULL,
    description TEXT,
    stage TEXT NOT NULL CHECK (stage IN ('None', 'Staging', 'Production', 'Archived')),
    source TEXT NOT NULL,
    storage_location TEXT NOT NULL,
    run_id TEXT NOT NULL,
    run_link TEXT NOT NULL,
    model_id TEXT NOT NULL,
    UNIQUE (model, version)
) STRICT;

CREATE TABLE model_version_tags (
    model INTEGER NOT NULL,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, version, key),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE registered_model_aliases (
    model INTEGER NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_chunks (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES metric_series (id) ON DELETE CASCADE,
    timestamp INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value REAL NOT NULL,
    is_nan INTEGER NOT NULL,
    last_timestamp INTEGER NOT NULL,
    last_step INTEGER NOT NULL,
    last_value REAL NOT NULL,
    last_is_nan INTEGER NOT NULL,
    min_step INTEGER NOT NULL,
    max_step INTEGER NOT NULL,
    points INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE TABLE unindexed_runs (
    run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX runs_newest ON runs (experiment, start_time DESC, run_id);

CREATE INDEX run_children ON run_tags (value, run) WHERE key = 1;

CREATE INDEX run_keys_run ON run_keys (run);

CREATE INDEX logged_models_newest ON logged_models (experiment, creation_time DESC, model_id);

CREATE INDEX logged_model_metrics_run ON logged_model_metrics (run);

CREATE INDEX metric_series_values ON metric_series (experiment, key, is_nan, value, run);

CREATE INDEX runs_named ON runs (name);

CREATE INDEX registered_models_updated ON registered_models (last_updated_time, name);

CREATE INDEX model_versions_stage ON model_versions (model, stage, version);

CREATE INDEX model_versions_updated ON model_versions (last_updated_time DESC);

CREATE INDEX model_versions_run ON model_versions (run_id);

CREATE INDEX model_version_prompts ON model_version_tags (model)
WHERE key = 'mlflow.prompt.is_prompt' AND value = 'true';

CREATE INDEX registered_model_aliases_version ON registered_model_aliases (model, version);

CREATE UNIQUE INDEX metric_chunks_order ON metric_chunks (series, timestamp, step, value, is_nan);

CREATE INDEX metric_series_due ON metric_series (id) WHERE is_due = 1;

CREATE INDEX run_params_values ON run_params (key, substr(value, 1, 40)) WHERE is_indexed = 1;

CREATE INDEX run_tags_values ON run_tags (key, substr(value, 1, 40)) WHERE is_indexed = 1;

INSERT INTO keys (id, name) VALUES (1, 'mlflow.parentRunId');
