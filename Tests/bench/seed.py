"""The runs that the search rows look through, the same in every candidate.

Each run has 10 params, 10 metrics of 3 points, and 5 tags. The first runs are parents; every second
of the others is the child of one of them, 100 children a parent at most.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from api import API

FIRST_START = 1_700_000_000_000
STEPS = 3
CHILDREN_OF_ONE = 100
CHUNK = 2000


def value(index: int, metric: int, step: int) -> float:
    """A number from 0 up to 1 that looks random."""
    return (index * 7919 + metric * 104_729 + step * 1_299_709) % 1_000_003 / 1_000_003


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
    """Name, times, params, points and tags of run `index`, without the parent."""
    start = FIRST_START + index * 1000
    return {
        "name": f"run {index:06d}",
        "start": start,
        "end": start + 500,
        "params": {f"p{j}": f"v{(index * 7 + j) % 5}" for j in range(10)},
        "points": [
            (f"m{j}", value(index, j, step), start + step, step)
            for j in range(10)
            for step in range(STEPS)
        ],
        "tags": {f"tag{j}": f"value {(index + j) % 20}" for j in range(5)},
    }


def script_group(experiment: str, index: int, parent: str | None) -> str:
    """Three requests of the load generator's script: create the run, log to it, end it."""
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
        ("/runs/update", {"run_id": "@RUN@", "status": "FINISHED", "end_time": fields["end"]}),
    ]
    return "".join(f"{path}\t{json.dumps(body)}\n" for path, body in requests) + "\n"


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
    ids = [run["info"]["run_id"] for run in api.runs(experiment, order_by=["start_time ASC"])]
    api.close()
    for start in range(first, count, CHUNK):
        indexes = range(start, min(start + CHUNK, count))
        send(port, load, directory, scripts(experiment, indexes, ids, count))


def send(port: int, load, directory: Path, groups: Iterator[str]) -> None:
    """Sends groups of requests over 16 connections; every answer must be 200."""
    script = list(groups)
    path = directory / "seed.script"
    path.write_text("".join(script))
    try:
        result = load.run(port, "script", len(script), timeout=300, connections=16, body=path)
    finally:
        path.unlink()
    if result["completed"] != len(script):
        raise RuntimeError(f"seeding failed: {result}")
