"""Fixtures of the training tests: a server, and scripts run against it as users run them.

`ROOST_TEST_TARGET=mlflow` runs them against mlflow's own server, which they must pass as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# Before mlflow is imported: no telemetry, short retries, so that a wrong answer fails at once.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Which packages a model needs is found out by a process of its own, which takes seconds and
    # asks no server: after this many the list of its flavor is taken.
    "MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT": "1",
    "GIT_PYTHON_REFRESH": "quiet",
    "MPLBACKEND": "agg",
    "KERAS_BACKEND": "jax",
    "COLUMNS": "400",
}
os.environ.update(ENVIRONMENT)

import pytest  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from support.servers import MlflowServer, RoostServer  # noqa: E402

SCRIPTS = Path(__file__).resolve().parent / "scripts"
TIMEOUT = 240

Run = Callable[..., str]


if os.environ.get("ROOST_TEST_TARGET", "roost") == "roost":

    @pytest.fixture(scope="session")
    def target_url(roost: RoostServer) -> str:
        """The address of the server that the scripts talk to."""
        return roost.url

else:

    @pytest.fixture(scope="session")
    def target_url(reference: MlflowServer) -> str:
        """The address of the reference, on which the same scripts must run."""
        return reference.url


@pytest.fixture
def client(target_url: str) -> MlflowClient:
    return MlflowClient(tracking_uri=target_url, registry_uri=target_url)


@pytest.fixture
def python(target_url: str, tmp_path: Path) -> Iterator[Run]:
    """Runs Python in an empty directory, bound to the server, and gives what it printed."""

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "MLFLOW_TRACKING_URI": target_url},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    yield run
    assert not (tmp_path / "mlruns").exists(), "something was logged to a directory"


@pytest.fixture
def script(python: Run) -> Run:
    """Runs one of the scripts."""
    return lambda name: python(str(SCRIPTS / f"{name}.py"))


@pytest.fixture
def command(python: Run) -> Run:
    """Runs `mlflow …`."""
    return lambda *arguments: python("-m", "mlflow", *arguments)
