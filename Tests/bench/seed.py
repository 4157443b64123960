"""The runs that the search rows look through, the same in every candidate.

Each run has 10 params, 10 metrics of 3 points, and 5 tags. The first runs are parents; every second
of the others is the child of one of them, about 1200 children a parent. And one long series.
"""

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

from api import API

FIRST_START = 1_700_000_000_000
STEPS = 3
CHILDREN_OF_ONE = 1200
CHUNK = 2000
SERIES = "loss"
BATCH = 1000
NOISY_SERIES = 10
# With its prefix, since not every candidate knows the short name.
OLDEST_FIRST = "attributes.start_time ASC"
NOISY_SERIES = 10


def value(index: int, metric: int, step: int) -> float:
    """A number from 0 up to 1, the same each time, that tells nothing of those of other metrics."""
    mixed = (index * 64 + metric) * 64 + step + 1
    for shift in (30, 27, 31):
        mixed = (mixed ^ mixed >> shift) * 0xBF58476D1CE4E5B9 % 2**64
    return (mixed >> 11) / 2**53


def parents(count: int) -> int:
    """How many of `count` runs are parents."""
    return max(1, count // (2 * CHILDREN_OF_ONE))


def parent_of(index: int, count: int) -> int | None:
    """The index of the parent of run `index`, or None."""
    first = parents(count)
    if index < first or index % 2 == 0:
        return None
    return (index // 2) % first


def run_fields(index: int) -> dict:
    """Name, start, params, points and tags of run `index`, without the parent."""
    start = FIRST_START + index * 1000
    return {
        "name": f"run {index:06d}",
        "start": start,
        "params": {f"p{j}": f"v{(index * 7 + j) % 5}" for j in range(10)},
        "points": [
            (f"m{j}", value(index, j, step), start + step, step)
            for j in range(10)
            for step in range(STEPS)
        ],
        "tags": {f"tag{j}": f"value {(index + j) % 20}" for j in range(5)},
    }


def script_group(experiment: str, index: int, parent: str | None) -> str:
    """Two requests of the load generator's script: create the run, log everything to it."""
    fields = run_fields(index)
    tags = dict(fields["tags"])
    if parent is not None:
        tags["mlflow.parentRunId"] = parent
    requests = [
        (
            "/runs/create",
            {
                "experiment_id": experiment,
                "user_id": "bench",
                "run_name": fields["name"],
                "start_time": fields["start"],
                "tags": [{"key": key, "value": text} for key, text in tags.items()],
            },
        ),
        (
            "/runs/log-batch",
            {
                "run_id": "@RUN@",
                "params": [{"key": key, "value": text} for key, text in fields["params"].items()],
                "metrics": [
                    {"key": key, "value": number, "timestamp": time, "step": step}
                    for key, number, time, step in fields["points"]
                ],
            },
        ),
    ]
    return group(requests)


def group(requests: list[tuple[str, dict]]) -> str:
    """Requests that one connection sends one after the other, as the load generator reads them."""
    return "".join(f"{path}\t{json.dumps(body)}\n" for path, body in requests) + "\n"


def series_point(step: int) -> tuple[float, int, int]:
    """Value, timestamp and step of a point of the long series."""
    return value(step, 0, 0), FIRST_START + step, step


def series_by_api(port: int, load, directory: Path, run: str, count: int) -> None:
    """Logs the long series in batches of 1000, in order, over one connection."""
    for first in range(0, count, 100 * BATCH):
        groups = []
        for start in range(first, min(first + 100 * BATCH, count), BATCH):
            points = map(series_point, range(start, min(start + BATCH, count)))
            metrics = [
                {"key": SERIES, "value": number, "timestamp": time, "step": step}
                for number, time, step in points
            ]
            groups.append(group([("/runs/log-batch", {"run_id": run, "metrics": metrics})]))
        send(port, load, directory, iter(groups), connections=1)


def scripts(experiment: str, indexes: range, ids: list[str], count: int) -> Iterator[str]:
    """The groups of these runs; `ids` are the parents' run ids, empty while those are made."""
    for index in indexes:
        parent = parent_of(index, count)
        yield script_group(experiment, index, ids[parent] if parent is not None else None)


def seed_by_api(port: int, load, directory: Path, experiment: str, count: int) -> None:
    """Makes the runs through the server's own API, quick only if the server is."""
    first = parents(count)
    send(port, load, directory, scripts(experiment, range(first), [], count))
    api = API(port)
    ids = [run["info"]["run_id"] for run in api.runs(experiment, order_by=[OLDEST_FIRST])]
    api.close()
    for start in range(first, count, CHUNK):
        indexes = range(start, min(start + CHUNK, count))
        send(port, load, directory, scripts(experiment, indexes, ids, count))


def noisy_by_api(port: int, load, directory: Path, runs: list[str], count: int) -> None:
    """Logs curves as training makes them: values with noise in all bits, times that jitter."""
    chance = random.Random(7)
    steps = count // len(runs) // NOISY_SERIES
    at_once = BATCH // NOISY_SERIES
    groups = []
    for run in runs:
        time = FIRST_START
        for start in range(0, steps, at_once):
            metrics = []
            for step in range(start, min(start + at_once, steps)):
                time += 100 + chance.randrange(20)
                metrics += [
                    {
                        "key": f"series{number}",
                        "value": math.exp(-step / 3000) * (1 + 0.05 * chance.gauss(0, 1)),
                        "timestamp": time,
                        "step": step,
                    }
                    for number in range(NOISY_SERIES)
                ]
            groups.append(group([("/runs/log-batch", {"run_id": run, "metrics": metrics})]))
    send(port, load, directory, iter(groups), connections=1)


def send(port: int, load, directory: Path, groups: Iterator[str], connections: int = 16) -> None:
    """Sends groups of requests over some connections; every answer must be 200."""
    script = list(groups)
    path = directory / "seed.script"
    path.write_text("".join(script))
    try:
        result = load.run(
            port, "script", len(script), timeout=300, connections=connections, body=path
        )
    finally:
        path.unlink()
    if result["completed"] != len(script):
        raise RuntimeError(f"seeding failed: {result}")
