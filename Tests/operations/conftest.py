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
def quiet_mlflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """mlflow in this process without what a test before has set. It makes a database of its own
    where it runs."""
    monkeypatch.chdir(tmp_path)
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
    from mlflow import MlflowClient
    from mlflow.entities import Param

    from operations import contents
    from operations.commands import change

    home = tmp_path / "mlflow"
    home.mkdir()
    shutil.copy(mlflow_template, home / "mlflow.db")
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    local = client.create_experiment("local", str(home / "files"), {"team": "猫"})
    proxied = client.create_experiment("proxied", "mlflow-artifacts:/2")
    remote = client.create_experiment("remote", "s3://bucket/3")
    gone = client.create_experiment("gone", str(home / "gone"))
    odd = ("odd", [math.nan, math.inf, -math.inf, -0.0])
    params = [Param("lr", "0.1"), Param("long", "v" * 6000)]
    run_id = contents.log_runs(client, local, 2500, odd, params, "d")
    model = contents.log_model(client, local, run_id)
    (home / "files" / "models" / model / "artifacts").mkdir(parents=True)
    (home / "files" / "models" / model / "artifacts" / "MLmodel").write_text("model")
    behind = client.create_run(proxied).info.run_id
    (home / "mlartifacts" / "2" / behind / "artifacts").mkdir(parents=True)
    (home / "mlartifacts" / "2" / behind / "artifacts" / "a.txt").write_text("behind")
    client.create_run(remote)
    contents.delete_some(client, local, gone)
    source = f"{home / 'files'}/models/{model}/artifacts"
    contents.register(client, source, run_id, "what it does")
    # What Roost has no place for.
    change(
        home / "mlflow.db",
        "INSERT INTO trace_tags (key, value, request_id) VALUES ('k', 'v', 'tr')",
    )
    return home
