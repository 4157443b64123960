"""The flow `child-runs`, really run: 50 lines, 16 workers that ask at once, a server that restarts.

What the server knows afterwards is compared with the data, with what the stand-in for the model
answered, and with what promptflow itself noted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from gate import Exchange, Gate
from importing import run_import, state
from lines import ADOPTED, TOKENS, check_child, check_times, fails, make_lines
from mlflow import MlflowClient
from mlflow.entities import Run
from pf import Batch, PromptFlow
from standin import Standin, answer_to, usage_of
from support.servers import RoostServer

LINES = make_lines(50, refused=(4, 20, 49), empty=(0, 33))
WORKERS = 16


@dataclass
class Outcome:
    batch: Batch
    client: MlflowClient
    exchanges: list[Exchange]
    held: int
    asked: list[str]
    before: int
    after: int

    @property
    def root(self) -> Run:
        return self.client.get_run(self.batch.name)

    def children(self, order: str = "attributes.run_name ASC") -> list[Run]:
        experiment = self.client.get_experiment_by_name(ADOPTED)
        wanted = f"tags.mlflow.parentRunId = '{self.batch.name}'"
        return list(self.client.search_runs([experiment.experiment_id], wanted, order_by=[order]))


def is_first_get(method: str, path: str) -> bool:
    return method == "GET" and "/runs/get?" in path


@pytest.fixture(scope="module")
def outcome(promptflow: PromptFlow, standin: Standin, adopting: RoostServer) -> Iterator[Outcome]:
    def restart() -> None:
        assert adopting.stop() == 0
        adopting.start()

    standin.asked.clear()
    with Gate(adopting.url) as gate:
        gate.hold(WORKERS, is_first_get)
        gate.disturb(before=150, action=restart)
        before = int(time.time() * 1000)
        batch = promptflow.batch("child-runs", LINES, tracking_uri=gate.url, workers=WORKERS)
        after = int(time.time() * 1000)
        client = MlflowClient(adopting.url)
        asked = list(standin.asked)
        yield Outcome(batch, client, gate.exchanges, gate.held, asked, before, after)


def test_sixteen_first_requests_come_at_once_and_make_one_run(outcome: Outcome) -> None:
    assert outcome.held == WORKERS
    first = [e for e in outcome.exchanges if is_first_get(e.method, e.path)][:WORKERS]
    assert {e.status for e in first} == {200}
    assert len({e.answer for e in first}) == 1, "all see the same run"
    experiment = outcome.client.get_experiment_by_name(ADOPTED)
    adopted = outcome.client.search_runs([experiment.experiment_id], "tags.roost.adopted = 'true'")
    assert [run.info.run_id for run in adopted] == [outcome.batch.name]


def test_the_root_run_is_the_batch(outcome: Outcome) -> None:
    root = outcome.root
    failed = sum(map(fails, LINES))
    total = sum(usage_of(line["question"])["total_tokens"] for line in LINES if not fails(line))
    assert root.info.run_id == root.info.run_name == outcome.batch.name
    assert root.info.status == "FAILED", "a line failed"
    assert outcome.before <= root.info.start_time <= root.info.end_time <= outcome.after
    assert (
        root.data.tags.items()
        >= {
            "mlflow.runName": outcome.batch.name,
            "promptflow.root_run_id": outcome.batch.name,
            "framework": "Prompt Flow",
            "mlflow.source.type": "LOCAL",
            "roost.adopted": "true",
        }.items()
    )
    assert "mlflow.parentRunId" not in root.data.tags
    assert root.data.metrics["lines_failed"] == failed
    assert root.data.metrics["lines_completed"] == len(LINES) - failed
    assert root.data.metrics["answer.total_tokens.sum"] == total


def test_each_line_is_one_child_with_its_own_values(outcome: Outcome) -> None:
    children = outcome.children()
    assert len(children) == len(LINES)
    for number, (child, line) in enumerate(zip(children, LINES, strict=True)):
        check_child(child, number, line, outcome.batch.name)
        check_times(child, number, outcome.batch, outcome.before, outcome.after)


def test_children_are_found_in_the_order_of_their_start(outcome: Outcome) -> None:
    starts = [run.info.start_time for run in outcome.children("attributes.start_time ASC")]
    assert len(starts) == len(LINES)
    assert starts == sorted(starts)
    for number, record in outcome.batch.records().items():
        assert record["status"] == ("Failed" if fails(LINES[number]) else "Completed")


def test_the_model_was_asked_once_for_each_question(outcome: Outcome) -> None:
    expected = Counter(line["question"].strip() for line in LINES if line["question"].strip())
    assert Counter(outcome.asked) == expected


def test_no_request_failed_but_while_the_server_was_away(outcome: Outcome) -> None:
    wrong = [(e.method, e.path, e.status) for e in outcome.exchanges if e.status not in (0, 200)]
    assert wrong == []


def test_a_child_leads_to_its_parent(outcome: Outcome) -> None:
    child = outcome.children()[0]
    parent = outcome.client.get_parent_run(child.info.run_id)
    assert parent is not None
    assert parent.info.run_id == outcome.batch.name


def test_an_import_adds_to_the_adopted_run_what_nodes_did_not_log(
    outcome: Outcome, adopting: RoostServer
) -> None:
    """The last test here, as it changes the runs. The flow's measures are promptflow's own."""
    before = state(outcome.client)
    words = (outcome.batch.folder, "--tracking-uri", adopting.url)
    done = run_import(*words)
    assert done.returncode == 0, done.stderr
    after = state(outcome.client)
    assert len(after) == len(before), "no run is made: all are there"
    for old, new in zip(before, after, strict=True):
        assert old["info"] == new["info"]
        for kind in ("params", "metrics", "tags"):
            assert old["data"][kind].items() <= new["data"][kind].items()
    for number, (child, line) in enumerate(zip(outcome.children(), LINES, strict=True)):
        record = outcome.batch.records()[number]
        assert child.data.metrics["duration"] == record["system_metrics"]["duration"]
        if not fails(line):
            expected = usage_of(line["question"])
            assert {name: child.data.metrics[name] for name in TOKENS} == expected
    assert run_import(*words).returncode == 0
    assert state(outcome.client) == after, "a second import changes nothing"


def test_an_import_makes_all_runs_where_none_is(outcome: Outcome) -> None:
    with RoostServer() as server:
        done = run_import(outcome.batch.folder, "--tracking-uri", server.url)
        assert done.returncode == 0, done.stderr
        client = MlflowClient(server.url)
        root = client.get_run(outcome.batch.name)
        assert root.info.status == "FAILED"
        wanted = f"tags.mlflow.parentRunId = '{outcome.batch.name}'"
        order = ["attributes.run_name ASC"]
        children = client.search_runs([root.info.experiment_id], wanted, order_by=order)
        assert len(children) == len(LINES)
        for number, (child, line) in enumerate(zip(children, LINES, strict=True)):
            assert child.info.run_name == f"Run {number:09d}"
            assert child.info.status == ("FAILED" if fails(line) else "FINISHED")
            answer = {} if fails(line) else {"answer": answer_to(line["question"])}
            assert child.data.params == line | answer
