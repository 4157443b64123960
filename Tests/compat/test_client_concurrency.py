"""Many clients at once: one experiment of one name, no write lost, every answer true at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from client_workers import set_experiment, together
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException

CLIENTS = 16


def test_set_experiment_of_one_name_from_many_processes(
    target_url: str, client: MlflowClient, name: str
) -> None:
    ids = together(set_experiment, [(target_url, name)] * CLIENTS)
    assert len(set(ids)) == 1
    assert client.get_experiment_by_name(name).experiment_id == ids[0]
    assert len(client.search_experiments(filter_string=f"name = '{name}'")) == 1


def test_create_experiment_of_one_name_from_many_threads(target_url: str, name: str) -> None:
    """One wins; each loser is told so, and finds the winner's experiment at that moment."""
    barrier = threading.Barrier(CLIENTS)

    def create(_: int) -> tuple[str, str]:
        mine = MlflowClient(tracking_uri=target_url)
        barrier.wait(30)
        try:
            return "created", mine.create_experiment(name)
        except MlflowException as error:
            found = mine.get_experiment_by_name(name)
            return error.error_code, found.experiment_id if found else "not found"

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(create, range(CLIENTS)))
    codes = sorted(code for code, _ in answers)
    assert codes == ["RESOURCE_ALREADY_EXISTS"] * (CLIENTS - 1) + ["created"]
    assert len({experiment_id for _, experiment_id in answers}) == 1


def test_many_threads_log_to_one_run(target_url: str, client: MlflowClient, run_id: str) -> None:
    def log(worker: int) -> None:
        mine = MlflowClient(tracking_uri=target_url)
        for step in range(10):
            mine.log_metric(run_id, f"m{worker}", worker + step / 16, timestamp=step, step=step)
        mine.log_batch(run_id, metrics=[Metric("shared", worker, worker, worker)])
        mine.log_param(run_id, f"p{worker}", str(worker))
        mine.set_tag(run_id, "last", str(worker))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log, range(8)))
    data = client.get_run(run_id).data
    assert data.params == {f"p{i}": str(i) for i in range(8)}
    assert data.metrics == {f"m{i}": i + 9 / 16 for i in range(8)} | {"shared": 7.0}
    assert data.tags["last"] in {str(i) for i in range(8)}
    for worker in range(8):
        history = client.get_metric_history(run_id, f"m{worker}")
        assert {p.step: p.value for p in history} == {s: worker + s / 16 for s in range(10)}


def test_one_param_from_many_threads(target_url: str, client: MlflowClient, run_id: str) -> None:
    """A param never changes: one value wins, and only who sent that one is told yes."""
    barrier = threading.Barrier(8)

    def log(worker: int) -> str | None:
        mine = MlflowClient(tracking_uri=target_url)
        barrier.wait(30)
        try:
            mine.log_param(run_id, "p", str(worker))
        except MlflowException:
            return None
        return str(worker)

    with ThreadPoolExecutor(8) as pool:
        winners = [value for value in pool.map(log, range(8)) if value is not None]
    assert [client.get_run(run_id).data.params["p"]] == winners


def test_what_one_client_wrote_another_finds(
    target_url: str, client: MlflowClient, experiment_id: str
) -> None:
    other = MlflowClient(tracking_uri=target_url)
    for index in range(20):
        run = client.create_run(experiment_id, tags={"index": str(index)})
        found = other.search_runs([experiment_id], f"tags.index = '{index}'")
        assert [r.info.run_id for r in found] == [run.info.run_id]
