"""`roost import promptflow` of the folder in `fixtures/run-folder`, which a real batch left.

Three lines were asked, the second failed at the model's node. What must be known afterwards was
read off the folder by hand.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from importing import run_import, state
from mlflow import MlflowClient
from mlflow.entities import Run
from support.servers import RoostServer

FIXTURE = Path(__file__).parent / "fixtures" / "run-folder"
NAME = "child_runs_variant_0_20261124_041910_468055"
ERROR = "OpenAI API hits BadRequestError: Error code: 400 - the stand-in was asked to fail: 失敗"
CHILDREN = [
    (
        "FINISHED",
        {
            "question": "What is the capital of Norway?",
            "topic": "geography",
            "answer": "答え: ?yawroN fo latipac eht si tahW",
        },
        {"duration": 0.352, "prompt_tokens": 37, "completion_tokens": 88, "total_tokens": 125},
        (1795493954984, 1795493955336),
    ),
    (
        "FAILED",
        {"question": "please fail: 富士山の高さは何メートルですか？", "topic": "地理"},
        {"duration": 0.229923, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        (1795493954981, 1795493955211),
    ),
    (
        "FINISHED",
        {
            "question": "東京駅が開業したのは何年ですか？",
            "topic": "歴史",
            "answer": "答え: ？かすで年何はのたし業開が駅京東",
        },
        {"duration": 0.345157, "prompt_tokens": 23, "completion_tokens": 84, "total_tokens": 107},
        (1795493954986, 1795493955331),
    ),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Promptflow's home: the folder below `.runs`, and its database beside."""
    shutil.copytree(FIXTURE / NAME, tmp_path / ".runs" / NAME)
    database = sqlite3.connect(tmp_path / "pf.sqlite")
    database.executescript((FIXTURE / "pf.sql").read_text(encoding="utf-8"))
    database.close()
    return tmp_path


def children_of(client: MlflowClient, parent: Run) -> list[Run]:
    wanted = f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
    order = ["attributes.run_name ASC"]
    return list(client.search_runs([parent.info.experiment_id], wanted, order_by=order))


def check_imported(client: MlflowClient) -> None:
    parent = client.get_run(NAME)
    assert client.get_experiment(parent.info.experiment_id).name == "夜間"
    assert (parent.info.run_name, parent.info.status) == (NAME, "FAILED")
    times = (parent.info.start_time, parent.info.end_time)
    assert times == (1795493951800, 1795493957543), "those of pf.sqlite"
    assert parent.data.metrics == {"lines_answered": 2, "lines_completed": 2, "lines_failed": 1}
    assert parent.data.tags["framework"] == "Prompt Flow"
    assert "mlflow.parentRunId" not in parent.data.tags

    found = children_of(client, parent)
    assert len(found) == len(CHILDREN)
    for number, (child, expected) in enumerate(zip(found, CHILDREN, strict=True)):
        status, params, metrics, times = expected
        assert child.info.run_name == f"Run {number:09d}"
        assert child.info.status == status
        assert child.data.params == params
        assert child.data.metrics == metrics
        assert (child.info.start_time, child.info.end_time) == times
        assert child.data.tags["framework"] == "Prompt Flow"
        assert child.data.tags.get("error", "").startswith(ERROR if status == "FAILED" else "")
        assert ("error" in child.data.tags) == (status == "FAILED")


def test_into_a_server_twice(fresh_roost: RoostServer, home: Path) -> None:
    words = (home / ".runs" / NAME, "--experiment", "夜間", "--tracking-uri", fresh_roost.url)
    client = MlflowClient(fresh_roost.url)

    done = run_import(*words, "--dry-run")
    assert done.returncode == 0, done.stderr
    for text in (NAME, "FAILED", "Run 000000001", "東京駅が開業したのは何年ですか？", "125"):
        assert text in done.stdout
    assert state(client) == [], "a dry run sends nothing"
    assert client.get_experiment_by_name("夜間") is None

    done = run_import(*words)
    assert done.returncode == 0, done.stderr
    check_imported(client)

    before = state(client)
    assert run_import(*words).returncode == 0
    assert state(client) == before, "a second import changes nothing"


def test_into_a_database(tmp_path: Path, home: Path) -> None:
    database = tmp_path / "imported.db"
    folder = home / ".runs" / NAME
    store = ("--backend-store-uri", f"sqlite:///{database}")
    files = ("--artifacts-destination", str(tmp_path / "files"))
    for _ in range(2):
        done = run_import(folder, "--experiment", "夜間", *store, *files)
        assert done.returncode == 0, done.stderr
    with RoostServer(*files, database=database) as server:
        client = MlflowClient(server.url)
        check_imported(client)
        logs = client.download_artifacts(NAME, "promptflow/logs.txt", str(tmp_path))
        assert Path(logs).read_bytes() == (folder / "logs.txt").read_bytes()


def test_a_folder_that_was_copied_elsewhere(fresh_roost: RoostServer, tmp_path: Path) -> None:
    """Without pf.sqlite the times are those of the lines; the name is told by the records."""
    folder = tmp_path / "batch of july"
    shutil.copytree(FIXTURE / NAME, folder)
    done = run_import(folder, "--tracking-uri", fresh_roost.url)
    assert done.returncode == 0, done.stderr
    info = MlflowClient(fresh_roost.url).get_run(NAME).info
    assert (info.start_time, info.end_time) == (1795493954981, 1795493955336)
    assert info.status == "FAILED"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("flow_artifacts/000000001_000000001.jsonl", '{"line_number": 1, "run_in'),
        ("flow_artifacts/000000001_000000001.jsonl", '{"line_number": "one", "run_info": {}}'),
        ("flow_artifacts/000000001_000000001.jsonl", "[1, 2]"),
        ("metrics.json", "{"),
    ],
)
def test_a_damaged_folder_is_named_and_skipped(
    fresh_roost: RoostServer, home: Path, tmp_path: Path, file: str, text: str
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(FIXTURE / NAME, damaged)
    (damaged / file).write_text(text, encoding="utf-8")
    words = ("--experiment", "夜間", "--tracking-uri", fresh_roost.url)
    done = run_import(damaged, home / ".runs" / NAME, *words)
    assert done.returncode == 1
    assert str(damaged) in done.stderr
    assert file in done.stderr
    check_imported(MlflowClient(fresh_roost.url))


@pytest.mark.parametrize("what", ["nothing", "empty folder", "file"])
def test_what_is_no_run_folder_is_named(
    fresh_roost: RoostServer, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "no-run"
    if what == "empty folder":
        path.mkdir()
    elif what == "file":
        path.write_text("text")
    done = run_import(path, "--tracking-uri", fresh_roost.url)
    assert done.returncode == 1
    assert str(path) in done.stderr
    assert state(MlflowClient(fresh_roost.url)) == []


def test_a_batch_that_failed_as_a_whole(fresh_roost: RoostServer, tmp_path: Path) -> None:
    folder = tmp_path / "whole_variant_0_20261124_041910_468055"
    folder.mkdir()
    (folder / "meta.json").write_text('{"batch_size": 1}')
    (folder / "error.json").write_text('{"message": "入力が見つかりません", "code": "UserError"}')
    (folder / "flow_artifacts").mkdir()
    done = run_import(folder, "--tracking-uri", fresh_roost.url)
    assert done.returncode == 0, done.stderr
    client = MlflowClient(fresh_roost.url)
    parent = client.get_run(folder.name)
    assert parent.info.status == "FAILED"
    assert parent.data.tags["error"] == "入力が見つかりません"
    assert children_of(client, parent) == []
