"""Fixtures of the client tests: one server for all of them, and a client that leaves no trace.

`ROOST_TEST_TARGET` chooses the server: `roost` (the default), `mlflow` (the reference, which the
same tests must pass), or the address of a server that runs already.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

# Before mlflow is imported: no telemetry, short retries, so that a wrong answer fails at once.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "30"
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"

import mlflow  # noqa: E402
import pytest  # noqa: E402
import requests  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from support.servers import MlflowServer, RoostServer  # noqa: E402

CLIENT_VARIABLES = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_RUN_ID",
    "MLFLOW_ENABLE_ASYNC_LOGGING",
)


TARGET = os.environ.get("ROOST_TEST_TARGET", "roost")

# Three definitions, since a fixture's parameters say which server has to be started.
if TARGET == "roost":

    @pytest.fixture(scope="session")
    def target_url(roost: RoostServer) -> str:
        """The address of the server that the client tests talk to."""
        return roost.url

elif TARGET == "mlflow":

    @pytest.fixture(scope="session")
    def target_url(reference: MlflowServer) -> str:
        """The address of the reference, which the same tests must pass."""
        return reference.url

else:

    @pytest.fixture(scope="session")
    def target_url() -> str:
        """The address of a server that runs already."""
        return TARGET.rstrip("/")


@pytest.fixture(scope="session")
def target_is_mlflow(target_url: str) -> bool:
    """Whether the other side is mlflow itself; its server names the web server it runs on."""
    if not TARGET.startswith("http"):
        return TARGET == "mlflow"
    return "uvicorn" in requests.get(f"{target_url}/health", timeout=10).headers.get("server", "")


@pytest.fixture
def client(target_url: str) -> MlflowClient:
    return MlflowClient(tracking_uri=target_url, registry_uri=target_url)


@pytest.fixture
def name() -> str:
    """A name no other test uses."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def experiment_id(client: MlflowClient, name: str) -> str:
    """An experiment of the test's own."""
    return client.create_experiment(name)


@pytest.fixture
def run_id(client: MlflowClient, experiment_id: str) -> str:
    return client.create_run(experiment_id).info.run_id


@pytest.fixture
def tracking(target_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The fluent API bound to the server, with none of its global state before or after."""
    for variable in CLIENT_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    before = mlflow.get_tracking_uri()
    forget_fluent_state()
    mlflow.set_tracking_uri(target_url)
    yield target_url
    while mlflow.active_run() is not None:
        mlflow.end_run()
    forget_fluent_state()
    mlflow.set_tracking_uri(before)
    for variable in CLIENT_VARIABLES:
        os.environ.pop(variable, None)


def forget_fluent_state() -> None:
    """`set_experiment` keeps the experiment for the process; a test must not see another's."""
    mlflow.tracking.fluent._active_experiment_id = None
