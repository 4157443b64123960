"""Rows that write. Each round writes to its own experiment, which is read back and counted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api import API
from loadgen import faults
from rows import LATENCIES, Context, Figure, Sample, choose_count, loaded
from servers import Server


@dataclass
class Target:
    """Where one load writes: a fresh experiment with a pool of runs."""

    experiment: str
    runs: list[str]


@dataclass
class WriteRow:
    """A load of one workload. `found` counts through the API what a load left in its target."""

    key: str
    title: str
    workload: str
    connections: int
    unit: str
    found: Callable[[API, Target], int]
    things_per_unit: int = 1
    pool: int = 16
    most: int = 200_000
    quick_ack: bool = True

    needs = "writes"

    @property
    def figures(self) -> list[Figure]:
        return [
            Figure("rate", f"{self.unit}/s", higher_is_better=True, digits=1),
            *LATENCIES,
        ]

    def prepare(self, context: Context, server: Server) -> int:
        """Chooses how many units one round has for this server."""

        def try_load(count: int) -> dict:
            return self._load(context, server, self._target(context, server, count), count)

        least = max(8, 2 * self.connections)
        return choose_count(context, try_load, least, self.most, start=max(4, self.connections))

    def measure(self, context: Context, server: Server, count: int) -> Sample:
        target = self._target(context, server, count)
        result, figures = loaded(server, lambda: self._load(context, server, target, count))
        figures["rate"] = result["completed_per_second"] * self.things_per_unit
        void = faults(result, count) or self._miscount(server, target, count)
        return Sample(figures, void, details={"load": result})

    def _target(self, context: Context, server: Server, count: int) -> Target:
        api = API(server.port)
        experiment = api.create_experiment(context.unique(self.key))
        runs = [api.create_run(experiment) for _ in range(min(self.pool, count))]
        api.close()
        return Target(experiment, runs)

    def _load(self, context: Context, server: Server, target: Target, count: int) -> dict:
        runs: Path = server.directory / "runs.txt"
        runs.write_text("\n".join(target.runs) + "\n")
        return context.load.run(
            server.port,
            self.workload,
            count,
            connections=self.connections,
            runs=runs,
            experiment=target.experiment,
            parent=target.runs[0],
            no_quick_ack=not self.quick_ack,
        )

    def _miscount(self, server: Server, target: Target, count: int) -> str | None:
        api = API(server.port)
        found, wanted = self.found(api, target), count * self.things_per_unit
        api.close()
        return None if found == wanted else f"{found} {self.unit} found of {wanted}"


def points_of_one_series(api: API, target: Target) -> int:
    """Points of `loss` with different steps."""
    return sum(len({p["step"] for p in api.history(run, "loss")}) for run in target.runs)


def points_of_ten_series(api: API, target: Target) -> int:
    """Points of `series0` to `series9` with different steps."""
    return sum(
        len({point["step"] for point in api.history(run, f"series{number}")})
        for run in target.runs
        for number in range(10)
    )


def params(api: API, target: Target) -> int:
    """Params of all runs of the experiment."""
    return sum(len(run["data"].get("params", [])) for run in api.runs(target.experiment))


def whole_children(api: API, target: Target) -> int:
    """Children of the parent that are finished and have all their params and metrics."""
    wanted = f"tags.mlflow.parentRunId = '{target.runs[0]}'"
    return sum(
        run["info"]["status"] == "FINISHED"
        and len(run["data"].get("params", [])) == 6
        and len(run["data"].get("metrics", [])) == 4
        for run in api.runs(target.experiment, filter=wanted)
    )


def log_metric(connections: int, quick_ack: bool = True) -> WriteRow:
    suffix = "" if quick_ack else "-delayed-ack"
    plural = "" if connections == 1 else "s"
    return WriteRow(
        key=f"log-metric-{connections}{suffix}",
        title=f"log-metric, {connections} connection{plural}"
        + ("" if quick_ack else ", acknowledgements delayed as by common clients"),
        workload="log-metric",
        connections=connections,
        unit="requests",
        found=points_of_one_series,
        quick_ack=quick_ack,
    )


def log_params(connections: int) -> WriteRow:
    plural = "" if connections == 1 else "s"
    return WriteRow(
        key=f"log-batch-params-{connections}",
        title=f"log-batch of 100 params, each to a new run, {connections} connection{plural}",
        workload="log-batch-params",
        connections=connections,
        unit="params",
        found=params,
        things_per_unit=100,
        # A run for each request, so that all have the same names, as the runs of an experiment do.
        pool=5_000,
        most=5_000,
    )


def promptflow(connections: int) -> WriteRow:
    plural = "" if connections == 1 else "s"
    return WriteRow(
        key=f"promptflow-{connections}",
        title=f"PromptFlow child run (13 requests), {connections} connection{plural}",
        workload="promptflow-child",
        connections=connections,
        unit="children",
        found=whole_children,
        pool=1,
        most=20_000,
    )


WRITE_ROWS = [
    log_metric(1),
    log_metric(1, quick_ack=False),
    log_metric(16),
    log_metric(64),
    log_metric(256),
    WriteRow(
        key="log-batch-metrics",
        title="log-batch of 1000 metrics, 1 connection",
        workload="log-batch-metrics",
        connections=1,
        unit="points",
        found=points_of_ten_series,
        things_per_unit=1000,
        most=500,
    ),
    log_params(1),
    log_params(16),
    promptflow(1),
    promptflow(16),
]
