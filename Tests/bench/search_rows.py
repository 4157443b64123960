"""Rows that search the seeded runs. The answer is compared with what the seed makes it be."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import seed
from api import API, PREFIX
from loadgen import faults
from rows import LATENCIES, Context, Sample, choose_count, loaded
from servers import Server

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
    experiment = api.create_experiment(context.unique(f"search-{count}"))
    # Seeding may take longer than a server keeps an idle connection.
    api.close()
    server.candidate.seed(server, context.load, experiment, count)
    api = API(server.port)
    oldest = api.post(
        "runs/search",
        experiment_ids=[experiment],
        max_results=1,
        order_by=[seed.OLDEST_FIRST],
    )
    api.close()
    # That nothing is missing is seen where the answers are compared with the seed.
    return Seeded(experiment, count, oldest["runs"][0]["info"]["run_id"])


@dataclass
class Shape:
    """One kind of search: its request, and all the runs it must find, in order."""

    key: str
    title: str
    request: Callable[[Seeded], dict]
    expected: Callable[[int], list[int]]


def expected_newest(count: int) -> list[int]:
    return list(range(count - 1, -1, -1))


def expected_filtered(count: int) -> list[int]:
    last = seed.STEPS - 1
    hits = [i for i in range(count) if (i * 7) % 5 == 3 and seed.value(i, 0, last) > 0.4]
    return sorted(hits, key=lambda i: -seed.value(i, 1, last))


def expected_children(count: int) -> list[int]:
    return [i for i in range(count - 1, -1, -1) if seed.parent_of(i, count) == 0]


SHAPES = [
    Shape("newest", "newest first", lambda seeded: {}, expected_newest),
    Shape(
        "children",
        "children of one parent",
        lambda seeded: {"filter": f"tags.mlflow.parentRunId = '{seeded.parent_id}'"},
        expected_children,
    ),
    # Last, since one server needs a new start after it.
    Shape(
        "filter",
        "metric and param filter, metric order",
        lambda seeded: {
            "filter": "metrics.m0 > 0.4 and params.p0 = 'v3'",
            "order_by": ["metrics.m1 DESC"],
        },
        expected_filtered,
    ),
]


@dataclass
class SearchRow:
    """The first or tenth 100 of one shape over one number of runs, at one connection."""

    shape: Shape
    count: int
    page: int = 1

    needs = "reads"
    figures = LATENCIES

    @property
    def key(self) -> str:
        return f"search-{self.count}-{self.shape.key}" + ("-page10" if self.page > 1 else "")

    @property
    def title(self) -> str:
        return f"search {self.count:,} runs: {self._what}"

    @property
    def growth(self) -> tuple[str, int]:
        return f"search, {self._what}", self.count

    @property
    def _what(self) -> str:
        return f"{self.shape.title}, {'tenth' if self.page > 1 else 'first'} {LIMIT}"

    def prepare(
        self, context: Context, seeds: dict[str, Seeded], server: Server
    ) -> tuple[dict, int] | None:
        """The request and how many of it one round has; None when one takes too long."""
        seeded = seeds[server.label]
        request = {"experiment_ids": [seeded.experiment], "max_results": LIMIT}
        request |= self.shape.request(seeded)
        try:
            # This page once within the limit, and the nine before it to get its token.
            request |= self._token(server, request, context.limit)
        except TimeoutError:
            # A server may go on with a request that nobody waits for any more.
            server.restart()
            return None

        def try_load(count: int) -> dict:
            return self._load(context, server, request, count)

        return request, choose_count(context, try_load, at_least=3, at_most=20_000, start=1)

    def measure(self, context: Context, server: Server, plan: tuple[dict, int] | None) -> Sample:
        if plan is None:
            bounds = {figure.key: context.limit * 1000.0 for figure in self.figures[:2]}
            return Sample(bounds, bounds=list(bounds))
        request, count = plan
        result, figures = loaded(server, lambda: self._load(context, server, request, count))
        void = faults(result, count) or self._wrong_answer(server, request)
        return Sample(figures, void, details={"load": result})

    def _token(self, server: Server, request: dict, limit: float) -> dict:
        api = API(server.port, timeout=limit)
        token = {}
        for _ in range(self.page - 1):
            token = {"page_token": api.post("runs/search", **request | token)["next_page_token"]}
        api.post("runs/search", **request | token)
        api.close()
        return token

    def _load(self, context: Context, server: Server, request: dict, count: int) -> dict:
        body = server.directory / "search.json"
        body.write_text(json.dumps(request))
        path = f"{PREFIX}/runs/search"
        return context.load.run(server.port, "post", count, timeout=120, path=path, body=body)

    def _wrong_answer(self, server: Server, request: dict) -> str | None:
        api = API(server.port)
        runs = api.post("runs/search", **request).get("runs", [])
        api.close()
        names = [run["info"]["run_name"] for run in runs]
        first = (self.page - 1) * LIMIT
        indexes = self.shape.expected(self.count)[first : first + LIMIT]
        if names == [f"run {index:06d}" for index in indexes]:
            return None
        return f"{len(names)} runs answered, not the {len(indexes)} that the seed makes it be"


def search_rows(count: int) -> list[SearchRow]:
    """The first page of each shape, and the tenth where the seed has one."""
    rows = []
    for shape in SHAPES:
        rows.append(SearchRow(shape, count))
        if len(shape.expected(count)) >= 10 * LIMIT:
            rows.append(SearchRow(shape, count, page=10))
    return rows
