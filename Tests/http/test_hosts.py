"""The Host header: only this machine's names and private addresses, unless the operator says.

BI-50 to BI-54.
"""

from __future__ import annotations

import pytest
import requests
from raw import API, Connection, assert_error, exchange, get
from support.servers import RoostServer

EXPERIMENT = f"{API}experiments/get?experiment_id=0"


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost:5000", "LOCALHOST", "LocalHost:80", "localhost.",
        "127.0.0.1", "127.0.0.1:65535", "0.0.0.0", "0.0.0.0:5000", "[::1]", "[::1]:5000",
        "10.0.0.1", "10.255.255.255:5000", "192.168.1.5", "172.16.0.1", "172.31.255.254:1",
        "[fc00::1]", "[fd12:3456::1]:5000",
    ],
)  # fmt: skip
def test_allowed(roost: RoostServer, host: str) -> None:
    assert exchange(roost.url, get(EXPERIMENT, host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.com", "evil.com:5000", "169.254.169.254", "8.8.8.8", "[2001:db8::1]",
        "10.evil.com", "192.168.evil.com", "172.20.attacker.net", "10.0.0.1.evil.com",
        "127.0.0.1.evil.com", "localhost.evil.com", "xlocalhost", "172.15.0.1", "172.32.0.1",
        "11.0.0.1", "192.169.0.1", "10.1", "2130706433", "0x7f.0.0.1", "[::ffff:8.8.8.8]",
        "[fe80::1]", "fd00:evil",
    ],
)  # fmt: skip
def test_refused(roost: RoostServer, host: str) -> None:
    answer = exchange(roost.url, get(EXPERIMENT, host=host))
    if host == "fd00:evil":  # what stands after the colon is no port
        assert answer.status in (400, 403)
    else:
        assert "host" in assert_error(answer, 403, "PERMISSION_DENIED")["message"].lower()


def test_empty(roost: RoostServer) -> None:
    assert_error(exchange(roost.url, get(EXPERIMENT, host="")), 403)


def test_missing(roost: RoostServer) -> None:
    assert exchange(roost.url, get(EXPERIMENT, host=None)).status in (400, 403)


def test_two(roost: RoostServer) -> None:
    answer = exchange(roost.url, get(EXPERIMENT, "Host: evil.com", host="localhost"))
    assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:x", "localhost:99999", "localhost:-1", "[::1"])
def test_malformed(roost: RoostServer, host: str) -> None:
    assert_error(exchange(roost.url, get(EXPERIMENT, host=host)), 400)


@pytest.mark.parametrize("path", ["/health", "/version"])
@pytest.mark.parametrize("host", ["evil.com", "10.1.2.3", ""])
def test_probes_are_exempt(roost: RoostServer, path: str, host: str) -> None:
    assert exchange(roost.url, get(path, host=host)).status == 200


@pytest.mark.parametrize("path", ["/healthx", "/health/../api/2.0/mlflow/experiments/get"])
def test_only_the_probes_are_exempt(roost: RoostServer, path: str) -> None:
    assert exchange(roost.url, get(path, host="evil.com")).status in (400, 403, 404)


def test_refused_requests_change_nothing(roost: RoostServer) -> None:
    name = "host rules test"
    answer = requests.post(
        f"{roost.url}{API}experiments/create",
        json={"name": name},
        headers={"Host": "evil.com"},
        timeout=10,
    )
    assert_error(answer, 403)
    found = requests.get(
        f"{roost.url}{API}experiments/get-by-name", params={"experiment_name": name}, timeout=10
    )
    assert found.status_code == 404


def test_connection_lives_on_after_a_refusal(roost: RoostServer) -> None:
    with Connection(roost.url) as connection:
        connection.send(get(EXPERIMENT, host="evil.com"))
        assert connection.receive().status == 403
        connection.send(get(EXPERIMENT))
        assert connection.receive().status in (0, 200)


def test_own_list() -> None:
    with RoostServer("--allowed-hosts", "roost.example, *.corp.example") as server:
        for host in ("roost.example", "a.corp.example", "ROOST.example"):
            assert exchange(server.url, get(EXPERIMENT, host=host)).status == 200, host
        for host in ("localhost", "evil.com", "corp.example.evil.com", "xroost.example"):
            assert exchange(server.url, get(EXPERIMENT, host=host)).status == 403, host


def test_own_list_by_variable() -> None:
    with RoostServer(env={"MLFLOW_SERVER_ALLOWED_HOSTS": "roost.example"}) as server:
        assert exchange(server.url, get(EXPERIMENT, host="roost.example")).status == 200
        assert exchange(server.url, get(EXPERIMENT, host="localhost")).status == 403


def test_every_host() -> None:
    with RoostServer("--allowed-hosts", "*") as server:
        assert exchange(server.url, get(EXPERIMENT, host="evil.com")).status == 200
        assert "WARN" in server.output().upper()
