"""mlflow.search_runs: a DataFrame whose columns and types a notebook relies on."""

from __future__ import annotations

import math

import mlflow
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param


@pytest.fixture
def filled(client: MlflowClient, name: str) -> str:
    experiment_id = client.create_experiment(name)
    for index in range(3):
        run = client.create_run(experiment_id, start_time=1_700_000_000_000 + index)
        client.log_batch(
            run.info.run_id,
            metrics=[Metric("loss", index / 4, 1, 0)]
            + ([Metric("rare", math.nan, 1, 0)] if index == 1 else []),
            params=[Param("index", str(index))],
        )
        client.set_terminated(run.info.run_id, end_time=1_700_000_001_000)
    return experiment_id


def test_frame(tracking: str, filled: str) -> None:
    frame = mlflow.search_runs([filled], order_by=["start_time ASC"])
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) == 3
    assert {
        "run_id",
        "experiment_id",
        "status",
        "artifact_uri",
        "start_time",
        "end_time",
        "metrics.loss",
        "metrics.rare",
        "params.index",
        "tags.mlflow.runName",
    } == set(frame.columns)
    assert list(frame["metrics.loss"]) == [0.0, 0.25, 0.5]
    assert frame["metrics.rare"].isna().all()
    assert list(frame["params.index"]) == ["0", "1", "2"]
    assert set(frame["status"]) == {"FINISHED"}
    assert frame["start_time"][0] == pandas.Timestamp(1_700_000_000_000, unit="ms", tz="UTC")
    assert frame["end_time"][0] == pandas.Timestamp(1_700_000_001_000, unit="ms", tz="UTC")


def test_by_experiment_name(tracking: str, filled: str, name: str) -> None:
    frame = mlflow.search_runs(experiment_names=[name], filter_string="metrics.loss > 0.2")
    assert sorted(frame["params.index"]) == ["1", "2"]


def test_empty_frame(tracking: str, experiment_id: str) -> None:
    assert mlflow.search_runs([experiment_id]).empty


def test_list_instead_of_frame(tracking: str, filled: str) -> None:
    runs = mlflow.search_runs([filled], output_format="list", max_results=2)
    assert [run.data.params["index"] for run in runs] == ["2", "1"]


def test_all_experiments(tracking: str, filled: str) -> None:
    frame = mlflow.search_runs(search_all_experiments=True, filter_string="params.index = '2'")
    assert filled in set(frame["experiment_id"])


def test_many_runs_over_several_pages(
    tracking: str, client: MlflowClient, experiment_id: str
) -> None:
    """More than one page of the server's when the client asks for small ones."""
    for index in range(30):
        client.create_run(experiment_id, start_time=100 + index)
    pages = mlflow.tracking.fluent.get_results_from_paginated_fn(
        lambda number, token: client.search_runs(
            [experiment_id], max_results=number, page_token=token
        ),
        max_results_per_page=7,
        max_results=25,
    )
    assert [run.info.start_time for run in pages] == list(range(129, 104, -1))
