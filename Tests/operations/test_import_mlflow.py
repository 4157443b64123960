"""`roost import mlflow`: all that real mlflow wrote is there, and the source is as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlflow import MlflowClient
from support.servers import RoostServer

from operations.commands import change, contents, post, refused, roost, rows, tree, well
from operations.states import state


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
    first = contents(here / "roost.db")
    files = tree(here / "mlartifacts")
    said = well(roost(*words, at=here))
    assert "(0 new), 7 runs (0 new)" in said and "0 files copied (0 bytes), 5 here already" in said
    assert contents(here / "roost.db") == first
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
    assert "there is no folder" in refused(roost("import", "mlflow", "./mlruns", at=at))
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
