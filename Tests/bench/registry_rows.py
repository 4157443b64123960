"""Rows that search the seeded registry. Answers are compared with what the seed makes them be."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import seed_registry
from api import API, PREFIX
from loadgen import faults
from rows import LATENCIES, Context, Sample, choose_count, loaded
from servers import Server


@dataclass
class Search:
    """One kind of search: its path and query, and what an answer of it must hold."""

    key: str
    title: str
    path: str
    query: dict[str, object]
    # The names or versions that must be found in this order; None: only the order is checked.
    expected: Callable[[int], list[str]] | None


def names(numbers: range) -> list[str]:
    return [seed_registry.model_name(number) for number in numbers]


SEARCHES = [
    Search(
        "name",
        "models by name LIKE",
        "registered-models/search",
        {"filter": "name LIKE 'model-0000%'"},
        lambda models: names(range(min(models, 100))),
    ),
    Search(
        "tag",
        "models by a tag",
        "registered-models/search",
        {"filter": "tags.team = 'team 7'"},
        lambda models: names(range(7, models, 20))[:100],
    ),
    Search(
        "newest",
        "models by last update",
        "registered-models/search",
        {"order_by": "last_updated_timestamp DESC"},
        None,
    ),
    Search(
        "versions",
        "versions of one model",
        "model-versions/search",
        {"filter": "name = 'model-000042'"},
        lambda models: [str(number) for number in range(seed_registry.VERSIONS, 0, -1)],
    ),
]


@dataclass
class RegistryRow:
    """One kind of search over all the models, at one connection."""

    search: Search
    models: int

    needs = "registry"
    figures = LATENCIES

    @property
    def key(self) -> str:
        return f"registry-{self.search.key}"

    @property
    def title(self) -> str:
        versions = self.models * seed_registry.VERSIONS
        return f"registry of {self.models:,} models, {versions:,} versions: {self.search.title}"

    def prepare(self, context: Context, seeds: dict, server: Server) -> int:
        def try_load(count: int) -> dict:
            return self._load(context, server, count)

        return choose_count(context, try_load, at_least=3, at_most=20_000, start=1)

    def measure(self, context: Context, server: Server, count: int) -> Sample:
        result, figures = loaded(server, lambda: self._load(context, server, count))
        void = faults(result, count) or self._wrong_answer(server)
        return Sample(figures, void, details={"load": result})

    def _path(self) -> str:
        query = urlencode({"max_results": 100} | self.search.query)
        return f"{PREFIX}/{self.search.path}?{query}"

    def _load(self, context: Context, server: Server, count: int) -> dict:
        return context.load.run(server.port, "get", count, timeout=120, path=self._path())

    def _wrong_answer(self, server: Server) -> str | None:
        api = API(server.port)
        answer = api.get(self.search.path, max_results=100, **self.search.query)
        api.close()
        if self.search.key == "versions":
            found = [version["version"] for version in answer.get("model_versions", [])]
        else:
            found = [model["name"] for model in answer.get("registered_models", [])]
        if self.search.expected is None:
            times = [int(m["last_updated_timestamp"]) for m in answer["registered_models"]]
            right = len(times) == min(100, self.models) and times == sorted(times, reverse=True)
        else:
            right = found == self.search.expected(self.models)
        return None if right else f"{len(found)} answered, not what the seed makes it be"


def seed_models(context: Context, server: Server, models: int) -> None:
    server.candidate.seed_registry(server, context.load, models)


def registry_rows(models: int) -> list[RegistryRow]:
    return [RegistryRow(search, models) for search in SEARCHES]
