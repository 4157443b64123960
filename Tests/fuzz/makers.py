"""Made-up requests: JSON from the schemas of the API's document, texts of the search language,
paths, queries,
    and bytes that are hardly HTTP. Each maker takes its chance and gives whole bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote

from support.servers import REPOSITORY

DOCUMENT = json.loads((REPOSITORY / "api-spec" / "openapi.json").read_text(encoding="utf-8"))
FILES = "/api/2.0/mlflow-artifacts/"
# Ends the fuzzing of what it empties; the rest of the trash is fair.
LEFT_OUT = ("/roost/1.0/trash/purge",)

NUMBERS = [
    "0", "-0", "1", "-1", "1.5", "1e5", "1e-400", "1e400", "-1e400", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1" * 400, "1" * 401,
    "NaN", "Infinity", "-Infinity", "0x10", "01", "1.", ".5", "1e", "+1", "1_000", "5e-324",
]  # fmt: skip
TEXTS = [
    "", " ", "x", "a/b", "../x", "a\u0000b", "\n", "é", "e\u0301", "🪺", "\u202e", "%2e", "'", '"',
    "`", "\\", "a:b", "0", "-1", "1.5", "true", "null", "x" * 251, "x" * 6001, "mlflow.runName",
    "mlflow.parentRunId", "mlflow.prompt.is_prompt", "s3://b/x", "file:///etc", "runs:/x/y",
    "models:/m/1", "mlflow-artifacts:/0", "RUNNING", "FINISHED", "ACTIVE_ONLY", "READY", "Staging",
    "roost.retention", "age>1d", "keep:5",
]  # fmt: skip
SPECIAL = [b"", b"\0", b"\xff", b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\\u", b"\\ud800",
           b"\xed\xa0\x80", b"\xc0\xaf", b"\xef\xbb\xbf", b"null", b"NaN", b"1e999"]  # fmt: skip


@dataclass
class Known:
    """Names of things that are there, so that requests reach beyond the first check."""

    runs: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["m", "model"])
    logged: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=lambda: ["loss", "a", "p", "t"])

    def of(self, name: str, chance: Random) -> Any:
        """A value for a field of this name; None where nothing fits."""
        pools: list[tuple[tuple[str, ...], list[Any]]] = [
            (("run_id", "run_uuid", "run_ids", "source_run_id"), self.runs),
            (("experiment_id", "experiment_ids"), ["0", "1"]),
            (("name", "registered_model_name", "new_name"), self.models),
            (("model_id",), self.logged),
            (("key", "metric_key", "param_key"), self.keys),
            (("version",), ["1", "2"]),
            (("timestamp", "step", "start_time", "end_time"), [0, 1, 5, 2**40]),
            (("status",), ["RUNNING", "FINISHED", "LOGGED_MODEL_READY"]),
            (("filter", "filter_string"), [filter_text(chance)]),
            (("order_by",), [order_text(chance)]),
        ]
        for names, pool in pools:
            if name in names and pool:
                return chance.choice(pool)
        return None


# MARK: JSON


def value(schema: dict[str, Any], name: str, known: Known, chance: Random, depth: int = 0) -> Any:
    """A value that the schema describes, mostly."""
    if depth > 6 or chance.random() < 0.04:
        return odd(chance)
    kind = schema.get("type")
    kind = chance.choice(kind) if isinstance(kind, list) else kind
    if kind == "array":
        count = chance.choice([0, 1, 1, 2, 3, 20])
        items = schema.get("items", {})
        return [value(items, name, known, chance, depth + 1) for _ in range(count)]
    if kind == "object":
        return {
            each: value(inner, each, known, chance, depth + 1)
            for each, inner in schema.get("properties", {}).items()
            if each in schema.get("required", ()) or chance.random() < 0.5
        }
    found = known.of(name, chance) if chance.random() < 0.8 else None
    if found is not None:
        return found
    if kind in ("integer", "number"):
        return chance.choice([0, 1, -1, 5, 2**31, 2**63 - 1, 0.5, -1e300])
    if kind == "boolean":
        return chance.random() < 0.5
    return chance.choice(TEXTS)


def odd(chance: Random) -> Any:
    choices = [
        None,
        True,
        [],
        {},
        [[]],
        {"x": 1},
        "x",
        5,
        1.5,
        -1,
        2**70,
        [None],
        chance.choice(TEXTS),
    ]
    return chance.choice(choices)


def mutate(data: bytes, chance: Random) -> bytes:
    """A few bytes changed, cut, doubled or put in."""
    for _ in range(chance.choice([0, 0, 0, 0, 1, 1, 2, 5])):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice([1, 1, 3, 20]))
        match chance.randrange(5):
            case 0:
                data = data[:at] + chance.choice(SPECIAL) + data[at:]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:at] + data[at:end] * chance.choice([2, 2, 50]) + data[end:]
            case 3:
                data = data[:at] + chance.choice(NUMBERS).encode() + data[end:]
            case _:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    return data


def operations(method: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path, item in DOCUMENT["paths"].items():
        if method in item and not path.endswith(LEFT_OUT):
            found.append((path, item[method]))
    return found


BODIES = [
    (verb.upper(), path, operation["requestBody"]["content"]["application/json"]["schema"])
    for verb in ("post", "patch", "put", "delete")
    for path, operation in operations(verb)
    if "application/json" in operation.get("requestBody", {}).get("content", {})
]
QUERIES = [
    (path, [p for p in operation.get("parameters", []) if p["in"] == "query"])
    for path, operation in operations("get")
]


def fill(path: str, known: Known, chance: Random) -> str:
    """The path with something in place of its parameters."""
    while "{" in path:
        name = path[path.index("{") + 1 : path.index("}")].rstrip(".")
        found = known.of(name, chance) or path_text(chance)
        path = path.replace(path[path.index("{") : path.index("}") + 1], str(found), 1)
    return path


def request(method: str, target: str, body: bytes, *lines: str) -> bytes:
    target = "".join(c if 0x21 <= ord(c) < 0x7F else quote(c, errors="replace") for c in target)
    head = [
        f"{method} {target[:12_000]} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, *lines, "", ""]).encode() + body


def json_request(known: Known, chance: Random) -> bytes:
    method, path, schema = chance.choice(BODIES)
    made = value(schema, "", known, chance)
    text = json.dumps(made, ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.2:
        text = text.replace("1", chance.choice(NUMBERS), 1)
    body = mutate(text.encode("utf-8", "surrogatepass"), chance)
    if chance.random() < 0.02:
        deep = chance.choice([99, 100, 101, 5000])
        body = b'{"x":' + b"[" * deep + b"]" * deep + b"}"
    return request(method, fill(path, known, chance), body, "Content-Type: application/json")


# MARK: The search language

WORDS = [
    "AND", "OR", "and", "NOT", "IN", "NOT IN", "LIKE", "ILIKE", "IS", "IS NULL", "IS NOT NULL",
    "(", ")",
    "=", "!=", "<>", ">", ">=", "<", "<=", ",", ".", ";", "--", "/*", "*/", "'", '"', "`", "[",
    "]", "%",
    "metrics", "params", "tags", "attributes", "attr", "metric", "parameter", "datasets", "dataset",
    "metrics.loss", "params.a", "tags.t", "tags.`mlflow.runName`", "attributes.status", "run_id",
    "name",
    "start_time", "end_time", "run_name", "creation_time", "dataset.name", "version_number",
    "aliases",
    "metrics.`a b`", 'params."x"', "tags.mlflow.source.type", "experiment_id", "lifecycle_stage",
    "1", "-1", "1.5", "1e400", "9" * 30, "NaN", "'x'", '"x"', "'%'", "'FINISHED'", "('a','b')",
    "('a')",
    "()", "('a',)", "''", "'\\''", "''''", "0x10", "true", "NULL", "é", "\u0000", "\ud83e\udeba",
]  # fmt: skip
SUBJECTS = ["metrics.loss", "metrics.`a b`", "params.a", "tags.t", "attributes.status", "run_name",
            "start_time", "name", "tag.`x`", "dataset.name", "run_id",
            "creation_timestamp"]  # fmt: skip
OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "IN", "NOT IN", "IS"]
OPERANDS = [
    "1",
    "1.5",
    "'x'",
    '"x"',
    "'%x%'",
    "('a', 'b')",
    "NULL",
    "NOT NULL",
    "-1e5",
    "'FINISHED'",
]


# Comparisons and orders that the language has, so that many searches are read to their end.
NUMERIC = (["=", "!=", ">", ">=", "<", "<="], ["1", "0.5", "-1e5"])
TEXTUAL = (["=", "!=", "LIKE", "ILIKE"], ["'x'", "'%x_'", '"x"', "''"])
RIGHT = {
    "runs": {"metrics.loss": NUMERIC, "params.a": TEXTUAL, "tags.t": TEXTUAL, "run_name": TEXTUAL},
    "experiments": {"name": TEXTUAL, "tags.t": TEXTUAL, "creation_time": NUMERIC},
    "logged-models": {"name": TEXTUAL, "metrics.loss": NUMERIC, "params.a": TEXTUAL},
    "registered-models": {"name": TEXTUAL, "tags.t": TEXTUAL},
    "model-versions": {"name": TEXTUAL, "tags.t": TEXTUAL, "version_number": NUMERIC},
}
RIGHT_ORDERS = {
    "runs": ["metrics.loss DESC", "params.a", "start_time ASC", "tags.t DESC"],
    "experiments": ["name", "creation_time DESC"],
    "logged-models": [],
    "registered-models": ["name DESC", "last_updated_timestamp"],
    "model-versions": ["name", "version_number DESC"],
}


def clause(chance: Random, kind: str) -> str:
    if chance.random() < 0.85:
        subject, (operators, operands) = chance.choice(list(RIGHT[kind].items()))
        return f"{subject} {chance.choice(operators)} {chance.choice(operands)}"
    parts = [chance.choice(SUBJECTS), chance.choice(OPERATORS), chance.choice(OPERANDS)]
    return " ".join(parts)


def filter_text(chance: Random, kind: str = "runs") -> str:
    if chance.random() < 0.3:
        count = chance.choice([0, 1, 2, 3, 8, 40])
        return chance.choice([" ", ""]).join(chance.choice(WORDS) for _ in range(count))
    text = clause(chance, kind)
    for _ in range(chance.choice([0, 1, 2, 10])):
        text += f" {chance.choice(['AND', 'OR', 'and'])} {clause(chance, kind)}"
        if chance.random() < 0.3:
            text = f"({text})"
    if chance.random() < 0.3:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(WORDS) + text[at + chance.choice([0, 1, 4]) :]
    return text


def order_text(chance: Random, kind: str = "runs") -> str:
    if RIGHT_ORDERS[kind] and chance.random() < 0.6:
        return chance.choice(RIGHT_ORDERS[kind])
    words = [*SUBJECTS, "ASC", "DESC", "desc", ",", ";", "`", "(", "metrics.", "attributes.", ""]
    return " ".join(chance.choice(words) for _ in range(chance.choice([1, 1, 2, 2, 3, 6])))


SEARCHES = ["runs", "experiments", "logged-models"]


def search_request(known: Known, chance: Random) -> bytes:
    kind = chance.choice([*SEARCHES, *SEARCHES, "registered-models", "model-versions"])
    root = f"/{chance.choice(['api', 'ajax-api'])}/2.0/mlflow/{kind}/search"
    fields: dict[str, Any] = {
        "filter": filter_text(chance, kind),
        "max_results": chance.choice([1, 5, 1000]),
    }
    orders = [order_text(chance, kind) for _ in range(chance.choice([0] * 6 + [1, 1, 1, 2, 2, 61]))]
    if kind in ("registered-models", "model-versions"):
        query = [f"{name}={quote(str(text), errors='replace')}" for name, text in fields.items()]
        query += [f"order_by={quote(each)}" for each in orders]
        return request("GET", f"{root}?{'&'.join(query)}", b"")
    if orders:
        fields["order_by"] = orders
    if kind != "experiments":
        fields["experiment_ids"] = ["0"]
    if chance.random() < 0.05:
        fields["page_token"] = chance.choice(TEXTS)
    return request("POST", root, json.dumps(fields).encode(), "Content-Type: application/json")


# MARK: Paths and queries

PIECES = [
    "a", "b.txt", "..", ".", "", "%2e", "%2e%2e", "%2f", "%5c", "\\", "%00", "%0a", "%ff", "%c0%ae",
    "%25", "%252e", "#", "?", ";", "&", "+", " ", "~", ":", "C:", "file:", "é", "e\u0301",
    "n" * 255,
    "n" * 256, "CON", "a.", "a ", "..a", "...", "*", "$HOME", "`x`", "'", '"', "<x>",
    ".roost-tmp", "%zz",
]  # fmt: skip


def path_text(chance: Random) -> str:
    depth = chance.choice([1, 1, 2, 3, 8, 120])
    glue = chance.choice(["/", "/", "/", "", "%2f", "//"])
    return glue.join(
        "".join(chance.choice(PIECES) for _ in range(chance.choice([1, 1, 2])))
        for _ in range(depth)
    )


def path_request(known: Known, chance: Random) -> bytes:
    path, method = path_text(chance), chance.choice(["GET", "HEAD", "PUT", "DELETE"])
    body = b"x" * chance.choice([0, 1, 3000]) if method == "PUT" else b""
    run = chance.choice(known.runs)
    match chance.randrange(7):
        case 0 | 1:
            return request(method, f"{FILES}artifacts/{path}", body)
        case 2:
            return request("GET", f"{FILES}artifacts?path={path}", b"")
        case 3:
            return request("GET", f"/get-artifact?run_id={run}&path={path}", b"")
        case 4:
            target = f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={path}"
            return request("POST", target, b"y")
        case 5:
            verb = chance.choice(["create", "complete", "abort"])
            fields = {"path": chance.choice(TEXTS), "num_parts": 2, "upload_id": "x", "parts": []}
            made = json.dumps(fields).encode()
            return request(
                "POST", f"{FILES}mpu/{verb}/{path}", made, "Content-Type: application/json"
            )
        case _:
            return request(method, "/" + path, body)


def query_request(known: Known, chance: Random) -> bytes:
    path, parameters = chance.choice(QUERIES)
    pairs = []
    for parameter in parameters:
        if parameter.get("required") or chance.random() < 0.5:
            for _ in range(chance.choice([1, 1, 1, 2, 30])):
                made = value(parameter.get("schema", {}), parameter["name"], known, chance)
                text = made if isinstance(made, str) else json.dumps(made)
                pairs.append(f"{parameter['name']}={quote(text, safe='', errors='replace')}")
    chance.shuffle(pairs)
    text = mutate("&".join(pairs).encode(), chance).decode("latin-1")
    head = ["Range: bytes=" + chance.choice(["0-", "-1", "5-1", "0-0,2-3", "x", "9" * 30])]
    return request("GET", f"{fill(path, known, chance)}?{text}", b"", *head)


# MARK: Bytes

HEADS = [
    "Content-Length: 5", "Content-Length: 5", "Content-Length: -1", "Content-Length: 0x5",
    "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity",
    "Connection: close", "Connection: upgrade", "Expect: 100-continue", "Host: evil.com", "Host:",
    "Content-Type: application/json", "Content-Encoding: gzip", "Range: bytes=0-", "Origin: null",
    "Origin: http://localhost", " folded", "X: " + "y" * 9000, "X\0: y", ": x", "Accept: */*",
    "Access-Control-Request-Method: POST", "If-None-Match: *", "If-Range: x", "Upgrade: h2c",
]  # fmt: skip
TARGETS = ["/", "/health", "*", "http://evil.com/", "/api/2.0/mlflow/runs/search", "//", "/%",
    "?", "",
           "/api/2.0/mlflow/experiments/get?experiment_id=0", f"{FILES}artifacts/a",
           "/graphql"]  # fmt: skip
METHODS = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "get",
    "X" * 40,
]
CHUNKS = [b"5\r\nabcde\r\n", b"0\r\n\r\n", b"5;x=y\r\nabcde\r\n", b"-1\r\n", b"F" * 17 + b"\r\n",
    b"zz\r\n",
          b'2\r\n{}\r\n0\r\n\r\n', b"5\r\nabc", b"\r\n", b"{}", b'{"max_results":1}']  # fmt: skip


def raw_bytes(known: Known, chance: Random) -> bytes:
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(1, 400)) + chance.choice([b"", b"\r\n\r\n"])
    end = chance.choice(["\r\n"] * 12 + ["\n", "\r"])
    version = chance.choice(["HTTP/1.1"] * 8 + ["HTTP/1.0", "HTTP/2.0", "HTTP/9", ""])
    lines = [f"{chance.choice(METHODS)} {chance.choice(TARGETS)} {version}", "Host: localhost"]
    lines += [chance.choice(HEADS) for _ in range(chance.choice([0] * 5 + [1] * 5 + [2, 3, 210]))]
    body = b"".join(chance.choice(CHUNKS) for _ in range(chance.choice([0, 1, 2, 4])))
    made = end.join([*lines, "", ""]).encode("latin-1") + body
    return mutate(made, chance) if chance.random() < 0.5 else made


MAKERS = {
    "json": json_request,
    "search": search_request,
    "paths": path_request,
    "queries": query_request,
    "http": raw_bytes,
}
