"""The command line of the mlflow package against the server; few calls, each starts slowly."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from mlflow import MlflowClient


@pytest.fixture
def cli(target_url: str):
    """Runs `mlflow …` and gives its standard output."""

    def run(*arguments: str) -> str:
        environment = {**os.environ, "MLFLOW_TRACKING_URI": target_url, "COLUMNS": "400"}
        done = subprocess.run(
            [sys.executable, "-m", "mlflow", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_experiments(cli, client: MlflowClient, name: str) -> None:
    printed = cli("experiments", "create", "--experiment-name", name)
    experiment = client.get_experiment_by_name(name)
    assert f"Created experiment '{name}' with id {experiment.experiment_id}" in printed
    cli("experiments", "rename", "-x", experiment.experiment_id, "--new-name", f"{name}-new")
    assert f"{name}-new" in cli("experiments", "search")
    assert client.get_experiment(experiment.experiment_id).name == f"{name}-new"


def test_runs(cli, client: MlflowClient, experiment_id: str) -> None:
    run = client.create_run(experiment_id, run_name="from the shell")
    client.log_metric(run.info.run_id, "m", 0.5, timestamp=1, step=1)
    listed = cli("runs", "list", "--experiment-id", experiment_id)
    assert run.info.run_id in listed
    assert "from the shell" in listed
    described = json.loads(cli("runs", "describe", "--run-id", run.info.run_id))
    assert described["data"]["metrics"] == {"m": 0.5}
    assert described["info"]["run_name"] == "from the shell"
    cli("runs", "delete", "--run-id", run.info.run_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    cli("runs", "restore", "--run-id", run.info.run_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def test_files_of_a_model_version(
    cli, client: MlflowClient, name: str, run_id: str, tmp_path
) -> None:
    client.log_text(run_id, "weights", "model/weights.txt")
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id=run_id)
    client.set_registered_model_alias(name, "champion", "1")
    for number, uri in enumerate([f"models:/{name}/1", f"models:/{name}@champion"]):
        cli("artifacts", "download", "--artifact-uri", uri, "-d", str(tmp_path / str(number)))
        assert (tmp_path / str(number) / "weights.txt").read_text() == "weights"
