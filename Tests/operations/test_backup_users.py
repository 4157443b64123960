"""The file of users in a backup, and back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from support.servers import RoostServer

from operations.commands import refused, roost, rows, well

PASSWORD = "a long enough password"
USERS = ("--app-name", "basic-auth")


@pytest.fixture
def config(tmp_path: Path) -> dict[str, str]:
    """Relative, as MLflow's own is: it is where the server runs, and the commands."""
    path = tmp_path / "auth.ini"
    path.write_text(
        "[mlflow]\ndatabase_uri = sqlite:///people.db\n"
        f"admin_username = admin\nadmin_password = {PASSWORD}\n"
    )
    return {"MLFLOW_AUTH_CONFIG_PATH": str(path)}


@pytest.fixture
def guarded(config: dict[str, str]) -> Iterator[RoostServer]:
    with RoostServer(*USERS, env=config) as server:
        yield server


def create_user(server: RoostServer, name: str) -> int:
    return requests.post(
        f"{server.url}/api/2.0/mlflow/users/create",
        json={"username": name, "password": PASSWORD},
        auth=("admin", PASSWORD),
        timeout=10,
    ).status_code


def may_log_in(server: RoostServer, name: str) -> bool:
    url = f"{server.url}/api/2.0/mlflow/experiments/get"
    query = {"experiment_id": "0"}
    return requests.get(url, params=query, auth=(name, PASSWORD), timeout=10).status_code == 200


def test_users_come_along_and_back(
    guarded: RoostServer, config: dict[str, str], tmp_path: Path
) -> None:
    assert create_user(guarded, "before") == 200
    backup = tmp_path / "backup"
    said = well(roost("backup", backup, *USERS, at=guarded.directory, env=config))
    assert ", the users; checked" in said
    assert create_user(guarded, "after") == 200
    copy = backup / "basic_auth.db"
    assert copy.stat().st_mode & 0o777 == 0o600, "hashes of passwords are for nobody else"
    assert json.loads((backup / "manifest.json").read_text())["users"]["bytes"]
    assert ", the users" in well(roost("check", backup, at=tmp_path))
    said = well(roost("check", *USERS, at=guarded.directory, env=config))
    assert "people.db, 3 users" in said

    target = tmp_path / "target"
    target.mkdir()
    said = refused(roost("restore", backup, at=target))
    assert "--app-name basic-auth" in said and list(target.iterdir()) == []
    assert "the users" in well(roost("restore", backup, *USERS, at=target, env=config))
    assert (target / "people.db").stat().st_mode & 0o777 == 0o600
    restored = RoostServer(*USERS, env=config)
    shutil.copytree(target, restored.directory, dirs_exist_ok=True)
    with restored as server:
        assert may_log_in(server, "before") and not may_log_in(server, "after")
    (target / "roost.db").unlink()
    said = refused(roost("restore", backup, *USERS, at=target, env=config))
    assert "people.db is there already" in said
    assert not (target / "roost.db").exists()


def test_without_the_flag_they_are_named(
    guarded: RoostServer, config: dict[str, str], tmp_path: Path
) -> None:
    done = roost("backup", tmp_path / "backup", at=guarded.directory, env=config)
    well(done)
    assert "people.db is not in the backup" in done.stderr
    assert not (tmp_path / "backup" / "basic_auth.db").exists()
    target = tmp_path / "target"
    target.mkdir()
    done = roost("restore", tmp_path / "backup", *USERS, at=target, env=config)
    well(done)
    assert "holds no users" in done.stderr and not (target / "people.db").exists()


def test_what_is_refused(guarded: RoostServer, config: dict[str, str], tmp_path: Path) -> None:
    at = guarded.directory
    said = refused(roost("backup", tmp_path / "a", "--app-name", "other", at=at), 2)
    assert "basic-auth alone" in said
    # The standard place has none here.
    assert "no file of users at" in refused(roost("backup", tmp_path / "b", *USERS, at=at))
    guarded.stop()
    users = at / "people.db"
    page = rows(users, "SELECT rootpage FROM sqlite_schema WHERE name = 'users'")[0][0]
    size = rows(users, "PRAGMA page_size")[0][0]
    content = bytearray(users.read_bytes())
    content[(page - 1) * size : (page - 1) * size + 8] = b"\x09" * 8
    users.write_bytes(content)
    for words in (("backup", tmp_path / "c"), ("check",)):
        said = refused(roost(*words, *USERS, at=at, env=config))
        assert "people.db" in said or "basic_auth.db" in said
        assert "damaged" in said
    assert not (tmp_path / "c" / "manifest.json").exists()


def test_a_damaged_copy_is_not_restored(
    guarded: RoostServer, config: dict[str, str], tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    well(roost("backup", backup, *USERS, at=guarded.directory, env=config))
    copy = backup / "basic_auth.db"
    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    target = tmp_path / "target"
    target.mkdir()
    said = refused(roost("restore", backup, *USERS, at=target, env=config))
    assert "basic_auth.db is damaged" in said and list(target.iterdir()) == []
    copy.unlink()
    assert "basic_auth.db is missing" in refused(roost("check", backup, at=tmp_path))
