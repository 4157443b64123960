"""`make bench`: Roost and its peers under the same load, side by side, in turns.

Candidates run at the same time with a database each on the same disk; all but the measured one are
stopped. Prints a Markdown table; exit code 1 when a row is void, 2 when something is missing.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import disk
import processes
import report
from candidates import CANDIDATES, READY, ROOT, Candidate, Server
from loadgen import LoadGenerator
from rows import Context, Sample, StartRow
from search_rows import search_rows, seed_server
from write_rows import WRITE_ROWS

SEARCH_SIZES = (1_000, 20_000)
QUICK_SEARCH_SIZES = (1_000,)


class Bench:
    """One run over the chosen rows; `outcome` is what the report is made of."""

    def __init__(
        self, options: argparse.Namespace, candidates: dict[str, Candidate], scratch: Path
    ):
        self.options = options
        self.candidates = candidates
        self.context = Context(
            LoadGenerator(ROOT / ".build" / "bench-load"), scratch, options.seconds
        )
        self.servers: dict[str, Server] = {}
        self.outcome: dict = {
            "candidates": list(candidates),
            "rounds": options.rounds,
            "durability": {},
            "filesystem": disk.filesystem(scratch),
            "machine": processes.machine(),
            "load_before": os.getloadavg(),
            "rows": [],
        }

    def run(self) -> None:
        if self.wanted([row := StartRow()]):
            self.record(row, lambda label: row.measure(self.context, self.candidates[label], label))
        if rows := self.wanted(WRITE_ROWS):
            self.start_servers("write")
            for row in rows:
                self.on_servers(row, partial(row.prepare, self.context))
            self.stop_servers()
        sizes = QUICK_SEARCH_SIZES if self.options.quick else SEARCH_SIZES
        if self.wanted([row for size in sizes for row in search_rows(size)]):
            self.start_servers("search")
            for size in sizes:
                self.search(size)
            self.stop_servers()

    def search(self, size: int) -> None:
        rows = self.wanted(search_rows(size))
        if not rows:
            return
        say(f"seeding {size:,} runs")
        seeded = self.each(lambda server: seed_server(self.context, server, size))
        for row in rows:
            self.on_servers(row, partial(row.prepare, self.context, seeded))

    def on_servers(self, row, prepare) -> None:
        """Plans a row for each server, then measures it."""
        plans = self.each(prepare)
        self.record(row, lambda label: row.measure(self.context, self.servers[label], plans[label]))

    def wanted(self, rows: list) -> list:
        patterns = self.options.rows
        return [row for row in rows if any(fnmatch(row.key, pattern) for pattern in patterns)]

    def start_servers(self, name: str) -> None:
        for label, candidate in self.candidates.items():
            say(f"starting {label}")
            server = Server(candidate, label, self.context.scratch / f"{name}-{label}")
            self.servers[label] = server
            self.outcome["durability"].setdefault(label, candidate.durability(server.directory))
            # Workers that load after the first answer must not do so in a measured round.
            time.sleep(5 if server.start_seconds > 1 else 0.5)
            self.context.load.run(server.port, "get", 256, connections=64, path=READY)
            processes.pause(server.pid)

    def stop_servers(self) -> None:
        while self.servers:
            _, server = self.servers.popitem()
            server.stop()

    def each(self, action) -> dict:
        """Does something with each server while the others are stopped."""
        found = {}
        for label, server in self.servers.items():
            processes.resume(server.pid)
            found[label] = action(server)
            processes.pause(server.pid)
        return found

    def record(self, row, measure) -> None:
        """Measures all rounds of a row, the candidates in turns, every second round backwards."""
        entry = {
            "key": row.key,
            "title": row.title,
            "figures": row.figures,
            "samples": {label: [] for label in self.candidates},
            "syncs": [],
            "other_work": [],
        }
        for number in range(self.options.rounds):
            entry["syncs"].append(disk.sync_rate(self.context.scratch, 0.3))
            labels = list(self.candidates)
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


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures Roost beside its peers.")
    parser.add_argument("--rows", default="*", help="row keys or patterns, with commas between")
    parser.add_argument("--rounds", type=int, help="rounds a row (default 3, with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="one short round, no 20,000 runs")
    parser.add_argument("--seconds", type=float, help="length of a round (default 3, quick 1)")
    parser.add_argument(
        "--candidates",
        default="roost,mlflow",
        help="names with commas between; a name given twice measures the noise",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    parser.add_argument("--update-docs", action="store_true", help="put the table into the docs")
    parser.add_argument("--list", action="store_true", help="print the row keys")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (1.0 if options.quick else 3.0)
    options.rows = options.rows.split(",")
    return options


def chosen(names: str) -> dict[str, Candidate]:
    """The candidates by label; ends the program when one cannot run."""
    found: dict[str, Candidate] = {}
    for name in names.split(","):
        if name not in CANDIDATES:
            sys.exit(f"bench: no candidate {name}; there are {', '.join(CANDIDATES)}")
        label = name if name not in found else f"{name}-again"
        found[label] = CANDIDATES[name]()
    for candidate in found.values():
        if reason := candidate.missing():
            print(f"bench: {candidate.name}: {reason}", file=sys.stderr)
            sys.exit(2)
    return found


def scratch_directory() -> Path:
    """A new directory on a real disk: below TMPDIR if set, else below the build directory."""
    parent = Path(os.environ.get("TMPDIR", ROOT / ".build")).absolute()
    parent.mkdir(parents=True, exist_ok=True)
    if disk.is_memory(parent):
        print(f"bench: {parent} is in memory; set TMPDIR to a directory on disk", file=sys.stderr)
        sys.exit(2)
    return Path(tempfile.mkdtemp(prefix="roost-bench-", dir=parent))


def main() -> int:
    options = parse()
    if options.list:
        for row in [
            StartRow(),
            *WRITE_ROWS,
            *(r for size in SEARCH_SIZES for r in search_rows(size)),
        ]:
            print(f"{row.key:28} {row.title}")
        return 0
    candidates = chosen(options.candidates)
    # As an exception, so that no stopped server stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = scratch_directory()
    try:
        bench = Bench(options, candidates, scratch)
        try:
            bench.run()
        finally:
            bench.stop_servers()
            publish(bench.outcome, options)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 1 if report.voids(bench.outcome) else 0


def publish(outcome: dict, options: argparse.Namespace) -> None:
    """Prints and keeps what was measured; after an error that is the rows that were finished."""
    if not outcome["rows"]:
        return
    outcome["load_after"] = os.getloadavg()
    text = report.markdown(outcome)
    print(text, flush=True)
    if options.json:
        options.json.write_text(json.dumps(outcome, default=report.plain, indent=1) + "\n")
    if options.update_docs:
        report.update_docs(ROOT / "docs" / "performance.md", text)


if __name__ == "__main__":
    sys.exit(main())
