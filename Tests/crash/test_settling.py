"""kill -9 while points move from tails into chunks: each acknowledged point stays, once."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

import requests
from support.servers import RoostServer

from crash import verify

API = "/api/2.0/mlflow/"
CYCLES = int(os.environ.get("ROOST_CRASH_CYCLES", "6"))
KEYS = 10
Point = tuple[int, int, float]


def test_points_survive_settling() -> None:
    seed = int(os.environ.get("ROOST_CRASH_SEED", int.from_bytes(os.urandom(4), "big")))
    chance = random.Random(seed)
    server = RoostServer()
    session = requests.Session()
    expected: dict[tuple[str, str], set[Point]] = {}
    interrupted = 0
    try:
        server.start()
        for cycle in range(CYCLES):
            run = log_run(server, session, chance, expected)
            if cycle % 2:
                # Behind what is settled by now, and much of it again.
                log_late(server, session, chance, expected, run)
            time.sleep(chance.uniform(0.1, 0.25))
            server.kill()
            assert verify.integrity(server.database) == "ok", f"seed {seed}"
            chunks, due = state(server.database)
            interrupted += chunks > 0 and due > 0
            server.start()
            fresh = {series: points for series, points in expected.items() if series[0] == run}
            check(server, session, fresh, f"seed {seed}, cycle {cycle}")
        assert interrupted > 0, f"seed {seed}: no kill met a move that was under way"
        deadline = time.monotonic() + 20
        while state(server.database)[1] > 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert state(server.database)[1] == 0, "what was left over is never moved"
        check(server, session, expected, f"seed {seed}, settled")
    finally:
        server.close()


def post(server: RoostServer, session: requests.Session, path: str, **fields) -> dict:
    answer = session.post(server.url + API + path, json=fields, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def log_run(server, session, chance: random.Random, expected) -> str:
    run = post(server, session, "runs/create", experiment_id="0")["run"]["info"]["run_id"]
    for number in range(KEYS):
        key = f"m{number}"
        points = [(5000 + 10 * i, i, chance.uniform(-1, 1)) for i in range(1500)]
        for start in range(0, 1500, 750):
            log(server, session, run, key, points[start : start + 750], expected)
    post(server, session, "runs/update", run_id=run, status="FINISHED", end_time=1)
    return run


def log_late(server, session, chance: random.Random, expected, run: str) -> None:
    time.sleep(0.12)
    for number in range(KEYS):
        known = sorted(expected[run, f"m{number}"])
        late = [
            (chance.randrange(20_000), chance.randrange(1500), chance.uniform(-1, 1))
            for _ in range(100)
        ]
        log(server, session, run, f"m{number}", late + chance.sample(known, 400), expected)
    post(server, session, "runs/update", run_id=run, status="FINISHED", end_time=1)


def log(server, session, run: str, key: str, points: list[Point], expected) -> None:
    metrics = [{"key": key, "timestamp": t, "step": s, "value": v} for t, s, v in points]
    post(server, session, "runs/log-batch", run_id=run, metrics=metrics)
    expected.setdefault((run, key), set()).update(points)


def check(server, session, expected, when: str) -> None:
    for (run, key), points in expected.items():
        query = {"run_id": run, "metric_key": key}
        answer = session.get(server.url + API + "metrics/get-history", params=query, timeout=20)
        found = [(p["timestamp"], p["step"], p["value"]) for p in answer.json()["metrics"]]
        assert found == sorted(points), f"{when}: the history of {key} of {run} is another"


def state(database: Path) -> tuple[int, int]:
    """How many chunks there are, and how many tails are to be moved, by a copy of the files."""
    with tempfile.TemporaryDirectory(prefix="roost-settling-") as folder:
        copy = Path(folder) / database.name
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                shutil.copyfile(source, Path(folder) / source.name)
        connection = sqlite3.connect(copy)
        try:
            (chunks,) = connection.execute("SELECT count(*) FROM metric_chunks").fetchone()
            (due,) = connection.execute(
                "SELECT count(*) FROM metric_series WHERE is_due = 1"
            ).fetchone()
            return chunks, due
        finally:
            connection.close()
