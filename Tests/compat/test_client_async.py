"""Asynchronous logging: what was queued is there after a flush, in the right order of steps."""

from __future__ import annotations

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param


def test_log_metrics_without_waiting(
    tracking: str, client: MlflowClient, experiment_id: str
) -> None:
    with mlflow.start_run(experiment_id=experiment_id) as run:
        operations = [
            mlflow.log_metrics({"a": step / 2, "b": -step}, step=step, synchronous=False)
            for step in range(200)
        ]
        mlflow.log_params({"p": 1}, synchronous=False)
        mlflow.set_tags({"t": "x"}, synchronous=False)
        mlflow.flush_async_logging()
        for operation in operations:
            operation.wait()
    run_id = run.info.run_id
    history = client.get_metric_history(run_id, "a")
    assert {p.step: p.value for p in history} == {step: step / 2 for step in range(200)}
    data = client.get_run(run_id).data
    assert data.metrics == {"a": 99.5, "b": -199.0}
    assert data.params == {"p": "1"}
    assert data.tags["t"] == "x"


def test_async_by_variable(
    tracking: str, client: MlflowClient, experiment_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "true")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        for step in range(50):
            mlflow.log_metric("m", step, step=step)
        mlflow.log_param("p", "1")
    # Ending the run flushes what is queued.
    assert len(client.get_metric_history(run.info.run_id, "m")) == 50
    assert client.get_run(run.info.run_id).data.params == {"p": "1"}


def test_client_calls_without_waiting(client: MlflowClient, run_id: str) -> None:
    operations = [
        client.log_metric(run_id, "m", 1.0, step=1, synchronous=False),
        client.log_param(run_id, "p", "1", synchronous=False),
        client.set_tag(run_id, "t", "1", synchronous=False),
        client.log_batch(
            run_id, metrics=[Metric("n", 2.0, 1, 1)], params=[Param("q", "2")], synchronous=False
        ),
    ]
    for operation in operations:
        operation.wait()
    data = client.get_run(run_id).data
    assert data.metrics == {"m": 1.0, "n": 2.0}
    assert data.params == {"p": "1", "q": "2"}
    assert data.tags["t"] == "1"


def test_a_refused_write_is_reported_by_wait(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "p", "1")
    operation = client.log_param(run_id, "p", "2", synchronous=False)
    with pytest.raises(Exception, match="Changing param values is not allowed"):
        operation.wait()
