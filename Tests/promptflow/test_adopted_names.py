"""Which ids are adopted, and which never: asked by plain requests, without promptflow."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest
import requests
from lines import ADOPTED
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from support.servers import RoostServer

GET = "/api/2.0/mlflow/runs/get"
PROMPTFLOW_NAME = "web_classification_variant_0_20260701_093000_123456"


@pytest.fixture(scope="module")
def widened() -> Iterator[RoostServer]:
    """A Roost whose operator lets every id pass that the pattern may let pass at all."""
    with RoostServer("--adopt-runs", ADOPTED, "--adopt-pattern", ".*") as server:
        yield server


def ask(server: RoostServer, run_id: str, path: str = GET) -> requests.Response:
    wanted = {"run_id": run_id, "run_uuid": run_id}
    return requests.get(server.url + path, params=wanted, timeout=20)


def adopted(server: RoostServer) -> list[str]:
    client = MlflowClient(server.url)
    experiment = client.get_experiment_by_name(ADOPTED)
    if experiment is None:
        return []
    return [run.info.run_id for run in client.search_runs([experiment.experiment_id])]


@pytest.mark.parametrize(
    "run_id",
    [
        "nightly_3",
        "web_classification_variant_0",
        "flow_variant_0_20260701_093000",
        "flow_variant_0_20260701_093000_12345",
        "flow_variant_0_20260701_093000_123456_0",
        "flow-variant-0-20260701-093000-123456",
        "node_attempt20260701_093000_123456",
        "_flow_variant_0_20260701_093000_123456",
        "日報_variant_0_20260701_093000_123456",
        "n日報_variant_0_20260701_093000_123456",
        "flow_variant_0_20260701_093000_123456\n",
        "flow_variant_0_２０２６０７０１_093000_123456",
    ],
)
def test_other_names_stay_unknown(adopting: RoostServer, run_id: str) -> None:
    answer = ask(adopting, run_id)
    assert answer.status_code == 404, answer.text
    assert answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert run_id not in adopted(adopting)


@pytest.mark.parametrize(
    "run_id",
    [
        uuid.uuid4().hex,
        uuid.uuid4().hex.upper(),
        str(uuid.uuid4()),
        "0" * 32,
        "../../etc/passwd",
        "a/b",
        "a b",
        "日報",
        "-leading",
        "a" * 257,
    ],
)
def test_no_pattern_lets_these_pass(widened: RoostServer, run_id: str) -> None:
    assert ask(widened, run_id).status_code in (400, 404)
    assert run_id not in adopted(widened)


@pytest.mark.parametrize("run_id", ["nightly_3", "a", "a" * 256, "node_attempt20260701_093000_1"])
def test_a_widened_pattern_lets_custom_names_pass(widened: RoostServer, run_id: str) -> None:
    answer = ask(widened, run_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["run"]["info"]["run_id"] == run_id


def test_the_second_answer_is_the_first(adopting: RoostServer) -> None:
    first = ask(adopting, PROMPTFLOW_NAME)
    second = ask(adopting, PROMPTFLOW_NAME)
    assert first.status_code == 200
    assert first.content == second.content
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "no-store"
    info = first.json()["run"]["info"]
    assert (info["run_id"], info["run_name"]) == (PROMPTFLOW_NAME, PROMPTFLOW_NAME)
    assert info["status"] == "RUNNING"
    assert "end_time" not in info


def test_sixteen_at_once_get_one_run(adopting: RoostServer) -> None:
    run_id = "at_once_variant_0_20260701_093000_123456"
    start = threading.Barrier(16)
    answers: list[requests.Response] = []

    def get() -> None:
        start.wait()
        answers.append(ask(adopting, run_id))

    threads = [threading.Thread(target=get) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [200] * 16
    assert len({a.content for a in answers}) == 1
    assert adopted(adopting).count(run_id) == 1


# Method, path below the server, and the fields beside the run's id; MLflow answers a history of
# an unknown run with an empty one, everything else here with an error.
OTHERS = [
    ("HEAD", "/api/2.0/mlflow/runs/get", {}),
    ("GET", "/ajax-api/2.0/mlflow/runs/get", {}),
    ("POST", "/api/2.0/mlflow/runs/update", {"status": "RUNNING"}),
    ("POST", "/api/2.0/mlflow/runs/log-metric", {"key": "k", "value": 1, "timestamp": 1}),
    ("POST", "/api/2.0/mlflow/runs/set-tag", {"key": "k", "value": "v"}),
    ("POST", "/api/2.0/mlflow/runs/delete", {}),
    ("GET", "/api/2.0/mlflow/metrics/get-history", {"metric_key": "k"}),
    ("GET", "/api/roost/1.0/runs/children-summary", {}),
]


@pytest.mark.parametrize("case", range(len(OTHERS)))
def test_only_a_get_of_the_run_adopts(adopting: RoostServer, case: int) -> None:
    method, path, fields = OTHERS[case]
    wanted = {"run_id": f"asker_variant_{case}_20260701_093000_123456", **fields}
    place = "json" if method == "POST" else "params"
    answer = requests.request(method, adopting.url + path, timeout=20, **{place: wanted})
    assert answer.status_code == (200 if path.endswith("get-history") else 404), answer.text
    assert wanted["run_id"] not in adopted(adopting)


def test_a_deleted_run_is_not_adopted_again(adopting: RoostServer) -> None:
    run_id = "deleted_variant_0_20260701_093000_123456"
    start = ask(adopting, run_id).json()["run"]["info"]["start_time"]
    client = MlflowClient(adopting.url)
    client.delete_run(run_id)
    again = ask(adopting, run_id).json()["run"]["info"]
    assert (again["lifecycle_stage"], again["start_time"]) == ("deleted", start)


def test_a_deleted_experiment_is_not_revived() -> None:
    with RoostServer("--adopt-runs", ADOPTED) as server:
        client = MlflowClient(server.url)
        client.delete_experiment(client.create_experiment(ADOPTED))
        assert ask(server, PROMPTFLOW_NAME).status_code == 404
        assert client.get_experiment_by_name(ADOPTED).lifecycle_stage == "deleted"


def test_adoption_may_be_asked_for_by_variables() -> None:
    variables = {"ROOST_ADOPT_RUNS": ADOPTED, "ROOST_ADOPT_PATTERN": "nightly_.*"}
    with RoostServer(env=variables) as server:
        assert ask(server, PROMPTFLOW_NAME).status_code == 404
        assert ask(server, "nightly_1").status_code == 200
        assert adopted(server) == ["nightly_1"]


def test_the_client_itself_refuses_names_that_begin_in_japanese(adopting: RoostServer) -> None:
    """Why the documentation sends flows in Japanese folders to `--name` or to get-or-create."""
    run_id = "日報_variant_0_20260701_093000_123456"
    with pytest.raises(MlflowException, match="run_id") as caught:
        MlflowClient(adopting.url).get_run(run_id)
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
