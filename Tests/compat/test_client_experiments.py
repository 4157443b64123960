"""MlflowClient and experiments: create, read, change, delete, restore, tags."""

from __future__ import annotations

import time

import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException


def test_default_experiment_exists(client: MlflowClient) -> None:
    default = client.get_experiment("0")
    assert default.name == "Default"
    assert default.lifecycle_stage == "active"
    assert client.get_experiment_by_name("Default").experiment_id == "0"


def test_create_and_get(client: MlflowClient, name: str) -> None:
    before = int(time.time() * 1000)
    experiment_id = client.create_experiment(name, tags={"team": "nest", "emoji": "🪺"})
    after = int(time.time() * 1000)
    assert isinstance(experiment_id, str)
    assert int(experiment_id) > 0
    got = client.get_experiment(experiment_id)
    assert got.name == name
    assert got.experiment_id == experiment_id
    assert got.tags == {"team": "nest", "emoji": "🪺"}
    assert got.lifecycle_stage == "active"
    assert got.artifact_location.endswith(f"/{experiment_id}")
    assert before <= got.creation_time <= after
    assert got.last_update_time == got.creation_time


def test_get_by_name(client: MlflowClient, experiment_id: str, name: str) -> None:
    found = client.get_experiment_by_name(name)
    assert found is not None
    assert found.experiment_id == experiment_id
    assert client.get_experiment_by_name(name + "-not-there") is None


def test_get_by_name_finds_deleted(client: MlflowClient, experiment_id: str, name: str) -> None:
    client.delete_experiment(experiment_id)
    found = client.get_experiment_by_name(name)
    assert found is not None
    assert found.lifecycle_stage == "deleted"


def test_rename(client: MlflowClient, experiment_id: str, name: str) -> None:
    client.rename_experiment(experiment_id, f"{name}-renamed")
    got = client.get_experiment(experiment_id)
    assert got.name == f"{name}-renamed"
    assert got.last_update_time >= got.creation_time
    assert client.get_experiment_by_name(name) is None


def test_rename_onto_a_taken_name_is_refused(client: MlflowClient, name: str) -> None:
    first = client.create_experiment(name)
    second = client.create_experiment(f"{name}-2")
    with pytest.raises(MlflowException):
        client.rename_experiment(second, name)
    assert client.get_experiment(first).name == name
    assert client.get_experiment(second).name == f"{name}-2"


def test_delete_and_restore(client: MlflowClient, experiment_id: str) -> None:
    run_id = client.create_run(experiment_id).info.run_id
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    client.restore_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "active"
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def test_set_tag_overwrites(client: MlflowClient, experiment_id: str) -> None:
    client.set_experiment_tag(experiment_id, "stage", "one")
    client.set_experiment_tag(experiment_id, "stage", "two")
    client.set_experiment_tag(experiment_id, "number", 5)
    assert client.get_experiment(experiment_id).tags == {"stage": "two", "number": "5"}


def test_delete_tag(client: MlflowClient, experiment_id: str) -> None:
    client.set_experiment_tag(experiment_id, "a", "1")
    client.set_experiment_tag(experiment_id, "b", "2")
    client.delete_experiment_tag(experiment_id, "a")
    assert client.get_experiment(experiment_id).tags == {"b": "2"}


def test_search_by_name_and_tag(client: MlflowClient, name: str) -> None:
    ids = [
        client.create_experiment(f"{name}-{i}", tags={"group": name, "parity": str(i % 2)})
        for i in range(4)
    ]
    by_name = client.search_experiments(filter_string=f"name LIKE '{name}-%'")
    assert {e.experiment_id for e in by_name} == set(ids)
    by_tag = client.search_experiments(
        filter_string=f"tags.group = '{name}' AND tags.parity = '1'", order_by=["name DESC"]
    )
    assert [e.experiment_id for e in by_tag] == [ids[3], ids[1]]


def test_search_newest_first_by_default(client: MlflowClient, name: str) -> None:
    ids = []
    for i in range(3):
        ids.append(client.create_experiment(f"{name}-{i}", tags={"group": name}))
        time.sleep(0.003)
    found = client.search_experiments(filter_string=f"tags.group = '{name}'")
    assert [e.experiment_id for e in found] == ids[::-1]


def test_search_view_types(client: MlflowClient, name: str) -> None:
    kept = client.create_experiment(f"{name}-kept", tags={"group": name})
    gone = client.create_experiment(f"{name}-gone", tags={"group": name})
    client.delete_experiment(gone)
    filter_string = f"tags.group = '{name}'"

    def found(view: int) -> set[str]:
        hits = client.search_experiments(view_type=view, filter_string=filter_string)
        return {e.experiment_id for e in hits}

    assert found(ViewType.ACTIVE_ONLY) == {kept}
    assert found(ViewType.DELETED_ONLY) == {gone}
    assert found(ViewType.ALL) == {kept, gone}


def test_search_pages(client: MlflowClient, name: str) -> None:
    ids = [client.create_experiment(f"{name}-{i}", tags={"group": name}) for i in range(7)]
    seen: list[str] = []
    sizes: list[int] = []
    token = None
    while True:
        page = client.search_experiments(
            filter_string=f"tags.group = '{name}'",
            order_by=["name ASC"],
            max_results=3,
            page_token=token,
        )
        seen += [e.experiment_id for e in page]
        sizes.append(len(page))
        token = page.token
        if not token:
            break
    assert sizes == [3, 3, 1]
    assert seen == ids


@pytest.mark.parametrize("odd", ["with space", "日本語", "a/b", "100%", "quote'\"", "🪺"])
def test_odd_names_round_trip(client: MlflowClient, name: str, odd: str) -> None:
    full = f"{odd} {name}"
    experiment_id = client.create_experiment(full)
    assert client.get_experiment(experiment_id).name == full
    assert client.get_experiment_by_name(full).experiment_id == experiment_id
