"""Cycles of load, kill -9, check and restart. By hand: see docs/reliability.md.

The seed decides what is sent and when the server is killed; the moment within the server's work
is chance, so that a failure may need more cycles than one to come again.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import load, verify
from .ledger import Ledger

from support.servers import RoostServer  # isort: skip (found by way of the package)


@dataclass
class Campaign:
    """One database from its first start to its last check."""

    seed: int
    clients: int = 8
    longest: float = 0.5
    args: tuple[str, ...] = ()
    random: random.Random = field(init=False)
    server: RoostServer = field(init=False)
    ledgers: list[Ledger] = field(init=False)
    experiment_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.server = RoostServer(*self.args)
        self.ledgers = [Ledger(number) for number in range(self.clients)]

    def begin(self) -> None:
        self.server.start()
        reader = verify.Reader(self.server.url)
        status, answer = reader.call("POST", "experiments/create", {"name": "crash"})
        reader.close()
        assert status == 200, f"experiments/create was answered {status}: {answer}"
        self.experiment_id = answer["experiment_id"]

    def cycle(self, number: int) -> list[str]:
        """Load, kill, check the file, start, check the runs; returns what is wrong."""
        clients, stop = self.start_load(number)
        time.sleep(self.random.uniform(0.01, self.longest))
        self.server.kill()
        stop.set()
        wrong = join(clients)
        if (found := verify.integrity(self.server.database)) != "ok":
            wrong.append(f"integrity_check: {found}")
        if self.random.random() < 0.15:
            self.kill_while_starting(self.random.uniform(0.0, 0.06))
        self.server.start()
        return wrong + self.check()

    def start_load(self, number: int) -> tuple[list[load.Client], threading.Event]:
        stop = threading.Event()
        clients = [
            load.Client(
                self.server.url,
                self.experiment_id,
                ledger,
                f"{self.seed}.{number}.{ledger.client}",
                stop,
            )
            for ledger in self.ledgers
        ]
        for client in clients:
            client.start()
        return clients, stop

    def kill_while_starting(self, delay: float) -> None:
        """Recovery itself is interrupted; the next start must not mind."""
        previous = self.server.process

        def kill() -> None:
            deadline = time.monotonic() + 10
            while self.server.process is previous and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(delay)
            self.server.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            self.server.start()
        except RuntimeError:
            pass  # killed before it listened
        killer.join()

    def check(self, everything: bool = False) -> list[str]:
        reader = verify.Reader(self.server.url)
        try:
            return [
                line
                for ledger in self.ledgers
                for line in verify.check_ledger(reader, self.experiment_id, ledger, everything)
            ]
        except AssertionError as error:
            return [str(error)]
        finally:
            reader.close()

    def finish(self) -> list[str]:
        """Every run of the campaign once more, after an orderly stop and start."""
        wrong = []
        if (status := self.server.stop()) != 0:
            wrong.append(f"SIGTERM gave exit status {status}")
        self.server.start()
        return wrong + self.check(everything=True)

    @property
    def acknowledged(self) -> int:
        return sum(ledger.acknowledged for ledger in self.ledgers)


def join(clients: list[load.Client]) -> list[str]:
    """Waits for all clients; what they were refused, if anything."""
    for client in clients:
        client.join(40)
    wrong = [f"{client.name} hangs" for client in clients if client.is_alive()]
    return wrong + [f"{client.name}: {client.refusal}" for client in clients if client.refusal]


def run_campaign(seed: int, cycles: int, clients: int = 8, longest: float = 0.5) -> int:
    """Runs the cycles; returns how many writes were acknowledged. Raises on anything wrong."""
    campaign = Campaign(seed, clients, longest)
    try:
        campaign.begin()
        for number in range(cycles):
            fail_on(campaign.cycle(number), seed, f"cycle {number}", campaign)
        fail_on(campaign.finish(), seed, "the last check", campaign)
        return campaign.acknowledged
    finally:
        campaign.server.close()


def fail_on(wrong: list[str], seed: int, when: str, campaign: Campaign) -> None:
    if not wrong:
        return
    kept = Path(f"{campaign.server.directory}-kept")
    campaign.server.kill()
    shutil.copytree(campaign.server.directory, kept)
    listing = "\n  ".join(wrong[:20])
    raise AssertionError(
        f"seed {seed}, {when}: {len(wrong)} wrong (files kept in {kept})\n  {listing}\n"
        f"{campaign.server.output(20)}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="kill -9 under load, again and again")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--longest", type=float, default=0.5, help="longest load in seconds")
    parser.add_argument("--fresh-every", type=int, default=50, help="cycles on one database")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    done = acknowledged = 0
    started = time.monotonic()
    while done < options.cycles:
        cycles = min(options.fresh_every, options.cycles - done)
        try:
            acknowledged += run_campaign(
                options.seed + done, cycles, options.clients, options.longest
            )
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
        done += cycles
        seconds = time.monotonic() - started
        print(f"{done} cycles, {acknowledged} writes acknowledged, {seconds:.0f} s", flush=True)
    print("nothing acknowledged is missing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
