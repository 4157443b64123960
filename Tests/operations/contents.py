"""What the imports are given to take: one of everything, written by mlflow's own client."""

from __future__ import annotations

from collections.abc import Sequence

import mlflow
import numpy
from mlflow import MlflowClient
from mlflow.entities import (
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)


def log_runs(
    client: MlflowClient, experiment: str, points: int, odd: tuple[str, Sequence[float]],
    params: Sequence[Param], dataset: str,
) -> str:  # fmt: skip
    """Three runs: in use, failed, finished. Each has a long series, one of odd values, a file, and
    a dataset; the id of the last one."""
    for number in range(3):
        fields = {"start_time": 1000 + number, "run_name": f"r{number}", "tags": {"n": "x"}}
        run_id = client.create_run(experiment, **fields).info.run_id
        metrics = [Metric("loss", 1 / (s + 1), 5000 + s, s) for s in range(points)]
        metrics += [Metric(odd[0], value, 7, step) for step, value in enumerate(odd[1])]
        for start in range(0, len(metrics), 1000):
            client.log_batch(run_id, metrics=metrics[start : start + 1000])
        client.log_batch(run_id, params=params, tags=[RunTag("t", "1\n2")])
        data = mlflow.data.from_numpy(numpy.array([1, 2, number]), name=dataset)
        context = InputTag("mlflow.data.context", "train")
        client.log_inputs(run_id, [DatasetInput(data._to_mlflow_entity(), [context])])
        client.log_text(run_id, f"text {number}", "deep/er/猫.txt")
        if number:
            client.set_terminated(run_id, "FAILED" if number == 1 else None, end_time=9000)
    return run_id


def log_model(client: MlflowClient, experiment: str, run_id: str) -> str:
    """A logged model that the run reads, makes and measures; its id."""
    model = client.create_logged_model(experiment, "m", run_id, params={"a": "b"}, tags={"c": "d"})
    client.log_inputs(run_id, models=[LoggedModelInput(model.model_id)])
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 3)])
    client.log_metric(run_id, "acc", 0.9, step=4, model_id=model.model_id)
    client.finalize_logged_model(model.model_id, "READY")
    return model.model_id


def delete_some(client: MlflowClient, experiment: str, gone: str) -> None:
    """A run in the trash, and an experiment with a run in it."""
    client.delete_run(client.create_run(experiment).info.run_id)
    client.create_run(gone)
    client.delete_experiment(gone)


def register(client: MlflowClient, source: str, run_id: str, description: str) -> None:
    """A registered model with two versions and an alias."""
    client.create_registered_model("registered", tags={"a": "b"}, description=description)
    version = client.create_model_version("registered", source, run_id, tags={"c": "d"})
    client.set_registered_model_alias("registered", "best", version.version)
    client.create_model_version("registered", "s3://bucket/model", description="two")
