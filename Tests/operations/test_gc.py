"""`roost gc`: what it removes and leaves, in mlflow's words; what a kill in the middle leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
from pathlib import Path

import pytest
from click.testing import CliRunner
from mlflow import MlflowClient
from mlflow.cli import gc
from support.servers import REPOSITORY, RoostServer, roost_binary

from operations.commands import change, post, put, refused, roost, rows, tree, well

API = "2.0/mlflow/"
GONE = "Run with ID {} has been permanently deleted."


def make_run(server: RoostServer, experiment: str = "0", files: int = 1, points: int = 3) -> str:
    """A run that has one of everything."""
    tags = [{"key": "t", "value": "v"}]
    body = {"experiment_id": experiment, "key": f"k{time.monotonic_ns()}", "tags": tags}
    run = post(server, "roost/1.0/runs/get-or-create", body)["run"]["info"]["run_id"]
    metrics = [{"key": "m", "value": n, "timestamp": n, "step": n} for n in range(points)]
    params = [{"key": "p", "value": "1"}]
    post(server, API + "runs/log-batch", {"run_id": run, "metrics": metrics, "params": params})
    dataset = {"name": f"d{run}", "digest": "1", "source_type": "local", "source": "s"}
    inputs = [{"tags": [{"key": "mlflow.data.context", "value": "t"}], "dataset": dataset}]
    models = [{"model_id": "m-1"}]
    post(server, API + "runs/log-inputs", {"run_id": run, "datasets": inputs, "models": models})
    for number in range(files):
        put(server, f"{experiment}/{run}/artifacts/a/{number}.txt", b"x" * 100)
    return run


def delete(server: RoostServer, *runs: str) -> None:
    for run in runs:
        post(server, API + "runs/delete", {"run_id": run})


def left_of(database: Path) -> dict[str, int]:
    """Rows by table."""
    names = [
        name
        for (name,) in rows(database, "SELECT name FROM sqlite_schema WHERE type='table'")
        if name != "unindexed_runs"  # empties when the server rests
    ]
    return {name: rows(database, f'SELECT count(*) FROM "{name}"')[0][0] for name in names}


@pytest.mark.parametrize("way", ["server", "database"])
def test_everything_of_a_run_goes_and_nothing_else(fresh_roost: RoostServer, way: str) -> None:
    kept = make_run(fresh_roost)
    before = left_of(fresh_roost.database)
    files = tree(fresh_roost.directory / "mlartifacts")
    gone = [make_run(fresh_roost, files=3) for _ in range(3)]
    delete(fresh_roost, *gone)
    to = ["--tracking-uri", fresh_roost.url]
    if way == "database":
        assert "is in use by another Roost" in refused(roost("gc", at=fresh_roost.directory))
        fresh_roost.stop()
        to = ["--backend-store-uri", f"sqlite:///{fresh_roost.database}"]
    dry = well(roost("gc", "--dry-run", *to, at=fresh_roost.directory))
    assert all(
        f"Run with ID {run} would be permanently deleted (3 files, 300 bytes)." in dry
        for run in gone
    )
    assert left_of(fresh_roost.database)["runs"] == 4
    said = well(roost("gc", *to, at=fresh_roost.directory))
    assert said.splitlines() == [GONE.format(run) for run in gone]
    after = left_of(fresh_roost.database)
    assert {k: v for k, v in after.items() if k != "keys" and not k.startswith("sqlite")} == {
        k: v for k, v in before.items() if k != "keys" and not k.startswith("sqlite")
    }
    assert tree(fresh_roost.directory / "mlartifacts") == files
    assert not (fresh_roost.directory / "mlartifacts/0" / gone[0]).exists()
    checked = well(roost("check", at=fresh_roost.directory))
    assert "known to no run" not in checked and "runs with files: 1, without: 0" in checked
    assert well(roost("gc", *to, at=fresh_roost.directory)) == ""
    assert rows(fresh_roost.database, "SELECT run_id FROM runs") == [(kept,)]


def test_refusals_are_those_of_mlflow(
    fresh_roost: RoostServer, quiet_mlflow: None, tmp_path: Path
) -> None:
    """The same things in the trash of both, and the same questions.

    A refused `mlflow gc --run-ids` may already have removed runs of deleted experiments; in the end
    both have removed the same.
    """
    mlflow = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    ours = MlflowClient(fresh_roost.url)
    names = {}
    gone: dict[str, list[str]] = {"mlflow": [], "roost": []}
    for side, client in (("mlflow", mlflow), ("roost", ours)):
        experiment = client.create_experiment(
            "gone", artifact_location=str(tmp_path / "files") if side == "mlflow" else None
        )
        active, young = (client.create_run("0").info.run_id for _ in range(2))
        inside = client.create_run(experiment).info.run_id
        client.delete_run(young)
        client.delete_experiment(experiment)
        names[side] = {"active": active, "young": young, "inside": inside, "experiment": experiment}

    def ask(side: str, *words: str) -> tuple[int, str]:
        words = tuple(word.format(**names[side]) for word in words)
        if side == "roost":
            done = roost("gc", "--tracking-uri", fresh_roost.url, *words, at=tmp_path)
            status, text = done.returncode, done.stdout + done.stderr
        else:
            uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
            result = CliRunner().invoke(
                gc, ["--backend-store-uri", uri, "--tracking-uri", uri, *words]
            )
            done_text = f"{result.output}{result.exception or ''}"
            status, text = result.exit_code, done_text
        for name, value in names[side].items():
            text = text if name == "experiment" else text.replace(value, f"<{name}>")
        gone[side] += [line for line in text.splitlines() if "permanently" in line]
        return status, text

    for words, said in [
        (["--run-ids", "{active}"], "Run <active> is not in `deleted` lifecycle stage. Only runs"),
        (["--run-ids", "{young}", "--older-than", "1d"], "Run <young> is not older than the req"),
        (["--run-ids", "nosuchrun"], "Run with id=nosuchrun not found"),
        (["--experiment-ids", "0"], "Experiments ['0'] are not in the deleted lifecycle stage."),
        (["--experiment-ids", "{experiment}", "--older-than", "1d"], "are not older than the req"),
        (["--experiment-ids", "77"], "No Experiment with id=77 exists"),
        (["--older-than", "soon"], "Could not parse any time information from 'soon'"),
    ]:  # fmt: skip
        for side in ("mlflow", "roost"):
            status, text = ask(side, *words)
            assert status != 0 and said in text, f"{side} {words}: {text}"
    for side in ("mlflow", "roost"):
        assert ask(side, "--older-than", "1d")[0] == 0
        assert ask(side)[0] == 0
    assert sorted(gone["mlflow"]) == sorted(gone["roost"])
    assert sorted(gone["roost"]) == [
        "Experiment with ID 1 has been permanently deleted.",
        GONE.format("<inside>"),
        GONE.format("<young>"),
    ]
    for client in (mlflow, ours):
        assert [e.experiment_id for e in client.search_experiments(view_type=3)] == ["0"]


def test_what_is_named_goes_and_nothing_else(fresh_roost: RoostServer) -> None:
    """mlflow gc --run-ids empties the trash of experiments, too; Roost does not."""
    post(fresh_roost, API + "experiments/create", {"name": "e"})
    inside = make_run(fresh_roost, "1")
    post(fresh_roost, API + "experiments/delete", {"experiment_id": "1"})
    runs = [make_run(fresh_roost) for _ in range(3)]
    delete(fresh_roost, *runs)
    to = ["--tracking-uri", fresh_roost.url]
    named = f"{runs[0]},{runs[2]}"
    said = well(roost("gc", "--run-ids", named, *to, at=fresh_roost.directory))
    assert said.splitlines() == [GONE.format(runs[0]), GONE.format(runs[2])]
    said = well(roost("gc", "--experiment-ids", "1", *to, at=fresh_roost.directory))
    assert said.splitlines()[0] == GONE.format(inside) and len(said.splitlines()) == 2
    assert [run for (run,) in rows(fresh_roost.database, "SELECT run_id FROM runs")] == [runs[1]]
    assert "names nothing" in refused(
        roost("gc", "--run-ids", "", *to, at=fresh_roost.directory), 2
    )
    assert "one workspace" in refused(
        roost("gc", "--all-workspaces", *to, at=fresh_roost.directory), 2
    )
    well(roost("gc", "--jobs", "--job-ids", "1", *to, at=fresh_roost.directory))


def test_the_api_never_takes_an_empty_list_for_everything(fresh_roost: RoostServer) -> None:
    delete(fresh_roost, make_run(fresh_roost))
    for body in [
        {},
        {"run_ids": []},
        {"all": True, "run_ids": ["x"]},
        {"all": True, "max_results": 0},
        {"all": True, "older_than": "1y"},
        {"all": True, "page_token": "x"},
    ]:
        with pytest.raises(urllib.error.HTTPError) as error:
            post(fresh_roost, "roost/1.0/trash/purge", body)
        assert error.value.code == 400, body
    body = {"all": True, "dry_run": True, "max_results": 1}
    first = post(fresh_roost, "roost/1.0/trash/purge", body)
    assert len(first["runs"]) == 1 and "next_page_token" not in first


def test_pages(fresh_roost: RoostServer) -> None:
    runs = [make_run(fresh_roost, files=0, points=1) for _ in range(5)]
    delete(fresh_roost, *runs)
    found, token = [], ""
    for dry in (True, False):
        found, token = [], ""
        while True:
            body = {"all": True, "dry_run": dry, "max_results": 2, "page_token": token}
            page = post(fresh_roost, "roost/1.0/trash/purge", body)
            found += [run["run_id"] for run in page["runs"]]
            if not (token := page.get("next_page_token", "")):
                break
        assert found == runs


def test_files_that_cannot_be_reached_keep_their_run(
    fresh_roost: RoostServer, tmp_path: Path
) -> None:
    body = {"name": "far", "artifact_location": "s3://bucket/far"}
    post(fresh_roost, API + "experiments/create", body)
    run = post(fresh_roost, API + "runs/create", {"experiment_id": "1"})["run"]["info"]["run_id"]
    delete(fresh_roost, run)
    to = ["--tracking-uri", fresh_roost.url]
    done = roost("gc", *to, at=tmp_path)
    assert done.returncode == 1 and f"run {run} stays: " in done.stderr and "'s3:'" in done.stderr
    post(fresh_roost, API + "experiments/delete", {"experiment_id": "1"})
    done = roost("gc", *to, at=tmp_path)
    assert done.returncode == 1 and "experiment 1 stays: " in done.stderr
    said = well(roost("gc", "--keep-artifacts", *to, at=tmp_path))
    assert GONE.format(run) in said and "Experiment with ID 1 has been" in said


def test_an_experiment_with_an_active_run_stays(fresh_roost: RoostServer, tmp_path: Path) -> None:
    post(fresh_roost, API + "experiments/create", {"name": "e"})
    gone, back = make_run(fresh_roost, "1"), make_run(fresh_roost, "1")
    post(fresh_roost, API + "experiments/delete", {"experiment_id": "1"})
    post(fresh_roost, API + "runs/restore", {"run_id": back})
    for words in (["--dry-run"], []):
        done = roost("gc", "--tracking-uri", fresh_roost.url, *words, at=tmp_path)
        assert done.returncode == 1 and "experiment 1 stays" in done.stderr and gone in done.stdout
    assert rows(fresh_roost.database, "SELECT run_id FROM runs") == [(back,)]


def test_killed_anywhere_a_run_is_gone_or_in_the_trash(
    fresh_roost: RoostServer, tmp_path: Path
) -> None:
    runs = [make_run(fresh_roost, files=4, points=50) for _ in range(12)]
    delete(fresh_roost, *runs)
    fresh_roost.stop()
    template = tmp_path / "template"
    shutil.copytree(fresh_roost.directory, template)
    halfway = 0
    for cycle in range(8):
        at = tmp_path / str(cycle)
        shutil.copytree(template, at)
        clean = {"HOME": str(at), "PATH": os.environ["PATH"]}
        command = [str(roost_binary()), "gc"]
        process = subprocess.Popen(command, cwd=at, env=clean, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        time.sleep(0.03 + cycle * 0.012)
        process.kill()
        process.wait()
        process.stdout.close()
        left = {run for (run,) in rows(at / "roost.db", "SELECT run_id FROM runs")}
        halfway += 0 < len(left) < len(runs)
        for run in runs:
            files = len(list((at / "mlartifacts/0" / run).rglob("*.txt")))
            # Files go first and all at once.
            assert files in (0, 4), files
            assert run in left or files == 0, "rows went before files"
        assert "nothing is wrong" in well(roost("check", at=at))
        well(roost("gc", at=at))
        assert rows(at / "roost.db", "SELECT count(*) FROM runs") == [(0,)]
    print(f"{halfway} of 8 kills came in the middle")


RULE = {"experiment_id": "1", "key": "roost.retention"}


def test_retention_by_age_and_number(fresh_roost: RoostServer, tmp_path: Path) -> None:
    post(fresh_roost, API + "experiments/create", {"name": "e"})
    now = int(time.time() * 1000)
    ages = {"old": 100, "kept": 90, "young": 5, "running": 200, "younger": 1}
    runs = {}
    for name, days in ages.items():
        start = now - days * 86_400_000
        tags = [{"key": "roost.keep", "value": "true"}] if name == "kept" else []
        body = {"experiment_id": "1", "start_time": start, "run_name": name, "tags": tags}
        runs[name] = post(fresh_roost, API + "runs/create", body)["run"]["info"]["run_id"]
        if name != "running":
            end = {"run_id": runs[name], "status": "FINISHED", "end_time": start + 1000}
            post(fresh_roost, API + "runs/update", end)
    to = ["--tracking-uri", fresh_roost.url]
    post(fresh_roost, API + "experiments/set-experiment-tag", RULE | {"value": "max_age=30d"})
    said = well(roost("gc", "--dry-run", *to, at=tmp_path))
    assert said == (
        f"Run with ID {runs['old']} would be put in the trash by the retention of experiment 1.\n"
    )
    assert well(roost("gc", "--no-retention", *to, at=tmp_path)) == ""
    said = well(roost("gc", "--older-than", "1h", *to, at=tmp_path))
    assert f"{runs['old']} has been put in the trash" in said and "permanently" not in said
    assert GONE.format(runs["old"]) in well(roost("gc", *to, at=tmp_path))
    post(fresh_roost, API + "experiments/set-experiment-tag", RULE | {"value": "max_runs=1"})
    said = well(roost("gc", *to, at=tmp_path))
    assert GONE.format(runs["young"]) in said
    names = {name for (name,) in rows(fresh_roost.database, "SELECT name FROM runs")}
    assert names == {"kept", "running", "younger"}


UNREADABLE = ["", "30d", "max_age", "max_age=x", "max_runs=0", "max_runs=1.5", "forever=1"]
UNREADABLE += ["max_age=1d,max_age=2d", "max_age=1d;max_runs=2", "trash=0d"]


@pytest.mark.parametrize("rule", UNREADABLE)
def test_a_rule_that_cannot_be_read_is_refused(roost: RoostServer, rule: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        body = {"experiment_id": "0", "key": "roost.retention", "value": rule}
        post(roost, API + "experiments/set-experiment-tag", body)
    assert error.value.code == 400 and b"roost.retention" in error.value.read()


def test_the_server_applies_the_rules_by_itself(tmp_path: Path) -> None:
    with RoostServer("--retention-every", "1s") as server:
        post(server, API + "experiments/create", {"name": "e"})
        run = post(server, API + "runs/create", {"experiment_id": "1", "start_time": 1})
        run_id = run["run"]["info"]["run_id"]
        post(server, API + "runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 2})
        # Written past the API, a rule that cannot be read stops nobody else's.
        post(server, API + "experiments/create", {"name": "f"})
        server.stop()
        change(server.database, "INSERT INTO experiment_tags VALUES (2, 'roost.retention', 'soon')")
        server.start()
        value = "max_age=1d, trash=1s"
        post(server, API + "experiments/set-experiment-tag", RULE | {"value": value})
        deadline = time.monotonic() + 20
        while rows(server.database, "SELECT count(*) FROM runs") != [(0,)]:
            assert time.monotonic() < deadline, server.output()
            time.sleep(0.1)
        log = server.stderr.read_text()
        assert "1 runs put in the trash by max_age=1d, trash=1s" in log
        assert "experiment 2: Invalid value 'soon' for tag 'roost.retention'" in log
        started = time.monotonic()
        assert server.stop() == 0 and time.monotonic() - started < 5


def test_the_list_of_what_belongs_to_a_run_is_whole(fresh_roost: RoostServer) -> None:
    """Whatever refers to a run, or to something that does, is removed with it."""
    source = REPOSITORY / "Sources/RoostStore/Trash/RunBelongings.swift"
    tables = left_of(fresh_roost.database)
    parents = {
        table: {row[2] for row in rows(fresh_roost.database, f'PRAGMA foreign_key_list("{table}")')}
        for table in tables
    }
    belonging: set[str] = {"runs"}
    while more := {t for t, above in parents.items() if above & belonging} - belonging:
        belonging |= more
    assert len(belonging) > 5
    missing = {t for t in belonging if f"DELETE FROM {t} WHERE" not in source.read_text()}
    assert missing == set()


def test_logged_models_of_the_trash_go_with_their_files(fresh_roost: RoostServer) -> None:
    client = MlflowClient(fresh_roost.url)
    experiment = client.create_experiment("with models")
    models = [client.create_logged_model("0").model_id for _ in range(3)]
    inside = client.create_logged_model(experiment).model_id
    for model in models:
        put(fresh_roost, f"0/models/{model}/artifacts/MLmodel", b"12345")
    put(fresh_roost, f"{experiment}/models/{inside}/artifacts/MLmodel", b"12345")
    client.delete_logged_model(models[0])
    client.delete_logged_model(models[1])
    to = ["--tracking-uri", fresh_roost.url]
    at = fresh_roost.directory
    words = "Logged model with ID {} has been permanently deleted."
    said = refused(roost("gc", "--logged-model-ids", models[2], *to, at=at))
    assert f"Logged model {models[2]} is not in `deleted` lifecycle stage." in said
    said = refused(roost("gc", "--logged-model-ids", models[0], "--older-than", "1d", *to, at=at))
    assert f"Logged model {models[0]} is not older than the required age." in said
    said = refused(roost("gc", "--logged-model-ids", "m-none", *to, at=at))
    assert "Logged model with ID 'm-none' not found." in said
    said = well(roost("gc", "--logged-model-ids", models[0], *to, at=at))
    assert said.splitlines() == [words.format(models[0])]
    client.delete_experiment(experiment)
    dry = well(roost("gc", "--dry-run", *to, at=at))
    assert models[1] in dry and inside in dry and models[2] not in dry
    said = well(roost("gc", *to, at=at))
    assert words.format(models[1]) in said and words.format(inside) in said
    assert f"Experiment with ID {experiment} has been permanently deleted." in said
    assert rows(fresh_roost.database, "SELECT model_id FROM logged_models") == [(models[2],)]
    kept = tree(fresh_roost.directory / "mlartifacts")
    assert list(kept) == [f"0/models/{models[2]}/artifacts/MLmodel"]
    assert "known to no run" not in well(roost("check", at=at))
