"""Rows that read one long series: all of it, and a sample of it."""

import json
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import processes
import seed
from api import API, PREFIX
from loadgen import faults
from rows import LATENCIES, Context, Figure, Sample, choose_count, loaded
from servers import Server

PAGE = 25_000
SAMPLED = 320
TOKEN = re.compile(rb'"next_page_token": ?"([^"]*)"')
BULK_INTERVAL = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"


@dataclass
class Series:
    """A run with one long series in one server."""

    run: str
    count: int


def seed_series(context: Context, server: Server, count: int) -> Series:
    """Makes a run with a series of `count` points."""
    api = API(server.port)
    run = api.create_run(api.create_experiment(context.unique(f"series-{count}")))
    api.close()
    server.candidate.seed_series(server, context.load, run, count)
    return Series(run, count)


@dataclass
class HistoryRow:
    """All points of one series, page after page, as the Python client asks for them."""

    count: int

    needs = "reads"
    figures = [
        Figure("total_ms", "all pages, ms", digits=1),
        Figure("rate", "points/s", higher_is_better=True, digits=0),
        Figure("cpu_ms", "server CPU, ms", digits=0),
        Figure("peak_mb", "peak memory (RSS) above idle, MB", digits=1),
    ]

    @property
    def key(self) -> str:
        return f"history-{self.count}"

    @property
    def title(self) -> str:
        return f"history of {self.count:,} points, pages of {PAGE:,}"

    @property
    def growth(self) -> tuple[str, int]:
        return "history, all pages", self.count

    def prepare(self, context: Context, seeds: dict[str, Series], server: Server) -> Series:
        return seeds[server.label]

    def measure(self, context: Context, server: Server, series: Series) -> Sample:
        reads, seconds = 0, 0.0
        before, began = processes.cpu_seconds(server.pid), time.monotonic()
        with processes.MemoryPeak(server.pid) as peak:
            # Several times where that is quick, since processor time is counted in steps of 10 ms.
            while seconds < context.seconds / 2:
                found = read_all(server.port, series.run, began + context.limit)
                reads, seconds = reads + 1, time.monotonic() - began
        figures = {
            "total_ms": seconds * 1000 / reads,
            "rate": found * reads / seconds,
            "cpu_ms": (processes.cpu_seconds(server.pid) - before) * 1000 / reads,
            "peak_mb": max(0.0, peak.mb - server.idle_mb),
        }
        if found < series.count and seconds >= context.limit:
            return Sample(figures, bounds=["total_ms", "cpu_ms"], details={"points": found})
        void = None if found == series.count else f"{found} points of {series.count}"
        return Sample(figures, void)


def read_all(port: int, run: str, deadline: float) -> int:
    """Fetches all pages and counts the points by their bytes; stops after the deadline."""
    found, token = 0, ""
    api = API(port)
    while True:
        query = {"run_id": run, "metric_key": seed.SERIES, "max_results": PAGE}
        query |= {"page_token": token} if token else {}
        page = api.raw("GET", f"{PREFIX}/metrics/get-history?{urlencode(query)}")
        found += page.count(b'"step"')
        following = TOKEN.search(page)
        token = following[1].decode() if following else ""
        if not token or time.monotonic() > deadline:
            api.close()
            return found


@dataclass
class SampledRow:
    """About 320 points of one series, as the charts of MLflow's pages ask for them."""

    count: int

    needs = "sampling"
    figures = LATENCIES

    @property
    def key(self) -> str:
        return f"sampled-{self.count}"

    @property
    def title(self) -> str:
        return f"{SAMPLED} of {self.count:,} points (get-history-bulk-interval)"

    @property
    def growth(self) -> tuple[str, int]:
        return f"{SAMPLED} points sampled, p50", self.count

    def prepare(self, context: Context, seeds: dict[str, Series], server: Server):
        series = seeds[server.label]

        def try_load(count: int) -> dict:
            return self._load(context, server, series, count)

        return series, choose_count(context, try_load, at_least=3, at_most=20_000, start=1)

    def measure(self, context: Context, server: Server, plan: tuple[Series, int]) -> Sample:
        series, count = plan
        result, figures = loaded(server, lambda: self._load(context, server, series, count))
        void = faults(result, count) or self._wrong_answer(server, series)
        return Sample(figures, void, details={"load": result})

    @staticmethod
    def _path(series: Series) -> str:
        query = {"run_ids": series.run, "metric_key": seed.SERIES, "max_results": SAMPLED}
        return f"{BULK_INTERVAL}?{urlencode(query)}"

    def _load(self, context: Context, server: Server, series: Series, count: int) -> dict:
        return context.load.run(server.port, "get", count, timeout=120, path=self._path(series))

    def _wrong_answer(self, server: Server, series: Series) -> str | None:
        api = API(server.port)
        points = json.loads(api.raw("GET", self._path(series)))["metrics"]
        api.close()
        steps = [int(point["step"]) for point in points]
        true = all(p["value"] == seed.series_point(int(p["step"]))[0] for p in points)
        ends = steps[:1] == [0] and steps[-1:] == [series.count - 1]
        if true and ends and SAMPLED * 0.9 <= len(steps) <= SAMPLED * 4:
            return None
        return f"{len(steps)} points from {steps[:1]} to {steps[-1:]}, values right: {true}"
