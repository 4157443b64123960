"""The check after a restart: reads every run back through the API and compares it as a whole."""

from __future__ import annotations

import http.client
import json
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from .ledger import API, Ledger, Request, RunState, differences


class Reader:
    """Reads runs through the API of a server that runs again."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def close(self) -> None:
        self.connection.close()

    def call(self, method: str, path: str, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if method == "GET":
            self.connection.request("GET", f"{API}{path}?{urlencode(fields)}")
        else:
            headers = {"Content-Type": "application/json"}
            self.connection.request("POST", API + path, json.dumps(fields), headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def run(self, run_id: str) -> RunState | None:
        """The state of a run and all its metric histories; None when there is no such run."""
        status, answer = self.call("GET", "runs/get", {"run_id": run_id})
        if status == 404:
            return None
        assert status == 200, f"runs/get was answered {status}: {answer}"
        info, data = answer["run"]["info"], answer["run"]["data"]
        state = RunState(
            name=info["run_name"],
            status=info["status"],
            end_time=info.get("end_time"),
            params={each["key"]: each["value"] for each in data.get("params", [])},
            tags={each["key"]: each["value"] for each in data.get("tags", [])},
        )
        latest = {}
        for metric in data.get("metrics", []):
            key = metric["key"]
            latest[key] = (metric["step"], metric["timestamp"], metric["value"])
            fields = {"run_id": run_id, "metric_key": key}
            status, history = self.call("GET", "metrics/get-history", fields)
            assert status == 200, f"get-history was answered {status}: {history}"
            points = history.get("metrics", [])
            state.add_points(points)
            assert len(state.points.get(key, {})) == len(points), f"{key}: a point came twice"
        assert latest == state.latest(), f"latest metrics {latest} do not fit the history"
        return state

    def named(self, experiment_id: str, name: str) -> list[str]:
        fields = {"experiment_ids": [experiment_id], "filter": f"attributes.run_name = '{name}'"}
        status, answer = self.call("POST", "runs/search", fields)
        assert status == 200, f"runs/search was answered {status}: {answer}"
        return [run["info"]["run_id"] for run in answer.get("runs", [])]


def check_ledger(reader: Reader, experiment_id: str, ledger: Ledger, everything: bool) -> list[str]:
    """What is wrong with the runs of one client; afterwards its ledger holds what is there."""
    wrong: list[str] = []
    pending, ledger.pending = ledger.pending, None
    if pending is not None and pending.run_id is None:
        wrong += settle_creation(reader, experiment_id, ledger, pending)
    targets = set(ledger.runs) if everything else set(ledger.touched)
    if pending is not None and pending.run_id is not None:
        targets.add(pending.run_id)
    for run_id in sorted(targets):
        wrong += check_run(reader, ledger, run_id, pending)
    ledger.touched.clear()
    return [f"client {ledger.client}, {each}" for each in wrong]


def check_run(reader: Reader, ledger: Ledger, run_id: str, pending: Request | None) -> list[str]:
    expected = ledger.runs[run_id]
    actual = reader.run(run_id)
    if actual is None:
        return [f"run {run_id}: acknowledged, and gone"]
    allowed = [expected]
    if pending is not None and pending.run_id == run_id:
        allowed.append(expected.after(pending))
    ledger.runs[run_id] = actual
    if actual in allowed:
        return []
    notes = "; ".join(differences(expected, actual))
    if len(allowed) == 2:
        whole = "; ".join(differences(allowed[1], actual))
        return [
            f"run {run_id}: {pending.path} in flight is half there: [{notes}], whole: [{whole}]"
        ]
    return [f"run {run_id}: {notes}"]


def settle_creation(
    reader: Reader, experiment_id: str, ledger: Ledger, pending: Request
) -> list[str]:
    """A run whose creation was not answered: absent, or there once and whole."""
    name = pending.body["run_name"]
    found = reader.named(experiment_id, name)
    if not found:
        return []
    if len(found) > 1:
        return [f"{len(found)} runs are named {name!r}"]
    expected = RunState.created(pending.body)
    actual = reader.run(found[0])
    if actual != expected:
        return [f"the run named {name!r} is half there: {differences(expected, actual)}"]
    ledger.runs[found[0]] = actual
    return []


def integrity(database: Path) -> str:
    """`ok`, or what SQLite finds wrong: in a copy, so that recovery is left to the server."""
    with tempfile.TemporaryDirectory(prefix="roost-integrity-") as folder:
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                shutil.copyfile(source, Path(folder) / source.name)
        connection = sqlite3.connect(Path(folder) / database.name)
        try:
            return "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check"))
        finally:
            connection.close()
