"""Runs Roost's commands on the data of a server, and looks into a database from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from support.servers import RoostServer, roost_binary


def roost(
    *words: str | Path, at: Path, env: dict[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """`roost` with these arguments, in the directory `at`, to its end."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "ROOST_"))}
    return subprocess.run(
        [str(roost_binary()), *map(str, words)],
        cwd=at, env=clean | (env or {}), capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip


def well(done: subprocess.CompletedProcess[str]) -> str:
    """What a command said that ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """Why a command did not do it, in one sentence that begins with `roost:`."""
    assert done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
    assert done.stderr.startswith("roost: "), done.stderr
    return done.stderr


def post(server: RoostServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST below `/api/`; anything but 200 raises."""
    request = urllib.request.Request(
        f"{server.url}/api/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def put(server: RoostServer, path: str, content: bytes) -> None:
    """Stores a file behind the server's proxy."""
    request = urllib.request.Request(
        f"{server.url}/api/2.0/mlflow-artifacts/artifacts/{quote(path)}",
        data=content,
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=30).close()


def rows(database: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query answers, read from outside."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


# Where points are kept and which values an index has changes when a server rests.
HOUSEKEEPING = {"metric_points", "metric_chunks", "metric_series", "unindexed_runs"}
SERIES = "SELECT id, run, key, points, step, timestamp, value, is_nan FROM metric_series"


def contents(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that a database knows, table by table; of points what they come to."""
    names = [n for (n,) in rows(database, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {}
    for table in sorted(set(names) - HOUSEKEEPING - {"sqlite_sequence"}):
        columns = rows(database, "SELECT name FROM pragma_table_info(?)", table)
        listed = ", ".join(f'"{name}"' for (name,) in columns if name != "is_indexed")
        found[table] = rows(database, f'SELECT {listed} FROM "{table}" ORDER BY {listed}')
    return found | {"series": rows(database, SERIES)}


def change(database: Path, script: str) -> None:
    """Changes a database behind Roost's back."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script)


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a directory with its content."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".roost-tmp" not in path.parts
    }
