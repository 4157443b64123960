"""The result files: one JSON a group, read again as one outcome for the report."""

import dataclasses
import json
from pathlib import Path

from groups import groups
from rows import Context, Figure, Sample


def path(directory: Path, group: str) -> Path:
    return directory / f"{group}.json"


def exists(directory: Path, group: str) -> bool:
    """Whether this group was measured to its end."""
    file = path(directory, group)
    return file.exists() and "seconds" in json.loads(file.read_text())


def save(directory: Path, outcome: dict) -> None:
    """Keeps the outcome of a group, also of one that was ended: the rows that were finished."""
    if not outcome.get("rows"):
        return
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(outcome, default=plain, indent=1)
    path(directory, outcome["group"]).write_text(text + "\n")


def merged(directory: Path) -> dict:
    """All results of a directory, in the order of the groups."""
    names = [group.key for group in groups(Context(None, Path(), 0, 0, quick=False))]
    files = [path(directory, name) for name in names]
    found = [json.loads(file.read_text()) for file in files if file.exists()]
    labels = [label for outcome in found for label in outcome["candidates"]]
    return {
        "groups": found,
        "candidates": list(dict.fromkeys(labels)),
        "durability": {k: v for outcome in found for k, v in outcome["durability"].items()},
        "rows": [entry(row) for outcome in found for row in outcome["rows"]],
    }


def entry(row: dict) -> dict:
    """A row with its figures and samples as objects again."""
    samples = {
        label: [Sample(**sample) for sample in found] for label, found in row["samples"].items()
    }
    return row | {"figures": [Figure(**figure) for figure in row["figures"]], "samples": samples}


def plain(value: object) -> object:
    """Data classes as JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value).__name__)
