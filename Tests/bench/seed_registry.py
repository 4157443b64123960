"""The registered models that the registry rows look through, the same in every candidate."""

from collections.abc import Iterator
from pathlib import Path

import seed

VERSIONS = 10


def model_name(index: int) -> str:
    return f"model-{index:06d}"


def tags(index: int) -> list[dict]:
    """Tags of a model or a version; a twentieth of the models has the same team."""
    return [
        {"key": "team", "value": f"team {index % 20}"},
        {"key": "stage", "value": "live" if index % 3 == 0 else "trial"},
    ]


def source(name: str, version: int) -> str:
    return f"s3://models/{name}/{version}"


def script(indexes: range) -> Iterator[str]:
    """A group of requests a model: create it, then its versions."""
    for index in indexes:
        name = model_name(index)
        requests = [("/registered-models/create", {"name": name, "tags": tags(index)})]
        for version in range(1, VERSIONS + 1):
            body = {"name": name, "source": source(name, version), "tags": tags(version)}
            requests.append(("/model-versions/create", body))
        yield seed.group(requests)


def seed_by_api(port: int, load, directory: Path, models: int) -> None:
    """Makes all of it through the server's own API."""
    for start in range(0, models, seed.CHUNK):
        indexes = range(start, min(start + seed.CHUNK, models))
        seed.send(port, load, directory, script(indexes))
