"""log_batch: all or nothing, its limits, and the chunks the client makes of large batches."""

from __future__ import annotations

import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException


def test_everything_at_once(client: MlflowClient, run_id: str) -> None:
    client.log_batch(
        run_id,
        metrics=[Metric("loss", 0.1 * i, i, i) for i in range(5)] + [Metric("acc", 0.75, 9, 0)],
        params=[Param("lr", "0.1"), Param("opt", "adam")],
        tags=[RunTag("phase", "train")],
    )
    data = client.get_run(run_id).data
    assert data.metrics == {"loss": 0.4, "acc": 0.75}
    assert data.params == {"lr": "0.1", "opt": "adam"}
    assert data.tags["phase"] == "train"
    assert len(client.get_metric_history(run_id, "loss")) == 5


def test_empty_batch(client: MlflowClient, run_id: str) -> None:
    before = client.get_run(run_id).to_dictionary()
    client.log_batch(run_id)
    assert client.get_run(run_id).to_dictionary() == before


def test_refused_batch_leaves_nothing(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "lr", "0.1")
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        client.log_batch(
            run_id,
            metrics=[Metric("m", 1.0, 0, 0)],
            params=[Param("new", "1"), Param("lr", "0.2")],
            tags=[RunTag("t", "1")],
        )
    data = client.get_run(run_id).data
    assert data.params == {"lr": "0.1"}
    assert data.metrics == {}
    assert "t" not in data.tags


def test_repeated_batch_changes_nothing(client: MlflowClient, run_id: str) -> None:
    batch = {
        "metrics": [Metric("m", float(i), i, i) for i in range(10)],
        "params": [Param("p", "1")],
        "tags": [RunTag("t", "1")],
    }
    client.log_batch(run_id, **batch)
    first = client.get_run(run_id).to_dictionary()
    client.log_batch(run_id, **batch)
    assert client.get_run(run_id).to_dictionary() == first
    assert len(client.get_metric_history(run_id, "m")) == 10


def test_duplicate_param_keys_are_refused(client: MlflowClient, run_id: str) -> None:
    with pytest.raises(MlflowException, match="Duplicate parameter keys have been submitted"):
        client.log_batch(run_id, params=[Param("d", "1"), Param("d", "2")])
    assert client.get_run(run_id).data.params == {}


def test_client_splits_large_batches(client: MlflowClient, run_id: str) -> None:
    """More than the server takes in one request: the client sends several."""
    client.log_batch(
        run_id,
        metrics=[Metric(f"m{i % 3}", float(i), i, i) for i in range(2500)],
        params=[Param(f"p{i}", str(i)) for i in range(250)],
        tags=[RunTag(f"t{i}", str(i)) for i in range(150)],
    )
    data = client.get_run(run_id).data
    assert len(data.params) == 250
    assert sum(1 for key in data.tags if key.startswith("t")) == 150
    assert sum(len(client.get_metric_history(run_id, f"m{i}")) for i in range(3)) == 2500


@pytest.mark.parametrize(
    ("metrics", "params", "tags"), [(1000, 0, 0), (0, 100, 0), (0, 0, 100), (800, 100, 100)]
)
def test_largest_batches_are_taken(
    client: MlflowClient, target_url: str, run_id: str, metrics: int, params: int, tags: int
) -> None:
    answer = send_batch(target_url, run_id, metrics, params, tags)
    assert answer.status_code == 200, answer.text
    data = client.get_run(run_id).data
    assert (len(data.metrics), len(data.params)) == (metrics, params)


@pytest.mark.parametrize(
    ("metrics", "params", "tags"), [(1001, 0, 0), (0, 101, 0), (0, 0, 101), (801, 100, 100)]
)
def test_larger_batches_are_refused(
    client: MlflowClient, target_url: str, run_id: str, metrics: int, params: int, tags: int
) -> None:
    answer = send_batch(target_url, run_id, metrics, params, tags)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"
    data = client.get_run(run_id).data
    assert (data.metrics, data.params) == ({}, {})


def send_batch(url: str, run_id: str, metrics: int, params: int, tags: int) -> requests.Response:
    """One request, as large as asked; the client would split it."""
    body = {
        "run_id": run_id,
        "metrics": [
            {"key": f"m{i}", "value": i, "timestamp": i, "step": i} for i in range(metrics)
        ],
        "params": [{"key": f"p{i}", "value": str(i)} for i in range(params)],
        "tags": [{"key": f"t{i}", "value": str(i)} for i in range(tags)],
    }
    return requests.post(f"{url}/api/2.0/mlflow/runs/log-batch", json=body, timeout=30)
