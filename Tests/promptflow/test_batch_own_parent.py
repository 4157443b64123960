"""The flow `own-parent`, really run: 50 lines, 16 workers that make one parent, a killed server.

The folder of the flow has a Japanese name, and so the run, whose name is the parent's key.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from gate import Exchange, Gate
from lines import TOKENS, check_child, check_times, fails, make_lines
from mlflow import MlflowClient
from mlflow.entities import Run
from pf import Batch, PromptFlow
from standin import usage_of
from support.servers import RoostServer

LINES = make_lines(50, refused=(0, 17, 18), empty=(3, 49))
WORKERS = 16
FOLDER = "日報の質問"
EXPERIMENT = "夜間バッチ"


@dataclass
class Outcome:
    batch: Batch
    client: MlflowClient
    exchanges: list[Exchange]
    held: int
    before: int
    after: int

    @property
    def experiment(self) -> str:
        return self.client.get_experiment_by_name(EXPERIMENT).experiment_id

    @property
    def parent(self) -> Run:
        (parent,) = self.runs(f"tags.roost.key = '{self.batch.name}'")
        return parent

    def runs(self, wanted: str) -> list[Run]:
        order = ["attributes.run_name ASC"]
        return list(self.client.search_runs([self.experiment], wanted, order_by=order))

    def children(self) -> list[Run]:
        return self.runs(f"tags.mlflow.parentRunId = '{self.parent.info.run_id}'")


@pytest.fixture(scope="module")
def outcome(promptflow: PromptFlow) -> Iterator[Outcome]:
    with RoostServer() as server, Gate(server.url) as gate:

        def kill_and_start() -> None:
            server.kill()
            server.start()

        gate.hold(WORKERS, lambda method, path: path.endswith("/experiments/get-or-create"))
        gate.disturb(before=150, action=kill_and_start)
        before = int(time.time() * 1000)
        batch = promptflow.batch(
            promptflow.copy_flow("own-parent", FOLDER),
            LINES,
            tracking_uri=gate.url,
            workers=WORKERS,
            variables={"EXPERIMENT": EXPERIMENT},
        )
        after = int(time.time() * 1000)
        yield Outcome(batch, MlflowClient(server.url), gate.exchanges, gate.held, before, after)


def test_sixteen_workers_make_one_experiment_and_one_parent(outcome: Outcome) -> None:
    assert outcome.held == WORKERS
    assert outcome.batch.name.startswith(f"{FOLDER}_variant_0_")
    # What has no parent among all runs of the experiment.
    tops = [r for r in outcome.runs("") if "mlflow.parentRunId" not in r.data.tags]
    assert [run.info.run_name for run in tops] == [outcome.batch.name]
    names = [e.name for e in outcome.client.search_experiments()]
    assert sorted(names) == sorted(["Default", EXPERIMENT])


def test_the_parent_is_closed_with_the_roll_up_of_its_children(outcome: Outcome) -> None:
    parent = outcome.parent
    answered = [line for line in LINES if not fails(line)]
    metrics = parent.data.metrics
    assert parent.info.status == "FAILED", "a line failed"
    assert outcome.before <= parent.info.start_time <= parent.info.end_time <= outcome.after
    assert metrics["lines_completed"] == len(answered)
    assert metrics["lines_failed"] == len(LINES) - len(answered)
    for name in TOKENS:
        total = sum(usage_of(line["question"])[name] for line in answered)
        assert metrics[f"answer.{name}.sum"] == total
        assert metrics[f"answer.{name}.mean"] == pytest.approx(total / len(answered))
    durations = [child.data.metrics.get("answer.duration", 0.0) for child in outcome.children()]
    assert metrics["answer.duration.sum"] == pytest.approx(sum(durations))


def test_each_line_is_one_child_though_the_server_was_killed(outcome: Outcome) -> None:
    children = outcome.children()
    assert len(children) == len(LINES)
    parent = outcome.parent.info.run_id
    for number, (child, line) in enumerate(zip(children, LINES, strict=True)):
        check_child(child, number, line, parent)
        check_times(child, number, outcome.batch, outcome.before, outcome.after)
        assert child.data.tags["roost.key"] == f"{parent}/{number}"


def test_only_what_the_killed_server_held_went_wrong(outcome: Outcome) -> None:
    statuses = Counter(e.status for e in outcome.exchanges)
    assert set(statuses) <= {0, 200}
    assert 1 <= statuses[0] <= 4 * WORKERS, "it was away for a moment, and was asked meanwhile"
