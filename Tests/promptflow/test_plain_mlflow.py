"""The plain-MLflow way of the example, beside get-or-create: sixteen processes, one parent each."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from mlflow import MlflowClient
from pf import EXAMPLES, VENV
from support.servers import RoostServer

PROCESSES = 16
# Forked processes that begin together, each a worker with one line; they print the parent's id.
WORKERS = """
import multiprocessing, sys
from shared.batch import Line
from shared.{module} import child_of, parent_of
batch = "日報_variant_0_20260701_093000_123456"
context = multiprocessing.get_context("fork")
start = context.Barrier({count})
def work(number):
    start.wait()
    child_of(Line(batch, number))
    print(parent_of(batch), flush=True)
workers = [context.Process(target=work, args=(n,)) for n in range({count})]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
sys.exit(any(worker.exitcode for worker in workers))
"""


@pytest.mark.parametrize("module", ["plain_mlflow", "own_parent"])
def test_sixteen_processes_make_one_parent(
    fresh_roost: RoostServer, tmp_path: Path, module: str
) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "PYTHON"))}
    kept |= {"MLFLOW_TRACKING_URI": fresh_roost.url, "EXPERIMENT": "実験"}
    kept |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [str(VENV / "bin" / "python"), "-c", WORKERS.format(module=module, count=PROCESSES)],
        cwd=EXAMPLES,
        env=kept,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (parent,) = set(done.stdout.split())
    client = MlflowClient(fresh_roost.url)
    experiment = client.get_experiment_by_name("実験").experiment_id
    runs = client.search_runs([experiment])
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent]
    assert len(runs) == PROCESSES + 1
    assert sorted(c.info.run_name for c in children) == [f"Run {n:09d}" for n in range(PROCESSES)]
