"""What a stream of requests is made of; {placeholders} are filled from earlier answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

API = "/api/2.0/mlflow/"
AJAX = "/ajax-api/2.0/mlflow/"
JSON_TYPE = {"Content-Type": "application/json"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Step:
    """One request, and what to keep of its answer.

    `capture` maps a placeholder to a dotted path in the answer. `view` turns the parsed answer into
    what is compared, for answers whose order or size is not promised. `pause` is in seconds, before
    the request: two times that the server chooses then differ on any machine.
    """

    name: str
    method: str
    path: str
    query: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None
    body: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] | None = None
    capture: Mapping[str, str] = field(default_factory=dict)
    view: Callable[[Any], Any] | None = None
    pause: float = 0.0

    def url(self) -> str:
        return self.path if self.path.startswith("/") else API + self.path


@dataclass(frozen=True)
class Stream:
    """Steps that are sent in order to each server; a stream never looks at another one's data."""

    name: str
    steps: list[Step]

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"stream {self.name} has two steps of one name: {twice}")


def post(name: str, path: str, body: Any = None, **more: Any) -> Step:
    return Step(name, "POST", path, body={} if body is None else body, **more)


def raw(name: str, path: str, text: bytes | str, **more: Any) -> Step:
    """A POST whose body is sent as it stands; placeholders are filled in text, not in bytes."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return Step(name, "POST", path, raw=data, headers=more.pop("headers", JSON_TYPE), **more)


def get(name: str, path: str, query: Any = None, **more: Any) -> Step:
    return Step(name, "GET", path, query=query, **more)


def experiment(name: str, key: str = "exp", **fields: Any) -> Step:
    """Creates an experiment and keeps its id as {exp}."""
    body = {"name": name, **fields}
    return post(
        f"create experiment {key}", "experiments/create", body, capture={key: "experiment_id"}
    )


def run(key: str = "run", exp: str = "{exp}", **fields: Any) -> Step:
    """Creates a run and keeps its id as {run}."""
    body = {"experiment_id": exp, **fields}
    return post(f"create run {key}", "runs/create", body, capture={key: "run.info.run_id"})


def read_run(name: str, key: str = "run") -> Step:
    return get(name, "runs/get", {"run_id": "{" + key + "}"})


def label(value: Any) -> str:
    """A short name for a value, to name a step by."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:12]}… of {len(value)}"


def fill(value: Any, known: Mapping[str, str]) -> Any:
    """The value with each {placeholder} that is known replaced; other braces stay."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda m: known.get(m.group(1), m.group(0)), value)
    if isinstance(value, Mapping):
        return {fill(k, known): fill(v, known) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [fill(v, known) for v in value]
    return value


def fill_raw(data: bytes, known: Mapping[str, str]) -> bytes:
    for key, value in known.items():
        data = data.replace(b"{" + key.encode() + b"}", value.encode())
    return data


def dig(document: Any, path: str) -> Any:
    """The value at a dotted path such as `runs.0.info.run_id`; None when there is none."""
    for part in path.split("."):
        if isinstance(document, list) and part.lstrip("-").isdigit():
            document = (
                document[int(part)] if len(document) > abs(int(part)) - (part[0] == "-") else None
            )
        elif isinstance(document, dict):
            document = document.get(part)
        else:
            return None
    return document


def body_text(value: Any) -> bytes:
    """JSON as the mlflow client writes it: ASCII, with escapes."""
    return json.dumps(value).encode("ascii")
