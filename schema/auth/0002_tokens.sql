-- Tokens for programs, Roost's own. MLflow's server does not look at this table.

CREATE TABLE roost_tokens (
    -- Never used twice: a token that is gone must not come back as another's.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    -- As it was then: MLflow's server may delete a user without this row and give the number to another.
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    -- SHA-256 of the token, which is 256 random bits.
    digest BLOB NOT NULL UNIQUE,
    -- Milliseconds since 1970.
    creation_time INTEGER NOT NULL,
    expiry_time INTEGER NOT NULL
) STRICT;

CREATE INDEX roost_tokens_user ON roost_tokens (user_id);
