-- Runs that were asked for by a key of the caller's choice: the first one to ask makes the run, all others get it.

CREATE TABLE run_keys (
    experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (experiment, key)
) STRICT, WITHOUT ROWID;

-- For deleting a run.
CREATE INDEX run_keys_run ON run_keys (run);
