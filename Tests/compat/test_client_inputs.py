"""Dataset inputs and model inputs and outputs of a run, by the fluent API and by the client."""

from __future__ import annotations

import json

import mlflow
import numpy
import pandas
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
)


def test_log_input_pandas(tracking: str, client: MlflowClient, experiment_id: str) -> None:
    frame = pandas.DataFrame({"x": [1.0, 2.0, 3.0], "label": ["a", "b", "c"]})
    dataset = mlflow.data.from_pandas(frame, source="birds.csv", name="birds", targets="label")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_input(dataset, context="training", tags={"split": "1"})
    (logged,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert logged.dataset.name == "birds"
    assert logged.dataset.digest == dataset.digest
    assert logged.dataset.source_type == "local"
    assert json.loads(logged.dataset.source) == {"uri": "birds.csv"}
    assert json.loads(logged.dataset.profile) == {"num_rows": 3, "num_elements": 6}
    schema = json.loads(logged.dataset.schema)["mlflow_colspec"]
    assert [column["name"] for column in schema] == ["x", "label"]
    tags = {tag.key: tag.value for tag in logged.tags}
    assert tags == {"mlflow.data.context": "training", "split": "1"}


def test_log_input_numpy(tracking: str, client: MlflowClient, experiment_id: str) -> None:
    dataset = mlflow.data.from_numpy(numpy.asarray([[1, 2], [3, 4]]), source="grid.npy")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_input(dataset)
    (logged,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert logged.dataset.name == "dataset"
    assert json.loads(logged.dataset.profile) == {
        "features_shape": [2, 2],
        "features_size": 4,
        "features_nbytes": 32,
    }
    assert logged.tags == []


def test_log_inputs_several(tracking: str, client: MlflowClient, experiment_id: str) -> None:
    first = mlflow.data.from_numpy(numpy.zeros(3), source="a", name="first")
    second = mlflow.data.from_numpy(numpy.ones(3), source="b", name="second")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_inputs(
            [first, second], contexts=["training", "test"], tags_list=[None, {"k": "v"}]
        )
    logged = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert {i.dataset.name for i in logged} == {"first", "second"}
    by_name = {i.dataset.name: {t.key: t.value for t in i.tags} for i in logged}
    assert by_name == {
        "first": {"mlflow.data.context": "training"},
        "second": {"mlflow.data.context": "test", "k": "v"},
    }


def test_same_dataset_twice_is_one_input(client: MlflowClient, run_id: str) -> None:
    for _ in range(2):
        client.log_inputs(run_id, datasets=[dataset_input("d", "1")])
    assert len(client.get_run(run_id).inputs.dataset_inputs) == 1


def test_one_dataset_in_two_runs(client: MlflowClient, experiment_id: str) -> None:
    runs = [client.create_run(experiment_id).info.run_id for _ in range(2)]
    for each in runs:
        client.log_inputs(each, datasets=[dataset_input("shared", "7")])
    for each in runs:
        (logged,) = client.get_run(each).inputs.dataset_inputs
        assert (logged.dataset.name, logged.dataset.digest) == ("shared", "7")


def test_search_runs_by_dataset(client: MlflowClient, experiment_id: str) -> None:
    with_input = client.create_run(experiment_id).info.run_id
    client.create_run(experiment_id)
    tags = [InputTag("mlflow.data.context", "training")]
    client.log_inputs(with_input, datasets=[dataset_input("needle", "42", tags)])
    for clause in (
        "datasets.name = 'needle'",
        "dataset.digest = '42'",
        "datasets.context = 'training'",
        "datasets.name LIKE 'nee%' AND datasets.digest = '42'",
    ):
        found = client.search_runs([experiment_id], clause)
        assert [r.info.run_id for r in found] == [with_input], clause
    assert client.search_runs([experiment_id], "datasets.name = 'other'") == []
    (run,) = client.search_runs([experiment_id], "datasets.name = 'needle'")
    assert run.inputs.dataset_inputs[0].dataset.name == "needle"


def test_metric_of_a_dataset(tracking: str, client: MlflowClient, experiment_id: str) -> None:
    dataset = mlflow.data.from_numpy(numpy.zeros(2), source="s", name="valid")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_metrics({"acc": 0.5}, dataset=dataset)
    got = client.get_run(run.info.run_id)
    assert got.data.metrics == {"acc": 0.5}
    assert [i.dataset.name for i in got.inputs.dataset_inputs] == ["valid"]


def test_model_inputs_and_outputs(client: MlflowClient, run_id: str) -> None:
    client.log_inputs(run_id, models=[LoggedModelInput("m-1234")])
    client.log_outputs(run_id, models=[LoggedModelOutput("m-5678", step=3)])
    got = client.get_run(run_id)
    assert [i.model_id for i in got.inputs.model_inputs] == ["m-1234"]
    assert [(o.model_id, o.step) for o in got.outputs.model_outputs] == [("m-5678", 3)]


def dataset_input(name: str, digest: str, tags: list[InputTag] | None = None) -> DatasetInput:
    dataset = Dataset(name, digest, "local", json.dumps({"uri": name}), "{}", "{}")
    return DatasetInput(dataset, tags or [])
