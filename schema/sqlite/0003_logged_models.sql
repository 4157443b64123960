-- Models that runs have logged, apart from the registry, and the metrics that were measured on them.

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

-- The order in which models are listed when a search names no other.
CREATE INDEX logged_models_newest ON logged_models (experiment, creation_time DESC, model_id);

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

-- Points of metrics that name a model, beside those of the run. A point is one by model, metric, time, step and run.
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

-- For deleting a run.
CREATE INDEX logged_model_metrics_run ON logged_model_metrics (run);
