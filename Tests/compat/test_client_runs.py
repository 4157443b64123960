"""MlflowClient and runs: create, read, rename, end, delete, restore, parents."""

from __future__ import annotations

import re
import time

import pytest
from mlflow import MlflowClient
from mlflow.entities import RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID


def test_create_with_everything(client: MlflowClient, experiment_id: str) -> None:
    run = client.create_run(
        experiment_id, start_time=1_700_000_000_123, tags={"a": "1"}, run_name="first flight"
    )
    assert re.fullmatch("[0-9a-f]{32}", run.info.run_id)
    got = client.get_run(run.info.run_id)
    assert got.info.experiment_id == experiment_id
    assert got.info.run_name == "first flight"
    assert got.info.start_time == 1_700_000_000_123
    assert got.info.end_time is None
    assert got.info.status == "RUNNING"
    assert got.info.lifecycle_stage == "active"
    assert got.info.artifact_uri.endswith(f"/{experiment_id}/{run.info.run_id}/artifacts")
    assert got.data.tags == {"a": "1", "mlflow.runName": "first flight"}
    assert got.data.metrics == {}
    assert got.data.params == {}
    assert got.inputs.dataset_inputs == []
    assert got.to_dictionary() == client.get_run(run.info.run_id).to_dictionary()


def test_create_answers_what_get_answers(client: MlflowClient, experiment_id: str) -> None:
    made = client.create_run(experiment_id, tags={"x": "y"})
    assert dict(made.info) == dict(client.get_run(made.info.run_id).info)
    assert made.data.tags == client.get_run(made.info.run_id).data.tags


def test_random_name_when_none_is_given(client: MlflowClient, experiment_id: str) -> None:
    names = {client.create_run(experiment_id).info.run_name for _ in range(5)}
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-\d{1,3}", each) for each in names), names
    assert len(names) > 1


def test_start_time_is_now(client: MlflowClient, experiment_id: str) -> None:
    before = int(time.time() * 1000)
    run = client.create_run(experiment_id)
    assert before <= run.info.start_time <= int(time.time() * 1000)


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_set_terminated(client: MlflowClient, run_id: str, status: str) -> None:
    before = int(time.time() * 1000)
    client.set_terminated(run_id, status)
    info = client.get_run(run_id).info
    assert info.status == status
    assert before <= info.end_time <= int(time.time() * 1000)


def test_set_terminated_with_a_time(client: MlflowClient, run_id: str) -> None:
    client.set_terminated(run_id, end_time=1_700_000_000_999)
    info = client.get_run(run_id).info
    assert info.status == "FINISHED"
    assert info.end_time == 1_700_000_000_999


def test_update_run(client: MlflowClient, run_id: str) -> None:
    client.update_run(run_id, name="renamed")
    got = client.get_run(run_id)
    assert got.info.run_name == "renamed"
    assert got.data.tags["mlflow.runName"] == "renamed"
    assert got.info.status == "RUNNING"
    client.update_run(run_id, status="SCHEDULED")
    got = client.get_run(run_id)
    assert got.info.status == "SCHEDULED"
    assert got.info.run_name == "renamed"
    assert got.info.end_time is None


def test_run_name_tag_renames(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "mlflow.runName", "by tag")
    assert client.get_run(run_id).info.run_name == "by tag"


def test_delete_and_restore(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment_id]) == []
    deleted = client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)
    assert [r.info.run_id for r in deleted] == [run_id]
    client.restore_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"
    assert [r.info.run_id for r in client.search_runs([experiment_id])] == [run_id]


def test_deleted_run_takes_no_writes(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "before", "1")
    client.delete_run(run_id)
    for write in (
        lambda: client.log_metric(run_id, "m", 1.0),
        lambda: client.log_param(run_id, "p", "1"),
        lambda: client.set_tag(run_id, "t", "1"),
        lambda: client.log_batch(run_id, tags=[RunTag("t", "1")]),
        lambda: client.update_run(run_id, name="n"),
    ):
        with pytest.raises(MlflowException, match="must be in the 'active' state"):
            write()
    client.restore_run(run_id)
    data = client.get_run(run_id).data
    assert data.params == {"before": "1"}
    assert data.metrics == {}
    assert "t" not in data.tags


def test_finished_run_takes_writes(client: MlflowClient, run_id: str) -> None:
    client.set_terminated(run_id)
    client.log_metric(run_id, "late", 1.5)
    client.log_param(run_id, "late", "yes")
    data = client.get_run(run_id).data
    assert data.metrics == {"late": 1.5}
    assert data.params == {"late": "yes"}


def test_parent_and_children(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    children = [
        client.create_run(experiment_id, tags={MLFLOW_PARENT_RUN_ID: run_id}).info.run_id
        for _ in range(3)
    ]
    client.create_run(experiment_id)
    found = client.search_runs([experiment_id], f"tags.mlflow.parentRunId = '{run_id}'")
    assert {r.info.run_id for r in found} == set(children)
    assert client.get_parent_run(children[0]).info.run_id == run_id
    assert client.get_parent_run(run_id) is None


def test_child_of_a_finished_parent(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    client.set_terminated(run_id)
    child = client.create_run(experiment_id, tags={MLFLOW_PARENT_RUN_ID: run_id})
    assert client.get_parent_run(child.info.run_id).info.status == "FINISHED"


def test_user_and_source_tags_are_kept(client: MlflowClient, experiment_id: str) -> None:
    tags = {
        "mlflow.user": "heron",
        "mlflow.source.name": "fly.py",
        "mlflow.source.type": "LOCAL",
        "mlflow.note.content": "# a note\nwith two lines",
    }
    run = client.create_run(experiment_id, tags=tags, run_name="n")
    assert client.get_run(run.info.run_id).data.tags == tags | {"mlflow.runName": "n"}
