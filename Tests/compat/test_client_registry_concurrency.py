"""The registry with many clients at once: numbers without gaps, a rename that loses nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

CLIENTS = 32


def test_parallel_versions_have_consecutive_numbers(
    target_url: str, client: MlflowClient, name: str
) -> None:
    client.create_registered_model(name)
    barrier = threading.Barrier(CLIENTS)

    def create(number: int) -> int:
        mine = MlflowClient(tracking_uri=target_url, registry_uri=target_url)
        barrier.wait(30)
        made = mine.create_model_version(name, f"s3://bucket/{number}", tags={"n": str(number)})
        assert made.source == f"s3://bucket/{number}"
        return int(made.version)

    with ThreadPoolExecutor(CLIENTS) as pool:
        numbers = list(pool.map(create, range(CLIENTS)))
    assert sorted(numbers) == list(range(1, CLIENTS + 1))
    found = client.search_model_versions(f"name = '{name}'", max_results=CLIENTS + 1)
    assert sorted(int(v.version) for v in found) == sorted(numbers)
    assert {v.tags["n"] for v in found} == {str(number) for number in range(CLIENTS)}


def test_a_rename_under_load_keeps_everything_together(
    target_url: str, client: MlflowClient, name: str, target_is_mlflow: bool
) -> None:
    if target_is_mlflow:
        pytest.skip("mlflow answers 400 to a version made during a rename, or gives a number twice")
    client.create_registered_model(f"{name}-0")
    renames = 10
    done = threading.Event()

    def write(worker: int) -> list[str]:
        """Adds versions to the model, whatever its name is by now."""
        mine = MlflowClient(tracking_uri=target_url, registry_uri=target_url)
        made: list[str] = []
        at = 0
        while not done.is_set() or len(made) < 5:
            try:
                version = mine.create_model_version(
                    f"{name}-{at}", "s3://bucket/x", tags={"worker": str(worker)}
                )
                made.append(version.version)
                if done.is_set() and len(made) >= 5:
                    break
            except MlflowException as error:
                assert error.error_code == "RESOURCE_DOES_NOT_EXIST"
                at = min(at + 1, renames)
        return made

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, worker) for worker in range(4)]
        for number in range(renames):
            client.rename_registered_model(f"{name}-{number}", f"{name}-{number + 1}")
        done.set()
        made = [version for writer in writers for version in writer.result(60)]

    found = client.search_model_versions(f"name = '{name}-{renames}'")
    assert sorted(int(v.version) for v in found) == list(range(1, len(made) + 1))
    assert sorted(map(int, made)) == list(range(1, len(made) + 1))
    assert all("worker" in v.tags for v in found)
    models = client.search_registered_models(f"name LIKE '{name}-%'")
    assert [m.name for m in models] == [f"{name}-{renames}"]
