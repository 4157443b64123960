"""Fixtures of the operator's tests."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Mlflow = Callable[..., str]


@pytest.fixture
def quiet_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """mlflow in this process without what a test before has set."""
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of mlflow 3.17.2: quicker to copy than to have each test migrate one."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    folder = tmp_path_factory.mktemp("template")
    SqlAlchemyStore(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "artifacts"))
    return folder / "mlflow.db"


@pytest.fixture
def written(mlflow_template: Path, quiet_mlflow: None, tmp_path: Path) -> Path:
    """A database of mlflow with one of everything, and its files behind a proxy and in a folder."""
    import mlflow
    import numpy
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag

    from operations.commands import change

    home = tmp_path / "mlflow"
    home.mkdir()
    shutil.copy(mlflow_template, home / "mlflow.db")
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    local = client.create_experiment("local", str(home / "files"), {"team": "猫"})
    proxied = client.create_experiment("proxied", "mlflow-artifacts:/2")
    remote = client.create_experiment("remote", "s3://bucket/3")
    gone = client.create_experiment("gone", str(home / "gone"))
    for number in range(3):
        run = client.create_run(
            local, start_time=1000 + number, run_name=f"r{number}", tags={"n": "x"}
        )
        run_id = run.info.run_id
        points = [Metric("loss", 1 / (s + 1), 5000 + s, s) for s in range(2500)]
        points += [
            Metric("odd", v, 7, i) for i, v in enumerate([math.nan, math.inf, -math.inf, -0.0])
        ]
        for start in range(0, len(points), 1000):
            client.log_batch(run_id, metrics=points[start : start + 1000])
        client.log_batch(
            run_id,
            params=[Param("lr", "0.1"), Param("long", "v" * 6000)],
            tags=[RunTag("t", "1\n2")],
        )
        data = mlflow.data.from_numpy(numpy.array([1, 2, number]), name="d")
        client.log_inputs(run_id, [mlflow.entities.DatasetInput(data._to_mlflow_entity(), [
            mlflow.entities.InputTag("mlflow.data.context", "train")])])  # fmt: skip
        client.log_text(run_id, f"text {number}", "deep/er/猫.txt")
        if number:
            client.set_terminated(run_id, "FAILED" if number == 1 else None, end_time=9000)
    model = client.create_logged_model(local, "m", run_id, params={"a": "b"}, tags={"c": "d"})
    client.log_inputs(run_id, models=[LoggedModelInput(model.model_id)])
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 3)])
    client.log_metric(run_id, "acc", 0.9, step=4, model_id=model.model_id)
    client.finalize_logged_model(model.model_id, "READY")
    (home / "files" / "models" / model.model_id / "artifacts").mkdir(parents=True)
    (home / "files" / "models" / model.model_id / "artifacts" / "MLmodel").write_text("model")
    behind = client.create_run(proxied).info.run_id
    (home / "mlartifacts" / "2" / behind / "artifacts").mkdir(parents=True)
    (home / "mlartifacts" / "2" / behind / "artifacts" / "a.txt").write_text("behind")
    client.create_run(remote)
    client.delete_run(client.create_run(local).info.run_id)
    client.create_run(gone)
    client.delete_experiment(gone)
    client.create_registered_model("registered", tags={"a": "b"}, description="what it does")
    source = f"{home / 'files'}/models/{model.model_id}/artifacts"
    version = client.create_model_version("registered", source, run_id, tags={"c": "d"})
    client.set_registered_model_alias("registered", "best", version.version)
    client.create_model_version("registered", "s3://bucket/model", description="two")
    # What Roost has no place for.
    change(
        home / "mlflow.db",
        "INSERT INTO trace_tags (key, value, request_id) VALUES ('k', 'v', 'tr')",
    )
    return home
