"""What a client knows about its runs: the acknowledged state, and the one request in flight."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

API = "/api/2.0/mlflow/"
Point = tuple[int, float | str]


@dataclass
class Request:
    """One request as it was sent; `run_id` is None when it creates the run."""

    path: str
    body: dict[str, Any]
    run_id: str | None = None


@dataclass
class RunState:
    """Everything of a run that the driver writes, in a form that can be compared as a whole."""

    name: str = ""
    status: str = "RUNNING"
    end_time: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    # metric key: {step: (timestamp, value)}; the driver uses a step once
    points: dict[str, dict[int, Point]] = field(default_factory=dict)

    @staticmethod
    def created(body: dict[str, Any]) -> RunState:
        state = RunState(name=body["run_name"])
        state.tags = {tag["key"]: tag["value"] for tag in body["tags"]}
        state.tags["mlflow.runName"] = body["run_name"]
        return state

    def after(self, request: Request) -> RunState:
        """The state once the request was carried out, all of it."""
        state = copy.deepcopy(self)
        body = request.body
        match request.path:
            case "runs/log-metric":
                state.add_points([body])
            case "runs/log-parameter":
                state.params[body["key"]] = body["value"]
            case "runs/set-tag":
                state.tags[body["key"]] = body["value"]
            case "runs/log-batch":
                state.add_points(body["metrics"])
                state.params |= {param["key"]: param["value"] for param in body["params"]}
                state.tags |= {tag["key"]: tag["value"] for tag in body["tags"]}
            case "runs/update":
                state.name = state.tags["mlflow.runName"] = body["run_name"]
                state.status = body["status"]
                state.end_time = body["end_time"]
            case other:
                raise ValueError(f"the driver does not send {other}")
        return state

    def add_points(self, metrics: list[dict[str, Any]]) -> None:
        for each in metrics:
            series = self.points.setdefault(each["key"], {})
            series[each["step"]] = (each["timestamp"], each["value"])

    def latest(self) -> dict[str, tuple[int, int, float | str]]:
        """Key: (step, timestamp, value) of the point with the greatest step."""
        return {key: (step := max(series), *series[step]) for key, series in self.points.items()}


@dataclass
class Ledger:
    """One client's runs. Nobody else writes to them, so the expected state is exact."""

    client: int
    runs: dict[str, RunState] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    pending: Request | None = None
    acknowledged: int = 0

    def acknowledge(self, request: Request, answer: dict[str, Any]) -> None:
        if request.run_id is None:
            run_id = answer["run"]["info"]["run_id"]
            self.runs[run_id] = RunState.created(request.body)
        else:
            run_id = request.run_id
            self.runs[run_id] = self.runs[run_id].after(request)
        self.touched.add(run_id)
        self.pending = None
        self.acknowledged += 1


def differences(expected: RunState, actual: RunState) -> list[str]:
    """What differs, field by field, short enough to read."""
    found = []
    for name in ("name", "status", "end_time"):
        if getattr(expected, name) != getattr(actual, name):
            found.append(f"{name}: {getattr(expected, name)!r} became {getattr(actual, name)!r}")
    pairs = [("param", expected.params, actual.params), ("tag", expected.tags, actual.tags)]
    for key in sorted(expected.points | actual.points):
        pairs.append((f"metric {key}", expected.points.get(key, {}), actual.points.get(key, {})))
    for label, want, got in pairs:
        missing = sorted(want.keys() - got.keys())
        extra = sorted(got.keys() - want.keys())
        changed = sorted(key for key in want.keys() & got.keys() if want[key] != got[key])
        if missing or extra or changed:
            found.append(
                f"{label}: {len(missing)} of {len(want)} missing {missing[:3]}, "
                f"{len(extra)} extra {extra[:3]}, "
                f"{len(changed)} changed {[(k, want[k], got[k]) for k in changed[:3]]}"
            )
    return found
