"""The intended differences of the model registry; see differences.py."""

from expectations import Difference, Expected, group, refused

OK, FAILS = Expected(200), Expected(500)
NO_MODEL = Expected(404, "RESOURCE_DOES_NOT_EXIST")
PAGE_TOKEN = refused("^Invalid page token")
TOKENS = "a token of Roost names the last row of a page, so it is spelt otherwise"
CRASH = "mlflow fails with 500, which its client retries for minutes; bad input is 400"
SQL_SHOWN = "mlflow answers with its SQL; Roost says what is wrong"

REGISTRY: list[Difference] = [
    # Names, versions, sources.
    *group(
        "registered models: names",
        OK,
        refused("NUL"),
        "NUL ends a text in C and in SQLite",
        "name 'a\\x00b'",
    ),
    *group(
        "registered models: names",
        OK,
        refused("holds a control character"),
        "a name with control characters cannot be told apart in a list or a log",
        "name 'a\\nb'",
    ),
    *group(
        "registered models: names",
        OK,
        refused("maximum length of 256"),
        "the width of mlflow's column, which its other databases enforce",
        "name 'nnnnnnnnnnn… of 257",
        "name 'nnnnnnnnnnn… of 300",
    ),
    *group(
        "registered models: names",
        OK,
        NO_MODEL,
        "Roost did not make that model",
        "get 'a\\nb'",
        "get 'a\\x00b'",
        "get 'nnnnnnnnnnn… of 257",
    ),
    *group("model versions: life", FAILS, NO_MODEL, CRASH, f"get '{'1' * 30}'"),
    *group(
        "model versions: stages",
        FAILS,
        refused("is not an Active stage"),
        CRASH,
        "archiving into the archive",
        "archiving into none",
    ),
    *group(
        "model versions: sources",
        FAILS,
        refused("is not a valid remote uri"),
        CRASH,
        "source 'file://etc/passwd'",
    ),
    *group(
        "model versions: sources",
        FAILS,
        NO_MODEL,
        CRASH,
        "copy from no such stage",
        "model: its own source",
    ),
    # Searches.
    *(
        difference
        for area in ("registry: models", "registry: versions")
        for difference in (
            *group(
                area,
                FAILS,
                refused("IS NULL / IS NOT NULL is not supported"),
                CRASH,
                "filter name IS NULL",
                "filter name IS NOT NULL",
                "filter tags.env IS NULL",
                "filter tags.env IS NOT NULL",
            ),
            *group(
                area,
                Expected(400, "BAD_REQUEST"),
                refused("use IN or NOT IN"),
                SQL_SHOWN,
                "filter name = ('a')",
            ),
            *group(
                area,
                refused("Invalid clause"),
                OK,
                "OR and parentheses are an extension of Roost",
                "filter name = 'x' OR name = 'y'",
                "filter (name = 'x')",
            ),
            *group(
                area,
                FAILS,
                refused("duplicate fields"),
                CRASH,
                "order ['name', 'name DESC']",
            ),
            *group(area, PAGE_TOKEN, PAGE_TOKEN, TOKENS, "token !!!", "token e30="),
            *group(area, PAGE_TOKEN, PAGE_TOKEN, TOKENS, "token eyJvZmZzZXQiOiAieCJ9"),
            *group(
                area, OK, PAGE_TOKEN, "an offset below 0 is garbage", "token eyJvZmZzZXQiOiAtMX0="
            ),
        )
    ),
    *group(
        "registry: models",
        FAILS,
        refused("duplicate fields"),
        CRASH,
        "order ['timestamp', 'last_updated_timestamp']",
    ),
    *group(
        "registry: models",
        OK,
        refused("must be a positive integer"),
        "mlflow answers a page of nothing with a token that leads back to it",
        "limit '0'",
        "limit '-1'",
    ),
]
