"""The rows in groups. A group has servers and a result file of its own, so it can run alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import artifact_rows
from history_rows import HistoryRow, SampledRow, seed_series
from mixed_rows import MixedRow
from registry_rows import registry_rows, seed_models
from rows import Context, StartRow
from search_rows import search_rows, seed_server
from storage_rows import OpeningRow, StorageRow
from write_rows import WRITE_ROWS

# What tells most in little time; `--core` measures only these.
CORE = [
    "start",
    "log-metric-1",
    "log-metric-64",
    "log-batch-*",
    "promptflow-16",
    "search-*",
    "mixed",
    "storage",
]
CORE_GROUPS = ["start", "write", "search-10k", "storage"]


@dataclass
class Stage:
    """Rows that share what is put into the servers before them."""

    rows: list
    # Called with the context and a server; what it returns goes to each row's `prepare`.
    seed: Callable | None = None


@dataclass
class Group:
    key: str
    stages: list[Stage] = field(default_factory=list)
    # False where the rows start servers of their own.
    shared_servers: bool = True


def groups(context: Context) -> list[Group]:
    """All groups, at the sizes of this run."""
    small, middle, large = (100, 500, 2_000) if context.quick else (1_000, 10_000, 100_000)
    models = context.scaled(10_000)
    return [
        Group("start", [Stage([StartRow()])], shared_servers=False),
        Group("write", [Stage(WRITE_ROWS)]),
        Group("search-1k", [search(small)]),
        Group("search-10k", [search(middle, MixedRow(middle))]),
        Group("search-100k", [search(large)]),
        Group("history", [history(context.scaled(n)) for n in (10_000, 100_000, 1_000_000)]),
        Group(
            "storage",
            [
                Stage([StorageRow(context.scaled(200_000))]),
                Stage(openings([context.scaled(n) for n in (100_000, 1_000_000, 10_000_000)])),
            ],
        ),
        Group(
            "artifacts",
            [
                Stage(
                    [
                        artifact_rows.BigFileRow(context.scaled(512 << 20)),
                        artifact_rows.ClientFilesRow(),
                        artifact_rows.PlainFilesRow(up=True),
                        artifact_rows.PlainFilesRow(up=False),
                        artifact_rows.HugeFileRow(context.scaled(2 << 30)),
                    ]
                )
            ],
        ),
        Group("registry", [Stage(registry_rows(models), partial(seed_models, models=models))]),
    ]


def search(count: int, *others) -> Stage:
    return Stage([*search_rows(count), *others], partial(seed_server, count=count))


def history(count: int) -> Stage:
    return Stage([HistoryRow(count), SampledRow(count)], partial(seed_series, count=count))


def openings(sizes: list[int]) -> list[OpeningRow]:
    """One database that grows from size to size."""
    return [OpeningRow(size, already) for already, size in zip([0, *sizes], sizes, strict=False)]
