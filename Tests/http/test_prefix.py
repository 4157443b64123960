"""--static-prefix: every route answers below the prefix and bare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from raw import API, assert_error
from support.servers import RoostServer

PREFIX = "/nest/v1"


@pytest.fixture(scope="module")
def prefixed() -> Iterator[str]:
    with RoostServer("--static-prefix", PREFIX) as server:
        yield server.url


@pytest.mark.parametrize("prefix", ["", PREFIX])
@pytest.mark.parametrize("root", ["/api", "/ajax-api"])
def test_both_ways(prefixed: str, prefix: str, root: str) -> None:
    base = f"{prefixed}{prefix}{root}"
    found = requests.get(f"{base}/2.0/mlflow/experiments/get?experiment_id=0", timeout=10)
    assert found.json()["experiment"]["name"] == "Default"
    search = requests.post(
        f"{base}/2.0/mlflow/runs/search", json={"experiment_ids": ["0"]}, timeout=10
    )
    assert search.status_code == 200
    assert requests.get(f"{base}/3.0/mlflow/server-info", timeout=10).status_code == 200


@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_health_and_version(prefixed: str, prefix: str) -> None:
    assert requests.get(f"{prefixed}{prefix}/health", timeout=10).text == "OK"
    assert requests.get(f"{prefixed}{prefix}/version", timeout=10).text == "3.17.2"


def test_unserved_and_unknown_below_the_prefix(prefixed: str) -> None:
    unserved = requests.get(f"{prefixed}{PREFIX}{API}traces", timeout=10)
    assert_error(unserved, 501, "NOT_IMPLEMENTED")
    unknown = requests.get(f"{prefixed}{PREFIX}{API}no-such-thing", timeout=10)
    assert_error(unknown, 404, "ENDPOINT_NOT_FOUND")


@pytest.mark.parametrize("path", ["/nest", "/nest/v2/health", "/nest/v1x/health", "/v1/health"])
def test_other_paths_are_not_the_prefix(prefixed: str, path: str) -> None:
    assert_error(requests.get(prefixed + path, timeout=10), 404, "ENDPOINT_NOT_FOUND")


def test_guards_hold_below_the_prefix(prefixed: str) -> None:
    url = f"{prefixed}{PREFIX}{API}experiments/get?experiment_id=0"
    assert_error(requests.get(url, headers={"Host": "evil.example"}, timeout=10), 403)
    evil = {"Origin": "http://evil.example"}
    create = requests.post(
        f"{prefixed}{PREFIX}{API}experiments/create", json={"name": "x"}, headers=evil, timeout=10
    )
    assert_error(create, 403)
    health = f"{prefixed}{PREFIX}/health"
    assert requests.get(health, headers={"Host": "evil.example"}, timeout=10).status_code == 200


def test_without_a_prefix_there_is_none(roost: RoostServer) -> None:
    assert_error(requests.get(f"{roost.url}{PREFIX}/health", timeout=10), 404)
