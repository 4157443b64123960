"""Calls `roost import promptflow`, and compares what a server knows before and after."""

from __future__ import annotations

import os
import subprocess

from mlflow import MlflowClient
from support.servers import roost_binary


def run_import(*words: object) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    command = [str(roost_binary()), "import", "promptflow", *map(str, words)]
    return subprocess.run(
        command, env=clean, capture_output=True, text=True, timeout=60, check=False
    )


def state(client: MlflowClient) -> list[dict]:
    """Every run of the server, to be compared before and after."""
    experiments = [e.experiment_id for e in client.search_experiments()]
    found = client.search_runs(experiments, order_by=["attributes.run_name ASC"])
    return [run.to_dictionary() for run in found]
