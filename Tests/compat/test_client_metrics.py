"""Metrics through the client: latest value, history, extremes, bulk histories."""

from __future__ import annotations

import math
import time

import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Metric

# The largest double: what MLflow's store keeps instead of infinity.
LARGEST = 1.7976931348623157e308


def test_log_metric_and_history(client: MlflowClient, run_id: str) -> None:
    for step, value in enumerate([0.9, 0.5, 0.25]):
        client.log_metric(run_id, "loss", value, timestamp=1000 + step, step=step)
    points = client.get_metric_history(run_id, "loss")
    assert [(p.key, p.value, p.timestamp, p.step) for p in points] == [
        ("loss", 0.9, 1000, 0),
        ("loss", 0.5, 1001, 1),
        ("loss", 0.25, 1002, 2),
    ]
    assert client.get_run(run_id).data.metrics == {"loss": 0.25}


def test_timestamp_defaults_to_now(client: MlflowClient, run_id: str) -> None:
    before = int(time.time() * 1000)
    client.log_metric(run_id, "m", 1)
    (point,) = client.get_metric_history(run_id, "m")
    assert before <= point.timestamp <= int(time.time() * 1000)
    assert point.step == 0
    assert point.value == 1.0


def test_same_point_twice_is_one_point(client: MlflowClient, run_id: str) -> None:
    for _ in range(3):
        client.log_metric(run_id, "m", 0.5, timestamp=7, step=1)
    assert len(client.get_metric_history(run_id, "m")) == 1


def test_latest_is_greatest_step_then_time_then_value(client: MlflowClient, run_id: str) -> None:
    client.log_metric(run_id, "m", 1.0, timestamp=10, step=5)
    client.log_metric(run_id, "m", 9.0, timestamp=99, step=4)
    assert client.get_run(run_id).data.metrics["m"] == 1.0
    client.log_metric(run_id, "m", 2.0, timestamp=11, step=5)
    client.log_metric(run_id, "m", 3.0, timestamp=10, step=5)
    assert client.get_run(run_id).data.metrics["m"] == 2.0
    client.log_metric(run_id, "m", 4.0, timestamp=11, step=5)
    client.log_metric(run_id, "m", 3.5, timestamp=11, step=5)
    assert client.get_run(run_id).data.metrics["m"] == 4.0
    assert len(client.get_metric_history(run_id, "m")) == 6


@pytest.mark.parametrize(
    "value",
    [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 5e-324, LARGEST, -LARGEST, 2.0**53, 1e16, 123456789.125],
)
def test_doubles_round_trip_exactly(client: MlflowClient, run_id: str, value: float) -> None:
    client.log_metric(run_id, "m", value)
    assert client.get_run(run_id).data.metrics["m"] == value
    assert client.get_metric_history(run_id, "m")[0].value == value


def test_nan_and_infinities(client: MlflowClient, run_id: str) -> None:
    client.log_metric(run_id, "nan", math.nan)
    client.log_metric(run_id, "up", math.inf)
    client.log_metric(run_id, "down", -math.inf)
    metrics = client.get_run(run_id).data.metrics
    assert math.isnan(metrics["nan"])
    assert metrics["up"] == LARGEST
    assert metrics["down"] == -LARGEST
    assert math.isnan(client.get_metric_history(run_id, "nan")[0].value)


@pytest.mark.parametrize("step", [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1])
def test_steps_are_64_bit(client: MlflowClient, run_id: str, step: int) -> None:
    client.log_metric(run_id, "m", 1.0, step=step, timestamp=2**53 + 1)
    (point,) = client.get_metric_history(run_id, "m")
    assert point.step == step
    assert point.timestamp == 2**53 + 1


@pytest.mark.parametrize("key", ["a.b", "a/b/c", "with space", "a:b", "a-b_c", "日本", "k" * 250])
def test_keys(client: MlflowClient, run_id: str, key: str) -> None:
    client.log_metric(run_id, key, 1.0)
    assert client.get_run(run_id).data.metrics == {key: 1.0}
    assert len(client.get_metric_history(run_id, key)) == 1


def test_history_of_an_unknown_key_is_empty(client: MlflowClient, run_id: str) -> None:
    assert client.get_metric_history(run_id, "never") == []


def test_long_history_comes_whole(client: MlflowClient, run_id: str) -> None:
    for start in range(0, 3000, 1000):
        client.log_batch(
            run_id, metrics=[Metric("m", i / 7, 1000 + i, i) for i in range(start, start + 1000)]
        )
    points = client.get_metric_history(run_id, "m")
    assert sorted(p.step for p in points) == list(range(3000))
    assert {p.step: p.value for p in points} == {i: i / 7 for i in range(3000)}


def test_history_pages(client: MlflowClient, target_url: str, run_id: str) -> None:
    client.log_batch(run_id, metrics=[Metric("m", float(i), i, i) for i in range(10)])
    steps: list[int] = []
    token: str | None = None
    pages = 0
    while pages < 10:
        query = {"run_id": run_id, "metric_key": "m", "max_results": 4}
        if token:
            query["page_token"] = token
        answer = requests.get(
            f"{target_url}/api/2.0/mlflow/metrics/get-history", params=query, timeout=10
        ).json()
        steps += [point["step"] for point in answer["metrics"]]
        pages += 1
        token = answer.get("next_page_token")
        if not token:
            break
    assert pages == 3
    assert sorted(steps) == list(range(10))


def test_bulk_interval(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    second = client.create_run(experiment_id).info.run_id
    for each in (run_id, second):
        client.log_batch(each, metrics=[Metric("m", i * 0.5, i, i) for i in range(1000)])
    store = client._tracking_client.store
    sampled = store.get_metric_history_bulk_interval(
        run_ids=[run_id, second],
        metric_key="m",
        max_results=10,
        start_step=None,
        end_step=None,
    )
    by_run: dict[str, list[int]] = {run_id: [], second: []}
    for point in sampled:
        assert point.value == point.step * 0.5
        by_run[point.run_id].append(point.step)
    assert by_run[run_id] == by_run[second]
    steps = by_run[run_id]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == 999
    assert 10 <= len(steps) <= 12


def test_bulk_interval_with_bounds(client: MlflowClient, run_id: str) -> None:
    client.log_batch(run_id, metrics=[Metric("m", float(i), i, i) for i in range(100)])
    points = client._tracking_client.store.get_metric_history_bulk_interval(
        run_ids=[run_id], metric_key="m", max_results=500, start_step=20, end_step=29
    )
    assert [p.step for p in points] == list(range(20, 30))


def test_history_bulk(client: MlflowClient, experiment_id: str, target_url: str) -> None:
    runs = [client.create_run(experiment_id).info.run_id for _ in range(2)]
    for offset, each in enumerate(runs):
        client.log_batch(each, metrics=[Metric("m", i + offset, i, i) for i in range(5)])
    answer = requests.get(
        f"{target_url}/ajax-api/2.0/mlflow/metrics/get-history-bulk",
        params={"run_id": runs, "metric_key": "m", "max_results": 100},
        timeout=10,
    ).json()
    got = {(m["run_id"], m["step"]): m["value"] for m in answer["metrics"]}
    assert got == {(r, i): i + o for o, r in enumerate(runs) for i in range(5)}
