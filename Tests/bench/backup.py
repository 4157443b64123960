"""What `roost backup` costs while 16 clients write, and `roost export` and `import`: by hand.

Fills a database through the API, measures log-metric alone and during a backup, and looks whether
everything that was acknowledged before the backup began is in it. Then exports and imports a
smaller one. Run it with `python3 Tests/bench/backup.py`; `--points` and `--exported` are the sizes.
"""

import argparse
import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from api import API
from candidates import ROOT, Roost, clean_environment
from loadgen import LoadGenerator, faults
from servers import Server
from storage_rows import settled_size

CLIENTS = 16
SLICE = 1  # seconds of one load
BACKUPS = 4  # one after the other while the clients write: each takes few seconds
BATCH = 1000


@dataclass
class Command:
    """A command that ended well: how long it took, and the most memory it had."""

    seconds: float
    peak_mib: float
    output: str


def run(*words: object, at: Path) -> Command:
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(word) for word in words], cwd=at, env=clean_environment(), stdout=said, stderr=said
        )
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, peak_mib(process.pid))
            time.sleep(0.01)
        seconds = time.monotonic() - began
        said.seek(0)
        output = said.read().decode()
    if process.returncode != 0:
        raise RuntimeError(f"{words[1]}: {output}")
    return Command(seconds, peak, output)


def peak_mib(pid: int) -> float:
    """The most memory that a process has had; what `wait` says counts this program's before."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


class Writers:
    """Loads of log-metric one after the other; each knows how much was acknowledged before it."""

    def __init__(self, load: LoadGenerator, server: Server, runs: Path, acknowledged: int):
        self.load, self.server, self.runs = load, server, runs
        self.acknowledged = self.sent = 0
        self.before = acknowledged
        # Steps that the batches have not used.
        self.first = 1_000_000_000

    def slice(self) -> tuple[float, float, float]:
        """One load: requests a second, p50 and p99 in milliseconds."""
        result = self.load.run(
            self.server.port, "log-metric", 100_000_000, timeout=SLICE, connections=CLIENTS,
            runs=self.runs, first=self.first + self.sent,
        )  # fmt: skip
        if result["errors"]:
            raise RuntimeError(f"answers other than 200: {result['errors']}")
        self.acknowledged += result["completed"]
        # What was under way at the end is never sent again, so that no point comes twice.
        self.sent += result["completed"] + 10 * CLIENTS
        latency = result["latency_us"]
        return result["completed_per_second"], latency["p50"] / 1000, latency["p99"] / 1000


def told(title: str, slices: list[tuple[float, float, float]]) -> str:
    rates, middles, ends = zip(*slices, strict=True)
    return (
        f"| {title} | {statistics.median(rates):,.0f} | {statistics.median(middles):.2f} |"
        f" {statistics.median(ends):.2f} | {max(ends):.2f} |"
    )


def filled(load: LoadGenerator, directory: Path, points: int, runs: int) -> tuple[Server, Path]:
    server = Server(Roost(), "roost", directory)
    api = API(server.port)
    experiment = api.create_experiment("filled")
    ids = [api.create_run(experiment) for _ in range(runs)]
    listed = directory / "runs.txt"
    listed.write_text("\n".join(ids) + "\n")
    requests = points // BATCH
    result = load.run(
        server.port, "log-batch-metrics", requests, timeout=900, connections=4, runs=listed
    )
    if wrong := faults(result, requests):
        raise RuntimeError(wrong)
    api.close()
    return server, listed


def points_in(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("SELECT sum(points) FROM metric_series").fetchone()
        return count


def measure_backup(load: LoadGenerator, scratch: Path, points: int) -> None:
    server, runs = filled(load, scratch / "served", points, 100)
    binary = server.candidate.binary
    settled_size(server)
    database = server.directory / "roost.db"
    print(f"database: {database.stat().st_size / 2**20:,.0f} MiB, {points:,} points\n")
    words = (binary, "backup", "--backend-store-uri", f"sqlite:///{database}")
    quiet = run(*words, scratch / "quiet", at=server.directory)
    writers = Writers(load, server, runs, points)
    writers.slice()
    alone = [writers.slice() for _ in range(10)]
    known = writers.before + writers.acknowledged
    done: list[Command] = []

    def back_up() -> None:
        for number in range(BACKUPS):
            done.append(run(*words, scratch / f"busy{number}", at=server.directory))

    thread = threading.Thread(target=back_up)
    thread.start()
    beside = []
    while True:
        measured = writers.slice()
        if not thread.is_alive():
            break
        beside.append(measured)
    thread.join()
    log = database.with_name("roost.db-wal").stat().st_size
    after = [writers.slice() for _ in range(5)]
    kept = points_in(scratch / "busy0" / "roost.db")
    all_of_it = writers.before + writers.acknowledged
    if len(done) < BACKUPS or not known <= kept <= all_of_it + CLIENTS * 10:
        raise RuntimeError(f"{known} points were acknowledged before the backup, {kept} are in it")
    check = run(binary, "check", scratch / "busy0", at=scratch)
    server.stop()
    size = (scratch / "busy0" / "roost.db").stat().st_size
    print("| log-metric, 16 clients | requests/s | p50, ms | p99, ms | worst p99 of 1 s, ms |")
    print("|---|---|---|---|---|")
    print(told("before the backups", alone))
    print(told(f"during {BACKUPS} of them", beside))
    print(told("after them", after))
    print()
    for title, commands in (("alone", [quiet]), ("beside the writes", done)):
        seconds = ", ".join(f"{command.seconds:.1f}" for command in commands)
        peak = max(command.peak_mib for command in commands)
        print(f"backup {title}: {seconds} s, at most {peak:.0f} MiB")
    print(f"the copy: {size / 2**20:,.0f} MiB; the log grew to {log / 2**20:,.0f} MiB")
    print(f"check of it: {check.seconds:.1f} s; {known:,} acknowledged before, {kept:,} in it")


def measure_export(load: LoadGenerator, scratch: Path, points: int) -> None:
    server, _ = filled(load, scratch / "exported", points, 10)
    settled_size(server)
    binary = server.candidate.binary
    archive = scratch / "runs.tar"
    source = f"sqlite:///{server.directory / 'roost.db'}"
    exported = run(binary, "export", archive, "--backend-store-uri", source, at=server.directory)
    server.stop()
    target = scratch / "imported"
    target.mkdir()
    uri = f"sqlite:///{target / 'roost.db'}"
    for title, command in (
        ("export", exported),
        ("import", run(binary, "import", archive, "--backend-store-uri", uri, at=target)),
        ("the same again", run(binary, "import", archive, "--backend-store-uri", uri, at=target)),
    ):
        print(f"{title}: {command.seconds:.1f} s, at most {command.peak_mib:.0f} MiB")
    kept = points_in(target / "roost.db")
    print(f"the file: {archive.stat().st_size / 2**20:.1f} MiB, {points:,} points")
    if kept != points:
        raise RuntimeError(f"{kept} of {points} points came over")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--exported", type=int, default=1_000_000)
    options = parser.parse_args()
    load = LoadGenerator(ROOT / ".build" / "bench-load")
    print(json.dumps({"roost": Roost().fingerprint(), "processors": os.cpu_count()}))
    with tempfile.TemporaryDirectory(prefix="roost-backup-") as folder:
        if options.points:
            measure_backup(load, Path(folder), options.points)
        if options.exported:
            measure_export(load, Path(folder), options.exported)


if __name__ == "__main__":
    main()
