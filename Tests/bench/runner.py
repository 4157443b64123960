"""Runs the rows of a group: starts the servers, seeds them, measures in turns, ends them."""

import os
import sys
import time
from collections.abc import Callable
from functools import partial

import disk
import processes
import report
from candidates import Candidate
from groups import Group
from rows import Context, Sample
from servers import READY, Server


class Runner:
    """One group over the chosen candidates; `outcome` is what the report is made of."""

    def __init__(self, context: Context, candidates: dict[str, Candidate], rounds: int):
        self.context = context
        self.candidates = candidates
        self.rounds = rounds
        self.servers: dict[str, Server] = {}
        self.outcome: dict = {}

    def run(self, group: Group, wanted: Callable[[str], bool]) -> dict:
        """Measures the wanted rows of a group."""
        began = time.monotonic()
        self.outcome = {
            "group": group.key,
            "date": time.strftime("%Y-%m-%d"),
            "candidates": list(self.candidates),
            "rounds": self.rounds,
            "durability": {},
            "program": {label: c.fingerprint() for label, c in self.candidates.items()},
            "filesystem": disk.filesystem(self.context.scratch),
            "machine": processes.machine(),
            "load_before": os.getloadavg(),
            "rows": [],
        }
        stages = [(stage, [r for r in stage.rows if wanted(r.key)]) for stage in group.stages]
        try:
            if group.shared_servers:
                needs = {row.needs for _, rows in stages for row in rows}
                self.start_servers(group.key, needs)
            for stage, rows in stages:
                self.stage(stage, rows, group.shared_servers)
        finally:
            self.stop_servers()
        self.outcome["load_after"] = os.getloadavg()
        self.outcome["seconds"] = time.monotonic() - began
        return self.outcome

    def stage(self, stage, rows: list, shared_servers: bool) -> None:
        seeds = ()
        if rows and stage.seed:
            say(f"seeding for {rows[0].key}")
            needs = {row.needs for row in rows}
            seeds = (self.each(self.able(needs), partial(stage.seed, self.context)),)
        for row in rows:
            able = self.able({row.needs})
            if not able:
                continue
            if shared_servers:
                plans = self.each(able, partial(row.prepare, self.context, *seeds))
                measure = partial(self.on_server, row, plans)
            else:
                measure = partial(self.alone, row)
            self.record(row, able, measure)

    def on_server(self, row, plans: dict, label: str) -> Sample:
        return row.measure(self.context, self.servers[label], plans[label])

    def alone(self, row, label: str) -> Sample:
        return row.measure(self.context, self.candidates[label], label)

    def able(self, needs: set[str]) -> list[str]:
        """The candidates that can do one of these."""
        return [label for label, c in self.candidates.items() if c.abilities & needs]

    def start_servers(self, name: str, needs: set[str]) -> None:
        for label in self.able(needs):
            candidate = self.candidates[label]
            say(f"starting {label}")
            server = Server(candidate, label, self.context.scratch / f"{name}-{label}")
            self.servers[label] = server
            # Workers that load after the first answer must not do so in a measured round.
            time.sleep(5 if server.start_seconds > 1 else 0.5)
            notes = self.context.durability
            if label not in notes:
                notes[label] = candidate.durability(server.directory)
            self.outcome["durability"][label] = notes[label]
            self.context.load.run(server.port, "get", 256, connections=64, path=READY)
            server.idle_mb = processes.resident_mb([s.pid for s in processes.tree(server.pid)])
            processes.pause(server.pid)

    def stop_servers(self) -> None:
        while self.servers:
            _, server = self.servers.popitem()
            server.stop()

    def each(self, labels: list[str], action) -> dict:
        """Does something with each server while the others are stopped."""
        found = {}
        for label in labels:
            server = self.servers[label]
            processes.resume(server.pid)
            found[label] = action(server=server)
            processes.pause(server.pid)
        return found

    def record(self, row, labels: list[str], measure) -> None:
        """Measures all rounds of a row, the candidates in turns, every second round backwards."""
        entry = {
            "key": row.key,
            "title": row.title,
            "figures": row.figures,
            "growth": getattr(row, "growth", None),
            "samples": {label: [] for label in labels},
            "syncs": [],
            "other_work": [],
        }
        for number in range(getattr(row, "rounds", self.rounds)):
            entry["syncs"].append(disk.sync_rate(self.context.scratch, 0.3))
            for label in labels if number % 2 == 0 else reversed(labels):
                sample, other = self.measured(label, measure)
                entry["samples"][label].append(sample)
                entry["other_work"].append(other)
                if note := sample.details.get("durability"):
                    self.outcome["durability"].setdefault(label, note)
                say(f"{row.key} round {number + 1} {label}: " + report.brief(row.figures, sample))
        # Only whole rows reach the report, also when a later one ends the run.
        self.outcome["rows"].append(entry)

    def measured(self, label: str, measure) -> tuple[Sample, float]:
        """One sample, and the share of the machine that went to work that is not the bench's."""
        server = self.servers.get(label)
        if server:
            processes.resume(server.pid)
        before, began = self._work(server), time.monotonic()
        sample = measure(label)
        after, elapsed = self._work(server), time.monotonic() - began
        if server:
            processes.pause(server.pid)
        other = (after[0] - before[0]) - (after[1] - before[1])
        return sample, max(0.0, other / elapsed / (os.cpu_count() or 1))

    @staticmethod
    def _work(server: Server | None) -> tuple[float, float]:
        """Processor seconds of the whole machine, and those of the bench and its server."""
        own = sum(os.times()[:4])
        if server:
            own += processes.cpu_seconds(server.pid)
        return processes.machine_cpu_seconds(), own


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)
