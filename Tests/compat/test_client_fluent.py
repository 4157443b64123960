"""The fluent API: active runs, nested runs, resumed runs, and the variables that steer it."""

from __future__ import annotations

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException


def test_a_training_script(tracking: str, client: MlflowClient, name: str) -> None:
    experiment = mlflow.set_experiment(name)
    mlflow.set_experiment_tags({"owner": "nest", "round": 1})
    mlflow.set_experiment_tag("extra", "x")
    mlflow.delete_experiment_tag("extra")
    with mlflow.start_run(run_name="train", description="a note", tags={"k": "v"}) as run:
        assert mlflow.active_run().info.run_id == run.info.run_id
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"layers": 3, "opt": "adam"})
        for step in range(3):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"acc": 0.5, "f1": 0.25}, step=2)
        mlflow.set_tag("phase", "train")
        mlflow.set_tags({"a": 1, "b": 2})
        mlflow.delete_tag("b")
        assert mlflow.get_artifact_uri().endswith(f"{run.info.run_id}/artifacts")
    got = mlflow.get_run(run.info.run_id)
    assert got.info.status == "FINISHED"
    assert got.info.experiment_id == experiment.experiment_id
    assert got.data.params == {"lr": "0.1", "layers": "3", "opt": "adam"}
    assert got.data.metrics == {"loss": 1 / 3, "acc": 0.5, "f1": 0.25}
    tags = got.data.tags
    assert tags["phase"] == "train"
    assert tags["a"] == "1"
    assert "b" not in tags
    assert tags["k"] == "v"
    assert tags["mlflow.note.content"] == "a note"
    assert tags["mlflow.runName"] == "train"
    assert tags["mlflow.source.type"] == "LOCAL"
    assert got.info.run_name == "train"
    assert client.get_experiment(experiment.experiment_id).tags == {"owner": "nest", "round": "1"}
    assert mlflow.last_active_run().info.run_id == run.info.run_id


def test_a_script_that_fails(tracking: str, experiment_id: str) -> None:
    with pytest.raises(ZeroDivisionError), mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_metric("before", 1)
        _ = 1 / 0
    got = mlflow.get_run(run.info.run_id)
    assert got.info.status == "FAILED"
    assert got.info.end_time is not None


def test_nested_runs(tracking: str, client: MlflowClient, experiment_id: str) -> None:
    with mlflow.start_run(experiment_id=experiment_id, run_name="parent") as parent:
        for index in range(3):
            with mlflow.start_run(
                experiment_id=experiment_id, run_name=f"child {index}", nested=True
            ) as child:
                mlflow.log_metric("index", index)
                with mlflow.start_run(experiment_id=experiment_id, nested=True) as grandchild:
                    pass
    children = client.search_runs(
        [experiment_id],
        f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
        order_by=["metrics.index ASC"],
    )
    assert [r.info.run_name for r in children] == ["child 0", "child 1", "child 2"]
    assert {r.info.status for r in children} == {"FINISHED"}
    assert mlflow.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
    assert mlflow.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id
    assert mlflow.get_parent_run(parent.info.run_id) is None


def test_child_by_parent_run_id(tracking: str, experiment_id: str, run_id: str) -> None:
    with mlflow.start_run(experiment_id=experiment_id, parent_run_id=run_id, nested=True) as child:
        pass
    assert mlflow.get_parent_run(child.info.run_id).info.run_id == run_id


def test_resume_by_run_id(tracking: str, client: MlflowClient, run_id: str) -> None:
    client.log_metric(run_id, "m", 1.0, step=1)
    client.set_terminated(run_id, end_time=1234)
    with mlflow.start_run(run_id=run_id, tags={"resumed": "yes"}) as run:
        assert run.info.run_id == run_id
        assert client.get_run(run_id).info.status == "RUNNING"
        mlflow.log_metric("m", 2.0, step=2)
    got = client.get_run(run_id)
    assert got.info.status == "FINISHED"
    assert got.info.end_time > 1234
    assert got.data.metrics == {"m": 2.0}
    assert got.data.tags["resumed"] == "yes"


def test_resume_by_variable(tracking: str, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", run_id)
    with mlflow.start_run() as run:
        assert run.info.run_id == run_id


def test_resume_of_an_unknown_run(tracking: str) -> None:
    with pytest.raises(MlflowException, match="not found") as caught:
        mlflow.start_run(run_id="0" * 32)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_resume_of_a_deleted_run(tracking: str, client: MlflowClient, run_id: str) -> None:
    client.delete_run(run_id)
    with pytest.raises(MlflowException, match="deleted state"):
        mlflow.start_run(run_id=run_id)


def test_end_run_with_a_status(tracking: str, experiment_id: str) -> None:
    run = mlflow.start_run(experiment_id=experiment_id)
    mlflow.end_run("KILLED")
    assert mlflow.get_run(run.info.run_id).info.status == "KILLED"
    assert mlflow.active_run() is None


def test_logging_without_a_run_starts_one(tracking: str, name: str) -> None:
    mlflow.set_experiment(name)
    mlflow.log_metric("m", 1.0)
    run = mlflow.active_run()
    assert run is not None
    mlflow.end_run()
    assert mlflow.get_run(run.info.run_id).data.metrics == {"m": 1.0}


def test_log_to_a_run_that_is_not_active(tracking: str, run_id: str) -> None:
    mlflow.log_metric("m", 3.0, run_id=run_id)
    mlflow.log_metrics({"n": 4.0}, run_id=run_id)
    mlflow.log_params({"p": 5}, run_id=run_id)
    data = mlflow.get_run(run_id).data
    assert data.metrics == {"m": 3.0, "n": 4.0}
    assert data.params == {"p": "5"}
    assert mlflow.active_run() is None


def test_set_experiment(tracking: str, client: MlflowClient, name: str) -> None:
    made = mlflow.set_experiment(name)
    assert made.name == name
    again = mlflow.set_experiment(name)
    assert again.experiment_id == made.experiment_id
    by_id = mlflow.set_experiment(experiment_id=made.experiment_id)
    assert by_id.name == name
    with mlflow.start_run() as run:
        pass
    assert run.info.experiment_id == made.experiment_id


def test_set_experiment_that_was_deleted(tracking: str, client: MlflowClient, name: str) -> None:
    client.delete_experiment(client.create_experiment(name))
    with pytest.raises(MlflowException, match="Cannot set a deleted experiment"):
        mlflow.set_experiment(name)


def test_experiment_by_variable(
    tracking: str, client: MlflowClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", name)
    with mlflow.start_run() as run:
        pass
    assert client.get_experiment(run.info.experiment_id).name == name


def test_experiment_id_by_variable(
    tracking: str, experiment_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", experiment_id)
    with mlflow.start_run() as run:
        pass
    assert run.info.experiment_id == experiment_id


def test_default_experiment(tracking: str) -> None:
    with mlflow.start_run() as run:
        pass
    assert run.info.experiment_id == "0"


def test_experiments_by_the_fluent_api(tracking: str, name: str) -> None:
    experiment_id = mlflow.create_experiment(name, tags={"k": "v"})
    assert mlflow.get_experiment(experiment_id).tags == {"k": "v"}
    assert mlflow.get_experiment_by_name(name).experiment_id == experiment_id
    found = mlflow.search_experiments(filter_string=f"name = '{name}'")
    assert [e.experiment_id for e in found] == [experiment_id]
    mlflow.delete_experiment(experiment_id)
    gone = mlflow.search_experiments(
        view_type=ViewType.DELETED_ONLY, filter_string=f"name = '{name}'"
    )
    assert [e.experiment_id for e in gone] == [experiment_id]
    mlflow.restore_experiment(experiment_id)
    assert mlflow.get_experiment(experiment_id).lifecycle_stage == "active"


def test_runs_by_the_fluent_api(tracking: str, run_id: str) -> None:
    mlflow.delete_run(run_id)
    assert mlflow.get_run(run_id).info.lifecycle_stage == "deleted"
    mlflow.restore_run(run_id)
    assert mlflow.get_run(run_id).info.lifecycle_stage == "active"
