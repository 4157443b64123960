"""Rows about the database file: what a metric point costs, and opening a big one."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import seed
from api import API
from loadgen import faults
from rows import Context, Figure, Sample
from servers import Server


@dataclass(frozen=True)
class Size:
    """Bytes of a database file, and of its pages that hold something."""

    file: int
    used: int


def settled_size(server: Server, limit: float = 90) -> Size:
    """The size once no file of the database changes any more and its log is written back.

    A server with a write-ahead log is ended and started meanwhile.
    """
    path = server.directory / server.candidate.database
    if not path.with_name(f"{path.name}-wal").exists():
        return size_of(path)
    deadline = time.monotonic() + limit
    files, same = [], 0
    while same < 5 and time.monotonic() < deadline:
        time.sleep(1)
        stats = [file.stat() for file in path.parent.glob(f"{path.name}*")]
        now = [(stat.st_size, stat.st_mtime_ns) for stat in stats]
        files, same = now, same + 1 if now == files else 0
    server.stop()
    size = size_of(path)
    server.start()
    return size


def size_of(path: Path) -> Size:
    """Asks SQLite itself, which first writes back what a server left in its log."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    connection.close()
    return Size(pages * page, (pages - free) * page)


@dataclass
class StorageRow:
    """Bytes of the database for a point, after noisy series came through the API."""

    count: int

    needs = "reads"
    rounds = 1
    figures = [
        Figure("bytes", "database file, bytes per point, settled", digits=1),
        Figure("used_bytes", "without its free pages", digits=1),
    ]
    key = "storage"

    @property
    def title(self) -> str:
        return f"Storage of {self.count:,} noisy points, 10 series a run, logged 1000 at a time"

    def prepare(self, context: Context, server: Server) -> None:
        return None

    def measure(self, context: Context, server: Server, plan: None) -> Sample:
        empty = settled_size(server)
        api = API(server.port)
        experiment = api.create_experiment(context.unique("storage"))
        runs = [api.create_run(experiment) for _ in range(max(1, self.count // 100_000))]
        seed.noisy_by_api(server.port, context.load, server.directory, runs, self.count)
        for run in runs:
            api.post("runs/update", run_id=run, status="FINISHED", end_time=seed.FIRST_START)
        api.close()
        full = settled_size(server)
        figures = {
            "bytes": (full.file - empty.file) / self.count,
            "used_bytes": (full.used - empty.used) / self.count,
        }
        return Sample(figures, self._miscount(server, runs))

    def _miscount(self, server: Server, runs: list[str]) -> str | None:
        api = API(server.port)
        found = sum(
            sum(1 for _ in api.history(run, f"series{number}"))
            for run in runs
            for number in range(seed.NOISY_SERIES)
        )
        api.close()
        return None if found == self.count else f"{found} points of {self.count}"


@dataclass
class OpeningRow:
    """Start on a database with many points. The peers open a file of any size alike."""

    count: int
    # Of these, how many the row before has made.
    already: int = 0

    needs = "opening"
    rounds = 1
    figures = [
        Figure("open_ms", "start to first 200, ms (best of 3)", digits=0),
        Figure("bytes", "database bytes per point", digits=1),
        Figure("write_rate", "points/s while it was written", True, digits=0),
    ]

    @property
    def key(self) -> str:
        return f"opening-{self.count}"

    @property
    def growth(self) -> tuple[str, int]:
        return "start on a database of points", self.count

    @property
    def title(self) -> str:
        return f"Opening a database of {self.count:,} points"

    def prepare(self, context: Context, server: Server) -> None:
        return None

    def measure(self, context: Context, server: Server, plan: None) -> Sample:
        api = API(server.port)
        experiment = api.create_experiment(context.unique("opening"))
        runs = [api.create_run(experiment) for _ in range(100)]
        api.close()
        listed = server.directory / "runs.txt"
        listed.write_text("\n".join(runs) + "\n")
        result = context.load.run(
            server.port,
            "log-batch-metrics",
            (self.count - self.already) // 1000,
            timeout=500,
            connections=4,
            runs=listed,
        )
        api = API(server.port)
        for run in runs:
            api.post("runs/update", run_id=run, status="FINISHED", end_time=seed.FIRST_START)
        api.close()
        size = settled_size(server).file
        found = []
        for _ in range(3):
            server.restart()
            found.append(server.start_seconds * 1000)
        figures = {
            "open_ms": min(found),
            "bytes": size / self.count,
            "write_rate": 1000 * result["completed_per_second"],
        }
        fault = faults(result, (self.count - self.already) // 1000)
        return Sample(figures, fault, details={"starts_ms": found})
