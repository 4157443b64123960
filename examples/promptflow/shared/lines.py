"""What both flows do with the child run of a line; where it comes from is the flow's own affair."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.utils.time import get_current_time_millis

from shared.batch import Line
from shared.run_folder import error_of, line_records, node_metrics


@contextmanager
def failing(client: MlflowClient, run_id: str) -> Iterator[None]:
    """If the block fails, the run is FAILED with the reason, and the line fails as before."""
    try:
        yield
    except Exception as error:
        fail(client, run_id, str(error))
        raise


def fail(client: MlflowClient, run_id: str, reason: str) -> None:
    client.set_tag(run_id, "error", reason[:5000])
    client.set_terminated(run_id, "FAILED")


def log_inputs(client: MlflowClient, run_id: str, line: Line, **inputs: str) -> None:
    values = {"line_number": line.number, **inputs}
    client.log_batch(run_id, params=[Param(name, str(value)) for name, value in values.items()])


def log_answer(client: MlflowClient, run_id: str, line: Line, answer: str, node: str) -> None:
    """The answer, and what promptflow measured of the node that gave it; then the run ends."""
    now = get_current_time_millis()
    measured = node_metrics(line.batch, line.number, node)
    client.log_batch(
        run_id,
        metrics=[Metric(f"{node}.{name}", value, now, 0) for name, value in measured.items()],
        params=[Param("answer", answer)],
    )
    client.set_terminated(run_id)


def fail_the_unfinished(client: MlflowClient, batch: str, experiment: str, parent: str) -> None:
    """Marks the children FAILED that no node could end, because the model's node failed."""
    records = line_records(batch)
    unfinished = f"tags.mlflow.parentRunId = '{parent}' and attributes.status = 'RUNNING'"
    while children := client.search_runs([experiment], unfinished):
        for child in children:
            number = int(child.data.params.get("line_number", -1))
            fail(client, child.info.run_id, error_of(records.get(number)))


def end_batch(
    client: MlflowClient, parent: str, counts: dict[str, int], rollup: dict[str, float]
) -> None:
    """Ends the parent: FAILED if a child is, though promptflow says "Completed" even then."""
    failed = counts.get("FAILED", 0)
    values = {"lines_completed": counts.get("FINISHED", 0), "lines_failed": failed, **rollup}
    now = get_current_time_millis()
    client.log_batch(parent, metrics=[Metric(name, v, now, 0) for name, v in values.items()])
    client.set_terminated(parent, "FAILED" if failed else "FINISHED")
