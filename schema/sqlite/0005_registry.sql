-- Registered models, their versions, tags and aliases. Prompts are registered models with a tag that says so.

CREATE TABLE registered_models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    creation_time INTEGER NOT NULL,
    last_updated_time INTEGER NOT NULL,
    description TEXT,
    -- The greatest number a version was ever given: the number of a deleted version is not used again.
    last_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX registered_models_updated ON registered_models (last_updated_time, name);

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

-- The latest version of each stage.
CREATE INDEX model_versions_stage ON model_versions (model, stage, version);
-- The order in which versions are listed when a search names no other.
CREATE INDEX model_versions_updated ON model_versions (last_updated_time DESC);
-- The versions that came from a run.
CREATE INDEX model_versions_run ON model_versions (run_id);

CREATE TABLE model_version_tags (
    model INTEGER NOT NULL,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, version, key),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Which models have a version that is a prompt: searches leave those out.
CREATE INDEX model_version_prompts ON model_version_tags (model)
WHERE key = 'mlflow.prompt.is_prompt' AND value = 'true';

CREATE TABLE registered_model_aliases (
    model INTEGER NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The aliases of a version.
CREATE INDEX registered_model_aliases_version ON registered_model_aliases (model, version);
