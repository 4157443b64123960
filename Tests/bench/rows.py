"""What every row needs, and the row about an idle server. The other rows have a file a kind."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import processes
from candidates import Candidate
from loadgen import LoadGenerator
from servers import Server


@dataclass(frozen=True)
class Figure:
    """One number of a row."""

    key: str
    title: str
    higher_is_better: bool = False
    digits: int = 2


@dataclass
class Sample:
    """What one round of one row found for one candidate. A reason in `void` makes it worthless."""

    figures: dict[str, float]
    void: str | None = None
    # Figures that are lower bounds, since the server did not answer within the limit.
    bounds: list[str] = field(default_factory=list)
    details: dict = field(default_factory=dict)


LATENCIES = [
    Figure("p50_ms", "p50, ms"),
    Figure("p99_ms", "p99, ms"),
    Figure("cpu_ms", "server CPU per request, ms", digits=3),
]


@dataclass
class Context:
    """What every row needs."""

    load: LoadGenerator
    scratch: Path
    seconds: float
    # How long one answer may take before the row is given up.
    limit: float
    quick: bool
    # How each candidate commits, asked once.
    durability: dict[str, str] = field(default_factory=dict)
    serial: int = 0

    def scaled(self, size: int) -> int:
        """A size, or a hundredth of it for a quick look."""
        return size // 100 if self.quick else size

    def unique(self, stem: str) -> str:
        """A name that was not used before in this run."""
        self.serial += 1
        return f"{stem}-{self.serial}"


class StartRow:
    """Start on an empty directory, start again on the database made by that, then idle."""

    key = "start"
    title = "Start and idle"
    needs = "start"
    figures = [
        Figure("first_ms", "first start to first 200, ms", digits=0),
        Figure("again_ms", "start on that database to first 200, ms", digits=0),
        Figure("memory_mb", "idle memory (PSS of all processes), MB", digits=1),
        Figure("processes", "processes", digits=0),
        Figure("idle_cpu", "idle CPU, ms per second"),
        Figure("program_mb", "stripped program, MB", digits=1),
    ]

    def measure(self, context: Context, candidate: Candidate, label: str) -> Sample:
        directory = context.scratch / context.unique(f"start-{label}")
        first = Server(candidate, label, directory)
        first.stop()
        server = Server(candidate, label, directory)
        try:
            memory = settled_memory(server.pid)
            before, began = processes.cpu_seconds(server.pid), time.monotonic()
            time.sleep(2)
            used = processes.cpu_seconds(server.pid) - before
            figures = {
                "first_ms": first.start_seconds * 1000,
                "again_ms": server.start_seconds * 1000,
                "memory_mb": memory,
                "processes": len(processes.tree(server.pid)),
                "idle_cpu": used * 1000 / (time.monotonic() - began),
            }
        finally:
            server.stop()
        if size := candidate.program_mb(context.scratch):
            figures["program_mb"] = size
        return Sample(figures, details={"durability": candidate.durability(directory)})


def loaded(server: Server, load: Callable[[], dict]) -> tuple[dict, dict[str, float]]:
    """Runs a load; its result, and the figures of `LATENCIES` that follow from it."""
    before = processes.cpu_seconds(server.pid)
    result = load()
    used = processes.cpu_seconds(server.pid) - before
    return result, {
        "p50_ms": result["latency_us"]["p50"] / 1000,
        "p99_ms": result["latency_us"]["p99"] / 1000,
        "cpu_ms": used * 1000 / max(1, result["requests"]),
    }


def settled_memory(pid: int, limit: float = 20) -> float:
    """Memory once it stops growing: some servers load workers after the first answer."""
    deadline = time.monotonic() + limit
    time.sleep(1)
    newest = [processes.memory_mb(pid)]
    while time.monotonic() < deadline:
        time.sleep(1)
        newest = [*newest[-2:], processes.memory_mb(pid)]
        if len(newest) == 3 and max(newest) - min(newest) < 0.01 * max(newest):
            break
    return newest[-1]


def choose_count(context: Context, try_load, at_least: int, at_most: int, start: int) -> int:
    """How many units fill the wanted seconds, found by growing trial loads, which also warm up."""
    count = min(start, at_most)
    # The very first load of a kind may pay for code that the server loads only now.
    try_load(count)
    while True:
        result = try_load(count)
        rate = result["completed"] / result["seconds"]
        if result["seconds"] >= 0.3 or count >= at_most or rate == 0:
            return max(at_least, min(at_most, round(rate * context.seconds)))
        count = min(at_most, count * 8)
