"""Every route of MLflow has an answer: served, 501 with the reason, 405, or 404; never a guess.

BI-138.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from raw import API, assert_error
from support.servers import REPOSITORY, RoostServer

TABLE = REPOSITORY / "api-spec" / "mlflow-3.17.2.tsv"
DOCUMENT = json.loads((REPOSITORY / "api-spec" / "openapi.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    twin: bool
    state: str
    reason: str

    @property
    def paths(self) -> list[str]:
        """The path with something in place of its parameters, and its twin if it has one."""
        filled = re.sub(r"\{\w+\.\.\.\}", "a/b.txt", self.path)
        filled = re.sub(r"\{\w+\}", "x1", filled)
        return [filled, filled.replace("/api/", "/ajax-api/", 1)] if self.twin else [filled]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text().splitlines() if line and line[0] != "#"]
    fields = [line.split("\t") for line in lines]
    return [Row(f[0], f[1], f[2] == "yes", f[3], f[4]) for f in fields]


ROWS = rows()
UNSERVED = [row for row in ROWS if row.state in ("planned", "excluded")]
SERVED = [row for row in ROWS if row.state == "done"]
# What is there only on a server with users, as in MLflow.
OF_USERS = re.compile(r"/mlflow/(users|roles)/|^/signup$")
PASSWORD = "a long enough password"


def is_refused(row: Row) -> bool:
    """Whether the document says that a directory as artifact store cannot do it, as in MLflow."""
    path = DOCUMENT["paths"].get(row.path.replace("...}", "}"), {})
    return "501" in path.get(row.method.lower(), {}).get("responses", {})


@pytest.fixture(scope="module")
def with_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoostServer]:
    directory = tmp_path_factory.mktemp("users")
    config = directory / "auth.ini"
    config.write_text(
        f"[mlflow]\ndatabase_uri = sqlite:///{directory / 'users.db'}\n"
        f"admin_username = admin\nadmin_password = {PASSWORD}\n"
    )
    variables = {"MLFLOW_AUTH_CONFIG_PATH": str(config), "MLFLOW_FLASK_SERVER_SECRET_KEY": "key"}
    with RoostServer("--app-name", "basic-auth", env=variables) as server:
        yield server


def send(
    server: RoostServer, method: str, path: str, auth: tuple[str, str] | None = None
) -> requests.Response:
    body = None if method in ("GET", "HEAD") else {}
    return requests.request(method, server.url + path, json=body, timeout=10, auth=auth)


def test_the_table_is_whole() -> None:
    assert len(ROWS) == len(UNSERVED) + len(SERVED)
    assert len(UNSERVED) > 150
    assert len(SERVED) > 20


@pytest.mark.parametrize("row", UNSERVED, ids=str)
def test_what_is_not_built_says_so(roost: RoostServer, row: Row) -> None:
    for path in row.paths:
        body = assert_error(send(roost, row.method, path), 501, "NOT_IMPLEMENTED")
        assert row.reason in body["message"]


def check_is_there(row: Row, answer: requests.Response) -> None:
    expected = (400, 404, 501) if is_refused(row) else (200, 400, 404)
    assert answer.status_code in expected, answer.text
    if answer.status_code != 200:
        assert "ENDPOINT_NOT_FOUND" not in answer.text


@pytest.mark.parametrize("row", [row for row in SERVED if not OF_USERS.search(row.path)], ids=str)
def test_what_is_done_is_there(roost: RoostServer, row: Row) -> None:
    for path in row.paths:
        answer = send(roost, row.method, path)
        check_is_there(row, answer)
        if answer.status_code != 200:
            assert_error(answer, answer.status_code)


@pytest.mark.parametrize("row", [row for row in SERVED if OF_USERS.search(row.path)], ids=str)
def test_what_needs_users(roost: RoostServer, with_users: RoostServer, row: Row) -> None:
    for path in row.paths:
        assert_error(send(roost, row.method, path), 404, "ENDPOINT_NOT_FOUND")
        assert send(with_users, row.method, path).status_code == 401
        check_is_there(row, send(with_users, row.method, path, ("admin", PASSWORD)))


@pytest.mark.parametrize("row", [row for row in SERVED if row.twin], ids=str)
def test_wrong_method(roost: RoostServer, row: Row) -> None:
    methods = {each.method for each in ROWS if each.path == row.path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
        for path in row.paths:
            answer = send(roost, method, path)
            assert_error(answer, 405)
            assert row.method in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/no/such/thing",
        "/api/2.0/mlflow/runs/frobnicate",
        "/api/2.0/mlflow/runs",
        "/api/2.0/mlflow/",
        "/api/9.0/mlflow/runs/get",
        "/api/2.0/mlflow/runs/get/",
        "/api/2.0/mlflow/runs/get/more",
        "/api/2.0/mlflow/RUNS/get",
        "/api/2.0/mlflow/runs%2Fget",
        "/api//2.0/mlflow/runs/get",
        "//api/2.0/mlflow/runs/get",
        "/api/2.0/mlflow/./runs/get",
        "/healthx",
        "/.env",
    ],
)
def test_unknown_path(roost: RoostServer, path: str) -> None:
    # Prepared by hand, since `requests` would tidy the path up.
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("GET", roost.url))
        request.url = roost.url + path
        answer = session.send(request, timeout=10)
    assert_error(answer, 404, "ENDPOINT_NOT_FOUND")


def test_a_wrong_path_is_not_reflected_as_a_page(roost: RoostServer) -> None:
    answer = requests.get(f"{roost.url}{API}<script>alert(1)</script>", timeout=10)
    assert_error(answer, 404, "ENDPOINT_NOT_FOUND")
    assert answer.headers["Content-Type"].startswith("application/json")
