"""What the concurrency tests run in processes of their own: small functions that can be pickled."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import mlflow
from mlflow import MlflowClient

# One process imports mlflow once, and every worker is a copy of it: a start takes milliseconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["mlflow", "mlflow.tracking"])


def together(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Calls `function` in one process for each tuple of arguments, all released at one moment."""
    with CONTEXT.Manager() as manager:
        barrier = manager.Barrier(len(arguments))
        with ProcessPoolExecutor(len(arguments), mp_context=CONTEXT) as pool:
            futures = [pool.submit(function, barrier, *each) for each in arguments]
            return [future.result(timeout=120) for future in futures]


def set_experiment(barrier: Any, url: str, name: str) -> str:
    """The id that `mlflow.set_experiment` gives."""
    mlflow.set_tracking_uri(url)
    barrier.wait(60)
    return mlflow.set_experiment(name).experiment_id


def promptflow_lines(barrier: Any, url: str, parent: str, lines: Sequence[int]) -> dict[int, str]:
    """What a worker of a batch does for each of its lines; the answer is line: run id."""
    client = MlflowClient(tracking_uri=url)
    barrier.wait(60)
    return {line: promptflow_line(client, parent, line) for line in lines}


def promptflow_line(client: MlflowClient, parent: str, line: int) -> str:
    root = client.get_run(parent)
    run = client.create_run(
        root.info.experiment_id,
        run_name=f"Run {line:09d}",
        tags={"framework": "Prompt Flow", "mlflow.parentRunId": parent},
    )
    for key, value in line_params(line).items():
        client.log_param(run.info.run_id, key, value)
    for key, value in line_metrics(line).items():
        client.log_metric(run.info.run_id, key, value)
    client.set_terminated(run.info.run_id)
    return run.info.run_id


def line_params(line: int) -> dict[str, str]:
    """Six params, each a function of the line, so that a mix-up shows."""
    names = ("question", "answer", "context", "model", "temperature", "prompt_version")
    return {name: f"{name} of line {line}" for name in names}


def line_metrics(line: int) -> dict[str, float]:
    """Four metrics, each a function of the line."""
    names = ("duration", "prompt_tokens", "completion_tokens", "total_tokens")
    return {name: line + index / 8 for index, name in enumerate(names)}
