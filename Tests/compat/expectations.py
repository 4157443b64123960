"""How an intended difference is written down: what mlflow answers, what Roost answers, and why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

INVALID = "INVALID_PARAMETER_VALUE"


@dataclass(frozen=True)
class Expected:
    """What an answer must be: its status, and what else is given here."""

    status: int
    code: str | tuple[str, ...] | None = None
    message: str | None = None  # a regular expression, searched in the normalised message
    text: str | None = None  # a regular expression, searched in the body as it came

    def problem(self, answer: Any) -> str:
        if answer.status != self.status:
            return f"status {answer.status} instead of {self.status}"
        codes = (self.code,) if isinstance(self.code, str) else self.code
        if codes and answer.error_code not in codes:
            return f"error_code {answer.error_code!r} instead of {self.code!r}"
        if self.message is not None and not re.search(self.message, answer.message):
            return f"message {answer.message!r} does not match {self.message!r}"
        if self.text is not None and not re.search(self.text, json.dumps(answer.document)):
            return f"body {answer.document!r} does not match {self.text!r}"
        return ""


@dataclass(frozen=True)
class Difference:
    step: str  # "stream/step"
    mlflow: Expected
    roost: Expected
    reason: str


def refused(message: str | None = None) -> Expected:
    """Roost answers 400 INVALID_PARAMETER_VALUE, with a message that matches."""
    return Expected(400, INVALID, message)


def group(stream: str, mlflow: Expected, roost: Expected, reason: str, *steps: str):
    """The same difference for several steps of one stream."""
    return [Difference(f"{stream}/{step}", mlflow, roost, reason) for step in steps]
