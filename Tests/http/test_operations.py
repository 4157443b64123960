"""What operators ask for: /health, /version, server-info, headers on everything, /metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from raw import API, assert_error
from support.servers import RoostServer


def test_health(roost: RoostServer) -> None:
    answer = requests.get(f"{roost.url}/health", timeout=10)
    assert answer.status_code == 200
    assert answer.text == "OK"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_version(roost: RoostServer) -> None:
    answer = requests.get(f"{roost.url}/version", timeout=10)
    assert answer.status_code == 200
    assert answer.text == "3.17.2"


@pytest.mark.parametrize("root", ["/api", "/ajax-api"])
def test_server_info(roost: RoostServer, root: str) -> None:
    """The client branches on these; true only for what is built."""
    answer = requests.get(f"{roost.url}{root}/3.0/mlflow/server-info", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body["store_type"] == "SqlStore"
    assert body["workspaces_enabled"] is False
    assert body["trace_archival_enabled"] is False
    assert body["multipart_uploads_enabled"] is False
    assert body["multipart_downloads_enabled"] is False
    assert isinstance(body["features_enabled"], dict)


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/version",
        f"{API}experiments/get?experiment_id=0",
        f"{API}experiments/get?experiment_id=987654321",
        "/nothing/here",
    ],
)
def test_security_headers_on_everything(roost: RoostServer, path: str) -> None:
    answer = requests.get(roost.url + path, timeout=10)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(("value", "header"), [("DENY", "DENY"), ("NONE", None)])
def test_frame_options(value: str, header: str | None) -> None:
    with RoostServer("--x-frame-options", value) as server:
        answer = requests.get(f"{server.url}/health", timeout=10)
        assert answer.headers.get("X-Frame-Options") == header


def test_json_answers_say_that_they_are(roost: RoostServer) -> None:
    for query in ("experiment_id=0", "experiment_id=x"):
        answer = requests.get(f"{roost.url}{API}experiments/get?{query}", timeout=10)
        assert answer.headers["Content-Type"].startswith("application/json")


def test_metrics_are_off_by_default(roost: RoostServer) -> None:
    assert_error(requests.get(f"{roost.url}/metrics", timeout=10), 404, "ENDPOINT_NOT_FOUND")


@pytest.fixture(scope="module")
def measured() -> Iterator[RoostServer]:
    with RoostServer("--expose-prometheus", "ignored-directory") as server:
        yield server


SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})? (\S+)$')


def scrape(server: RoostServer) -> dict[str, float]:
    """Every sample by its name and labels; fails on a line that is not Prometheus text."""
    answer = requests.get(f"{server.url}/metrics", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    samples: dict[str, float] = {}
    for line in answer.text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        assert match, line
        key = match.group(1) + (match.group(2) or "")
        assert key not in samples, f"{key} twice"
        samples[key] = float(match.group(3))
    return samples


def total(samples: dict[str, float], pattern: str) -> float:
    found = [value for key, value in samples.items() if re.search(pattern, key)]
    assert found, f"no sample like {pattern} among {sorted(samples)}"
    return sum(found)


def log_metrics(server: RoostServer, count: int) -> None:
    body = {"experiment_id": "0"}
    run = requests.post(f"{server.url}{API}runs/create", json=body, timeout=10).json()["run"]
    for step in range(count):
        metric = {"key": "m", "value": 1, "timestamp": 1, "step": step}
        answer = requests.post(
            f"{server.url}{API}runs/log-metric",
            json={"run_id": run["info"]["run_id"], **metric},
            timeout=10,
        )
        assert answer.status_code == 200


def test_names_begin_with_roost(measured: RoostServer) -> None:
    log_metrics(measured, 1)
    assert {key for key in scrape(measured) if not key.startswith("roost_")} == set()


def test_a_logged_metric_raises_the_counters(measured: RoostServer) -> None:
    log_metrics(measured, 1)
    before = scrape(measured)
    log_metrics(measured, 3)
    after = scrape(measured)

    def grown(pattern: str) -> float:
        return total(after, pattern) - total(before, pattern)

    route = r'route="[^"]*runs/log-metric"'
    assert grown(rf'^roost_\w*requests_total\{{(?=.*{route})(?=.*status="200")') == 3
    assert grown(rf"^roost_\w*duration\w*_count\{{.*{route}") == 3
    assert grown(r"^roost_\w*batch_size\w*_sum") == 4  # the run, and three metrics
    assert 1 <= grown(r"^roost_\w*commit\w*_count") <= 4
    assert total(after, r"^roost_\w*database_\w*bytes") > 0
    assert total(after, r"^roost_\w*queue_depth") == 0


def test_histograms_are_cumulative(measured: RoostServer) -> None:
    log_metrics(measured, 2)
    samples = scrape(measured)
    buckets: dict[str, list[tuple[float, float]]] = {}
    for key, value in samples.items():
        if match := re.search(r'le="([^"]+)"', key):
            series = key.replace(match.group(0), "")
            buckets.setdefault(series, []).append((float(match.group(1)), value))
    assert buckets
    for series, points in buckets.items():
        counts = [count for _, count in sorted(points)]
        assert counts == sorted(counts), series
        assert max(bound for bound, _ in points) == float("inf"), series


def test_errors_are_counted_by_status(measured: RoostServer) -> None:
    url = f"{measured.url}{API}runs/get"
    pattern = r'^roost_\w*requests_total\{(?=.*runs/get")(?=.*status="404")'
    requests.get(url, params={"run_id": "a" * 32}, timeout=10)
    before = total(scrape(measured), pattern)
    requests.get(url, params={"run_id": "b" * 32}, timeout=10)
    assert total(scrape(measured), pattern) == before + 1


def test_paths_of_clients_make_no_labels(measured: RoostServer) -> None:
    """A label is a route of the table; otherwise anybody could fill the memory."""
    for index in range(5):
        requests.get(f"{measured.url}/made-up-{index}", timeout=10)
    assert not [key for key in scrape(measured) if "made-up" in key]
