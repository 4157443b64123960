"""The intended differences at logged models, the metrics of models, and datasets."""

from __future__ import annotations

from expectations import Difference, Expected, group, refused

OK, FAILS, SQL = Expected(200), Expected(500), Expected(400, "BAD_REQUEST")
MISSING = refused("^Missing value for required parameter")
WRONG_TYPE = refused("^Invalid value .* supplied:  Hint: Value was of type")
TOO_LONG = refused("exceeds the maximum length of")
NOT_FOUND = Expected(404, "RESOURCE_DOES_NOT_EXIST", "^Logged model with ID 'm-zz' not found")
TAKEN = refused("with another value or dataset")
CRASH = "mlflow fails with 500, which its client retries for minutes; bad input is 400"
IGNORED = "mlflow drops the field; Roost says which one is wrong"
SQL_SHOWN = "mlflow answers with its SQL; Roost says what is wrong"
WIDTH = (
    "mlflow's column is so wide, and SQLite alone does not mind; Roost refuses what others would"
)
NO_KEY = "a key must be there"
STATUS = "mlflow stores 'unspecified' for a word it does not know"
QUOTES = "double quotes quote a text, as in the other searches"
WORDS = "a status goes by the words that clients see; mlflow's stored number works too"
GRAMMAR = "OR and parentheses are an extension of Roost"
NAN = "mlflow stores a NaN of a model as 0, which a filter then takes for a result; Roost keeps it"
ALL_OR_NOTHING = "mlflow keeps the half of a refused batch that is the run's; Roost keeps nothing"
PAGE_TOKEN, TOKENS = refused("^Invalid page token"), "a token of Roost names the last row of a page"
NUMBER = refused("^Expected a number to compare")
KEY = refused("^Invalid attribute key")


def found(*names: str) -> Expected:
    """Roost finds the models of these names, in this order."""
    between = r'"(?:(?!"name": ).)*'.join(f'"name": "{name}' for name in names)
    return Expected(200, text=between if names else r"^\{\}$")


NO_NAMES = found()

MODELS: list[Difference] = [
    *group("logged models: create", OK, TOO_LONG, WIDTH, "name 501", "key 256"),
    *group("logged models: create", OK, MISSING, NO_KEY, "param without key"),
    *group("logged models: create", OK, WRONG_TYPE, IGNORED, "params of texts", "param value 5"),
    *group("logged models: create", SQL, refused("^Duplicate param"), SQL_SHOWN, "param twice"),
    *group("logged models: create", SQL, refused("^Duplicate tag"), SQL_SHOWN, "tag twice"),
    *group("logged models: life", OK, WRONG_TYPE, STATUS, "status 9"),
    *group("logged models: life", OK, refused("one of"), STATUS, "status 'x'", "status 'READY'"),
    *group(
        "logged models: life",
        Expected(404),
        refused("^The request names model"),
        "mlflow takes the model of the body here, that of the path elsewhere",
        "another id in the body",
    ),
    *group("logged models: tags and params", OK, MISSING, NO_KEY, "without key"),
    *group("logged models: tags and params", OK, WRONG_TYPE, IGNORED, "value 5"),
    *group("logged models: tags and params", OK, TOO_LONG, WIDTH, "key 256"),
    *group(
        "logged models: tags and params",
        OK,
        Expected(200, text=r'^(?!.*"key": "(five|k{256})?").*"key": "nv"'),
        "without what was refused before",
        "tags",
        "all",
    ),
    *group(
        "logged models: tags and params",
        SQL,
        OK,
        "a retry of what is stored already is harmless",
        "same value",
    ),
    *group(
        "logged models: tags and params",
        SQL,
        refused("^Changing param values is not allowed"),
        SQL_SHOWN,
        "other value",
    ),
    *group("logged models: older clients", FAILS, refused("^'flavors'"), CRASH, "flavors 5"),
    *group(
        "logged models: older clients",
        FAILS,
        refused("must be an object"),
        CRASH,
        "a list",
        "a number",
    ),
    # Search.
    *group(
        "logged model search: filters",
        NO_NAMES,
        found("a"),
        QUOTES,
        'filter name = "a"',
        'filter metrics."x y" = 1',
    ),
    *group("logged model search: filters", NO_NAMES, found("a"), WORDS, "filter status = 'READY'"),
    *group(
        "logged model search: filters",
        NO_NAMES,
        found("b"),
        WORDS,
        "filter status = 'LOGGED_MODEL_UPLOAD_FAILED'",
    ),
    *group(
        "logged model search: filters",
        NO_NAMES,
        found("d", "c", "a"),
        WORDS,
        "filter status IN ('READY', 'PENDING')",
    ),
    *group(
        "logged model search: filters",
        FAILS,
        found("d", "c", "b", "a"),
        "an alias is one after 'attributes.' too",
        "filter attributes.creation_time > 0",
    ),
    *group(
        "logged model search: filters",
        refused("^Invalid filter"),
        found("b", "a"),
        GRAMMAR,
        "filter name = 'a' OR name = 'b'",
    ),
    *group(
        "logged model search: filters",
        refused("^Invalid filter"),
        found("a"),
        GRAMMAR,
        "filter (name = 'a')",
    ),
    *group(
        "logged model search: datasets",
        NO_NAMES,
        found("b", "a"),
        "the digest is optional in mlflow's own words; its server then finds nothing",
        "without digest",
    ),
    *group(
        "logged model search: order", FAILS, refused("^Invalid order by"), CRASH, "order relation"
    ),
    *group(
        "logged model search: order",
        refused("order by field"),
        WRONG_TYPE,
        IGNORED,
        "order text for a key",
    ),
    *group(
        "logged model search: order",
        OK,
        WRONG_TYPE,
        IGNORED,
        "order direction x",
        "order direction 1",
    ),
    *group(
        "logged model search: order",
        refused("in the page token does not match"),
        PAGE_TOKEN,
        TOKENS,
        "another order: token",
        "another filter: token",
    ),
    *group(
        "logged model search: refused", FAILS, KEY, CRASH, "filter nope = 'x'", "filter Name = 'a'"
    ),
    *group(
        "logged model search: refused",
        Expected(400, "BAD_REQUEST", "Can't compare a collection"),
        KEY,
        "both refuse; mlflow in the words of its library",
        "filter tags = 'x'",
    ),
    *group(
        "logged model search: refused",
        FAILS,
        NUMBER,
        CRASH,
        "filter creation_time > 'x'",
        "filter creation_time > x",
        "filter metrics.acc > 'x'",
        "filter metrics.acc > '0.6'",
        "filter metrics.acc > x",
    ),
    *group(
        "logged model search: refused",
        OK,
        NUMBER,
        "no metric compares with it",
        "filter metrics.acc > nan",
    ),
    *group(
        "logged model search: refused",
        FAILS,
        refused("Expected 'Identifier'"),
        CRASH,
        "filter 'a' = name",
    ),
    *group(
        "logged model search: refused",
        refused("^Invalid comparison operator"),
        refused("^Invalid entity type"),
        "both refuse; mlflow takes what it does not know for an attribute",
        "filter METRICS.acc > 0",
    ),
    *group(
        "logged model search: refused",
        OK,
        refused("empty list"),
        "as in the other searches",
        "filter name IN ()",
    ),
    *group(
        "logged model search: refused",
        Expected(400, "BAD_REQUEST", "IN expression list"),
        refused("different type in list"),
        "both refuse; mlflow in the words of its library",
        "filter name IN (5)",
    ),
    *group(
        "logged model search: refused",
        FAILS,
        refused("ill-formed list"),
        CRASH,
        "filter name IN (a)",
    ),
    *group(
        "logged model search: refused",
        Expected(200, text="next_page_token"),
        refused("positive integer"),
        "mlflow answers an empty page and a token, without end",
        "max -1",
    ),
    *group("logged model search: refused", OK, WRONG_TYPE, IGNORED, "max 1.5"),
    *group(
        "logged model search: refused",
        refused("page token"),
        PAGE_TOKEN,
        TOKENS,
        "token !!!",
        "token {}",
    ),
    *group("logged model search: refused", FAILS, PAGE_TOKEN, CRASH, "token []"),
    # Metrics of models.
    *group(
        "model metrics",
        SQL,
        TAKEN,
        SQL_SHOWN,
        "other value at the same point",
        "on another dataset at the same point",
    ),
    *group("model metrics", SQL, NOT_FOUND, SQL_SHOWN, "unknown model"),
    *group(
        "model metrics",
        Expected(200, text='"key": "nan", "value": 0'),
        Expected(200, text='"key": "nan", "value": "NaN"'),
        NAN,
        "the model's own",
        "search shows them",
        "metrics of a deleted run stay",
        "model deleted",
    ),
    *group("model metrics: refused batch", SQL, TAKEN, SQL_SHOWN, "other value"),
    *group("model metrics: refused batch", SQL, NOT_FOUND, SQL_SHOWN, "unknown model in batch"),
    *group(
        "model metrics: refused batch",
        Expected(200, text='"key": "new"'),
        Expected(200, text='^(?!.*"key": "new").*"key": "loss", "value": 1'),
        ALL_OR_NOTHING,
        "nothing of it was kept",
        "nothing of that was kept",
    ),
    # Datasets.
    *group(
        "datasets: search",
        refused("at least one experiment_id"),
        WRONG_TYPE,
        IGNORED,
        "text",
        "integers",
    ),
    *group(
        "datasets: search",
        Expected(404),
        Expected(200, text='"name": "x"'),
        "mlflow lists the path and does not answer it",
        "the table's own path",
        "and for pages",
    ),
]
