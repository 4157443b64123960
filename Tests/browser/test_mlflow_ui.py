"""MLflow's own web UI on Roost, in headless chromium: each page shows its content and no error.

The UI is that of the mlflow package of the test environment, found by `--ui mlflow`.
"""

from __future__ import annotations

import json
import math
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from playwright import sync_api as playwright
from support.servers import RoostServer

# What MLflow's pages say when something is missing.
TROUBLE = re.compile(
    r"^Error\b|load error|went wrong|Can't load|Failed to|NOT_IMPLEMENTED|ENDPOINT_NOT_FOUND"
    r"|does not serve|not found",
    re.MULTILINE,
)
MODEL = quote("狐 detector")
PATIENCE = 20_000  # milliseconds; the first page loads five megabytes


@dataclass
class Data:
    """What the pages should show."""

    url: str
    experiment: str
    runs: list[str]


def call(url: str, path: str, **body: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{url}/api/2.0/mlflow/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def make_run(url: str, experiment: str, name: str, rate: float, parent: str = "") -> str:
    tags = [{"key": "team", "value": "blue"}]
    if parent:
        tags.append({"key": "mlflow.parentRunId", "value": parent})
    made = call(
        url,
        "runs/create",
        experiment_id=experiment,
        run_name=name,
        start_time=1_764_000_000_000,
        tags=tags,
    )
    run = made["run"]["info"]["run_id"]
    points = [
        {
            "key": key,
            "value": math.exp(-step * rate),
            "timestamp": 1_764_000_000_000 + step,
            "step": step,
        }
        for key in ("loss", "system/cpu_utilization_percentage")
        for step in range(40)
    ]
    points.append({"key": "accuracy", "value": 0.875, "timestamp": 1_764_000_000_000, "step": 0})
    params = [{"key": "learning_rate", "value": str(rate)}, {"key": "題", "value": "猫"}]
    call(url, "runs/log-batch", run_id=run, metrics=points, params=params)
    call(url, "runs/update", run_id=run, status="FINISHED", end_time=1_764_000_060_000)
    return run


@pytest.fixture(scope="module")
def data() -> Iterator[Data]:
    with RoostServer("--ui", "mlflow", env={"VIRTUAL_ENV": sys.prefix}) as server:
        url = server.url
        experiment = call(url, "experiments/create", name="犬 and cats")["experiment_id"]
        runs = [make_run(url, experiment, f"fox {i}", 0.1 * (i + 1)) for i in range(3)]
        make_run(url, experiment, "little fox", 0.5, parent=runs[0])
        upload = urllib.request.Request(
            f"{url}/api/2.0/mlflow-artifacts/artifacts/{experiment}/{runs[0]}/artifacts/notes/hello.txt",
            b"what the fox said",
            method="PUT",
        )
        urllib.request.urlopen(upload, timeout=10).close()
        call(url, "registered-models/create", name="狐 detector", description="sees foxes")
        source = f"mlflow-artifacts:/{experiment}/{runs[0]}/artifacts/notes"
        call(url, "model-versions/create", name="狐 detector", source=source, run_id=runs[0])
        yield Data(url, experiment, runs)


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    opened = browser.new_context(viewport={"width": 1600, "height": 1000})
    yield opened
    opened.close()


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


def shown(page: Any, *texts: str, timeout: int = PATIENCE) -> None:
    """Waits for all of these texts, then sees that no page of MLflow's complains."""
    for text in texts:
        page.get_by_text(text).locator("visible=true").first.wait_for(timeout=timeout)
    body = page.inner_text("body")
    assert not TROUBLE.search(body), body


def experiments(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments")
    shown(page, "犬 and cats", "Default", timeout=timeout)


def runs_table(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs")
    shown(page, "犬 and cats", "fox 0", "fox 1", "fox 2", timeout=timeout)


def chart_view(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs?compareRunsMode=CHART")
    shown(page, "fox 0", "loss", timeout=timeout)
    page.locator(".js-plotly-plot path.js-line").first.wait_for(state="attached", timeout=timeout)
    # A line for each run, the child included; what is straight has fewer points than were logged.
    lines = page.locator(".js-plotly-plot path.js-line").all()
    drawn = [line.get_attribute("d").count("L") for line in lines]
    assert len(drawn) >= 4 and min(drawn) >= 5, drawn


def overview(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs/{data.runs[0]}")
    shown(
        page,
        "fox 0",
        "learning_rate",
        "猫",
        "accuracy",
        "0.875",
        "little fox",
        "狐 detector",
        timeout=timeout,
    )


def metrics_tab(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs/{data.runs[0]}/model-metrics")
    shown(page, "fox 0", "loss", timeout=timeout)
    page.locator(".js-plotly-plot path.js-line").first.wait_for(state="attached", timeout=timeout)


def system_tab(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs/{data.runs[0]}/system-metrics")
    shown(page, "fox 0", "cpu_utilization_percentage", timeout=timeout)
    page.locator(".js-plotly-plot path.js-line").first.wait_for(state="attached", timeout=timeout)


def traces_tab(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs/{data.runs[0]}/traces")
    page.get_by_text("No traces found").first.wait_for(timeout=timeout)


def artifacts_tab(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/experiments/{data.experiment}/runs/{data.runs[0]}/artifacts")
    page.get_by_text("notes").first.click(timeout=timeout)
    page.get_by_text("hello.txt").first.click(timeout=timeout)
    shown(page, "what the fox said", timeout=timeout)


def compare(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    runs = json.dumps(data.runs[:2])
    page.goto(f'{data.url}/#/compare-runs?runs={runs}&experiments=["{data.experiment}"]')
    shown(page, "fox 0", "fox 1", "learning_rate", "accuracy", timeout=timeout)


def models(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/models")
    shown(page, "狐 detector", timeout=timeout)


def model(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/models/{MODEL}")
    shown(page, "狐 detector", "sees foxes", "Version 1", timeout=timeout)


def model_version(page: Any, data: Data, timeout: int = PATIENCE) -> None:
    page.goto(f"{data.url}/#/models/{MODEL}/versions/1")
    shown(page, "狐 detector", "Version 1", "fox 0", timeout=timeout)


PAGES = [
    experiments,
    runs_table,
    chart_view,
    overview,
    metrics_tab,
    system_tab,
    traces_tab,
    artifacts_tab,
    compare,
    models,
    model,
    model_version,
]


@pytest.mark.parametrize("show", PAGES, ids=lambda show: show.__name__)
def test_a_page_shows_its_content(page: Any, data: Data, show: Callable[..., None]) -> None:
    foreign: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((data.url, "data:", "blob:")) else foreign.append(r.url),
    )
    crashes: list[str] = []
    page.on("pageerror", lambda e: crashes.append(str(e)))
    show(page, data)
    assert foreign == [] and crashes == []


@pytest.mark.parametrize(
    ("show", "blocked"),
    [
        (runs_table, "**/runs/search"),
        (overview, "**/graphql"),
        (experiments, "**/experiments/search*"),
    ],
    ids=["runs/search", "graphql", "experiments/search"],
)
def test_these_tests_see_a_missing_endpoint(
    page: Any, data: Data, show: Callable[..., None], blocked: str
) -> None:
    refusal = {"error_code": "ENDPOINT_NOT_FOUND", "message": "not here"}
    page.route(blocked, lambda route: route.fulfill(status=404, json=refusal))
    with pytest.raises((AssertionError, playwright.TimeoutError)):
        show(page, data, timeout=4000)


def test_the_own_pages_are_beside_it(page: Any, data: Data) -> None:
    page.goto(f"{data.url}/ui/")
    page.locator("main").get_by_text("犬 and cats").first.click()
    page.get_by_text("fox 2").first.wait_for()
    assert page.url.startswith(f"{data.url}/e/{data.experiment}/runs")
    page.locator("a.brand").click()
    page.locator("main").get_by_text("犬 and cats").first.wait_for()
    assert page.url == f"{data.url}/ui/"
