"""Small real runs: adoption off, a custom name, a single test that logs nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gate import Gate
from lines import ADOPTED, check_child, make_lines
from mlflow import MlflowClient
from pf import PromptFlow
from standin import answer_to
from support.servers import RoostServer

LINES = make_lines(3, refused=(2,))


@pytest.fixture(scope="module")
def plain() -> Iterator[RoostServer]:
    """A Roost that adopts nothing, as it is by default."""
    with RoostServer() as server:
        yield server


def test_without_adoption_each_line_fails_as_with_plain_mlflow(
    promptflow: PromptFlow, plain: RoostServer
) -> None:
    with Gate(plain.url) as gate:
        batch = promptflow.batch("child-runs", LINES, tracking_uri=gate.url)
    first = [e for e in gate.exchanges if e.method == "GET"]
    assert {e.status for e in gate.exchanges} == {404}
    assert len(first) == len(gate.exchanges), "nobody got further than to ask for the run"
    for record in batch.records().values():
        assert record["status"] == "Failed"
        assert f"Run with id={batch.name} not found" in record["error"]["message"]
    client = MlflowClient(plain.url)
    assert [e.name for e in client.search_experiments()] == ["Default"]
    assert client.search_runs(["0"]) == []


def test_a_custom_name_is_adopted_where_the_pattern_says_so(promptflow: PromptFlow) -> None:
    flags = ["--adopt-runs", ADOPTED, "--adopt-pattern", "nightly-.*"]
    with RoostServer(*flags) as server:
        flow = promptflow.copy_flow("child-runs", "日報")
        batch = promptflow.batch(flow, LINES, tracking_uri=server.url, name="nightly-2026_07")
        client = MlflowClient(server.url)
        assert batch.name == "nightly-2026_07"
        root = client.get_run(batch.name)
        assert root.info.run_name == batch.name
        wanted = f"tags.mlflow.parentRunId = '{batch.name}'"
        order = ["attributes.run_name ASC"]
        children = client.search_runs([root.info.experiment_id], wanted, order_by=order)
        assert len(children) == len(LINES)
        for number, (child, line) in enumerate(zip(children, LINES, strict=True)):
            check_child(child, number, line, batch.name)


@pytest.mark.parametrize("flow", ["child-runs", "own-parent"])
def test_a_single_test_run_sends_nothing(
    promptflow: PromptFlow, adopting: RoostServer, flow: str
) -> None:
    question = "一行だけの試験ですか？"
    with Gate(adopting.url) as gate:
        output = promptflow.run(
            *("flow", "test", "--flow", flow, "--inputs", f"question={question}", "topic=試験"),
            env={"MLFLOW_TRACKING_URI": gate.url},
        )
    assert answer_to(question) in output
    assert gate.exchanges == []
