"""A server behind a path: the client is given http://host:port/prefix and nothing else changes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import mlflow
import pytest
from mlflow import MlflowClient
from support.servers import MlflowServer, RoostServer

PREFIX = "/tracking/v1"


@pytest.fixture(scope="module")
def prefixed() -> Iterator[str]:
    """The address of a server that was started with a static prefix, without that prefix."""
    target = os.environ.get("ROOST_TEST_TARGET", "roost")
    if target.startswith("http"):
        pytest.skip("the server that runs already was not started with this prefix")
    if target == "mlflow":
        server = MlflowServer(["--static-prefix", PREFIX])
        # Its /health stands below the prefix, where `wait` looks when the address has it.
        server.url += PREFIX
        try:
            yield server.launch().wait().url.removesuffix(PREFIX)
        finally:
            server.close()
        return
    with RoostServer("--static-prefix", PREFIX) as roost:
        yield roost.url.removesuffix(PREFIX)


def test_client_below_the_prefix(prefixed: str, name: str) -> None:
    client = MlflowClient(tracking_uri=prefixed + PREFIX)
    experiment_id = client.create_experiment(name)
    run = client.create_run(experiment_id)
    client.log_metric(run.info.run_id, "m", 0.5)
    client.log_batch(run.info.run_id)
    (found,) = client.search_runs([experiment_id], "metrics.m = 0.5")
    assert found.info.run_id == run.info.run_id


def test_fluent_below_the_prefix(tracking: str, prefixed: str, name: str) -> None:
    mlflow.set_tracking_uri(prefixed + PREFIX)
    mlflow.set_experiment(name)
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1.0)
    assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 1.0}


def test_bare_address_works_too(prefixed: str, name: str, target_is_mlflow: bool) -> None:
    """Roost takes both, so that a proxy may strip the prefix or keep it."""
    if target_is_mlflow:
        pytest.skip("mlflow answers below the prefix alone")
    bare = MlflowClient(tracking_uri=prefixed)
    experiment_id = bare.create_experiment(name)
    below = MlflowClient(tracking_uri=prefixed + PREFIX)
    assert below.get_experiment(experiment_id).name == name
