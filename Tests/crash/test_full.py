"""No room for the database: writes fail as a whole, reads go on, and room is enough to recover.

A limit on the size of files stands for a full disk; it can be set and lifted on a running process.
"""

from __future__ import annotations

import resource
import signal

import pytest
import requests
from support.servers import RoostServer

from crash import verify

API = "/api/2.0/mlflow/"
FREE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@pytest.fixture
def server():
    # An ignored signal stays ignored in the program that is started: it then sees the error.
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    server = RoostServer()
    try:
        yield server.start()
    finally:
        signal.signal(signal.SIGXFSZ, before)
        server.close()


def test_writes_fail_and_come_back(server: RoostServer) -> None:
    session = requests.Session()

    def post(path: str, **fields) -> requests.Response:
        return session.post(server.url + API + path, json=fields, timeout=20)

    run = post("runs/create", experiment_id="0").json()["run"]["info"]["run_id"]
    acknowledged, statuses = [], []

    def log(step: int) -> int:
        params = [{"key": f"{step}/{n}", "value": "x" * 6000} for n in range(20)]
        metrics = [{"key": "m", "value": step, "timestamp": 1, "step": step}]
        answer = post("runs/log-batch", run_id=run, metrics=metrics, params=params)
        if answer.status_code == 200:
            acknowledged.append(step)
        else:
            assert answer.json()["error_code"] == "TEMPORARILY_UNAVAILABLE"
        return answer.status_code

    assert log(0) == 200
    size = (server.database.stat().st_size + 4096 * 200) // 4096 * 4096
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    for step in range(1, 40):
        statuses.append(log(step))
    assert set(statuses) <= {200, 503, 507}
    assert statuses[-1] in (503, 507), "the limit was never met"

    # Reads go on, liveness too.
    assert session.get(server.url + "/health", timeout=10).status_code == 200
    query = {"run_id": run}
    assert session.get(server.url + API + "runs/get", params=query, timeout=10).status_code == 200

    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, FREE)
    assert log(100) == 200
    assert session.get(server.url + "/ready", timeout=10).status_code == 200

    query = {"run_id": run, "metric_key": "m"}
    history = session.get(server.url + API + "metrics/get-history", params=query, timeout=10).json()
    assert [int(point["value"]) for point in history["metrics"]] == acknowledged
    data = session.get(server.url + API + "runs/get", params={"run_id": run}, timeout=10).json()
    assert len(data["run"]["data"]["params"]) == 20 * len(acknowledged)
    server.stop()
    assert verify.integrity(server.database) == "ok"
