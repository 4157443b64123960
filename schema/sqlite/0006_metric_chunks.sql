-- Points of metrics in chunks of about a thousand. New points go to metric_points, the tail of their series, and are moved
-- to a chunk once there are enough of them or the run has ended.

-- A chunk holds points that follow each other in the order of a history (timestamp, step, value, is_nan), from its first
-- to its last. Chunks of a series do not overlap; points of the tail may lie anywhere between them or within.
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

CREATE UNIQUE INDEX metric_chunks_order ON metric_chunks (series, timestamp, step, value, is_nan);

-- How many points the tail has, and whether they are to be moved.
ALTER TABLE metric_series ADD COLUMN tail INTEGER NOT NULL DEFAULT 0;
ALTER TABLE metric_series ADD COLUMN is_due INTEGER NOT NULL DEFAULT 0;
-- The greatest timestamp in a chunk: a later point is in none.
ALTER TABLE metric_series ADD COLUMN settled INTEGER;

UPDATE metric_series SET tail = points;

UPDATE metric_series SET is_due = 1
WHERE tail >= 1024 OR tail >= 32 AND (SELECT r.status FROM runs r WHERE r.id = run) IN ('FINISHED', 'FAILED', 'KILLED');

CREATE INDEX metric_series_due ON metric_series (id) WHERE is_due = 1;
