"""Which batch and which line a node works for, as promptflow's context tells it."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass

from promptflow.tracing._operation_context import OperationContext


@dataclass(frozen=True)
class Line:
    """One line of the data: the batch's root run id, which is the run's name, and its number."""

    batch: str
    number: int

    @property
    def run_name(self) -> str:
        return f"Run {self.number:09d}"


def current_batch() -> str | None:
    """The root run id of the batch; None where nothing is to be logged: in a single test
    (`pf flow test`, whose root run id is a UUID) and without a tracking server."""
    root = str(OperationContext.get_instance().get("root_run_id") or "")
    if not root or is_uuid(root) or not os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    return root


def current_line() -> Line | None:
    """The line that this node works for; None where nothing is to be logged."""
    root = current_batch()
    number = OperationContext.get_instance()._get_otel_attributes().get("line_number")
    return None if root is None or number is None else Line(root, int(number))


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
