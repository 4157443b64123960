"""Hostile and mistaken requests, a row each: JSON, numbers, batches, searches, GraphQL, routes."""

from __future__ import annotations

import json
from typing import Any

from bad_rows import CREATE, Bad

LOG = "2.0/mlflow/runs/log-metric"
BATCH = "2.0/mlflow/runs/log-batch"
PARAM = "2.0/mlflow/runs/log-parameter"
TAG = "2.0/mlflow/runs/set-tag"
SEARCH = "2.0/mlflow/runs/search"
GET = "2.0/mlflow/experiments/get?experiment_id="
POINT = {"run_id": "{run}", "key": "rows", "value": 1, "timestamp": 1, "step": 0}


def text(path_body: dict[str, Any], **words: str) -> str:
    """JSON with words in place of values that Python could not write: `1e400`, `NaN`."""
    rest = {key: value for key, value in path_body.items() if key not in words}
    parts = [json.dumps(rest)[1:-1], *(f'"{key}": {word}' for key, word in words.items())]
    return "{" + ", ".join(parts) + "}"


def point(row: str, label: str, status: tuple[int, ...] = (400,), **words: str) -> Bad:
    return Bad(row, label, LOG, text(POINT, **words), status)


JSON = [
    Bad("BI-80", "cut off", LOG, '{"run_id":', words="malformed JSON"),
    Bad("BI-80", "empty", LOG, b"", words="malformed JSON"),
    Bad("BI-81", "an array", LOG, "[1,2]"),
    Bad("BI-82", "100,000 brackets", LOG, "[" * 100_000),
    Bad("BI-82", "5,000 deep in a field", LOG, text(POINT, x="[" * 5000 + "]" * 5000)),
    Bad("BI-83", "not UTF-8", LOG, b'{"run_id":"\xff\xfe"}'),
    Bad("BI-83", "overlong UTF-8", LOG, b'{"run_id":"\xc0\xaf"}'),
    Bad("BI-84", "half a pair", TAG, r'{"run_id":"{run}","key":"k","value":"\ud800"}'),
    Bad("BI-84", "NUL in a value", TAG, r'{"run_id":"{run}","key":"k","value":"a\u0000b"}'),
    Bad("BI-85", "run_id and runId", LOG, {**POINT, "runId": "{run}"}),
    Bad("BI-86", "an unknown field", LOG, {**POINT, "frobnicate": [1]}, (200,)),
    point("BI-87", "NaN as a word", (200, 400), value="NaN"),
    point("BI-87", "Infinity as a word", (200, 400), value="Infinity"),
    *(point("BI-88", word, (200,), value=f'"{word}"') for word in ("NaN", "Infinity", "-Infinity")),
    point("BI-89", "1e400", value="1e400"),
    point("BI-89", "a number in quotes", (200,), value='"1.5"', step="5"),
    point("BI-89", "true", value="true"),
    point("BI-89", "30 digits", (200,), value="1" * 30, step="6"),
    point("BI-90", "a step beyond 64 bits", step="9223372036854775808"),
    point("BI-90", "a broken step", step="1.5"),
    point("BI-91", "a time before 1970", timestamp="-1"),
    point("BI-92", "value null", value="null"),
    point("BI-92", "value x", value='"x"'),
    point("BI-92", "step x", step='"x"'),
    Bad("BI-93", "an id of 23 digits", GET + "9" * 23, method="GET", status=(404,)),
    Bad("BI-94", "no number", GET + "abc", method="GET"),
    Bad("BI-94", "-1", GET + "-1", method="GET", status=(404,)),
    Bad("BI-95", "a path", "2.0/mlflow/runs/get?run_id=../../x", method="GET", status=(400, 404)),
]


def batch(row: str, label: str, words: str, **counts: int) -> Bad:
    body: dict[str, Any] = {"run_id": "{run}"}
    for kind, count in counts.items():
        one = {"value": 1, "timestamp": 1} if kind == "metrics" else {"value": "v"}
        body[kind] = [{"key": f"{kind}{i}", **one} for i in range(count)]
    return Bad(row, label, BATCH, body, (400,), words)


def param(
    row: str, label: str, key: str, value: str = "v", status: tuple[int, ...] = (400,)
) -> Bad:
    return Bad(row, label, PARAM, {"run_id": "{run}", "key": key, "value": value}, status)


TWICE = {"run_id": "{run}", "params": [{"key": "two", "value": "1"}, {"key": "two", "value": "2"}]}
HUGE = {"run_id": "{run}", "tags": [{"key": "huge", "value": "x" * (2 << 20)}]}
GONE = "must be in the 'active' state"
BATCHES = [
    batch("BI-100", "1001 metrics", "at most 1000 metrics. Got 1001 metrics", metrics=1001),
    batch("BI-100", "101 params", "at most 100 params. Got 101 params", params=101),
    batch("BI-100", "101 tags", "at most 100 tags. Got 101 tags", tags=101),
    batch("BI-100", "1001 together", "Got 1001 metrics", metrics=801, params=100, tags=100),
    batch("BI-100", "1000 times as many", "Got 100000 params", params=100_000),
    Bad("BI-101", "a tag of 2 MiB is cut", BATCH, HUGE, (200,)),
    Bad("BI-102", "a param twice", BATCH, TWICE),
    param("BI-103", "first", "said", "1", (200,)),
    param("BI-103", "the same again", "said", "1", (200,)),
    Bad("BI-103", "another value", PARAM, {"run_id": "{run}", "key": "said", "value": "2"},
        words="Changing param values is not allowed"),
    param("BI-104", "6001 characters are cut", "long {n}", "x" * 6001, (200,)),
    *(param("BI-105", repr(key[:9]), key) for key in ("k" * 251, "../a", "a<b>", "a\0b")),
    Bad("BI-106", "a name of 501", CREATE, {"name": "x" * 501}),
    Bad("BI-106", "a name that is a number", CREATE, {"name": 5}),
    Bad("BI-107", "the same name", CREATE, {"name": "Default"}, words="already exists"),
    Bad("BI-108", "metric", LOG, {**POINT, "run_id": "{gone}"}, words=GONE),
    Bad("BI-108", "tag", TAG, {"run_id": "{gone}", "key": "k", "value": "v"}, words=GONE),
    Bad("BI-108", "batch", BATCH, {**TWICE, "run_id": "{gone}", "params": []}, words=GONE),
]  # fmt: skip


def search(row: str, label: str, status: tuple[int, ...] = (400,), **fields: Any) -> Bad:
    return Bad(row, label, SEARCH, {"experiment_ids": ["0"], **fields}, status)


FILTERS = ["params.x = 'a' ; DROP TABLE runs", "' OR 1=1", "((((", "'", "a\0", "params.x LIKE '%"]
ORDERS = ["metrics.m DESC; DROP TABLE runs", "(select 1)", "metrics.m SIDEWAYS", "", "attribute.x"]
DEEP = "(" * 65 + "params.a = '1'" + ")" * 65


def clauses(count: int, word: str = "AND") -> str:
    return f" {word} ".join(f"tags.t{i} = 'v'" for i in range(count))


SEARCHES = [
    *(search("BI-110", repr(each), filter=each) for each in FILTERS),
    search("BI-111", "SQL as a key", (200,), filter="metrics.`a'; DROP TABLE runs;--` > 0"),
    search("BI-112", "OR and parentheses", (200,), filter="params.a = '1' OR (params.b = '2')"),
    search("BI-112", "65 parentheses", filter=DEEP),
    search("BI-113", "200 comparisons", (200,), filter=clauses(200)),
    search("BI-113", "256 comparisons", (200,), filter=clauses(256)),
    search("BI-113", "257 comparisons", filter=clauses(257)),
    search("BI-113", "100,000 comparisons", filter=clauses(100_000)),
    search("BI-114", "60 keys of order", (200,), order_by=[f"metrics.m{i}" for i in range(60)]),
    search("BI-114", "61 keys", order_by=[f"metrics.m{i}" for i in range(61)]),
    search("BI-114", "300 keys", order_by=[f"metrics.m{i}" for i in range(300)]),
    *(search("BI-115", repr(each), order_by=[each]) for each in ORDERS),
    *(search("BI-116", repr(each), max_results=each) for each in (0, -1, 50_001, 10**9, "x")),
    search("BI-116", "the most there is", (200,), max_results=50_000),
    *(search("BI-117", repr(each), page_token=each) for each in ("garbage", "-1", "ey==", "é")),
    search("BI-118", "100,000 experiments", (200,),
           experiment_ids=[str(i) for i in range(100_000)]),
    search("BI-118", "one more", experiment_ids=[str(i) for i in range(100_001)]),
]  # fmt: skip


def query(row: str, label: str, graph: Any, status: tuple[int, ...] = (200,)) -> Bad:
    body = graph if isinstance(graph, list) else {"query": graph}
    return Bad(row, label, "/graphql", body, status)


EXPERIMENT = 'mlflowGetExperiment(input: {experimentId: "0"}) { experiment { name } }'
DEEPER = "query Q { a " + "{ b " * 500 + "}" * 500 + " }"
CYCLE = "query Q { ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
BOMB = "query Q { " + " ".join(f"a{i}: __typename" for i in range(1000)) + " }"
ELEVEN = "query Q {" + " ".join(f"a{i}: {EXPERIMENT}" for i in range(11)) + "}"
OF_GRAPHQL = [
    query("BI-120", "11 fields", ELEVEN),
    query("BI-121", "50 at once", [{"query": "query Q { __typename }"}] * 50, (200, 400)),
    Bad("BI-121", "an empty object", "/graphql", {}, (200, 400)),
    query("BI-121", "500 deep", DEEPER),
    query("BI-122", "introspection", "query Q { __schema { types { name } } }"),
    query("BI-123", "a thousand aliases", BOMB),
    query("BI-123", "fragments in a circle", CYCLE),
]  # fmt: skip

ROUTES = [
    Bad("BI-138", "no such route", "2.0/mlflow/nothing", {}, (404,)),
    Bad("BI-138", "a method too much", LOG, {}, (405,), method="DELETE"),
    Bad("BI-61", "no type", LOG, POINT, content_type=None),
    *(
        Bad("BI-61", kind, LOG, POINT, content_type=kind)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "<script>")
    ),
]
