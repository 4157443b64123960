"""The Origin header: a page of another site may not change anything, nor read an answer.

BI-55 to BI-60, and BI-62.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from raw import API, assert_error
from support.servers import RoostServer

SEARCH = f"{API}experiments/search"


def search(url: str, origin: str, path: str = SEARCH) -> requests.Response:
    return requests.post(
        url + path, json={"max_results": 1}, headers={"Origin": origin}, timeout=10
    )


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.com", "null", "http://127.0.0.1.evil.com", "http://localhost@evil.com",
        "http://localhost.evil.com", "http://evil.com/http://localhost", "localhost", "http://",
        "http://[::1].evil.com", "file://",
    ],
)  # fmt: skip
def test_refused(roost: RoostServer, origin: str) -> None:
    answer = search(roost.url, origin)
    assert "origin" in assert_error(answer, 403, "PERMISSION_DENIED")["message"].lower()
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("root", ["/api", "/ajax-api"])
def test_every_writing_method_is_guarded(roost: RoostServer, method: str, root: str) -> None:
    url = f"{roost.url}{root}/2.0/mlflow/experiments/create"
    headers = {"Origin": "http://evil.com"}
    assert_error(requests.request(method, url, json={}, headers=headers, timeout=10), 403)


def test_refused_requests_change_nothing(roost: RoostServer) -> None:
    name = "origin rules test"
    requests.post(
        f"{roost.url}{API}experiments/create",
        json={"name": name},
        headers={"Origin": "http://evil.com"},
        timeout=10,
    )
    found = requests.get(
        f"{roost.url}{API}experiments/get-by-name", params={"experiment_name": name}, timeout=10
    )
    assert found.status_code == 404


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://localhost", "http://127.0.0.1:5000", "http://[::1]"]
)
def test_local_pages(roost: RoostServer, origin: str) -> None:
    answer = search(roost.url, origin)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.headers["Vary"]


def test_local_page_over_https(roost: RoostServer) -> None:
    answer = search(roost.url, "https://localhost")
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_reading_is_left_to_the_browser(roost: RoostServer) -> None:
    answer = requests.get(
        f"{roost.url}{API}experiments/get?experiment_id=0",
        headers={"Origin": "http://evil.com"},
        timeout=10,
    )
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def preflight(url: str, origin: str) -> requests.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return requests.options(f"{url}{API}runs/create", headers=headers, timeout=10)


def test_preflight_of_a_local_page(roost: RoostServer) -> None:
    answer = preflight(roost.url, "http://localhost:3000")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    methods = {each.strip() for each in answer.headers["Access-Control-Allow-Methods"].split(",")}
    assert methods == {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "content-type" in allowed or allowed == "*"


def test_preflight_of_another_page(roost: RoostServer) -> None:
    answer = preflight(roost.url, "http://evil.com")
    assert answer.status_code == 400
    assert "Disallowed CORS origin" in answer.text
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_graphql_is_guarded_too(roost: RoostServer) -> None:
    """Outside of /api/, where mlflow does not look."""
    assert_error(search(roost.url, "http://evil.com", "/graphql"), 403)


def test_no_origin_is_no_browser(roost: RoostServer) -> None:
    answer = requests.post(roost.url + SEARCH, json={"max_results": 1}, timeout=10)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.fixture(scope="module")
def listed() -> Iterator[RoostServer]:
    origins = "https://app.example,https://*.corp.example"
    with RoostServer("--cors-allowed-origins", origins) as server:
        yield server


@pytest.mark.parametrize("origin", ["https://app.example", "https://a.corp.example"])
def test_own_list(listed: RoostServer, origin: str) -> None:
    answer = search(listed.url, origin)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize(
    "origin",
    ["http://app.example", "https://app.example:8443", "https://app.example.evil.com",
     "https://evil.com/.corp.example", "http://evil.com"],
)  # fmt: skip
def test_own_list_is_exact(listed: RoostServer, origin: str) -> None:
    assert_error(search(listed.url, origin), 403)


def test_every_origin_is_without_credentials() -> None:
    with RoostServer("--cors-allowed-origins", "*") as server:
        answer = search(server.url, "http://evil.com")
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "WARN" in server.output().upper()
