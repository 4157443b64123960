"""System metrics: the client's own monitor thread logs to the server while a run is open."""

from __future__ import annotations

import time
from collections.abc import Iterator

import mlflow
import pytest
from mlflow import MlflowClient


@pytest.fixture
def fast_sampling() -> Iterator[None]:
    mlflow.set_system_metrics_sampling_interval(0.1)
    mlflow.set_system_metrics_samples_before_logging(1)
    yield
    mlflow.disable_system_metrics_logging()
    mlflow.set_system_metrics_sampling_interval(None)
    mlflow.set_system_metrics_samples_before_logging(None)


def test_system_metrics_arrive(
    tracking: str, client: MlflowClient, experiment_id: str, fast_sampling: None
) -> None:
    mlflow.enable_system_metrics_logging()
    with mlflow.start_run(experiment_id=experiment_id) as run:
        deadline = time.monotonic() + 10
        key = "system/cpu_utilization_percentage"
        while time.monotonic() < deadline:
            if len(client.get_metric_history(run.info.run_id, key)) >= 2:
                break
            time.sleep(0.1)
    history = client.get_metric_history(run.info.run_id, key)
    assert len(history) >= 2
    assert sorted(p.step for p in history) == list(range(len(history)))
    metrics = client.get_run(run.info.run_id).data.metrics
    assert "system/system_memory_usage_megabytes" in metrics
    assert metrics["system/system_memory_usage_percentage"] > 0
    assert client.get_run(run.info.run_id).info.status == "FINISHED"
