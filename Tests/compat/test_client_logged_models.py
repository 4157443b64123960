"""MlflowClient and logged models: making, finalizing, finding, deleting, tags, params, files."""

from __future__ import annotations

import re

import mlflow
import numpy
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException


def test_life(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    model = client.create_logged_model(
        experiment_id,
        name="forest",
        source_run_id=run_id,
        tags={"team": "birds"},
        params={"depth": "3"},
        model_type="classifier",
    )
    assert re.fullmatch("m-[0-9a-f]{32}", model.model_id)
    got = client.get_logged_model(model.model_id)
    assert (got.name, got.experiment_id, got.source_run_id) == ("forest", experiment_id, run_id)
    assert (got.tags, got.params, got.metrics) == ({"team": "birds"}, {"depth": "3"}, [])
    assert (got.model_type, str(got.status)) == ("classifier", "PENDING")
    assert got.artifact_location.endswith(f"/{experiment_id}/models/{got.model_id}/artifacts")
    assert got.creation_timestamp == got.last_updated_timestamp
    ready = client.finalize_logged_model(model.model_id, "READY")
    assert str(ready.status) == "READY"
    assert ready.last_updated_timestamp >= got.creation_timestamp
    client.delete_logged_model(model.model_id)
    with pytest.raises(MlflowException, match="not found") as caught:
        client.get_logged_model(model.model_id)
    assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert client.search_logged_models([experiment_id]) == []


def test_random_name(client: MlflowClient, experiment_id: str) -> None:
    first, second = (client.create_logged_model(experiment_id) for _ in range(2))
    assert first.name != "" and first.model_id != second.model_id


def test_bad_name(client: MlflowClient, experiment_id: str) -> None:
    with pytest.raises(MlflowException, match="Invalid model name"):
        client.create_logged_model(experiment_id, name="a/b")


def test_tags(client: MlflowClient, experiment_id: str) -> None:
    model = client.create_logged_model(experiment_id, tags={"a": "1"})
    client.set_logged_model_tags(model.model_id, {"a": "2", "猫 b": "ü"})
    assert client.get_logged_model(model.model_id).tags == {"a": "2", "猫 b": "ü"}
    client.delete_logged_model_tag(model.model_id, "猫 b")
    assert client.get_logged_model(model.model_id).tags == {"a": "2"}
    with pytest.raises(MlflowException, match="No tag with key 'zz' found"):
        client.delete_logged_model_tag(model.model_id, "zz")


def test_many_params_come_in_several_requests(client: MlflowClient, experiment_id: str) -> None:
    params = {f"p{n}": str(n) for n in range(250)}
    model = client.create_logged_model(experiment_id, params=params)
    assert model.params == params
    client.log_model_params(model.model_id, {"late": "1"})
    assert client.get_logged_model(model.model_id).params["late"] == "1"
    with pytest.raises(MlflowException):
        client.log_model_params(model.model_id, {"late": "2"})


def test_metrics(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    model = client.create_logged_model(experiment_id, name="m")
    client.log_metric(run_id, "acc", 0.5, timestamp=10, step=1, model_id=model.model_id)
    client.log_batch(
        run_id,
        metrics=[
            Metric("acc", 0.75, 20, 2, model.model_id, "valid", "abc123", run_id),
            Metric("loss", 1.5, 20, 2),
        ],
    )
    metrics = {metric.step: metric for metric in client.get_logged_model(model.model_id).metrics}
    assert metrics.keys() == {1, 2}
    assert (metrics[1].key, metrics[1].value, metrics[1].timestamp) == ("acc", 0.5, 10)
    assert (metrics[1].run_id, metrics[1].model_id) == (run_id, model.model_id)
    assert (metrics[2].dataset_name, metrics[2].dataset_digest) == ("valid", "abc123")
    # The run has the same points, as always.
    assert client.get_run(run_id).data.metrics == {"acc": 0.75, "loss": 1.5}


def test_search(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    for number in range(5):
        model = client.create_logged_model(
            experiment_id,
            name=f"m{number}",
            params={"n": str(number)},
            tags={"even": "01"[number % 2]},
        )
        client.log_metric(
            run_id, "acc", number / 10, timestamp=1, step=number, model_id=model.model_id
        )

    def names(filter_string: str | None = None, **more) -> list[str]:
        found = client.search_logged_models([experiment_id], filter_string, **more)
        return [model.name for model in found]

    up = [{"field_name": "metrics.acc"}]
    assert names(order_by=up) == ["m0", "m1", "m2", "m3", "m4"]
    down = [{"field_name": "metrics.acc", "ascending": False}]
    assert names("metrics.acc > 0.15", order_by=down) == ["m4", "m3", "m2"]
    assert names("name = 'm3'") == ["m3"]
    assert names("params.n IN ('1', '2') AND tags.even = '1'") == ["m1"]
    assert sorted(names("name LIKE 'm%' AND params.n != '0'")) == ["m1", "m2", "m3", "m4"]
    first = client.search_logged_models([experiment_id], order_by=up, max_results=3)
    assert [model.name for model in first] == ["m0", "m1", "m2"]
    rest = client.search_logged_models(
        [experiment_id], order_by=up, max_results=3, page_token=first.token
    )
    assert [model.name for model in rest] == ["m3", "m4"]
    assert not rest.token
    with pytest.raises(MlflowException, match="Only metrics are supported"):
        names(order_by=[{"field_name": "params.n"}])


def test_search_by_dataset(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    for name, digest, value in (("a", "1", 0.3), ("b", "2", 0.6), ("c", "2", 0.9)):
        model = client.create_logged_model(experiment_id, name=name)
        client.log_metric(
            *(run_id, "acc", value),
            timestamp=1,
            model_id=model.model_id,
            dataset_name="valid",
            dataset_digest=digest,
        )
    found = client.search_logged_models(
        [experiment_id],
        "metrics.acc > 0.1",
        datasets=[{"dataset_name": "valid", "dataset_digest": "2"}],
        order_by=[
            {
                "field_name": "metrics.acc",
                "ascending": True,
                "dataset_name": "valid",
                "dataset_digest": "2",
            }
        ],
    )
    assert [model.name for model in found] == ["b", "c"]


def test_artifacts(tracking: str, client: MlflowClient, experiment_id: str, tmp_path) -> None:
    model = client.create_logged_model(experiment_id, name="files")
    (tmp_path / "MLmodel").write_text("flavors: {}\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights.bin").write_bytes(bytes(range(256)))
    client.log_model_artifacts(model.model_id, str(tmp_path))
    client.log_model_artifact(model.model_id, str(tmp_path / "MLmodel"))
    top = {each.path: each for each in client.list_logged_model_artifacts(model.model_id)}
    assert top.keys() == {"MLmodel", "data"}
    assert top["data"].is_dir and top["MLmodel"].file_size == 12
    (below,) = client.list_logged_model_artifacts(model.model_id, "data")
    assert (below.path, below.file_size) == ("data/weights.bin", 256)
    got = mlflow.artifacts.download_artifacts(
        f"models:/{model.model_id}", dst_path=str(tmp_path / "got")
    )
    with open(f"{got}/data/weights.bin", "rb") as file:
        assert file.read() == bytes(range(256))


def test_models_of_a_run(client: MlflowClient, experiment_id: str, run_id: str) -> None:
    model = client.create_logged_model(experiment_id, source_run_id=run_id)
    client.log_outputs(run_id, [mlflow.entities.LoggedModelOutput(model.model_id, step=4)])
    other = client.create_run(experiment_id).info.run_id
    client.log_inputs(other, models=[mlflow.entities.LoggedModelInput(model.model_id)])
    client.delete_logged_model(model.model_id)
    (output,) = client.get_run(run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (model.model_id, 4)
    assert [each.model_id for each in client.get_run(other).inputs.model_inputs] == [model.model_id]


def test_fluent(tracking: str, client: MlflowClient, name: str) -> None:
    experiment_id = mlflow.set_experiment(name).experiment_id
    model = mlflow.initialize_logged_model(name="agent", params={"k": "5"})
    mlflow.finalize_logged_model(model.model_id, "READY")
    dataset = mlflow.data.from_numpy(numpy.zeros(3), source="zeros", name="zeros")
    with mlflow.start_run():
        mlflow.log_input(dataset, context="testing", model=None)
        mlflow.log_metrics({"a": 1.0, "b": 2.0}, dataset=dataset, model_id=model.model_id)
        run_id = mlflow.active_run().info.run_id
    got = mlflow.get_logged_model(model.model_id)
    assert {metric.key: metric.value for metric in got.metrics} == {"a": 1.0, "b": 2.0}
    assert {metric.dataset_digest for metric in got.metrics} == {dataset.digest}
    frame = mlflow.search_logged_models([experiment_id], "metrics.a = 1")
    assert frame["model_id"].tolist() == [model.model_id]
    assert frame["source_run_id"].tolist() in ([""], [None])
    assert client.get_run(run_id).data.metrics == {"a": 1.0, "b": 2.0}
