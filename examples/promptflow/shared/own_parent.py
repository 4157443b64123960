"""The experiment, the parent and the children of the flow `own-parent`, by get-or-create."""

from __future__ import annotations

import functools
import os

from mlflow.utils.time import get_current_time_millis

from shared import roost
from shared.batch import Line


@functools.cache
def experiment() -> str:
    return roost.experiment(os.environ.get("EXPERIMENT", "questions"))


@functools.cache
def parent_of(batch: str) -> str:
    """The parent run of the batch: whichever worker asks first makes it, once in a process."""
    return roost.run(
        experiment(),
        key=batch,
        run_name=batch,
        start_time=get_current_time_millis(),
        tags=tags(framework="Prompt Flow"),
    )


def child_of(line: Line) -> str:
    """The child run of a line: the same one again if promptflow runs the line a second time."""
    parent = parent_of(line.batch)
    return roost.run(
        experiment(),
        key=f"{parent}/{line.number}",
        run_name=line.run_name,
        start_time=get_current_time_millis(),
        tags=tags(framework="Prompt Flow", **{"mlflow.parentRunId": parent}),
    )


def tags(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]
