"""`roost export`, `roost import FILE`: all of it arrives, twice is once, damage is refused."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from support.servers import RoostServer, roost_binary

from operations.commands import change, contents, post, put, refused, roost, rows, tree, well
from operations.states import ALL, state


@pytest.fixture
def filled(written: Path, tmp_path: Path) -> Path:
    """A directory with Roost's database and artifacts, with one of everything."""
    home = tmp_path / "filled"
    home.mkdir()
    uri = f"sqlite:///{written / 'mlflow.db'}"
    well(roost("import", "mlflow", uri, "--source-artifacts", written / "mlartifacts", at=home))
    change(
        home / "roost.db",
        "INSERT INTO run_keys (experiment, key, run) SELECT experiment, 'the key', id FROM runs"
        " WHERE name = 'r0'",
    )
    return home


def new(path: Path) -> Path:
    path.mkdir()
    return path


def server_of(home: Path) -> RoostServer:
    return RoostServer(
        "--artifacts-destination", str(home / "mlartifacts"), database=home / "roost.db"
    )


def answers(home: Path) -> tuple[dict[str, object], dict[str, bytes], list[str]]:
    """What the real client sees of a directory's data; experiments by their names."""
    with server_of(home) as server:
        client = MlflowClient(server.url)
        found = state(client)
        names = {e.experiment_id: e.name for e in client.search_experiments(view_type=ALL)}
        registered = [
            repr((v.name, v.version, v.tags, v.aliases, v.source, v.run_id, v.creation_timestamp))
            for v in client.search_model_versions()
        ]
    text = {names.get(key, key): value for key, value in found.items()}
    files = {"/".join(k.split("/")[1:]): v for k, v in tree(home / "mlartifacts").items()}
    return text, files, sorted(registered)


def entries(archive: Path) -> dict[str, bytes]:
    """Every entry by its name, but for what is about this one archive."""
    about = ("roost-export.json", "checksums/", "end.json", "experiments/0.json")
    with tarfile.open(archive) as tar:
        return {
            member.name: tar.extractfile(member).read()  # type: ignore[union-attr]
            for member in tar.getmembers()
            if not member.name.startswith(about)
        }


def test_all_of_it_arrives_and_a_second_time_changes_nothing(filled: Path, tmp_path: Path) -> None:
    there = new(tmp_path / "there")
    said = well(roost("export", "../x.tar", at=filled))
    assert "5 experiments, 7 runs, 7513 points, 1 logged model, 1 registered model" in said
    assert "5 files of" in said
    said = well(roost("import", "../x.tar", at=there))
    assert "5 experiments (4 new), 7 runs (7 new), 7513 points, 1 logged model (1 new)" in said
    assert "1 registered model (1 new), 2 new versions" in said
    assert "files: 5 files copied" in said
    assert "not taken: the files of 1 run or model at s3://bucket" in said
    assert "nothing is wrong" in well(roost("check", at=there))
    known, files = contents(there / "roost.db"), tree(there / "mlartifacts")
    assert known["run_keys"] == contents(filled / "roost.db")["run_keys"]
    said = well(roost("import", "../x.tar", at=there))
    assert "(0 new), 7 runs (0 new)" in said and "0 files copied (0 bytes), 5 here already" in said
    assert "another value" not in said
    assert contents(there / "roost.db") == known and tree(there / "mlartifacts") == files
    # Out again it is the same, byte by byte.
    well(roost("export", "../y.tar", at=there))
    assert entries(tmp_path / "x.tar") == entries(tmp_path / "y.tar")
    assert answers(filled) == answers(there)


def test_an_export_is_read_by_python(filled: Path, tmp_path: Path) -> None:
    well(roost("export", "../x.tar", at=filled))
    found = entries(tmp_path / "x.tar")
    run = next(json.loads(v) for k, v in found.items() if k.endswith("run.json") and b'"r2"' in v)
    lines = found[f"runs/{run['run_id']}/metrics-000001.ndjson"].decode().splitlines()
    points = [json.loads(line) for line in lines]
    assert len(points) == 2505
    loss = [p for p in points if p["key"] == "loss"]
    assert loss[3] == {"key": "loss", "step": 3, "timestamp": 5003, "value": 0.25}
    odd = [p["value"] for p in points if p["key"] == "odd"]
    assert sorted(map(str, odd)) == sorted(
        ["NaN", "1.7976931348623157e+308", "-1.7976931348623157e+308", "0.0"]
    )
    assert found[f"runs/{run['run_id']}/artifacts/deep/er/猫.txt"] == b"text 2"
    done = roost("export", "-", at=filled)
    assert done.returncode == 0 and "7 runs" in done.stderr
    assert done.stdout.startswith("roost-export.json")


def test_beside_a_server_and_by_selection(tmp_path: Path) -> None:
    home = new(tmp_path / "home")
    with server_of(home) as server:
        client = MlflowClient(server.url)
        first, second = client.create_experiment("first"), client.create_experiment("2nd")
        parent = client.create_run(first, run_name="parent").info.run_id
        tags = {"mlflow.parentRunId": parent}
        child = client.create_run(first, tags=tags).info.run_id
        tags = {"mlflow.parentRunId": child}
        grandchild = client.create_run(second, tags=tags).info.run_id
        alone = client.create_run(second).info.run_id
        for run in (parent, child, grandchild, alone):
            client.log_text(run, run, "id.txt")
            client.log_batch(run, [Metric("m", 1.5, 7, 1)], [Param("p", run)], [RunTag("t", "é")])
        client.create_registered_model("taken")
        for run in (alone, child, alone):
            client.create_model_version("taken", f"runs:/{run}/model", run)
        client.set_registered_model_alias("taken", "other", "3")
        client.set_registered_model_alias("taken", "this", "2")
        client.create_registered_model("other")
        client.create_model_version("other", f"runs:/{alone}/model", alone)

        done = roost("export", "../tree.tar", "--run", parent, at=home)
        assert (
            "2 experiments, 3 runs, 3 points, 0 logged models, 1 registered model, 3 files"
            in well(done)
        )
        assert "not taken: 3 versions of registered models" in done.stderr
        said = well(roost("export", "../2nd.tar", "--experiment", "2nd", "--no-files", at=home))
        assert "1 experiment, 2 runs, 2 points" in said and "0 files" in said
        assert "1 experiment, 2 runs" in well(
            roost("export", "../3.tar", "--experiment", second, at=home)
        )
        assert "there is no experiment 'nope'" in refused(
            roost("export", "../n.tar", "--experiment", "nope", at=home)
        )
        assert "there is no run nope" in refused(
            roost("export", "../n.tar", "--run", "nope", at=home)
        )
        assert "is there already" in refused(roost("export", "../tree.tar", at=home))
        assert sorted(p.name for p in tmp_path.glob("*.tar*")) == ["2nd.tar", "3.tar", "tree.tar"]
        # The place is held by the server, so nothing can be brought in meanwhile.
        assert "in use by another Roost" in refused(roost("import", "../tree.tar", at=home))
    there = new(tmp_path / "there")
    said = well(roost("import", "../tree.tar", at=there))
    assert "2 experiments (2 new), 3 runs (3 new)" in said
    query = "SELECT version FROM model_versions"
    assert rows(there / "roost.db", query) == [(2,)]
    said = well(roost("import", "../2nd.tar", at=there))
    assert (
        "1 experiment (0 new), 2 runs (1 new)" in said
        and "2 registered models (1 new), 3 new versions" in said
    )
    assert "not taken: the files of 2 runs and models, which the export leaves out" in said
    assert sorted(rows(there / "roost.db", query)) == [(1,), (1,), (2,), (3,)]
    with server_of(there) as server:
        client = MlflowClient(server.url)
        assert client.get_model_version_by_alias("taken", "this").run_id == child
        assert client.get_model_version_by_alias("taken", "other").run_id == alone
        # Numbers go on after those that were given there.
        assert client.create_model_version("taken", "s3://b/m").version == "4"
        got = Path(client.download_artifacts(grandchild, "id.txt", str(tmp_path)))
        assert got.read_text() == grandchild
        assert client.get_run(alone).data.params == {"p": alone}


def test_files_in_a_directory_of_the_operator(tmp_path: Path) -> None:
    home, kept = new(tmp_path / "home"), tmp_path / "kept"
    args = ["--default-artifact-root", str(kept)]
    with RoostServer(*args, database=home / "roost.db") as server:
        client = MlflowClient(server.url)
        run = client.create_run(client.create_experiment("e")).info.run_id
        client.log_text(run, "mine", "a/b.txt")
    done = roost("export", "../without.tar", at=home)
    assert "0 files" in well(done) and f"1 run or model at /{tmp_path.parts[1]}" in done.stderr
    variables = {"MLFLOW_DEFAULT_ARTIFACT_ROOT": str(kept)}
    assert "1 file of 4 bytes" in well(roost("export", "../with.tar", at=home, env=variables))
    there = new(tmp_path / "there")
    variables = {"MLFLOW_DEFAULT_ARTIFACT_ROOT": str(tmp_path / "moved")}
    said = well(roost("import", "../with.tar", at=there, env=variables))
    assert "1 file copied" in said
    assert tree(tmp_path / "moved") == {f"1/{run}/artifacts/a/b.txt": b"mine"}
    # Where this server would keep them in an object store, there is nothing it could do.
    far = new(tmp_path / "far")
    variables = {"MLFLOW_DEFAULT_ARTIFACT_ROOT": "s3://bucket/root"}
    said = well(roost("import", "../with.tar", at=far, env=variables))
    assert "the files of 1 run or model, whose place here would be s3://bucket" in said


def machine(home: Path, name: str) -> None:
    """The work of somebody without a network."""
    with server_of(home) as server:
        client = MlflowClient(server.url)
        own = client.create_experiment(f"of {name}")
        shared = client.create_experiment("shared", tags={"team": "search"})
        for experiment in (own, shared, "0"):
            for number in range(3):
                run = client.create_run(experiment, run_name=f"{name} {number}").info.run_id
                points = [Metric("loss", 1 / (s + 1), s, s) for s in range(50)]
                client.log_batch(run, points, [Param("host", name)], [RunTag("n", str(number))])
                client.log_text(run, f"{name} {number}", "out.txt")
                client.set_terminated(run)
        client.create_registered_model(f"model of {name}")
        client.create_model_version(f"model of {name}", f"runs:/{run}/model", run)


def test_two_offline_machines_give_the_same_in_both_orders(
    tmp_path: Path, quiet_mlflow: None
) -> None:
    for name in ("ann", "bob"):
        home = new(tmp_path / name)
        machine(home, name)
        well(roost("export", f"../{name}.tar", at=home))
    seen = []
    for order in (("ann", "bob"), ("bob", "ann")):
        home = new(tmp_path / "-".join(order))
        well(roost("import", f"../{order[0]}.tar", at=home))
        said = well(roost("import", f"../{order[1]}.tar", at=home))
        assert "4 experiments" not in said and "3 experiments (1 new), 9 runs (9 new)" in said
        assert f"experiment 'of {order[1]}' is 1 there and 3 here" in said
        assert "another value" not in said
        well(roost("import", f"../{order[0]}.tar", at=home))
        assert "nothing is wrong" in well(roost("check", at=home))
        found, files, registered = answers(home)
        # Of an experiment its runs and tags; which number it has depends on who came first.
        infos = {k: v for k, v in found.items() if isinstance(v, tuple)}
        runs = {k: [part for part in v[1:]] for k, v in found.items() if isinstance(v, list)}
        seen.append((infos, runs, files, registered))
        assert len(runs) == 18
    assert seen[0] == seen[1]


def test_what_differs_stays_and_is_named(filled: Path, tmp_path: Path) -> None:
    there = new(tmp_path / "there")
    well(roost("export", "../x.tar", at=filled))
    well(roost("import", "../x.tar", at=there))
    ((run,),) = rows(there / "roost.db", "SELECT run_id FROM runs WHERE name = 'r1'")
    change(
        there / "roost.db",
        "UPDATE run_params SET value = 'mine' WHERE value = '0.1' AND run ="
        f" (SELECT id FROM runs WHERE run_id = '{run}');"
        "UPDATE run_tags SET value = 'mine' WHERE value = '1\n2';"
        "UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'local';"
        "UPDATE model_versions SET creation_time = 1 WHERE version = 2;"
        "DELETE FROM run_tags WHERE value = 'r1';",
    )
    (file,) = (there / "mlartifacts").glob(f"*/{run}/artifacts/deep/er/猫.txt")
    file.write_bytes(b"TEXT 1")
    said = well(roost("import", "../x.tar", at=there))
    for words in (
        f"run {run}, param lr", f"run {run}, tag t", f"run {run}, file deep/er/猫.txt",
        "experiment 1, lifecycle stage", "registered model registered, version 2",
    ):  # fmt: skip
        assert f"kept as it is here, another value in the source: {words}\n" in said
    assert file.read_bytes() == b"TEXT 1"
    # What is lacking comes back.
    query = "SELECT count(*) FROM run_tags WHERE value = 'r1'"
    assert rows(there / "roost.db", query) == [(1,)]


def test_killed_in_the_middle_and_repeated_it_is_complete(tmp_path: Path) -> None:
    home = new(tmp_path / "home")
    with server_of(home) as server:
        client = MlflowClient(server.url)
        for number in range(6):
            run = client.create_run("0", run_name=str(number)).info.run_id
            for start in range(0, 3000, 1000):
                points = [Metric("m", i * 0.5, i, i) for i in range(start, start + 1000)]
                client.log_batch(run, points, [Param("n", str(number))])
            put(server, f"0/{run}/artifacts/data.bin", bytes([number]) * 300_000)
        model = post(server, "2.0/mlflow/logged-models", {"experiment_id": "0", "name": "m"})
        assert model["model"]["info"]["name"] == "m"
    well(roost("export", "../x.tar", at=home))
    there = new(tmp_path / "there")
    started = time.monotonic()
    well(roost("import", "../x.tar", at=new(tmp_path / "whole")))
    whole = time.monotonic() - started
    for share in (0.4, 0.6, 0.8):
        process = subprocess.Popen(
            [roost_binary(), "import", "../x.tar"], cwd=there, stdout=subprocess.DEVNULL
        )
        time.sleep(whole * share)
        process.send_signal(signal.SIGKILL)
        process.wait()
    well(roost("import", "../x.tar", at=there))
    assert "nothing is wrong" in well(roost("check", at=there))
    assert answers(there) == answers(tmp_path / "whole")
    assert tree(there / "mlartifacts") == tree(tmp_path / "whole" / "mlartifacts")


HEADER = json.dumps({"format": 1, "selection": {}}).encode()


def crafted(path: Path, *members: tuple[str, bytes] | tarfile.TarInfo) -> None:
    """An archive as somebody else might make it."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            name, content = member
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_764_000_000
            tar.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(
    "name",
    [
        "runs/r/artifacts/../../../../etc/passwd", "/etc/passwd", "runs/../run.json", "../x",
        "runs/r/artifacts/a\\b", "runs/r/artifacts//a", "runs/r/artifacts/%2e%2e/a", "runs/r/other",
        "experiments/01.json",
        "runs/r/artifacts/.artifact.uploading.x", "runs/.roost-tmp/run.json", "x" * 300,
    ],
)  # fmt: skip
def test_no_name_leads_out_of_an_archive(tmp_path: Path, name: str) -> None:
    crafted(tmp_path / "x.tar", ("roost-export.json", HEADER), (name, b"{}"))
    assert "is damaged" in refused(roost("import", "x.tar", at=tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["x.tar"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, b"L"]
)
def test_links_and_the_like_are_refused(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("runs/r/artifacts/a")
    info.type, info.linkname = kind, "/etc/passwd"
    crafted(tmp_path / "x.tar", ("roost-export.json", HEADER), info)
    said = refused(roost("import", "x.tar", at=tmp_path))
    assert "is damaged" in said
    assert [p.name for p in tmp_path.iterdir()] == ["x.tar"]


def test_what_is_no_export_is_named(filled: Path, tmp_path: Path) -> None:
    at = tmp_path
    assert "there is no file" in refused(roost("import", "none.tar", at=at))
    assert "is no plain file" in refused(roost("import", ".", at=at))
    (at / "empty").touch()
    assert "it is empty" in refused(roost("import", "empty", at=at))
    (at / "text").write_text("hello\n" * 500)
    assert "no header" in refused(roost("import", "text", at=at))
    subprocess.run(["gzip", "-k", "text"], cwd=at, check=True)
    assert "gunzip" in refused(roost("import", "text.gz", at=at))
    crafted(at / "other.tar", ("a.txt", b"x"))
    assert "is damaged" in refused(roost("import", "other.tar", at=at))
    assert "read twice" in refused(roost("import", "-", at=at), 2)
    well(roost("export", "../x.tar", at=filled))
    whole = (at / "x.tar").read_bytes()
    later = whole.replace(b'{"format":1,', b'{"format":2,')
    (at / "later.tar").write_bytes(later)
    assert "format 2, and this Roost knows 1" in refused(roost("import", "later.tar", at=at))
    (at / "cut.tar").write_bytes(whole[: len(whole) // 2])
    assert "it ends within" in refused(roost("import", "cut.tar", at=at))
    # A length that no file has.
    giant = bytearray(whole)
    giant[124:135] = b"77777777777"
    (at / "giant.tar").write_bytes(giant)
    assert "is damaged" in refused(roost("import", "giant.tar", at=at))
    # One byte of a file in a run.
    spot = whole.index(b"text 1")
    (at / "bit.tar").write_bytes(whole[:spot] + b"T" + whole[spot + 1 :])
    said = refused(roost("import", "bit.tar", at=at))
    assert "artifacts/deep/er/猫.txt is not what checksums/000001.ndjson says of it" in said
    assert not (at / "roost.db").exists()
