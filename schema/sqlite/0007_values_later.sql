-- Params and tags come into the indexes by value a little later, many runs at once: the values of one run lie all over
-- such an index, so that a run that is logged at once would touch a page for each of its params.

-- 1 for a row that the index by value has. What was there before is in it.
ALTER TABLE run_params ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 1 CHECK (is_indexed IN (0, 1));
ALTER TABLE run_tags ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 1 CHECK (is_indexed IN (0, 1));

-- The runs that have rows with 0.
CREATE TABLE unindexed_runs (
    run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE
) STRICT;

DROP INDEX run_params_values;
DROP INDEX run_tags_values;
CREATE INDEX run_params_values ON run_params (key, substr(value, 1, 40)) WHERE is_indexed = 1;
CREATE INDEX run_tags_values ON run_tags (key, substr(value, 1, 40)) WHERE is_indexed = 1;
