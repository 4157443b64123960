"""The intended differences between mlflow 3.17.2 and Roost, each with its reason.

A step that is listed here must differ exactly as listed; when it does not differ any more, the
test fails too, so that this list stays true. Three rules hold for all steps and are not listed
one by one: an error of Roost has the fields `error_code` and `message` alone (mlflow adds
`sqlstate` and `error_class`, which its client derives itself); no message shows SQL; and where
mlflow's web framework answers 404 or 405 with an HTML page, Roost answers the same status in the
error shape.
"""

from __future__ import annotations

from differences_artifacts import ARTIFACTS
from differences_models import MODELS
from expectations import INVALID, Difference, Expected, group, refused

OK, FAILS = Expected(200), Expected(500)
MISSING = refused("^Missing value for required parameter")
MALFORMED = refused("(?i)malformed JSON")
WRONG_TYPE = refused("^Invalid value .* supplied:  Hint: Value was of type")
ZERO_STORED = (
    "mlflow accepts it and stores another number; Roost refuses what it cannot keep exactly"
)
IGNORED = "mlflow drops the field and those after it; Roost says which one is wrong"
CRASH = "mlflow fails with 500, which its client retries for minutes; bad input is 400"
SQL_SHOWN = "mlflow answers with its SQL; Roost says what is wrong"
POSITION = "mlflow takes broken JSON for an empty request; Roost says where it is broken"

PAGE_TOKEN = refused("^Invalid page token")
TOKENS = "a token of Roost names the last row of a page, so it is spelt otherwise"
NO_RUN = Expected(404, "RESOURCE_DOES_NOT_EXIST")
NO_UUID = "run_uuid does not stand for run_id there; mlflow looks for a run without an id"
NEWLINE = "a key ends with no line break; mlflow's pattern lets one through"
NUL_FIRST = "NUL is refused before the key is looked at"

DIFFERENCES: list[Difference] = [
    # Bodies that are not JSON, or not an object.
    *group(
        "json: bodies",
        MISSING,
        MALFORMED,
        POSITION,
        "body cut off",
        "body empty",
        "body blank",
        "body trailing comma",
        "body two values",
        "body text after",
        "body comment",
        "body single quotes",
        "body bare key",
        "body control character in text",
        "body bad escape",
        "body bad number",
        "body not UTF-8",
        "body overlong UTF-8",
        "body surrogate in UTF-8",
        "body all 0",
        "body byte order mark",
    ),
    *group(
        "json: bodies",
        FAILS,
        refused(),
        CRASH,
        "body array",
        "body empty array",
        "body text",
        "body number",
        "body true",
        "deep array",
        "deep field",
        "log-batch: array",
    ),
    *group("json: bodies", FAILS, MALFORMED, CRASH, "log-batch: empty", "log-batch: cut off"),
    *group("json: bodies", FAILS, MISSING, CRASH, "log-batch: null"),
    *group("json: bodies", Expected(400, "BAD_REQUEST"), refused(), SQL_SHOWN, "create: array"),
    *group("json: bodies", OK, MALFORMED, POSITION, "search: empty body"),
    *group(
        "json: bodies",
        refused("max_results"),
        MALFORMED,
        POSITION,
        "experiments search: empty body",
    ),
    *group(
        "json: bodies",
        OK,
        MALFORMED,
        "a number that no double holds is refused wherever it stands",
        "huge number in unknown field",
    ),
    # Text that no store keeps: half a surrogate pair, NUL.
    *group(
        "json: bodies",
        OK,
        MALFORMED,
        "half a surrogate pair is no text",
        "lone surrogate in an unknown field",
    ),
    *group(
        "json: bodies",
        refused("'name'"),
        MALFORMED,
        "half a surrogate pair is no text",
        "lone surrogate in the id",
    ),
    *group(
        "experiments: names",
        refused("Invalid experiment name"),
        MALFORMED,
        "half a surrogate pair is no text",
        "lone surrogate",
    ),
    *group("params", OK, MALFORMED, "mlflow stores an empty value", "value with lone surrogate"),
    *group("params", OK, refused(), "NUL ends a text in C and in SQLite", "value with NUL"),
    *group("tags", OK, refused(), "NUL ends a text in C and in SQLite", "value with NUL"),
    *group("experiments: names", OK, refused(), "NUL ends a text in C and in SQLite", "NUL"),
    *group(
        "routing",
        OK,
        Expected(404, "RESOURCE_DOES_NOT_EXIST"),
        "Roost did not create that experiment",
        "NUL in the query",
    ),
    *group(
        "metrics: keys",
        refused("Names may only contain"),
        refused(),
        "NUL is refused before the key is looked at",
        "key 'x00a'".replace("x", "\\x"),
    ),
    # Experiments.
    *group(
        "experiments: life",
        Expected(500, "INVALID_STATE"),
        Expected(
            400,
            ("INVALID_PARAMETER_VALUE", "INVALID_STATE"),
            "Cannot rename a non-active experiment",
        ),
        CRASH,
        "rename deleted",
    ),
    *group(
        "experiments: ids",
        FAILS,
        Expected(404, "RESOURCE_DOES_NOT_EXIST", "^No Experiment with id="),
        CRASH,
        "get 2^63",
        "get 23 digits",
    ),
    *group(
        "experiments: names",
        Expected(400, "BAD_REQUEST"),
        Expected(400, ("RESOURCE_ALREADY_EXISTS", "BAD_REQUEST", INVALID)),
        SQL_SHOWN,
        "rename onto a taken one",
    ),
    *group(
        "experiments: tags",
        Expected(400, "RESOURCE_ALREADY_EXISTS"),
        refused(),
        "mlflow takes the tag that is there twice for a taken name",
        "create: one key twice",
    ),
    *group("experiments: tags", OK, WRONG_TYPE, IGNORED, "create: tag value is an integer"),
    # Runs.
    *group("runs: create", Expected(400, "BAD_REQUEST"), refused(), SQL_SHOWN, "one tag twice"),
    *group(
        "runs: create",
        Expected(400, "BAD_REQUEST"),
        refused("experiment_id"),
        SQL_SHOWN,
        "no experiment",
    ),
    *group("runs: create", OK, WRONG_TYPE, ZERO_STORED, "start 1.5", "start true", "start 2^63"),
    *group(
        "runs: create", OK, WRONG_TYPE, IGNORED, "user 5", "tags object", "tags text", "tag value 5"
    ),
    # Metrics.
    *group("metrics: values", FAILS, WRONG_TYPE, CRASH, "list", "object"),
    *group("metrics: values", OK, WRONG_TYPE, ZERO_STORED, "true"),
    *group("metrics: values", OK, refused(), ZERO_STORED, "1e400", "value '1e400'"),
    *group("metrics: fields", FAILS, WRONG_TYPE, CRASH, "time list", "step list"),
    *group(
        "metrics: fields",
        OK,
        WRONG_TYPE,
        ZERO_STORED,
        "time 1.5",
        "time true",
        "time 2^63",
        "step 1.5",
        "step true",
        "step 2^63",
    ),
    # Batches.
    *group("batch: limits", FAILS, OK, "null means absent everywhere else", "null lists"),
    *group(
        "batch: refused",
        FAILS,
        refused(),
        CRASH,
        "metric is no object",
        "metric is null",
        "param is no object",
    ),
    *group(
        "batch: refused",
        OK,
        refused("^Invalid value"),
        "mlflow stores the other half of the batch, and zeros",
        "metric: value x",
        "metric: step x",
        "param: value 5",
        "tag: value 5",
    ),
    Difference(
        "batch: refused/nothing was kept",
        OK,
        Expected(200, text=r'"data": \{"tags": \[[^]]*\]\}'),
        "mlflow kept what stood before the wrong value",
    ),
    # History and inputs.
    *group("history: bulk", FAILS, refused(), CRASH, "max_results x"),
    *group(
        "inputs and outputs",
        Expected(400, "BAD_REQUEST"),
        refused(),
        SQL_SHOWN,
        "one tag twice",
    ),
    *group(
        "inputs and outputs",
        Expected(400, "BAD_REQUEST"),
        OK,
        "a retry of what is stored already is harmless",
        "outputs: same again",
    ),
    *group("inputs and outputs", OK, WRONG_TYPE, IGNORED, "dataset name 5", "outputs: step x"),
    # Search.
    *group("search experiments: refused", OK, WRONG_TYPE, IGNORED, "order of integers"),
    *group(
        "search experiments: refused",
        refused("Invalid value 0"),
        WRONG_TYPE,
        IGNORED,
        "max 1.5",
        "max true",
    ),
    *group("search runs: order", FAILS, OK, "null means absent everywhere else", "null everything"),
    *group(
        "search runs: orders refused",
        Expected(500, "INTERNAL_ERROR"),
        refused("duplicate fields"),
        CRASH,
        "order ['metrics.m', 'metrics.m DESC']",
        "order ['start_time', 'Created']",
    ),
    *group(
        "search runs: orders refused",
        Expected(503),
        refused(),
        "a query that never works is not busy",
        "205 keys",
    ),
    *group("search runs: orders refused", FAILS, WRONG_TYPE, CRASH, "max list"),
    *group(
        "search runs: orders refused",
        Expected(500, "INTERNAL_ERROR"),
        refused("page token"),
        CRASH,
        "token []",
    ),
    *group(
        "search runs: orders refused", OK, WRONG_TYPE, IGNORED, "max 1.5", "max true", "token 5"
    ),
    *group(
        "search runs: orders refused",
        OK,
        refused("page token"),
        "an offset below 0 is garbage",
        "token negative offset",
    ),
    *group("search experiments: refused", FAILS, refused(), CRASH, "view list"),
    *group("search experiments", OK, refused("it must be one of"), IGNORED, "unknown view"),
    *group("search experiments", OK, refused("it must be one of"), IGNORED, "by GET, unknown view"),
    *group("search experiments: refused", OK, refused("it must be one of"), IGNORED, "view x"),
    *group("search experiments: refused", OK, WRONG_TYPE, IGNORED, "view 9"),
    *group("search runs: order", OK, refused("it must be one of"), IGNORED, "unknown view"),
    *group(
        "runs: update", OK, refused("it must be one of"), IGNORED, "unknown status", "lower case"
    ),
    # Page tokens are Roost's own: they name the last row of a page, not a number of rows.
    *group("history: pages", PAGE_TOKEN, PAGE_TOKEN, TOKENS, "token garbage"),
    *group("history: pages", PAGE_TOKEN, PAGE_TOKEN, TOKENS, "token of other bytes"),
    *group("history: pages", PAGE_TOKEN, PAGE_TOKEN, TOKENS, "token without offset"),
    *group(
        "search runs: orders refused",
        PAGE_TOKEN,
        PAGE_TOKEN,
        TOKENS,
        "token !!!",
        "token of other bytes",
        "token {}",
        "token offset x",
        "order: token, experiment",
    ),
    *group(
        "search experiments: refused",
        PAGE_TOKEN,
        PAGE_TOKEN,
        TOKENS,
        "token !!!",
        "token of other bytes",
        "token {}",
    ),
    *group("history: pages", OK, WRONG_TYPE, IGNORED, "not a number", "fraction"),
    *group(
        "history: bulk",
        OK,
        Expected(200, text='"value": "NaN"'),
        "the bare word NaN is no JSON: a browser could not read the answer",
        "NaN and Infinity",
        "the same run twice",
        "known and unknown",
        "100 runs",
    ),
    *group("history: bulk", OK, refused("must not be negative"), IGNORED, "max_results -1"),
    # Old and new spellings.
    *group(
        "runs: delete and restore",
        NO_RUN,
        MISSING,
        NO_UUID,
        "delete by uuid",
        "restore by uuid",
    ),
    *group("tags", NO_RUN, MISSING, NO_UUID, "delete by uuid"),
    *group("batch: refused", refused("run_id"), MISSING, NO_UUID, "run_uuid alone"),
    # Keys.
    *group("metrics: keys", OK, refused("Names may only contain"), NEWLINE, "key 'a\\n'"),
    *group("params", OK, refused("Names may only contain"), NEWLINE, "key 'a\\n'"),
    *group("tags", OK, refused("Names may only contain"), NEWLINE, "key 'a\\n'"),
    Difference("metrics: keys/what was taken", OK, Expected(200, text=r"^(?!.*a\\n)"), NEWLINE),
    Difference("params/all params", OK, Expected(200, text=r"^(?!.*a\\n)"), NEWLINE),
    Difference("tags/after deletion", OK, Expected(200, text=r"^(?!.*a\\n)"), NEWLINE),
    Difference("tags/all tags", OK, Expected(200, text=r"^(?!.*a\\n)"), NEWLINE),
    *group("params", refused("Names may"), refused("NUL"), NUL_FIRST, "key '\\x00a'"),
    *group("tags", refused("Names may"), refused("NUL"), NUL_FIRST, "key '\\x00a'"),
    # Places that a client may not name (BI-34, BI-35).
    *group(
        "experiments: artifact locations",
        OK,
        refused("leaves its own directory"),
        "a location must not climb out of its store",
        "mlflow-artifacts:/../../outside",
        "s3://b/../x",
    ),
    *group(
        "search runs: order",
        WRONG_TYPE,
        WRONG_TYPE,
        "the message quotes an id, which each server gives by itself",
        "experiments as text",
    ),
    *group(
        "search runs: filters refused",
        refused("Invalid clause"),
        refused(),
        "Roost reads OR and numbers in its own grammar; both refuse",
        "filter ' OR 1=1",
        "filter metrics.acc > 1 ORDER BY x",
        "filter metrics.acc > 0x10",
    ),
    *group(
        "search runs: filters refused",
        OK,
        refused("NUL"),
        "NUL ends a text in C and in SQLite",
        "filter params.x = 'a\x00b'",
    ),
    *group(
        "routing",
        Expected(404, "RESOURCE_DOES_NOT_EXIST", "%FF"),
        Expected(404, "RESOURCE_DOES_NOT_EXIST", "\ufffd"),
        "bytes that are not UTF-8 show as the replacement character",
        "not UTF-8 in the query",
    ),
    *group(
        "search experiments: refused",
        OK,
        refused("page token"),
        "an offset below 0 is garbage",
        "token negative",
    ),
    *group(
        "search runs: filters refused",
        refused(),
        Expected(200, text='"run_name": "r"'),
        "OR and parentheses are an extension of Roost",
        "OR",
        "parentheses",
    ),
    *ARTIFACTS,
    *MODELS,
]


def listed(stream: str, step: str) -> Difference | None:
    """The difference listed for a step, if there is one."""
    return BY_STEP.get(f"{stream}/{step}")


BY_STEP = {difference.step: difference for difference in DIFFERENCES}
