"""Get-or-create of experiments and runs, and the roll-up over children, by plain requests."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest
import requests
from mlflow import MlflowClient
from support.servers import RoostServer

CALLERS = 16


def post(server: RoostServer, path: str, body: dict, prefix: str = "/api") -> requests.Response:
    return requests.post(f"{server.url}{prefix}/roost/1.0/{path}", json=body, timeout=20)


def at_once(ask: Callable[[int], requests.Response]) -> list[dict]:
    """The answers to `CALLERS` requests that leave together."""
    start = threading.Barrier(CALLERS)
    answers: list[requests.Response] = []

    def call(number: int) -> None:
        start.wait()
        answers.append(ask(number))

    threads = [threading.Thread(target=call, args=(n,)) for n in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [200] * CALLERS, [a.text for a in answers]
    return [a.json() for a in answers]


def summary(server: RoostServer, run_id: str) -> dict:
    url = f"{server.url}/api/roost/1.0/runs/children-summary"
    answer = requests.get(url, params={"run_id": run_id}, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_sixteen_callers_get_one_experiment(roost: RoostServer) -> None:
    name = "みんなの実験"
    answers = at_once(lambda _: post(roost, "experiments/get-or-create", {"name": name}))
    assert sum(answer["created"] for answer in answers) == 1
    (identity,) = {answer["experiment"]["experiment_id"] for answer in answers}
    known = MlflowClient(roost.url).get_experiment(identity)
    assert (known.name, known.lifecycle_stage) == (name, "active")


def test_the_first_callers_fields_count(roost: RoostServer) -> None:
    first = {"name": "fields", "tags": [{"key": "owner", "value": "first"}]}
    second = {"name": "fields", "tags": [{"key": "owner", "value": "second"}]}
    made = post(roost, "experiments/get-or-create", first).json()
    found = post(roost, "experiments/get-or-create", second, prefix="/ajax-api").json()
    assert (made["created"], found["created"]) == (True, False)
    assert made["experiment"] == found["experiment"]
    assert found["experiment"]["tags"] == first["tags"]


def test_a_deleted_experiment_is_not_given_out(roost: RoostServer) -> None:
    client = MlflowClient(roost.url)
    client.delete_experiment(client.create_experiment("gone"))
    answer = post(roost, "experiments/get-or-create", {"name": "gone"})
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_STATE"


def test_sixteen_callers_get_one_run(roost: RoostServer) -> None:
    experiment = MlflowClient(roost.url).create_experiment("one run")
    key = "日報_variant_0_20260701_093000_123456"

    def ask(number: int) -> requests.Response:
        body = {"experiment_id": experiment, "key": key, "run_name": f"caller {number}"}
        return post(roost, "runs/get-or-create", body)

    answers = at_once(ask)
    assert sum(answer["created"] for answer in answers) == 1
    (winner,) = [answer["run"] for answer in answers if answer["created"]]
    assert all(answer["run"] == winner for answer in answers)
    found = MlflowClient(roost.url).search_runs([experiment])
    assert [run.info.run_id for run in found] == [winner["info"]["run_id"]]
    assert found[0].data.tags["roost.key"] == key
    assert found[0].info.run_name == winner["info"]["run_name"]


def test_a_key_belongs_to_its_experiment_and_outlives_a_restart(fresh_roost: RoostServer) -> None:
    client = MlflowClient(fresh_roost.url)
    one, two = client.create_experiment("one"), client.create_experiment("two")
    first = post(fresh_roost, "runs/get-or-create", {"experiment_id": one, "key": "k"}).json()
    other = post(fresh_roost, "runs/get-or-create", {"experiment_id": two, "key": "k"}).json()
    assert (first["created"], other["created"]) == (True, True)
    fresh_roost.kill()
    fresh_roost.start()
    again = post(fresh_roost, "runs/get-or-create", {"experiment_id": one, "key": "k"}).json()
    assert again["created"] is False
    assert again["run"] == first["run"]


@pytest.mark.parametrize(
    "body",
    [
        {"key": "k"},
        {"experiment_id": "0"},
        {"experiment_id": "0", "key": ""},
        {"experiment_id": "0", "key": "k" * 251},
        {"experiment_id": "0", "key": 5},
        {"experiment_id": "0", "key": ["k"]},
    ],
)
def test_bad_requests_are_refused(roost: RoostServer, body: dict) -> None:
    answer = post(roost, "runs/get-or-create", body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error_code"] in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST")


def test_keys_at_the_limit_are_told_apart(roost: RoostServer) -> None:
    experiment = MlflowClient(roost.url).create_experiment("long keys")
    keys = ["鍵" * 250, "鍵" * 249 + "錠", "k", "K", "k ", "a/b"]
    made = [
        post(roost, "runs/get-or-create", {"experiment_id": experiment, "key": k}) for k in keys
    ]
    assert [answer.status_code for answer in made] == [200] * len(keys)
    assert len({answer.json()["run"]["info"]["run_id"] for answer in made}) == len(keys)


def test_an_unknown_experiment_is_said_to_be_missing(roost: RoostServer) -> None:
    answer = post(roost, "runs/get-or-create", {"experiment_id": "987654", "key": "k"})
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_the_roll_up_is_what_the_children_say(roost: RoostServer) -> None:
    client = MlflowClient(roost.url)
    experiment = client.create_experiment("roll-up")
    parent = client.create_run(experiment, start_time=1).info.run_id
    values = [3.0, -1.5, math.nan, 10.0]
    statuses = ["FINISHED", "FINISHED", "FAILED", "RUNNING"]
    for number, (value, status) in enumerate(zip(values, statuses, strict=True)):
        tags = {"mlflow.parentRunId": parent}
        child = client.create_run(experiment, start_time=100 + number, tags=tags).info.run_id
        client.log_metric(child, "tokens", 99.0, timestamp=1, step=0)
        client.log_metric(child, "tokens", value, timestamp=2, step=1)  # the latest counts
        if status != "RUNNING":
            client.set_terminated(child, status, end_time=200 + number)
    deleted = client.create_run(experiment, start_time=1, tags={"mlflow.parentRunId": parent})
    client.log_metric(deleted.info.run_id, "tokens", 1000.0)
    client.delete_run(deleted.info.run_id)
    grandchild = client.create_run(experiment, tags={"mlflow.parentRunId": child})
    client.log_metric(grandchild.info.run_id, "tokens", 1000.0)

    assert summary(roost, parent) == {
        "run_id": parent,
        "children": 4,
        "status": {"FINISHED": 2, "FAILED": 1, "RUNNING": 1},
        "start_time": 100,
        "end_time": 202,
        "metrics": [
            {
                "key": "tokens",
                "count": 3,
                "nan": 1,
                "sum": 11.5,
                "mean": pytest.approx(11.5 / 3),
                "min": -1.5,
                "max": 10.0,
            }
        ],
    }


def test_a_run_without_children_has_an_empty_roll_up(roost: RoostServer) -> None:
    run_id = MlflowClient(roost.url).create_run("0").info.run_id
    found = summary(roost, run_id)
    assert (found["run_id"], found["children"]) == (run_id, 0)
    assert (found["status"], found["metrics"]) == ({}, [])
