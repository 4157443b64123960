"""Reads what promptflow writes into the folder of a batch run while it goes on.

The folder is `~/.promptflow/.runs/<run>`, or `<PF_HOME_DIRECTORY>/.runs/<run>`. Files in it are
written by promptflow's main process a moment after a node or a line has ended, so a reader in a
node has to wait for them, and not for ever.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

PATIENCE = 10.0  # seconds


def folder_of(batch: str) -> Path:
    home = os.environ.get("PF_HOME_DIRECTORY") or Path.home() / ".promptflow"
    return Path(home) / ".runs" / batch


def node_record(batch: str, line: int, node: str, patience: float = PATIENCE) -> dict | None:
    """What promptflow noted about a node of a line that has ended; None if it never came."""
    path = folder_of(batch) / "node_artifacts" / node / f"{line:09d}.jsonl"
    deadline = time.monotonic() + patience
    while True:
        try:
            return json.loads(path.read_text(encoding="utf-8"))["run_info"]
        except (FileNotFoundError, json.JSONDecodeError):  # not there, or half written
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)


def node_metrics(batch: str, line: int, node: str, patience: float = PATIENCE) -> dict[str, float]:
    """Duration in seconds and, for a node that calls a model, the token counts.

    Without PF_DISABLE_TRACING=false promptflow counts no tokens: then only the duration is here.
    """
    record = node_record(batch, line, node, patience) or {}
    measured = record.get("system_metrics") or {}
    names = ("duration", "prompt_tokens", "completion_tokens", "total_tokens")
    return {name: float(measured[name]) for name in names if measured.get(name) is not None}


def line_records(batch: str) -> dict[int, dict]:
    """What promptflow noted about each line that has ended, by line number."""
    records = {}
    for path in sorted((folder_of(batch) / "flow_artifacts").glob("*.jsonl")):
        for text in path.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(text)
            except json.JSONDecodeError:  # being written at this moment
                continue
            records[record["line_number"]] = record["run_info"]
    return records


def error_of(record: dict | None) -> str:
    """Why a line failed, in one sentence."""
    error = (record or {}).get("error") or {}
    return str(error.get("message") or "The line ended without an answer.")
