"""search_runs through the client: clauses, order, views, and paging while runs are being added."""

from __future__ import annotations

import math

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException


@pytest.fixture
def flock(client: MlflowClient, experiment_id: str) -> dict[str, str]:
    """Four runs, by name: run id."""
    runs: dict[str, str] = {}
    rows = [
        ("wren", 0.9, "adam", "small"),
        ("heron", 0.5, "sgd", "tall"),
        ("Hawk", math.nan, "adam", "tall"),
        ("swift", None, None, None),
    ]
    for index, (run_name, acc, opt, size) in enumerate(rows):
        run = client.create_run(experiment_id, start_time=1000 + index, run_name=run_name)
        runs[run_name] = run.info.run_id
        client.log_batch(
            run.info.run_id,
            metrics=[] if acc is None else [Metric("val.acc", acc, 1, 0)],
            params=[] if opt is None else [Param("opt", opt)],
            tags=[] if size is None else [RunTag("bird.size", size)],
        )
    client.set_terminated(runs["heron"], "FAILED", end_time=5000)
    return runs


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("metrics.val.acc > 0.4", {"wren", "heron"}),
        ("metrics.`val.acc` <= 0.5", {"heron"}),
        ('metric."val.acc" = 0.9', {"wren"}),
        ("metrics.val.acc != 0.9", {"heron", "Hawk"}),
        ("params.opt = 'adam'", {"wren", "Hawk"}),
        ('param.opt != "adam"', {"heron"}),
        ("params.opt LIKE 'ad%'", {"wren", "Hawk"}),
        ("params.opt ILIKE 'AD%'", {"wren", "Hawk"}),
        ("params.opt LIKE 'AD%'", set()),
        ("params.opt IS NULL", {"swift"}),
        ("params.opt IS NOT NULL", {"wren", "heron", "Hawk"}),
        ("tags.bird.size = 'tall'", {"heron", "Hawk"}),
        ("tag.`bird.size` IS NULL", {"swift"}),
        ("attributes.status = 'FAILED'", {"heron"}),
        ("status != 'FAILED'", {"wren", "Hawk", "swift"}),
        ("run_name = 'swift'", {"swift"}),
        ("attr.run_name ILIKE 'h%'", {"heron", "Hawk"}),
        ("run.`run name` LIKE 'h%'", {"heron"}),
        ("attribute.start_time >= 1002", {"Hawk", "swift"}),
        ("end_time = 5000", {"heron"}),
        ("tags.bird.size = 'tall' AND params.opt = 'adam'", {"Hawk"}),
        ("tags.mlflow.runName = 'wren'", {"wren"}),
        ("", {"wren", "heron", "Hawk", "swift"}),
    ],
)
def test_clause(
    client: MlflowClient, experiment_id: str, flock: dict[str, str], clause: str, expected: set[str]
) -> None:
    found = {run.info.run_name for run in client.search_runs([experiment_id], clause)}
    assert found == expected


def test_in_and_not_in(client: MlflowClient, experiment_id: str, flock: dict[str, str]) -> None:
    pair = f"'{flock['wren']}', '{flock['swift']}'"
    found = client.search_runs([experiment_id], f"attributes.run_id IN ({pair})")
    assert {run.info.run_name for run in found} == {"wren", "swift"}
    found = client.search_runs([experiment_id], f"run_id NOT IN ({pair})")
    assert {run.info.run_name for run in found} == {"heron", "Hawk"}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], ["swift", "Hawk", "heron", "wren"]),
        (["start_time ASC"], ["wren", "heron", "Hawk", "swift"]),
        (["metrics.`val.acc` ASC"], ["heron", "wren", "Hawk", "swift"]),
        (["metrics.`val.acc` DESC"], ["wren", "heron", "Hawk", "swift"]),
        (["params.opt ASC"], ["Hawk", "wren", "heron", "swift"]),
        (["params.opt DESC", "start_time ASC"], ["heron", "wren", "Hawk", "swift"]),
        (["attributes.run_name"], ["Hawk", "heron", "swift", "wren"]),
        (["tags.`bird.size` DESC"], ["Hawk", "heron", "wren", "swift"]),
    ],
)
def test_order(
    client: MlflowClient,
    experiment_id: str,
    flock: dict[str, str],
    order: list[str],
    expected: list[str],
) -> None:
    found = client.search_runs([experiment_id], order_by=order)
    assert [run.info.run_name for run in found] == expected


def test_results_carry_their_data(
    client: MlflowClient, experiment_id: str, flock: dict[str, str]
) -> None:
    (run,) = client.search_runs([experiment_id], "run_name = 'wren'")
    assert run.to_dictionary() == client.get_run(flock["wren"]).to_dictionary()
    assert run.data.metrics == {"val.acc": 0.9}


def test_several_experiments(client: MlflowClient, name: str) -> None:
    experiments = [client.create_experiment(f"{name}-{i}") for i in range(3)]
    runs = [client.create_run(each).info.run_id for each in experiments]
    found = client.search_runs(experiments[:2])
    assert {run.info.run_id for run in found} == set(runs[:2])


def test_pages_are_whole(client: MlflowClient, experiment_id: str) -> None:
    ids = [client.create_run(experiment_id, start_time=9 + i).info.run_id for i in range(11)]
    seen: list[str] = []
    token = None
    sizes = []
    while True:
        page = client.search_runs([experiment_id], max_results=4, page_token=token)
        seen += [run.info.run_id for run in page]
        sizes.append(len(page))
        token = page.token
        if not token:
            break
    assert sizes == [4, 4, 3]
    assert seen == ids[::-1]


def test_no_run_is_lost_between_pages_while_runs_are_added(
    client: MlflowClient, experiment_id: str
) -> None:
    """Runs that come later may or may not be seen; those that were there must be, once at least."""
    ids = {client.create_run(experiment_id, start_time=9 + i).info.run_id for i in range(9)}
    seen: list[str] = []
    token = None
    added = 0
    while True:
        page = client.search_runs(
            [experiment_id], max_results=2, page_token=token, order_by=["start_time ASC"]
        )
        seen += [run.info.run_id for run in page]
        token = page.token
        if not token:
            break
        if added < 4:
            client.create_run(experiment_id, start_time=10_000 + added)
            added += 1
    assert ids <= set(seen)
    assert len(seen) == len(set(seen))


def test_no_hits(client: MlflowClient, experiment_id: str) -> None:
    found = client.search_runs([experiment_id])
    assert found == []
    assert not found.token


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("metrics.acc > 'x'", "Expected numeric value type for metric"),
        ("params.lr = 0.1", "Expected a quoted string value for param"),
        ("nonsense", "Invalid clause"),
        ("params.p > 'a'", "Invalid comparator '>'"),
        ("attributes.nope = 'x'", "Invalid attribute key"),
        ("what.ever = 'x'", "Invalid entity type"),
    ],
)
def test_bad_filter(client: MlflowClient, experiment_id: str, clause: str, text: str) -> None:
    with pytest.raises(MlflowException, match=text) as caught:
        client.search_runs([experiment_id], clause)
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"


def test_bad_page_token(client: MlflowClient, experiment_id: str) -> None:
    with pytest.raises(MlflowException) as caught:
        client.search_runs([experiment_id], page_token="not a token!")
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
