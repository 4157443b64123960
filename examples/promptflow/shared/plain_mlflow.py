"""The same as `own_parent`, with nothing but MLflow: for comparison, and for other servers.

MLflow has no get-or-create. Looking and making are two requests, and between them another worker
may do the same; so all workers of a batch take one lock, and one after the other asks. The lock is
a file: it holds on one machine only. A line that is run twice gets a second child.

Import the functions from here instead of from `own_parent` to try it.
"""

from __future__ import annotations

import fcntl
import functools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
from mlflow import MlflowClient

from shared.batch import Line


@functools.cache
def experiment() -> str:
    return mlflow.set_experiment(os.environ.get("EXPERIMENT", "questions")).experiment_id


@functools.cache
def parent_of(batch: str) -> str:
    client = MlflowClient()
    with locked("promptflow-parents"):  # around `experiment` too, which looks and makes as well
        found = client.search_runs([experiment()], f"tags.batch = '{batch}'", max_results=1)
        if found:
            return found[0].info.run_id
        tags = {"framework": "Prompt Flow", "batch": batch}
        return client.create_run(experiment(), run_name=batch, tags=tags).info.run_id


def child_of(line: Line) -> str:
    tags = {"framework": "Prompt Flow", "mlflow.parentRunId": parent_of(line.batch)}
    return MlflowClient().create_run(experiment(), run_name=line.run_name, tags=tags).info.run_id


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process of this machine at a time; the lock ends with the process that holds it."""
    with open(Path(tempfile.gettempdir()) / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
