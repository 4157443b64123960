"""`roost import mlflow`: all that real mlflow wrote is there, and the source is as it was."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import mlflow
import numpy
import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag, ViewType
from support.servers import RoostServer

from operations.commands import change, post, refused, roost, rows, tree, well

ALL = ViewType.ALL


@pytest.fixture
def written(mlflow_template: Path, quiet_mlflow: None, tmp_path: Path) -> Path:
    """A database of mlflow with one of everything, and its files behind a proxy and in a folder."""
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


def text(part: object) -> str:
    """Equal for equal parts: members of a dictionary in order."""
    return repr(sorted(part.items()) if isinstance(part, dict) else part)


def state(client: MlflowClient) -> dict[str, object]:
    """Everything that can be asked, without where files are."""
    found: dict[str, object] = {}
    for experiment in client.search_experiments(view_type=ALL):
        key = experiment.experiment_id
        found[key] = (experiment.name, experiment.lifecycle_stage, experiment.tags)
        for run in client.search_runs([key], run_view_type=ALL):
            run = client.get_run(run.info.run_id)
            info = {k: v for k, v in dict(run.info).items() if k != "artifact_uri"}
            histories = {
                metric: [
                    (p.value, p.timestamp, p.step)
                    for p in client.get_metric_history(run.info.run_id, metric)
                ]
                for metric in run.data.metrics
            }
            inputs = [
                (i.dataset.to_dictionary(), [dict(t) for t in i.tags])
                for i in run.inputs.dataset_inputs
            ]
            models = (
                [m.model_id for m in run.inputs.model_inputs],
                [dict(m) for m in run.outputs.model_outputs],
            )
            parts = [info, run.data.params, run.data.tags, run.data.metrics]
            # As text: no NaN equals another.
            found[run.info.run_id] = [text(part) for part in [*parts, histories, inputs, models]]
        for model in client.search_logged_models([key]):
            whole = client.get_logged_model(model.model_id).to_dictionary()
            found[model.model_id] = repr(
                {k: v or None for k, v in whole.items() if k != "artifact_location"}
            )
    return found


def test_everything_is_taken_and_the_source_stays(written: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    before = (written / "mlflow.db").read_bytes()
    uri = f"sqlite:///{written / 'mlflow.db'}"
    said = well(
        roost("import", "mlflow", uri, "--source-artifacts", written / "mlartifacts", at=here)
    )
    assert (
        "taken: 5 experiments (4 new), 7 runs (7 new), 7513 points, 1 logged model (1 new)" in said
    )
    assert "files: 5 files copied" in said
    assert "not taken: the files of 1 run or model at s3://bucket" in said
    assert "taken: 1 registered model (1 new), 2 new versions" in said
    assert "not taken: trace_tags, 1 row" in said
    assert (written / "mlflow.db").read_bytes() == before
    theirs = state(MlflowClient(uri))
    assert "nothing is wrong" in well(roost("check", at=here))
    with RoostServer(
        "--artifacts-destination", str(here / "mlartifacts"), database=here / "roost.db"
    ) as server:
        client = MlflowClient(server.url)
        ours = state(client)
        assert ours.keys() == theirs.keys()
        for key, value in theirs.items():
            assert ours[key] == value, key
        local = client.get_experiment_by_name("local")
        for run in client.search_runs([local.experiment_id]):
            number = run.info.run_name[1:]
            path = client.download_artifacts(run.info.run_id, "deep/er/猫.txt", str(tmp_path))
            assert Path(path).read_text() == f"text {number}"
        registered = client.get_registered_model("registered")
        assert (registered.tags, registered.description) == ({"a": "b"}, "what it does")
        first = client.get_model_version_by_alias("registered", "best")
        assert (first.version, first.tags) == ("1", {"c": "d"})
        model = client.search_logged_models([local.experiment_id])[0]
        assert first.source == model.artifact_location
        second = client.get_model_version("registered", "2")
        assert (second.source, second.description) == ("s3://bucket/model", "two")
        # The numbers of versions go on, too.
        assert client.create_model_version("registered", "s3://bucket/model").version == "3"
        # Ids go on after those that were taken.
        assert int(client.create_experiment("next")) == 5
        point = {"run_id": run.info.run_id, "key": "loss", "value": 2.0, "timestamp": 1, "step": 9}
        post(server, "2.0/mlflow/runs/log-metric", point)


def test_the_second_time_changes_nothing_and_takes_what_is_new(
    written: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    uri = f"sqlite:///{written / 'mlflow.db'}"
    words = ["import", "mlflow", uri, "--source-artifacts", str(written / "mlartifacts")]
    well(roost(*words, at=here))
    tables = [
        n for (n,) in rows(here / "roost.db", "SELECT name FROM sqlite_schema WHERE type='table'")
    ]
    # Where points are kept may change when the database is idle; what is known of them may not.
    tables = [t for t in tables if t not in ("metric_points", "metric_chunks", "metric_series")]
    queries = [f'SELECT * FROM "{t}" ORDER BY 1, 2' for t in tables]
    queries.append("SELECT id, run, key, points, step, timestamp, value, is_nan FROM metric_series")
    first = [rows(here / "roost.db", query) for query in queries]
    files = tree(here / "mlartifacts")
    said = well(roost(*words, at=here))
    assert "(0 new), 7 runs (0 new)" in said and "0 files copied (0 bytes), 5 here already" in said
    assert [rows(here / "roost.db", query) for query in queries] == first
    assert tree(here / "mlartifacts") == files
    # The run that was still running goes on there, and another value is logged here.
    client = MlflowClient(uri)
    run = client.search_runs(["1"], "attributes.run_name = 'r0'")[0].info.run_id
    client.log_metric(run, "loss", 7.0, timestamp=1, step=99_999)
    client.log_param(run, "more", "1")
    client.log_text(run, "new", "new.txt")
    client.set_terminated(run, end_time=9999)
    change(here / "roost.db", "UPDATE run_params SET value = 'mine' WHERE value = '0.1'")
    said = well(roost(*words, at=here))
    assert "7 runs (0 new)" in said and "1 file copied" in said
    assert f"kept as it is here, another value in the source: run {run}, param lr" in said
    got = rows(here / "roost.db", "SELECT status, end_time FROM runs WHERE run_id = ?", run)
    assert got == [("FINISHED", 9999)]
    query = "SELECT points, value FROM metric_series s JOIN runs r ON r.id = s.run"
    query += " WHERE run_id = ? AND step = 99999"
    assert rows(here / "roost.db", query, run) == [(2501, 7.0)]
    assert "nothing is wrong" in well(roost("check", at=here))


def test_two_sources_merge(written: Path, mlflow_template: Path, tmp_path: Path) -> None:
    """Experiments meet by their names; a number that is taken gives way."""
    here = tmp_path / "here"
    here.mkdir()
    well(roost("import", "mlflow", f"sqlite:///{written / 'mlflow.db'}", "--no-files", at=here))
    shutil.copy(mlflow_template, tmp_path / "other.db")
    other = MlflowClient(f"sqlite:///{tmp_path / 'other.db'}")
    other.create_run(other.create_experiment("elsewhere"))
    joined = other.create_run(other.create_experiment("local")).info.run_id
    said = well(roost("import", "mlflow", "sqlite:///../other.db", at=here))
    assert "3 experiments (1 new), 2 runs (2 new)" in said
    names = dict(rows(here / "roost.db", "SELECT name, id FROM experiments"))
    assert names["elsewhere"] == 5 and names["local"] == 1
    query = "SELECT experiment FROM runs WHERE run_id = ?"
    assert rows(here / "roost.db", query, joined) == [(1,)]
    assert not (here / "mlartifacts").exists()


def test_what_is_no_source_is_named(written: Path, tmp_path: Path) -> None:
    at = tmp_path
    assert "There is no database" in refused(roost("import", "mlflow", "sqlite:///none.db", at=at))
    assert "migrate-filestore" in refused(roost("import", "mlflow", "./mlruns", at=at))
    assert "not supported" in refused(roost("import", "mlflow", "postgresql://h/d", at=at))
    assert "in memory" in refused(roost("import", "mlflow", "sqlite://", at=at), 2)
    uri = f"sqlite:///{written / 'mlflow.db'}"
    said = refused(roost("import", "mlflow", uri, "--source-artifacts", "nowhere", at=at))
    assert "nowhere' is no directory" in said
    change(written / "mlflow.db", "ALTER TABLE logged_model_metrics DROP COLUMN dataset_digest")
    assert "mlflow db upgrade" in refused(roost("import", "mlflow", uri, at=at))
    assert not (at / "roost.db").exists()
    with RoostServer() as server:
        own = f"sqlite:///{server.database}"
        assert "is no database of MLflow" in refused(roost("import", "mlflow", own, at=at))
