"""Upgrades: from a database of each earlier schema, killed in each step, and what is refused."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from support.servers import REPOSITORY, RoostServer, roost_binary

from operations.commands import change, refused, roost, rows, well

FILES = sorted((REPOSITORY / "schema" / "sqlite").glob("*.sql"))
RUN = "0123456789abcdef0123456789abcdef"
# What the first schema could hold; every later one has to keep it.
CONTENT = f"""
    INSERT INTO experiments VALUES (0, 'Default', 'mlflow-artifacts:/0', 'active', 5, 5);
    INSERT INTO experiments VALUES (3, 'old', 'mlflow-artifacts:/3', 'active', 5, 5);
    INSERT INTO experiment_tags VALUES (3, 'team', 'search');
    INSERT INTO keys (id, name) VALUES (2, 'lr'), (3, 'loss'), (4, 'mlflow.runName'), (5, 'nan');
    INSERT INTO runs VALUES (1, '{RUN}', 3, 'first', 'me', 'FINISHED', 100, 200, NULL, 'active',
        'mlflow-artifacts:/3/{RUN}/artifacts');
    INSERT INTO runs VALUES (2, 'gone', 3, 'second', 'me', 'FAILED', 150, 250, 300, 'deleted',
        'mlflow-artifacts:/3/gone/artifacts');
    INSERT INTO run_params VALUES (1, 2, '0.01');
    INSERT INTO run_tags VALUES (1, 4, 'first'), (2, 4, 'second'), (2, 1, '{RUN}');
    INSERT INTO datasets VALUES (1, 3, 'd', 'x', 'local', 's', NULL, NULL);
    INSERT INTO run_datasets VALUES (1, 1, 1);
    INSERT INTO run_dataset_tags VALUES (1, 'mlflow.data.context', 'train');
    INSERT INTO run_models VALUES (1, 'output', 'm-1', 7);
    INSERT INTO metric_series VALUES (1, 1, 3, 2000, 1999, 1999, 0.0005, 0);
    INSERT INTO metric_series VALUES (2, 1, 5, 1, 0, 9, 0.0, 1);
    INSERT INTO metric_points VALUES (2, 9, 0, 0.0, 1);
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
    INSERT INTO metric_points SELECT 1, i, i, 1.0 / (i + 1), 0 FROM n;
"""


def database(path: Path, schema: int) -> Path:
    """A database as the Roost of that schema left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA application_id = 1380929363; PRAGMA journal_mode = WAL;")
        for number, file in enumerate(FILES[:schema], 1):
            connection.executescript(f"{file.read_text()}; PRAGMA user_version = {number};")
            if number == 1:
                connection.executescript(CONTENT)
    return path


def is_whole(path: Path) -> None:
    """Everything is there, through the real client."""
    assert "nothing is wrong" in well(roost("check", "--no-artifacts", at=path.parent))
    with RoostServer(database=path) as server:
        client = MlflowClient(server.url)
        assert client.get_experiment("3").tags == {"team": "search"}
        run = client.get_run(RUN)
        assert (run.info.run_name, run.info.end_time) == ("first", 200)
        assert run.data.params == {"lr": "0.01"} and run.data.metrics["loss"] == 0.0005
        assert run.inputs.dataset_inputs[0].dataset.name == "d"
        assert run.outputs.model_outputs[0].step == 7
        points = client.get_metric_history(RUN, "loss")
        assert [p.value for p in points] == [1.0 / (i + 1) for i in range(2000)]
        nan = client.get_metric_history(RUN, "nan")
        assert len(nan) == 1 and nan[0].value != nan[0].value
        assert [r.info.run_id for r in client.search_runs(["3"], run_view_type=2)] == ["gone"]
        client.log_metric(RUN, "loss", 0.5, step=5000)


@pytest.mark.parametrize("schema", range(1, len(FILES) + 1))
def test_each_earlier_schema_is_upgraded(tmp_path: Path, schema: int) -> None:
    path = database(tmp_path / "roost.db", schema)
    well(roost("check", "--no-artifacts", at=tmp_path))
    well(roost("backup", "before", "--no-artifacts", at=tmp_path))
    said = well(roost("db", "upgrade", f"sqlite:///{path}", at=tmp_path))
    if schema < len(FILES):
        assert f"upgraded from schema {schema} to {len(FILES)}" in said
    assert "nothing to do" in well(roost("db", "upgrade", at=tmp_path))
    is_whole(path)
    # A backup of the earlier schema is restored as it was, and upgraded by the server.
    (tmp_path / "again").mkdir()
    well(roost("restore", tmp_path / "before", at=tmp_path / "again"))
    assert rows(tmp_path / "again" / "roost.db", "PRAGMA user_version") == [(schema,)]
    is_whole(tmp_path / "again" / "roost.db")


KILLED = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for statement in sys.argv[2:]:
    connection.execute(statement)
os.kill(os.getpid(), signal.SIGKILL)
"""


def statements(script: str) -> list[str]:
    found, text = [], ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text)
            text = ""
    return found


@pytest.mark.parametrize("schema", range(1, len(FILES)))
def test_killed_after_each_statement_of_a_step(tmp_path: Path, schema: int) -> None:
    """What a kill leaves of SQLite's files, made with the statements of the step themselves."""
    template = database(tmp_path / "template.db", schema)
    step = statements(FILES[schema].read_text())
    step.append(f"PRAGMA user_version = {schema + 1}")
    for done in range(len(step) + 1):
        path = tmp_path / f"{done}.db"
        shutil.copy(template, path)
        killed = subprocess.run([sys.executable, "-c", KILLED, str(path), *step[:done]])
        assert killed.returncode == -9
        assert rows(path, "PRAGMA user_version") == [(schema,)]
        uri = f"sqlite:///{path}"
        well(roost("db", "upgrade", uri, at=tmp_path))
        words = ["check", "--no-artifacts", "--backend-store-uri", uri]
        assert "nothing is wrong" in well(roost(*words, at=tmp_path))
        assert rows(path, "SELECT count(*) FROM runs") == [(2,)]


def test_the_command_killed_at_any_moment(tmp_path: Path) -> None:
    template = database(tmp_path / "template.db", 1)
    for cycle in range(12):
        path = tmp_path / f"{cycle}.db"
        shutil.copy(template, path)
        command = [str(roost_binary()), "db", "upgrade", f"sqlite:///{path}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.01 + cycle * 0.004)
        process.kill()
        process.wait()
        assert rows(path, "PRAGMA user_version")[0][0] in range(1, len(FILES) + 1)
        well(roost("db", "upgrade", f"sqlite:///{path}", at=tmp_path))
    shutil.copy(path, tmp_path / "roost.db")
    is_whole(tmp_path / "roost.db")


def test_what_is_not_upgraded(tmp_path: Path) -> None:
    assert "There is no database" in refused(roost("db", "upgrade", at=tmp_path))
    assert not (tmp_path / "roost.db").exists()
    path = database(tmp_path / "roost.db", 1)
    change(path, "PRAGMA user_version = 999")
    before = path.read_bytes()
    said = refused(roost("db", "upgrade", at=tmp_path))
    assert "schema 999" in said and "newer Roost" in said
    assert path.read_bytes() == before
    with RoostServer() as server:
        said = refused(roost("db", "upgrade", f"sqlite:///{server.database}", at=tmp_path))
        assert f"in use by another Roost, process {server.pid}" in said
    assert "not supported" in refused(roost("db", "upgrade", "postgresql://h/d", at=tmp_path))


@pytest.mark.parametrize("tree", ["experiments", "keys"])
def test_a_damaged_database_is_named_with_what_is_damaged(tmp_path: Path, tree: str) -> None:
    path = database(tmp_path / "roost.db", 1)
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    root = rows(path, "SELECT rootpage FROM sqlite_schema WHERE name = ?", tree)[0][0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : (root - 1) * 4096 + 60] = b"\xff" * 60
    path.write_bytes(content)
    before = path.read_bytes()
    done = roost("check", "--no-artifacts", at=tmp_path)
    assert done.returncode == 1 and f"table {tree}" in done.stdout + done.stderr
    assert path.read_bytes() == before, "nothing is repaired in silence"
