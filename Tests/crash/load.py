"""The load: a thread and a kept-alive connection a client, mixed writes to runs of its own."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
from typing import Any
from urllib.parse import urlsplit

from .ledger import API, Ledger, Request

BATCH_KEYS = 5
BATCH_STEPS = 20
BATCH_PARAMS = 20


class Client(threading.Thread):
    """Sends until told to stop, or until the server is gone; keeps account in its ledger."""

    def __init__(
        self, url: str, experiment_id: str, ledger: Ledger, seed: str, stop: threading.Event
    ) -> None:
        super().__init__(daemon=True, name=f"client {ledger.client}")
        self.address = urlsplit(url).netloc
        self.experiment_id = experiment_id
        self.ledger = ledger
        self.random = random.Random(seed)
        self.stop = stop
        self.seed = seed
        self.numbers = itertools.count()
        self.run_id: str | None = None
        # An answer other than 200, which no request of this load deserves.
        self.refusal: str | None = None

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            while not self.stop.is_set() and self.refusal is None:
                request = self.choose()
                self.ledger.pending = request
                try:
                    status, answer = post(connection, request)
                except (OSError, http.client.HTTPException, ValueError):
                    return  # the server is gone; the request stays pending
                if status != 200:
                    self.refusal = f"{request.path} was answered {status}: {answer}"
                    return
                self.ledger.acknowledge(request, answer)
                if request.run_id is None:
                    self.run_id = answer["run"]["info"]["run_id"]
        finally:
            connection.close()

    def choose(self) -> Request:
        chance = self.random.random()
        if self.run_id is None or chance < 0.05:
            return self.create()
        run_id = self.run_id
        if chance < 0.40:
            return Request("runs/log-metric", {"run_id": run_id, **self.point("single")}, run_id)
        if chance < 0.65:
            return self.batch(run_id)
        if chance < 0.80:
            tag = {"key": f"tag{self.random.randrange(4)}", "value": self.text()}
            return Request("runs/set-tag", {"run_id": run_id, **tag}, run_id)
        if chance < 0.90:
            param = {"key": f"param {next(self.numbers)}", "value": self.text()}
            return Request("runs/log-parameter", {"run_id": run_id, **param}, run_id)
        body = {
            "run_id": run_id,
            "run_name": self.text(),
            "status": self.random.choice(["FINISHED", "FAILED", "KILLED"]),
            "end_time": self.random.randrange(2**45),
        }
        return Request("runs/update", body, run_id)

    def create(self) -> Request:
        """The name is unique, so that a run whose answer was lost can be found."""
        body = {
            "experiment_id": self.experiment_id,
            "run_name": f"{self.seed} {next(self.numbers)}",
            "start_time": 1,
            "tags": [{"key": f"made{i}", "value": self.text()} for i in range(3)],
        }
        return Request("runs/create", body)

    def batch(self, run_id: str) -> Request:
        metrics = [
            self.point(f"batch/{key}") for key in range(BATCH_KEYS) for _ in range(BATCH_STEPS)
        ]
        first = next(self.numbers)
        params = [{"key": f"p{first}.{i}", "value": self.text()} for i in range(BATCH_PARAMS)]
        tags = [{"key": f"tag{i}", "value": self.text()} for i in range(3)]
        body = {"run_id": run_id, "metrics": metrics, "params": params, "tags": tags}
        return Request("runs/log-batch", body, run_id)

    def point(self, key: str) -> dict[str, Any]:
        value: float | str = self.random.uniform(-1, 1) * 10.0 ** self.random.randrange(-20, 20)
        if self.random.random() < 0.02:
            value = "NaN"
        timestamp = self.random.randrange(2**45)
        return {"key": key, "value": value, "timestamp": timestamp, "step": next(self.numbers)}

    def text(self) -> str:
        return self.random.choice(["", "é", "🪺", "plain "]) + str(self.random.getrandbits(64))


def post(connection: http.client.HTTPConnection, request: Request) -> tuple[int, dict[str, Any]]:
    connection.request(
        "POST", API + request.path, json.dumps(request.body), {"Content-Type": "application/json"}
    )
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())
