"""The rows of docs/bad-input.md, sent as bytes below `/api/` and `/ajax-api/`, prefixed and bare.

Whatever is refused is refused with 4xx in the shape that clients read, names nothing of the
server's insides, and leaves the server as it was: it answers the next request.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from artifacts import on_disk, put
from bad_rows import ARTIFACTS, PLACES, Bad
from bad_rows_data import BATCHES, JSON, OF_GRAPHQL, ROUTES, SEARCHES
from raw import API, exchange, get
from support.servers import RoostServer

PREFIX = "/p"
NUMBERS = itertools.count()
INSIDES = (
    "sqlite",
    "SELECT ",
    "INSERT ",
    "UNIQUE",
    ".swift",
    "Fatal",
    "roost-test-",
    "/etc/passwd:",
)


@dataclass
class Target:
    server: RoostServer
    run: str
    gone: str

    def post(self, path: str, **fields: object) -> requests.Response:
        return requests.post(self.server.url + API + path, json=fields, timeout=10)

    def made_run(self) -> str:
        return self.post("runs/create", experiment_id="0").json()["run"]["info"]["run_id"]


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with RoostServer("--static-prefix", PREFIX) as server:
        target = Target(server, "", "")
        target.run, target.gone = target.made_run(), target.made_run()
        target.post("runs/delete", run_id=target.gone)
        target.post("registered-models/create", name="rows")
        put(server, "rows/file", b"x" * 1000)
        yield target
        assert server.process.poll() is None
        files = [path for path in on_disk(server) if not path.startswith((".roost-tmp", "0"))]
        assert files == ["rows", "rows/file"], "a refused upload left something"


def send(target: Target, bad: Bad, base: str):
    words = {"{run}": target.run, "{gone}": target.gone, "{n}": str(next(NUMBERS))}
    path, body = bad.path, bad.bytes
    for name, value in words.items():
        path, body = path.replace(name, value), body.replace(name.encode(), value.encode())
    head = [
        f"{bad.method} {base}{path} HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
    ]
    if bad.content_type is not None:
        head.append(f"Content-Type: {bad.content_type}")
    if bad.row == "BI-24":
        head.append("Range: " + "bytes=0-0,1-1," + ",".join(["0-999"] * 500))
    return exchange(target.server.url, "\r\n".join([*head, "", ""]).encode("latin-1") + body, 20)


def check(target: Target, bad: Bad) -> None:
    roots = ("",) if bad.path.startswith("/") else bad.roots
    for base in (prefix + root for prefix in ("", PREFIX) for root in roots):
        answer = send(target, bad, base)
        what = f"{bad} below {base or '/'}: {answer.status} {answer.body[:300]!r}"
        assert answer.status in bad.status, what
        if answer.status >= 400:
            refusal = answer.json()
            assert set(refusal) == {"error_code", "message"} and refusal["message"], what
            assert bad.words in refusal["message"], what
        if bad.row.startswith("BI-12") and answer.status == 200:
            assert answer.json().get("errors") and not answer.json().get("data"), what
        if bad.row not in ("BI-24",):
            assert not [word for word in INSIDES if word in answer.body.decode()], what
        assert len(answer.body) < 100_000, "a small request has a large answer"
    assert exchange(target.server.url, get("/version")).body == b"3.17.2"


@pytest.mark.parametrize("bad", ARTIFACTS, ids=str)
def test_artifact_paths(target: Target, bad: Bad) -> None:
    check(target, bad)


@pytest.mark.parametrize("bad", PLACES, ids=str)
def test_places_and_names(target: Target, bad: Bad) -> None:
    check(target, bad)


@pytest.mark.parametrize("bad", JSON, ids=str)
def test_json_and_numbers(target: Target, bad: Bad) -> None:
    check(target, bad)


@pytest.mark.parametrize("bad", BATCHES, ids=str)
def test_batches_and_limits(target: Target, bad: Bad) -> None:
    check(target, bad)


@pytest.mark.parametrize("bad", SEARCHES, ids=str)
def test_searches(target: Target, bad: Bad) -> None:
    check(target, bad)


@pytest.mark.parametrize("bad", OF_GRAPHQL, ids=str)
def test_graphql(target: Target, bad: Bad) -> None:
    check(target, bad)


@pytest.mark.parametrize("bad", ROUTES, ids=str)
def test_routes_and_types(target: Target, bad: Bad) -> None:
    check(target, bad)


def metric(target: Target, run: str, key: str) -> list[object]:
    query = {"run_id": run, "metric_key": key}
    url = f"{target.server.url}{API}metrics/get-history"
    return [p["value"] for p in requests.get(url, params=query, timeout=10).json()["metrics"]]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_no_other_number_is_stored(target: Target, word: str) -> None:
    """BI-87 to BI-89: as a bare word and as a text, what is read is what was sent."""
    for value in (word, f'"{word}"'):
        run = target.made_run()
        body = f'{{"run_id":"{run}","key":"k","value":{value},"timestamp":1}}'
        head = "POST /api/2.0/mlflow/runs/log-metric HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        if exchange(target.server.url, head + body).status == 200:
            (read,) = metric(target, run, "k")
            # MLflow's store keeps the largest double for an infinity, and so its answer names it.
            largest = {"Infinity": "1.7976931348623157e+308"}
            largest["-Infinity"] = "-" + largest["Infinity"]
            assert str(read) in (word, largest.get(word))


def test_long_values_are_cut_where_mlflow_cuts_them(target: Target) -> None:
    """BI-101 and BI-104: 200, and what is stored has the length of the limit."""
    run = target.made_run()
    target.post("runs/log-parameter", run_id=run, key="p", value="é" * 6001)
    target.post("runs/log-batch", run_id=run, tags=[{"key": "t", "value": "x" * (2 << 20)}])
    url = f"{target.server.url}{API}runs/get"
    data = requests.get(url, params={"run_id": run}, timeout=10).json()["run"]["data"]
    assert data["params"] == [{"key": "p", "value": "é" * 6000}]
    assert {t["key"]: len(t["value"]) for t in data["tags"]}["t"] == 8000


def test_names_are_kept_byte_by_byte() -> None:
    """BI-21: names that look alike are two files, and odd ones are stored or refused."""
    with RoostServer() as server:
        names = [
            "caf%C3%A9",
            "cafe%CC%81",
            "%EF%BC%8E%EF%BC%8E",
            "a.",
            "a%20",
            "CON",
            "nul.txt",
            "a",
        ]
        stored = []
        for index, name in enumerate(names):
            answer = put(server, f"names/{name}", str(index).encode())
            assert answer.status_code in (200, 400)
            if answer.status_code == 200:
                stored.append((index, name))
        assert len(stored) >= 6
        for index, name in stored:
            url = f"{server.url}/api/2.0/mlflow-artifacts/artifacts/names/{name}"
            assert requests.get(url, timeout=10).content == str(index).encode()
        assert len(on_disk(server)) == 2 + len(stored)


def test_a_link_out_of_the_root_leads_nowhere() -> None:
    """BI-14: to read, to list, to write through, and to delete."""
    with RoostServer() as server:
        put(server, "d/file", b"x")
        outside = server.directory / "outside"
        outside.mkdir()
        (outside / "secret").write_text("secret")
        (server.directory / "mlartifacts" / "out").symlink_to(outside)
        (server.directory / "mlartifacts" / "d" / "link").symlink_to(outside / "secret")
        base = f"{server.url}/api/2.0/mlflow-artifacts/artifacts"
        for path in ("out/secret", "out", "d/link", "out/new"):
            for method in ("GET", "PUT"):
                answer = requests.request(method, f"{base}/{path}", data=b"y", timeout=10)
                assert answer.status_code == 400 and "secret" not in answer.text.split("'")[0]
        assert requests.get(f"{base}?path=out", timeout=10).status_code == 400
        requests.delete(f"{base}/out", timeout=10)
        requests.delete(f"{base}/d", timeout=10)
        assert (outside / "secret").read_text() == "secret"
        assert [path.name for path in outside.iterdir()] == ["secret"]
