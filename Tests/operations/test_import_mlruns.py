"""`roost import mlflow` on a folder of MLflow's file store, written by real mlflow."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Param
from support.servers import RoostServer

from operations import contents
from operations.commands import refused, roost, rows, tree, well
from operations.states import ALL

# What PyYAML quotes, folds and escapes.
NAMES = [
    "plain", "it's: a #thing", "  blanks  ", "null", "12", "1.5e3", "yes", "- item", "a: b",
    '"quoted"', "long " * 40, "cat " + "猫 " * 40, "😀", "line\nbreak\n\nand more",
    "tab\tand \x07 bell", "\u2028", "x" * 200 + " y", "{}", "[a]", "!tag", "&anchor", "*alias",
    "%percent", "@at", "`tick", "|", ">", "?", "~", "a\\b", "=", "é" * 60,
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, quiet_mlflow: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the file store with one of everything."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    home = tmp_path / "source" / "mlruns"
    home.parent.mkdir()
    client = MlflowClient(str(home))
    local = client.create_experiment("local: 猫 #1", tags={"team": "search", "a/b": "1\n2"})
    elsewhere = client.create_experiment("elsewhere", str(tmp_path / "elsewhere"))
    remote = client.create_experiment("remote", "s3://bucket/3")
    gone = client.create_experiment("gone")
    odd = ("deep/er", [float("nan"), 1e-300, -0.5])
    params = [Param("lr", "0.1"), Param("long", "v" * 6000), Param("a/b", "é\n")]
    run = contents.log_runs(client, local, 900, odd, params, "d: 'x'")
    model = contents.log_model(client, local, run)
    place = home / local / "models" / model / "artifacts"
    place.mkdir(parents=True, exist_ok=True)
    (place / "MLmodel").write_text("model")
    client.log_text(client.create_run(elsewhere).info.run_id, "far", "far.txt")
    client.create_run(remote)
    contents.delete_some(client, local, gone)
    for name in NAMES:
        client.create_run(local, run_name=name)
    contents.register(client, str(place), run, "what: it 'does'")
    client.create_model_version("registered", "s3://bucket/none")
    client.delete_model_version("registered", "3")
    return home


def runs_of(client: MlflowClient) -> dict[str, list[str]]:
    """Every run with all that belongs to it, experiments by their names."""
    found = {}
    for experiment in client.search_experiments(view_type=ALL):
        found[experiment.name] = [experiment.lifecycle_stage, sorted(experiment.tags.items())]
        for run in client.search_runs([experiment.experiment_id], run_view_type=ALL):
            run = client.get_run(run.info.run_id)
            info = {
                k: v
                for k, v in dict(run.info).items()
                if k not in ("artifact_uri", "experiment_id")
            }
            histories = {
                key: sorted(
                    repr((p.value, p.timestamp, p.step))
                    for p in client.get_metric_history(run.info.run_id, key)
                )
                for key in run.data.metrics
            }
            inputs = [
                (i.dataset.to_dictionary(), [dict(t) for t in i.tags])
                for i in run.inputs.dataset_inputs
            ]
            models = (
                [m.model_id for m in run.inputs.model_inputs],
                [dict(m) for m in run.outputs.model_outputs],
            )
            parts = [info, run.data.params, run.data.tags, run.data.metrics, histories]
            found[run.info.run_id] = [repr(sorted(p.items())) for p in parts] + [
                repr((inputs, models))
            ]
    return found


def test_everything_of_a_folder_is_taken(folder: Path, tmp_path: Path) -> None:
    before = tree(folder)
    theirs = runs_of(MlflowClient(str(folder)))
    here = tmp_path / "here"
    here.mkdir()
    done = roost("import", "mlflow", folder, at=here)
    said = well(done)
    runs = 3 + 4 + len(NAMES)
    assert (
        f"5 experiments (4 new), {runs} runs ({runs} new), 2710 points, 1 logged model (1 new)"
        in said
    )
    assert "1 registered model (1 new), 2 new versions" in said
    assert "not taken: the files of 1 run or model at s3://bucket" in said
    # A folder must not have files read from anywhere else on this machine.
    assert f"not taken: the files of 1 run or model at /{tmp_path.parts[1]}" in said
    assert "files: 4 files copied" in said
    assert tree(folder) == before
    assert "nothing is wrong" in well(roost("check", at=here))
    files = str(here / "mlartifacts")
    with RoostServer("--artifacts-destination", files, database=here / "roost.db") as server:
        client = MlflowClient(server.url)
        ours = runs_of(client)
        assert ours.keys() == theirs.keys()
        for key, value in theirs.items():
            assert ours[key] == value, key
        local = client.get_experiment_by_name("local: 猫 #1")
        names = {r.info.run_name for r in client.search_runs([local.experiment_id])}
        assert names >= set(NAMES)
        for run in client.search_runs([local.experiment_id], "attributes.run_name LIKE 'r_'"):
            path = client.download_artifacts(run.info.run_id, "deep/er/猫.txt", str(tmp_path))
            assert Path(path).read_text() == f"text {run.info.run_name[1:]}"
        registered = client.get_registered_model("registered")
        assert (registered.tags, registered.description) == ({"a": "b"}, "what: it 'does'")
        first = client.get_model_version_by_alias("registered", "best")
        model = client.search_logged_models([local.experiment_id])[0]
        assert (first.version, first.tags, first.source) == (
            "1",
            {"c": "d"},
            model.artifact_location,
        )
        assert (model.params, model.tags) == ({"a": "b"}, {"c": "d"})
        assert [(m.key, m.value, m.step) for m in model.metrics] == [("acc", 0.9, 4)]
        # The number of the version that was deleted is not given again.
        assert client.create_model_version("registered", "s3://bucket/m").version == "4"
    # Once more, and the files that are elsewhere.
    said = well(
        roost(
            "import",
            "mlflow",
            folder.as_uri(),
            "--source-artifacts",
            tmp_path / "elsewhere",
            at=here,
        )
    )
    assert (
        f"(0 new), {runs} runs (0 new)" in said
        and "files: 1 file copied (3 bytes), 4 here already" in said
    )
    assert "another value" not in said


def test_a_folder_that_was_moved_brings_its_files(folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.move(folder, moved)
    here = tmp_path / "here"
    here.mkdir()
    said = well(roost("import", "mlflow", "../moved", at=here))
    assert "files: 4 files copied" in said and "no such directory" not in said
    assert not (here / "mlruns").exists()


def test_what_is_damaged_is_named_and_the_rest_taken(folder: Path, tmp_path: Path) -> None:
    client = MlflowClient(str(folder))
    local = client.get_experiment_by_name("local: 猫 #1").experiment_id
    ids = {r.info.run_name: r.info.run_id for r in client.search_runs([local])}
    home = folder / local
    (home / ids["plain"] / "meta.yaml").write_text("artifact_uri: &x 'a\n")
    with (home / ids["r0"] / "metrics" / "loss").open("a") as file:
        file.write("99 no number\n")
    with (home / ids["r1"] / "metrics" / "loss").open("a") as file:
        file.write("99 0.1234")
    os.symlink("/etc/passwd", home / ids["r2"] / "params" / "secret")
    (home / ids["12"] / "params" / "binary").write_bytes(b"\xff\xfe")
    os.symlink("/etc/hostname", home / ids["yes"] / "artifacts" / "link")
    (home / ids["a: b"] / "meta.yaml").unlink()
    meta = home / ids["|"] / "meta.yaml"
    meta.write_text(meta.read_text().replace(f"run_id: {ids['|']}", f"run_id: {ids['?']}"))
    (home / "notes").mkdir()
    os.symlink("/etc", home / "linked")
    (folder / "stray").mkdir()
    run = home / ids["~"]
    data = yaml.safe_load((run / "meta.yaml").read_text())
    (run / "meta.yaml").write_text(yaml.safe_dump(data | {"artifact_uri": "/etc"}))
    shutil.rmtree(run / "artifacts")
    (folder / "models" / "registered" / "meta.yaml").write_bytes(b"\x00")
    here = tmp_path / "here"
    here.mkdir()
    done = roost("import", "mlflow", folder, at=here)
    assert done.returncode == 1, done.stderr
    for words in (
        f"run {ids['plain']}: {ids['plain']}/meta.yaml, line 1: this part of YAML is not",
        f"run {ids['r0']}: metrics/loss, line 901: it is no point of a metric",
        f"run {ids['r1']}: the last line of metric loss is cut off, and left out",
        f"run {ids['r2']}: params/secret is a link or the like",
        f"run {ids['12']}: params/binary is no text",
        f"run {ids['a: b']}: {ids['a: b']}/meta.yaml is missing",
        f"run {ids['|']}: meta.yaml names another run_id than its folder",
        "run notes: notes/meta.yaml is missing",
        "experiment folder stray: stray/meta.yaml is missing",
        "registered model registered: registered/meta.yaml, line 1",
    ):
        assert f"not taken, it cannot be read: {words}" in done.stdout, words
    assert "a link or a name that Roost refuses: " in done.stdout
    assert "the files of 1 run or model at /etc" in done.stdout
    taken = {r for (r,) in rows(here / "roost.db", "SELECT run_id FROM runs")}
    assert ids["r1"] in taken and ids["~"] in taken and ids["yes"] in taken
    assert not taken & {ids[name] for name in ("plain", "r0", "r2", "12", "a: b", "|")}
    query = "SELECT points FROM metric_series s JOIN runs r ON r.id = s.run WHERE run_id = ?"
    assert (900,) in rows(here / "roost.db", query, ids["r1"])
    assert not [name for name in tree(here / "mlartifacts") if "hostname" in name or "link" in name]
    assert "nothing is wrong" in well(roost("check", at=here))


def test_what_is_no_folder_of_mlflow_is_named(tmp_path: Path) -> None:
    assert "there is no folder" in refused(roost("import", "mlflow", "none", at=tmp_path))
    (tmp_path / "other").mkdir()
    said = refused(roost("import", "mlflow", "other", at=tmp_path))
    assert "is no folder of MLflow's file store" in said
    assert not (tmp_path / "roost.db").exists()


def test_yaml_is_read_as_pyyaml_reads_it(tmp_path: Path) -> None:
    """Names of runs that a dumper has to think about, each in a folder of its own making."""
    import random

    chance = random.Random(7)
    letters = "ab '\":#-?\\\n\t{}[]!&*|>%@`~=,. é猫😀\u2028\x07\x85\ufeff0"
    experiment = tmp_path / "mlruns" / "1"
    experiment.mkdir(parents=True)
    meta = {
        "artifact_location": "x",
        "experiment_id": "1",
        "name": "e",
        "lifecycle_stage": "active",
    }
    (experiment / "meta.yaml").write_text(yaml.safe_dump(meta))
    names = {}
    for number in range(1500):
        name = "".join(chance.choices(letters, k=chance.choice([1, 2, 5, 30, 150])))
        run = f"{number:032x}"
        (experiment / run).mkdir()
        data = {"run_id": run, "experiment_id": "1", "run_name": name, "status": 3, "user_id": name}
        text = yaml.dump(
            data, default_flow_style=False, allow_unicode=True, Dumper=yaml.CSafeDumper
        )
        assert yaml.safe_load(text) == data
        (experiment / run / "meta.yaml").write_text(text, encoding="utf-8", newline="")
        names[run] = name
    well(roost("import", "mlflow", "mlruns", at=tmp_path))
    assert dict(rows(tmp_path / "roost.db", "SELECT run_id, user_id FROM runs")) == names
