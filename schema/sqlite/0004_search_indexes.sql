-- What searches walk when an experiment has many runs: the latest values of a metric in order, and the runs that have a
-- param, a tag or a name.

-- The run's experiment, repeated here so that one experiment's values stand together. A run never moves.
ALTER TABLE metric_series ADD COLUMN experiment INTEGER NOT NULL DEFAULT 0;

UPDATE metric_series SET experiment = (SELECT r.experiment FROM runs r WHERE r.id = run);

CREATE INDEX metric_series_values ON metric_series (experiment, key, is_nan, value, run);

-- By their beginnings alone: a value may be thousands of characters long, and equal ones begin alike.
CREATE INDEX run_params_values ON run_params (key, substr(value, 1, 40));

CREATE INDEX run_tags_values ON run_tags (key, substr(value, 1, 40));

CREATE INDEX runs_named ON runs (name);
