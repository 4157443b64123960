"""A PromptFlow batch with the server killed in the middle: the client's retries carry it over."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from support.servers import RoostServer

WORKERS = 8
LINES = 6


def work(url: str, parent: str, worker: int, results: Any) -> None:
    """Each line as the client sends it; puts (line, run id) once the whole line was answered."""
    import os

    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] = "1"
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "7"
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=url)
    for line in range(worker, WORKERS * LINES, WORKERS):
        root = client.get_run(parent)
        run_id = client.create_run(
            root.info.experiment_id,
            run_name=f"Run {line:09d}",
            tags={"framework": "Prompt Flow", "mlflow.parentRunId": parent},
        ).info.run_id
        for index in range(6):
            client.log_param(run_id, f"p{index}", f"{line}-{index}")
        for index in range(4):
            client.log_metric(run_id, f"m{index}", line + index / 8)
        client.set_terminated(run_id)
        results.put((line, run_id))


def test_a_batch_survives_a_kill(fresh_roost: RoostServer) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=fresh_roost.url)
    parent = client.create_run("0", run_name="batch").info.run_id
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mlflow", "mlflow.tracking"])
    results = context.Queue()
    workers = [
        context.Process(target=work, args=(fresh_roost.url, parent, number, results))
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    made = dict([results.get(timeout=60)])
    port = fresh_roost.port
    fresh_roost.kill()
    time.sleep(0.3)
    fresh_roost.start()
    assert fresh_roost.port == port
    while len(made) < WORKERS * LINES:
        line, run_id = results.get(timeout=60)
        made[line] = run_id
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0

    children = client.search_runs(["0"], f"tags.mlflow.parentRunId = '{parent}'")
    found = {run.info.run_id: run for run in children}
    for line, run_id in made.items():
        run = found[run_id]
        assert run.info.run_name == f"Run {line:09d}"
        assert run.info.status == "FINISHED"
        assert run.data.params == {f"p{i}": f"{line}-{i}" for i in range(6)}
        assert run.data.metrics == {f"m{i}": line + i / 8 for i in range(4)}
