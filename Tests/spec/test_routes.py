"""The list of MLflow's routes, the document of Roost's routes and the server agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import requests
from support.servers import REPOSITORY, RoostServer, roost_binary

TABLE = REPOSITORY / "api-spec" / "mlflow-3.17.2.tsv"
DOCUMENT = REPOSITORY / "api-spec" / "openapi.json"
# Served by Roost beyond MLflow's own list: MLflow adds /metrics only with an exporter installed.
# What takes the parts of an upload is an object store with MLflow; it hangs beside the routes that
# belong to it, so that a proxy which hands those to a server of artifacts hands it on, too.
PART = "/api/2.0/mlflow-artifacts/mpu/part/{upload_id}/{part_number}"
BEYOND = {
    ("GET", "/metrics"),
    ("GET", "/ready"),
    ("PUT", PART),
    # For MLflow's pages alone, and only while they are served.
    ("POST", "/ajax-api/3.0/mlflow/traces/search"),
}


def rows() -> list[tuple[str, str, str, str, str]]:
    lines = TABLE.read_text().splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def documented() -> set[tuple[str, str]]:
    """A parameter that may hold slashes is one of any kind to OpenAPI."""
    paths = json.loads(DOCUMENT.read_text())["paths"]
    methods = {"get", "post", "put", "patch", "delete"}
    return {(m.upper(), p) for p, item in paths.items() for m in item if m in methods}


def paths(path: str, twin: str) -> list[str]:
    """The path, and its /ajax-api twin if it has one."""
    return [path, path.replace("/api/", "/ajax-api/", 1)] if twin == "yes" else [path]


def unbuilt() -> list[tuple[str, str, str]]:
    """Method, path and reason of every route that answers 501."""
    return [
        (method, one, reason)
        for method, path, twin, state, reason in rows()
        if state != "done"
        for one in paths(path, twin)
    ]


def filled(path: str) -> str:
    """The path with a value in place of each parameter."""
    names = path.replace("...}", "}").replace("{", "\0{").split("\0")
    return "".join("x" + part.split("}", 1)[1] if part.startswith("{") else part for part in names)


def test_the_table_lists_exactly_the_routes_of_mlflow() -> None:
    script = Path(REPOSITORY, "scripts", "mlflow-routes")
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_is_sorted_and_complete() -> None:
    table = rows()
    assert [(path, method) for method, path, *_ in table] == sorted(
        {(path, method) for method, path, *_ in table}
    )
    for method, path, twin, state, reason in table:
        assert twin in {"yes", "no"}, path
        assert state in {"done", "planned", "excluded"}, path
        assert (reason == "-") == (state == "done"), f"{method} {path}"


def test_the_document_is_what_the_binary_prints() -> None:
    done = subprocess.run([roost_binary(), "spec"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == DOCUMENT.read_text(), "run `make spec`"


def test_the_document_describes_every_route_that_is_done_and_no_other() -> None:
    table = [(m, p.replace("...}", "}"), twin, state) for m, p, twin, state, _ in rows()]
    done = {(method, path) for method, path, _, state in table if state == "done"}
    described = documented()
    # The page at `/` is for people.
    assert done - described == {("GET", "/")}, "done in the table, not in the document"
    twins = {(m, p) for m, path, twin, state in table if state == "done" for p in paths(path, twin)}
    own = {row for row in described if "api/roost/1.0/" in row[1]}
    assert described - twins - BEYOND - own == set(), "in the document, not done in the table"


def test_a_route_that_is_not_built_says_so_with_its_reason(roost: RoostServer) -> None:
    wrong = []
    with requests.Session() as session:
        for method, path, reason in unbuilt():
            body = {} if method in {"POST", "PUT", "PATCH"} else None
            answer = session.request(method, roost.url + filled(path), json=body, timeout=10)
            if answer.status_code != 501:
                wrong.append(f"{method} {path}: {answer.status_code}")
            elif (error := answer.json())["error_code"] != "NOT_IMPLEMENTED":
                wrong.append(f"{method} {path}: {error}")
            elif reason not in error["message"]:
                wrong.append(f"{method} {path}: no reason in {error['message']!r}")
    assert wrong == []
