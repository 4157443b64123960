"""Hours of ordinary and rude use: memory and descriptors must stay as they were after the warm-up.

    ROOST_BINARY=.build/release/roost .venv-test/bin/python Tests/soak/soak.py --seconds 600

Each client does what people and their mistakes do: runs with points, batches, searches, histories,
files up and down and deleted, uploads that break off, answers that nobody reads, bad requests,
connections that come and go. What was made is removed for good, so that the data stays about the
same size. Every few seconds the process's own memory (PSS) and its open descriptors are noted; the
end fails when the last third of them lies above the second third.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "http")]

import raw  # noqa: E402
import requests  # noqa: E402
from support.servers import RoostServer  # noqa: E402

API = "/api/2.0/mlflow/"
FILES = "/api/2.0/mlflow-artifacts/artifacts/"
MIB = 1 << 20


class Client(threading.Thread):
    """One client with its own chance; it counts what it was answered."""

    def __init__(self, server: RoostServer, seed: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.server, self.url, self.stop = server, server.url, stop
        self.chance = random.Random(seed)
        self.name = seed
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.session = requests.Session()

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.one_life()
                if self.chance.random() < 0.2:
                    self.session.close()
                    self.session = requests.Session()
        except (requests.RequestException, OSError) as error:
            if not self.stop.is_set():
                self.wrong.append(f"{type(error).__name__}: {error}")

    def note(self, answer: requests.Response, *allowed: int) -> requests.Response:
        self.statuses[answer.status_code] += 1
        if answer.status_code not in (*allowed, 200, 206, 503):
            self.wrong.append(f"{answer.request.url}: {answer.status_code} {answer.text[:200]}")
        return answer

    def post(self, path: str, *allowed: int, **fields: object) -> requests.Response:
        url = path if path.startswith("http") else self.url + API + path
        return self.note(self.session.post(url, json=fields, timeout=60), *allowed)

    def get(self, path: str, *allowed: int, **query: object) -> requests.Response:
        return self.note(self.session.get(self.url + path, params=query, timeout=60), *allowed)

    def one_life(self) -> None:
        """A run from its creation to its removal."""
        made = self.post("runs/create", experiment_id="0", run_name=f"{self.name}")
        if made.status_code != 200:
            return
        run = made.json()["run"]["info"]["run_id"]
        for step in range(self.chance.randrange(5, 30)):
            self.post("runs/log-metric", run_id=run, key="loss", value=1 / (step + 1), timestamp=1,
                      step=step)  # fmt: skip
        points = [
            {"key": f"m{i % 5}", "value": self.chance.random(), "timestamp": i, "step": i}
            for i in range(1000)
        ]
        self.post("runs/log-batch", run_id=run, metrics=points)
        for act in self.chance.sample([self.read, self.search, self.files, self.rude], 3):
            act(run)
        self.post("runs/update", run_id=run, status="FINISHED", end_time=1)
        self.post("runs/delete", run_id=run)
        self.post(f"{self.url}/api/roost/1.0/trash/purge", run_ids=[run])

    def read(self, run: str) -> None:
        self.get(f"{API}runs/get", run_id=run)
        self.get(f"{API}metrics/get-history", run_id=run, metric_key="m1")
        self.get("/health")
        self.get("/")

    def search(self, run: str) -> None:
        order = ["metrics.loss DESC", "attributes.start_time"]
        self.post("runs/search", experiment_ids=["0"], filter="metrics.m1 > 0.5", order_by=order)
        self.post("runs/search", 400, experiment_ids=["0"], filter="metrics.m1 >")

    def files(self, run: str) -> None:
        url = f"{self.url}{FILES}{run}"
        size = self.chance.choice([10, 5000, 3 * MIB])
        self.note(self.session.put(f"{url}/a.bin", data=bytes(size), timeout=60))
        self.note(self.session.get(f"{url}/a.bin", timeout=60))
        self.note(self.session.get(f"{url}/a.bin", headers={"Range": "bytes=1-5"}, timeout=60))
        self.note(self.session.get(f"{url}/none", timeout=60), 404)
        self.note(self.session.delete(url, timeout=60))

    def rude(self, run: str) -> None:
        head = (
            f"PUT {FILES}{run}-cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n"
        )
        with raw.Connection(self.url) as cut:
            cut.send(head.encode() + bytes(200_000))
        with raw.Connection(self.url) as unread:
            unread.send(raw.post(f"{API}runs/search", {"experiment_ids": ["0"]}) * 3)
        with raw.Connection(self.url) as odd:
            odd.send(self.chance.randbytes(self.chance.randrange(1, 300)) + b"\r\n\r\n")
        self.post("runs/log-metric", 400, 404, run_id=run, key="x" * 300, value="y")


def memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no PSS")


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def soak(seconds: float, clients: int, seed: int, every: float, show: bool = True) -> list[str]:
    """Runs the load; what is wrong at the end."""
    server = RoostServer("--durability", "normal")
    stop = threading.Event()
    try:
        server.start()
        crowd = [Client(server, f"{seed}.{number}", stop) for number in range(clients)]
        for client in crowd:
            client.start()
        notes: list[tuple[float, int, int]] = []
        began = time.monotonic()
        while (now := time.monotonic() - began) < seconds and server.process.poll() is None:
            time.sleep(min(every, seconds - now))
            notes.append((now, memory(server.pid), descriptors(server.pid)))
            if show:
                print(
                    f"{now:7.0f} s  {notes[-1][1] / MIB:7.1f} MiB  {notes[-1][2]} open", flush=True
                )
        stop.set()
        for client in crowd:
            client.join(60)
        wrong = [line for client in crowd for line in client.wrong][:10]
        if server.process.poll() is not None:
            return [f"the server ended: {server.output()}"]
        total = sum((client.statuses for client in crowd), Counter())
        if show:
            print(f"answers by status: {dict(sorted(total.items()))}")
            print(f"database {server.database.stat().st_size / MIB:.1f} MiB")
        wrong += judge(notes)
        # With everybody gone nothing but the server's own files stays open.
        time.sleep(1)
        if (left := descriptors(server.pid)) > 40:
            wrong.append(f"{left} descriptors are open with no client")
        if (status := server.stop()) != 0:
            wrong.append(f"the stop gave status {status}")
        return wrong
    finally:
        stop.set()
        server.close()


def judge(notes: list[tuple[float, int, int]]) -> list[str]:
    third = len(notes) // 3
    if third < 2:
        return ["too short to judge"]
    wrong = []
    for name, column, slack in (("memory", 1, 12 * MIB), ("descriptors", 2, 15)):
        before = statistics.median(note[column] for note in notes[third : 2 * third])
        after = statistics.median(note[column] for note in notes[2 * third :])
        if after > before * 1.15 + slack:
            wrong.append(f"{name} grew from {before:.0f} to {after:.0f}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="use a server for a long time")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    wrong = soak(options.seconds, options.clients, options.seed, options.every)
    print("\n".join(wrong) or "memory and descriptors stayed as they were")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
