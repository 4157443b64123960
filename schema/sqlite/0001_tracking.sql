-- Experiments, runs and what is logged to them. Times are milliseconds since 1970; texts compare bytewise.

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

-- The names of metrics, params and tags, once each: rows that use them hold a small number.
CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Number 1 is fixed so that a partial index can speak of it.
INSERT INTO keys (id, name) VALUES (1, 'mlflow.parentRunId');

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

-- The order in which runs are listed when a search names no other.
CREATE INDEX runs_newest ON runs (experiment, start_time DESC, run_id);

CREATE TABLE run_params (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

-- The children of a run.
CREATE INDEX run_children ON run_tags (value, run) WHERE key = 1;

-- One row a run and metric: the latest point (greatest step, then timestamp, then value) and how many points there are.
CREATE TABLE metric_series (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key INTEGER NOT NULL REFERENCES keys (id),
    points INTEGER NOT NULL,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value REAL NOT NULL,
    is_nan INTEGER NOT NULL CHECK (is_nan IN (0, 1)),
    UNIQUE (run, key)
) STRICT;

-- The points. The key is the whole row, which is MLflow's rule of identity: the same point twice is one point.
-- SQLite cannot store NaN, so a NaN is 0 with is_nan = 1, as in MLflow.
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
