"""Many writers and readers while the server is killed and started: no read goes back in time.

Each run holds a number that only grows, written as a metric and as a param in one batch. Whatever a
reader is shown must be at least what was acknowledged or read by anyone before the read began, at
most what was sent before it ended, and the same in both places. ROOST_CRASH_CYCLES asks for more.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from support.servers import RoostServer

from crash import verify

API = "/api/2.0/mlflow/"
CYCLES = int(os.environ.get("ROOST_CRASH_CYCLES", "12"))
RUNS, WRITERS, READERS = 4, 8, 8


@dataclass
class Number:
    """What is known of one run's number."""

    run: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: int = 0
    least: int = 0

    def next(self) -> int:
        with self.lock:
            self.sent += 1
            return self.sent

    def is_at_least(self, value: int) -> None:
        with self.lock:
            self.least = max(self.least, value)


@dataclass
class Campaign:
    server: RoostServer
    numbers: list[Number] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    wrong: list[str] = field(default_factory=list)
    writes: int = 0
    reads: int = 0

    def ask(self, connection: http.client.HTTPConnection, path: str, fields: dict) -> dict | None:
        """The answer; None when the server was gone meanwhile."""
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", API + path, json.dumps(fields), headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            time.sleep(0.005)
            return None
        if answer.status == 503:
            return None
        if answer.status != 200:
            self.wrong.append(f"{path}: {answer.status} {body}")
            self.stop.set()
            return None
        return body

    def make_run(self) -> str:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=30)
        made = self.ask(connection, "runs/create", {"experiment_id": "0"})
        connection.close()
        assert made is not None
        return made["run"]["info"]["run_id"]

    def write(self, connection: http.client.HTTPConnection, number: Number) -> None:
        # Several writers may hold a run: its latest point is the one of the greatest step.
        value = number.next()
        batch = {
            "run_id": number.run,
            "metrics": [{"key": "n", "value": value, "timestamp": value, "step": value}],
            "params": [{"key": f"p{value}", "value": str(value)}],
        }
        if self.ask(connection, "runs/log-batch", batch) is not None:
            number.is_at_least(value)
            self.writes += 1

    def read(self, connection: http.client.HTTPConnection, number: Number) -> None:
        least = number.least
        query = {"experiment_ids": ["0"], "filter": f"attributes.run_id = '{number.run}'"}
        found = self.ask(connection, "runs/search", query)
        if found is None:
            return
        data = found["runs"][0]["data"]
        value = int(next((m["value"] for m in data.get("metrics", [])), 0))
        params = {int(each["value"]) for each in data.get("params", [])}
        if not least <= value <= number.sent:
            self.wrong.append(f"{value} was read after {least}, and {number.sent} was sent")
        if value != max(params, default=0):
            self.wrong.append(f"the metric is {value}, the newest param {max(params, default=0)}")
        number.is_at_least(value)
        self.reads += 1

    def loop(self, act: Callable, seed: str) -> None:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=30)
        while not self.stop.is_set():
            act(connection, chance.choice(self.numbers))
        connection.close()


def test_reads_never_go_back_in_time() -> None:
    seed = int(os.environ.get("ROOST_CRASH_SEED", int.from_bytes(os.urandom(4), "big")))
    chance = random.Random(seed)
    with RoostServer() as server:
        campaign = Campaign(server)
        crowd: list[threading.Thread] = []
        for cycle in range(CYCLES):
            if cycle % 20 == 0:  # runs of their own, so that their params stay few
                campaign.numbers = [Number(campaign.make_run()) for _ in range(RUNS)]
            if not crowd:
                acts = [campaign.write] * WRITERS + [campaign.read] * READERS
                crowd = [
                    threading.Thread(target=campaign.loop, args=(act, f"{seed}.{number}"))
                    for number, act in enumerate(acts)
                ]
                for each in crowd:
                    each.start()
            time.sleep(chance.uniform(0.05, 0.5))
            server.kill()
            if (found := verify.integrity(server.database)) != "ok":
                campaign.wrong.append(found)
            server.start()
            if campaign.wrong:
                break
        time.sleep(0.2)
        campaign.stop.set()
        for each in crowd:
            each.join(40)
        assert campaign.wrong == [], f"seed {seed}: {campaign.wrong[:5]}"
        assert campaign.writes > 20 * CYCLES and campaign.reads > 20 * CYCLES
        print(
            f"{CYCLES} kills, {campaign.writes} writes acknowledged, {campaign.reads} reads checked"
        )
