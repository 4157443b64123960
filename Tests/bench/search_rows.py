"""Rows that search the seeded runs. The answer is compared with what the seed makes it be."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import processes
import seed
from api import API
from candidates import Server
from loadgen import faults
from rows import Context, Figure, Sample, choose_count

LIMIT = 100


@dataclass
class Seeded:
    """An experiment full of seed runs in one server."""

    experiment: str
    count: int
    parent_id: str


def seed_server(context: Context, server: Server, count: int) -> Seeded:
    """Makes the runs and finds the id of the first parent."""
    api = API(server.port)
    experiment = api.create_experiment(f"search-{count}")
    # Seeding may take longer than a server keeps an idle connection.
    api.close()
    server.candidate.seed(server, context.load, experiment, count)
    api = API(server.port)
    oldest = api.post(
        "runs/search", experiment_ids=[experiment], max_results=1, order_by=["start_time ASC"]
    )
    found = sum(1 for _ in api.runs(experiment))
    api.close()
    if found != count:
        raise RuntimeError(f"{server.label}: {found} of {count} seed runs found")
    return Seeded(experiment, count, oldest["runs"][0]["info"]["run_id"])


@dataclass
class Shape:
    """One kind of search: its request, and the names of the runs it must find, in order."""

    key: str
    title: str
    request: Callable[[Seeded], dict]
    expected: Callable[[int], list[int]]


def expected_newest(count: int) -> list[int]:
    return list(range(count - 1, max(-1, count - 1 - LIMIT), -1))


def expected_filtered(count: int) -> list[int]:
    last = seed.STEPS - 1
    hits = [i for i in range(count) if (i * 7) % 5 == 3 and seed.value(i, 0, last) > 0.4]
    return sorted(hits, key=lambda i: -seed.value(i, 1, last))[:LIMIT]


def expected_children(count: int) -> list[int]:
    return [i for i in range(count - 1, -1, -1) if seed.parent_of(i, count) == 0][:LIMIT]


SHAPES = [
    Shape("newest", "newest 100", lambda seeded: {}, expected_newest),
    Shape(
        "filter",
        "metric and param filter, metric order, first 100",
        lambda seeded: {
            "filter": "metrics.m0 > 0.4 and params.p0 = 'v3'",
            "order_by": ["metrics.m1 DESC"],
        },
        expected_filtered,
    ),
    Shape(
        "children",
        "children of one parent",
        lambda seeded: {"filter": f"tags.mlflow.parentRunId = '{seeded.parent_id}'"},
        expected_children,
    ),
]


@dataclass
class SearchRow:
    """One shape over one number of runs, at one connection."""

    shape: Shape
    count: int

    figures = [
        Figure("p50_ms", "p50, ms"),
        Figure("p99_ms", "p99, ms"),
        Figure("cpu_ms", "server CPU per request, ms", digits=3),
    ]

    @property
    def key(self) -> str:
        return f"search-{self.count}-{self.shape.key}"

    @property
    def title(self) -> str:
        return f"search {self.count:,} runs: {self.shape.title}"

    def prepare(
        self, context: Context, seeds: dict[str, Seeded], server: Server
    ) -> tuple[Seeded, int]:
        """The data of this server and how many requests one round has for it."""
        seeded = seeds[server.label]

        def try_load(count: int) -> dict:
            return self._load(context, server, seeded, count)

        return seeded, choose_count(context, try_load, at_least=3, at_most=20_000, start=2)

    def measure(self, context: Context, server: Server, plan: tuple[Seeded, int]) -> Sample:
        seeded, count = plan
        before = processes.cpu_seconds(server.pid)
        result = self._load(context, server, seeded, count)
        used = processes.cpu_seconds(server.pid) - before
        figures = {
            "p50_ms": result["latency_us"]["p50"] / 1000,
            "p99_ms": result["latency_us"]["p99"] / 1000,
            "cpu_ms": used * 1000 / max(1, result["requests"]),
        }
        void = faults(result, count) or self._wrong_answer(server, seeded)
        return Sample(figures, void, {"load": result, "server_cpu_seconds": used})

    def _request(self, seeded: Seeded) -> dict:
        fixed = {"experiment_ids": [seeded.experiment], "max_results": LIMIT}
        return fixed | self.shape.request(seeded)

    def _load(self, context: Context, server: Server, seeded: Seeded, count: int) -> dict:
        body = server.directory / "search.json"
        body.write_text(json.dumps(self._request(seeded)))
        path = "/api/2.0/mlflow/runs/search"
        return context.load.run(server.port, "post", count, timeout=120, path=path, body=body)

    def _wrong_answer(self, server: Server, seeded: Seeded) -> str | None:
        api = API(server.port)
        runs = api.post("runs/search", **self._request(seeded)).get("runs", [])
        api.close()
        names = [run["info"]["run_name"] for run in runs]
        wanted = [f"run {index:06d}" for index in self.shape.expected(seeded.count)]
        if names == wanted:
            return None
        return f"{len(names)} runs answered, not the {len(wanted)} that the seed makes it be"


def search_rows(count: int) -> list[SearchRow]:
    return [SearchRow(shape, count) for shape in SHAPES]
