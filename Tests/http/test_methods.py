"""Methods, targets and upgrades that no client of ours sends: a plain status, never 5xx.

BI-135.
"""

from __future__ import annotations

import pytest
from raw import API, Connection, assert_error, assert_refused, exchange, get
from support.servers import RoostServer

EXPERIMENT = f"{API}experiments/get?experiment_id=0"
GETS = [
    "/health",
    "/version",
    "/api/3.0/mlflow/server-info",
    EXPERIMENT,
    f"{API}experiments/get-by-name?experiment_name=Default",
    f"{API}experiments/search?max_results=1",
    f"{API}runs/get?run_id=unknown",
    f"{API}metrics/get-history?run_id=unknown&metric_key=m",
    f"{API}metrics/get-history-bulk-interval?run_ids=unknown&metric_key=m",
]


@pytest.mark.parametrize("path", GETS)
def test_head_is_get_without_the_body(roost: RoostServer, path: str) -> None:
    with Connection(roost.url) as connection:
        connection.send(get(path))
        plain = connection.receive()
        connection.send(get(path).replace("GET", "HEAD", 1))
        head = connection.receive(head_only=True)
        assert head.status == plain.status < 500
        # What follows on the connection is the next answer, so no body was sent.
        connection.send(get("/version"))
        assert connection.receive().body == b"3.17.2"


@pytest.mark.parametrize("method", ["FROB", "TRACE", "PROPFIND", "PURGE", "X" * 64])
def test_unknown_method(roost: RoostServer, method: str) -> None:
    answer = exchange(roost.url, get(EXPERIMENT).replace("GET", method, 1))
    assert_refused(answer, 400, 405, 501)


def test_lower_case_method(roost: RoostServer) -> None:
    assert_refused(exchange(roost.url, get(EXPERIMENT).replace("GET", "get", 1)), 400, 405, 501)


def test_connect(roost: RoostServer) -> None:
    answer = exchange(roost.url, "CONNECT evil.com:443 HTTP/1.1\r\nHost: evil.com:443\r\n\r\n")
    assert_refused(answer, 400, 403, 404, 405, 501)


def test_absolute_target(roost: RoostServer) -> None:
    answer = exchange(roost.url, get("http://localhost/version"))
    assert answer.status == 400 or answer.body == b"3.17.2"


def test_absolute_target_of_another_host(roost: RoostServer) -> None:
    """Not a proxy, and not a way around the Host rule."""
    answer = exchange(roost.url, get(f"http://evil.com{EXPERIMENT}"))
    assert_refused(answer, 400, 403, 404)


@pytest.mark.parametrize("target", ["*", "version", "?", "//evil.com/version", "/%00", "/%zz"])
def test_odd_targets(roost: RoostServer, target: str) -> None:
    assert_refused(exchange(roost.url, get(target)), 400, 403, 404)


@pytest.mark.parametrize("query", ["%zz", "%", "%ff%fe", "=", "&&&", "experiment_id", "a=1&a=2"])
def test_odd_queries(roost: RoostServer, query: str) -> None:
    answer = exchange(roost.url, get(f"{API}experiments/get?{query}"))
    assert_error(answer, 400)


def test_options_of_the_server(roost: RoostServer) -> None:
    answer = exchange(roost.url, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.status < 500


def test_websocket_is_not_spoken(roost: RoostServer) -> None:
    lines = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    answer = exchange(
        roost.url, get("/version", *lines, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
    )
    assert answer.status in (200, 400, 426)


def test_http_2_is_not_spoken(roost: RoostServer) -> None:
    settings = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"]
    assert exchange(roost.url, get("/version", *settings)).status in (200, 400, 426)
    preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0" * 9
    assert_refused(exchange(roost.url, preface), 400, 404, 405, 501, 505)
