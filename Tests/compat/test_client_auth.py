"""A server with users: MLflow's own clients, and the same requests to mlflow and to Roost."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
import requests
from auth_steps import PASSWORD, Step, roles, things, users
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.server import get_app_client
from mlflow.server.auth.client import AuthServiceClient
from support.servers import MlflowServer, RoostServer

CONFIG = """[mlflow]
default_permission = {default}
database_uri = sqlite:///{database}
admin_username = admin
admin_password = {password}
auth_cache_ttl_seconds = 600
"""


def configured(directory: Path, default: str = "READ") -> dict[str, str]:
    """The variables for a server that keeps its users in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "auth.ini"
    database = directory / "basic_auth.db"
    config.write_text(CONFIG.format(default=default, database=database, password=PASSWORD))
    return {"MLFLOW_AUTH_CONFIG_PATH": str(config), "MLFLOW_FLASK_SERVER_SECRET_KEY": "key"}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RoostServer]:
    """A Roost with users, where nothing is granted but what the test grants."""
    with RoostServer(
        "--app-name", "basic-auth", env=configured(tmp_path, "NO_PERMISSIONS")
    ) as server:
        yield server


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RoostServer, MlflowServer]]:
    """Roost and mlflow with users of their own, and the same settings."""
    directory = tmp_path_factory.mktemp("users")
    args = ["--app-name", "basic-auth"]
    reference = MlflowServer(args, configured(directory / "mlflow", "NO_PERMISSIONS")).launch()
    try:
        with RoostServer(*args, env=configured(directory / "roost", "NO_PERMISSIONS")) as server:
            yield server, reference.wait()
    finally:
        reference.close()


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{variable}", raising=False)


def login(monkeypatch: pytest.MonkeyPatch, name: str, password: str = PASSWORD) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", name)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", password)


# The same requests to both


class Side:
    """One of the two servers, with what its answers held so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kept: dict[str, str] = {}
        self.passwords: dict[str, str] = {}

    def filled(self, value: object) -> object:
        if isinstance(value, str):
            for name, text in self.kept.items():
                value = value.replace("{" + name + "}", text)
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        return [self.filled(one) for one in value] if isinstance(value, list) else value

    def send(self, step: Step) -> tuple[int, object]:
        body = self.filled(step.body)
        assert isinstance(body, dict)
        given = {"params": body} if step.method == "GET" else {"json": body}
        if step.method == "PUT":
            given = {"data": b"x"}
        login = (step.who, self.passwords.get(step.who, PASSWORD)) if step.who else None
        answer = requests.request(
            step.method, f"{self.url}/api/{self.filled(step.path)}", auth=login, timeout=30, **given
        )
        if answer.ok and step.path.endswith("update-password"):
            self.passwords[str(body["username"])] = str(body["password"])
        if "json" not in answer.headers.get("content-type", ""):
            return answer.status_code, answer.text
        value = answer.json()
        if "message" in value:
            # Ids that each side chose itself.
            for name in ("r", "lm"):
                value["message"] = value["message"].replace(self.kept.get(name, "\0"), name)
        if answer.ok and step.keep:
            found = value
            for name in step.keep[1:]:
                found = found[name]
            self.kept[step.keep[0]] = str(found)
        return answer.status_code, value


# What is compared of an answer. Errors of the store that name SQLAlchemy's own are cut before that.
SHOWN = (
    "user",
    "users",
    "is_basic_auth",
    "role",
    "roles",
    "role_permission",
    "role_permissions",
    "permissions",
    "is_admin",
    "assignment",
    "assignments",
    "allowed",
    "permission",
)
LISTED = {
    "experiments": lambda one: one["name"],
    "runs": lambda one: one["info"]["run_name"] == "more",
    "models": lambda one: one["info"]["name"],
    "registered_models": lambda one: one["name"],
    "model_versions": lambda one: one["version"],
}


def essence(status: int, value: object) -> object:
    """What both sides must agree about."""
    if isinstance(value, dict) and "error_code" in value:
        return status, value["error_code"], str(value["message"]).split(" Error: ")[0]
    if isinstance(value, dict):
        shown = {name: value[name] for name in SHOWN if name in value}
        return (
            status,
            shown,
            {n: sorted(f(one) for one in value[n]) for n, f in LISTED.items() if n in value},
        )
    return status, value if status in {401, 403} else ""


# Where Roost says it in other words, or more: by the beginning of mlflow's message.
IN_OTHER_WORDS = (
    # mlflow answers this one in plain text.
    "Username and password cannot be empty.",
    "Parameter 'role_id' must be an integer.",
    "Could not find experiment with name",
    "No Experiment with id=12345",
)


@pytest.mark.parametrize("steps", [[*users(), *roles(), *things()]], ids=["users, roles, things"])
def test_the_same_answers_as_mlflow(
    both: tuple[RoostServer, MlflowServer], steps: list[Step]
) -> None:
    ours, theirs = Side(both[0].url), Side(both[1].url)
    wrong = []
    for number, step in enumerate(steps):
        mine, reference = essence(*ours.send(step)), essence(*theirs.send(step))
        if mine == reference:
            continue
        message = str(reference[-1])
        if mine[0] == reference[0] and (
            reference[0] == 400 and not message or message.startswith(IN_OTHER_WORDS)
        ):
            continue
        wrong.append(
            f"{number} {step.who} {step.method} {step.path} {step.body}\n  {mine}\n  {reference}"
        )
    assert wrong == [], "\n".join(wrong)


# MLflow's clients


def test_every_method_of_the_client_for_users(
    guarded: RoostServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(monkeypatch, "admin")
    client = get_app_client("basic-auth", tracking_uri=guarded.url)
    assert isinstance(client, AuthServiceClient)
    made = client.create_user("ann", PASSWORD)
    assert (made.username, made.is_admin, client.get_user("ann").id) == ("ann", False, made.id)
    client.update_user_admin("ann", True)
    assert client.get_user("ann").is_admin
    client.update_user_admin("ann", False)
    client.update_user_password("ann", "another-password")
    role = client.create_role("default", "team", "those")
    assert (role.name, role.workspace, role.description, role.permissions) == (
        "team",
        "default",
        "those",
        [],
    )
    permission = client.add_role_permission(role.id, "experiment", "*", "READ")
    assert client.update_role_permission(permission.id, "EDIT").permission == "EDIT"
    assert [p.permission for p in client.list_role_permissions(role.id)] == ["EDIT"]
    assert client.assign_role("ann", role.id).user_id == made.id
    assert [r.name for r in client.list_user_roles("ann")] == ["team"]
    assert [a.user_id for a in client.list_role_users(role.id)] == [made.id]
    assert client.update_role(role.id, name="crew").name == "crew"
    assert client.get_role(role.id).permissions[0].resource_pattern == "*"
    assert [r.name for r in client.list_roles("default")] == ["crew"]
    assert [r.name for r in client.list_all_roles()] == ["crew"]
    assert client.get_user_permission("ann", "experiment", "0").permission == "EDIT"
    client.grant_user_permission("ann", "experiment", "0", "MANAGE")
    assert client.get_user_permission("ann", "experiment", "0").permission == "MANAGE"
    client.revoke_user_permission("ann", "experiment", "0")
    client.remove_role_permission(permission.id)
    assert not client.get_user_permission("ann", "experiment", "0").allowed
    client.unassign_role("ann", role.id)
    client.delete_role(role.id)
    client.delete_user("ann")
    with pytest.raises(MlflowException, match="User with username=ann not found"):
        client.get_user("ann")


def test_two_users_train_and_see_their_own(
    guarded: RoostServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    login(monkeypatch, "admin")
    admin = AuthServiceClient(guarded.url)
    for name in ("ann", "bob"):
        admin.create_user(name, PASSWORD)
    note = tmp_path / "note.txt"
    note.write_text("note")
    client = MlflowClient(guarded.url, registry_uri=guarded.url)
    runs = {}
    for name in ("ann", "bob"):
        login(monkeypatch, name)
        experiment = client.create_experiment(f"of-{name}")
        run = client.create_run(experiment)
        runs[name] = run.info.run_id
        client.log_metric(run.info.run_id, "loss", 0.5)
        client.log_artifact(run.info.run_id, str(note))
        assert [e.name for e in client.search_experiments()] == [f"of-{name}"]
        assert [f.path for f in client.list_artifacts(run.info.run_id)] == ["note.txt"]
        client.create_registered_model(f"of-{name}")
    with pytest.raises(MlflowException, match="Permission denied"):
        client.get_run(runs["ann"])
    with pytest.raises(MlflowException, match="Permission denied"):
        client.log_metric(runs["ann"], "loss", 1)
    with pytest.raises(MlflowException, match="Permission denied"):
        client.download_artifacts(runs["ann"], "note.txt", str(tmp_path))
    assert [m.name for m in client.search_registered_models()] == ["of-bob"]
    login(monkeypatch, "admin")
    assert {e.name for e in client.search_experiments()} == {"Default", "of-ann", "of-bob"}


def test_without_a_login_the_client_says_how(guarded: RoostServer) -> None:
    with pytest.raises(MlflowException, match="You are not authenticated"):
        MlflowClient(guarded.url).search_experiments()


def test_a_token_in_place_of_a_password(
    guarded: RoostServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(monkeypatch, "admin")
    AuthServiceClient(guarded.url).create_user("ann", PASSWORD)
    made = requests.post(
        f"{guarded.url}/api/roost/1.0/tokens/create",
        json={"name": "training", "expires_in": "30d"}, auth=("ann", PASSWORD), timeout=30,
    ).json()  # fmt: skip
    for variable in ("USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{variable}")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", made["token"])
    client = MlflowClient(guarded.url)
    experiment = client.create_experiment("by-token")
    assert (
        client.get_run(client.create_run(experiment).info.run_id).info.experiment_id == experiment
    )
    requests.post(
        f"{guarded.url}/api/roost/1.0/tokens/revoke",
        json={"token_id": made["info"]["id"]}, auth=("ann", PASSWORD), timeout=30,
    ).raise_for_status()  # fmt: skip
    with pytest.raises(MlflowException, match="You are not authenticated"):
        client.get_experiment(experiment)


def test_users_that_mlflow_wrote_and_back(
    both: tuple[RoostServer, MlflowServer], tmp_path: Path
) -> None:
    """A file of users moves to Roost unedited, and MLflow's own store reads it after."""
    reference = both[1]
    theirs = Path(reference.env["MLFLOW_AUTH_CONFIG_PATH"]).parent / "basic_auth.db"
    requests.post(
        f"{reference.url}/api/2.0/mlflow/users/create",
        json={"username": "mover", "password": PASSWORD}, auth=("admin", PASSWORD), timeout=30,
    ).raise_for_status()  # fmt: skip
    env = configured(tmp_path)
    source = sqlite3.connect(theirs)
    with source, sqlite3.connect(tmp_path / "basic_auth.db") as copy:
        source.backup(copy)
    with RoostServer("--app-name", "basic-auth", env=env) as server:
        for name in ("mover", "admin"):
            answer = requests.get(
                f"{server.url}/api/2.0/mlflow/users/current", auth=(name, PASSWORD), timeout=30
            )
            assert answer.json()["user"]["username"] == name
        requests.post(
            f"{server.url}/api/2.0/mlflow/users/create",
            json={"username": "new", "password": PASSWORD}, auth=("admin", PASSWORD), timeout=30,
        ).raise_for_status()  # fmt: skip
        assert server.stop() == 0
    from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore()
    store.init_db(f"sqlite:///{tmp_path / 'basic_auth.db'}")
    assert store.authenticate_user("new", PASSWORD)
    assert store.authenticate_user("mover", PASSWORD)
    store.delete_user("new")
    store.engine.dispose()


def test_a_new_file_of_users_is_one_that_mlflow_reads(guarded: RoostServer) -> None:
    path = Path(guarded.env["MLFLOW_AUTH_CONFIG_PATH"]).parent / "basic_auth.db"
    assert os.stat(path).st_mode & 0o077 == 0, "others may read the hashes"
    with sqlite3.connect(path) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_schema")}
    assert {
        "users",
        "roles",
        "role_permissions",
        "user_role_assignments",
        "alembic_version_auth",
    } <= tables
    assert mlflow.__version__ == "3.17.2"
