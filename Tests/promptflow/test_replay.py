"""What promptflow and the nodes of `child-runs` sent for a batch of three lines, sent again.

The recording is from a real run (`record.py`); so this sees in a second what the tests with `pf`
see in a quarter of a minute, but for anything that promptflow itself does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lines import ADOPTED, check_child
from mlflow import MlflowClient
from support.servers import RoostServer

RECORDING = json.loads(
    (Path(__file__).parent / "fixtures" / "batch-of-three.json").read_text(encoding="utf-8")
)
BATCH = RECORDING["batch"]
CREATE = "/api/2.0/mlflow/runs/create"


def replay(server: RoostServer) -> list[requests.Response]:
    """The requests one after the other; `<child N>` becomes the id that N was given here."""
    children: dict[str, str] = {}
    answers = []
    with requests.Session() as session:
        for step in RECORDING["requests"]:
            body = json.dumps(step.get("body"), ensure_ascii=False)
            path = step["path"]
            for name, run_id in children.items():
                path, body = path.replace(name, run_id), body.replace(name, run_id)
            data = body.encode() if "body" in step else None
            headers = {"Content-Type": "application/json"}
            answer = session.request(
                step["method"], server.url + path, data=data, headers=headers, timeout=20
            )
            answers.append(answer)
            if path == CREATE and answer.ok:
                info = answer.json()["run"]["info"]
                children[f"<child {int(info['run_name'].removeprefix('Run '))}>"] = info["run_id"]
    return answers


@pytest.fixture(scope="module")
def replayed() -> Iterator[RoostServer]:
    with RoostServer("--adopt-runs", ADOPTED) as server:
        answers = replay(server)
        assert [a.status_code for a in answers] == [200] * len(answers), answers[0].text
        yield server


def test_the_recording_begins_with_the_root_run() -> None:
    first = RECORDING["requests"][0]
    assert (first["method"], first["path"]) == (
        "GET",
        f"/api/2.0/mlflow/runs/get?run_uuid={BATCH}&run_id={BATCH}",
    )


def test_the_batch_is_as_if_it_had_run(replayed: RoostServer) -> None:
    client = MlflowClient(replayed.url)
    root = client.get_run(BATCH)
    assert (root.info.run_name, root.info.status) == (BATCH, "FAILED")
    assert root.data.metrics["lines_completed"] == 2
    assert root.data.metrics["lines_failed"] == 1
    experiment = client.get_experiment_by_name(ADOPTED).experiment_id
    wanted = f"tags.mlflow.parentRunId = '{BATCH}'"
    children = client.search_runs([experiment], wanted, order_by=["attributes.run_name ASC"])
    assert len(children) == len(RECORDING["lines"])
    for number, (child, line) in enumerate(zip(children, RECORDING["lines"], strict=True)):
        check_child(child, number, line, BATCH)


def test_without_adoption_the_first_request_is_refused() -> None:
    with RoostServer() as server:
        step = RECORDING["requests"][0]
        answer = requests.request(step["method"], server.url + step["path"], timeout=20)
        assert answer.status_code == 404
        assert answer.json() == {
            "error_code": "RESOURCE_DOES_NOT_EXIST",
            "message": f"Run with id={BATCH} not found",
        }
