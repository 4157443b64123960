"""`roost check`: what is wrong is named, and only then the status is 1."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.servers import RoostServer

from operations.commands import change, post, put, refused, roost, rows, well

API = "2.0/mlflow/"


@pytest.fixture
def stopped(fresh_roost: RoostServer) -> RoostServer:
    """A server that has stopped, with a run that has everything, and one in the trash."""
    runs = []
    for _ in range(2):
        made = post(fresh_roost, API + "runs/create", {"experiment_id": "0"})
        runs.append(made["run"]["info"]["run_id"])
        batch = {"key": "loss", "value": 1.0, "timestamp": 5, "step": 0}
        metrics = [batch | {"step": step, "value": 1.0 / (step + 1)} for step in range(500)]
        params = [{"key": f"p{n}", "value": "x" * 100} for n in range(100)]
        post(fresh_roost, API + "runs/log-batch", {"run_id": runs[-1], "metrics": metrics})
        post(fresh_roost, API + "runs/log-batch", {"run_id": runs[-1], "params": params})
    dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "s"}
    inputs = {"run_id": runs[0], "datasets": [{"tags": [], "dataset": dataset}]}
    post(fresh_roost, API + "runs/log-inputs", inputs)
    post(fresh_roost, API + "runs/delete", {"run_id": runs[1]})
    put(fresh_roost, f"0/{runs[0]}/artifacts/a/b.txt", b"1234")
    put(fresh_roost, "0/not-a-run/artifacts/c.txt", b"12345678")
    put(fresh_roost, "elsewhere/d.txt", b"12")
    assert "nothing is wrong" in well(roost("check", at=fresh_roost.directory)), "while serving"
    fresh_roost.stop()
    return fresh_roost


def test_figures_and_orphans(stopped: RoostServer) -> None:
    (stopped.directory / "mlartifacts" / "link").symlink_to("/etc")
    said = well(roost("check", at=stopped.directory))
    assert "artifacts: " in said and "3 files, 14 bytes" in said
    assert "runs with files: 1, without: 1, elsewhere: 0" in said
    assert "known to no run or model: 2 places, 10 bytes" in said
    lines = said.splitlines()
    assert "    0/not-a-run: 1 file, 8 bytes" in lines and "    elsewhere: 1 file, 2 bytes" in lines
    assert "links and the like, which nobody can fetch: 1" in said
    assert said.endswith("nothing is wrong\n")
    assert "artifacts:" not in well(roost("check", "--no-artifacts", at=stopped.directory))


WRONG = {
    "count of points": ("UPDATE metric_series SET points = points + 1", "501 counted, 500 there"),
    "latest point": ("UPDATE metric_series SET step = 77777", "loss"),
    "point belongs to a metric": (
        "INSERT INTO metric_points VALUES (999, 1, 1, 1.0, 0)",
        "series 999",
    ),
    "time of deletion": ("UPDATE runs SET deleted_time = NULL", ""),
    "datasets of its own experiment": (
        "INSERT INTO experiments VALUES (7, 'n', '', 'active', 0, 0);"
        " UPDATE datasets SET experiment = 7",
        " d",
    ),
    "references lead somewhere": (
        "PRAGMA foreign_keys = OFF; DELETE FROM experiments WHERE id = 0",
        "a row of runs names a row of experiments that is not there (2 times)",
    ),
}


@pytest.mark.parametrize("rule", WRONG)
def test_each_rule_can_fail(stopped: RoostServer, rule: str) -> None:
    script, place = WRONG[rule]
    change(stopped.database, script)
    done = roost("check", at=stopped.directory)
    assert done.returncode == 1 and "nothing is wrong" not in done.stdout
    wrong = [line for line in done.stdout.splitlines() if line.startswith("wrong: ")]
    assert any(rule in line and line.endswith(place) for line in wrong), done.stdout


@pytest.mark.parametrize("tree", ["run_params", "metric_points", "runs_newest", "run_tags"])
def test_damage_is_named(stopped: RoostServer, tree: str) -> None:
    query = "SELECT rootpage, tbl_name FROM sqlite_schema WHERE name = ?"
    root, table = rows(stopped.database, query, tree)[0]
    content = bytearray(stopped.database.read_bytes())
    content[(root - 1) * 4096 + 3 : (root - 1) * 4096 + 60] = b"\xff" * 57
    stopped.database.write_bytes(content)
    done = roost("check", at=stopped.directory)
    assert done.returncode == 1
    assert f"table {table}" in done.stdout + done.stderr, done.stdout


def test_what_cannot_be_opened_is_named(stopped: RoostServer, tmp_path: Path) -> None:
    assert "There is no database" in refused(roost("check", at=tmp_path))
    content = stopped.database.read_bytes()
    (tmp_path / "roost.db").write_bytes(content[: len(content) // 2])
    assert "is damaged: it is" in refused(roost("check", at=tmp_path))
    (tmp_path / "roost.db").write_bytes(b"a" * 5000)
    assert "is not a SQLite database" in refused(roost("check", at=tmp_path))
    (tmp_path / "roost.db").write_bytes(content[:100] + b"\xff" * 4000 + content[4100:])
    assert "is damaged" in refused(roost("check", at=tmp_path))
