"""A start that cannot work: one sentence on standard error, status 1; a usage error: status 2."""

from __future__ import annotations

import hashlib
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from launching import assert_fails, assert_one_sentence, run_roost
from support.servers import RoostServer


def test_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_roost("server", "--port", str(port), cwd=tmp_path)
    assert str(port) in assert_one_sentence(done)


def test_address_of_another_machine(tmp_path: Path) -> None:
    done = run_roost("server", "--host", "192.0.2.1", "--port", "0", cwd=tmp_path)
    assert "192.0.2.1" in assert_one_sentence(done)


@pytest.mark.parametrize("where", ["file/roost.db", "folder"])
def test_a_place_that_takes_no_database(tmp_path: Path, where: str) -> None:
    """`file` is a file and `folder` a directory; an unwritable place, whoever runs the test."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    done = run_roost(
        "server", "--port", "0", "--backend-store-uri", f"sqlite:///{where}", cwd=tmp_path
    )
    assert_one_sentence(done)
    assert (tmp_path / "file").read_text() == "x"


def test_unwritable_directory(tmp_path: Path) -> None:
    """/proc takes no file, not even from root."""
    done = run_roost(
        "server", "--port", "0", "--backend-store-uri", "sqlite:////proc/roost.db", cwd=tmp_path
    )
    assert_one_sentence(done)


def broken(kind: str, path: Path) -> None:
    if kind == "text":
        path.write_text("These are notes, and no database.\n" * 200)
    elif kind == "header":
        path.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 40)
    else:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("y" * 100,)] * 500)
        connection.commit()
        connection.close()
        data = bytearray(path.read_bytes())
        data[100:4096] = b"\xff" * (4096 - 100)
        path.write_bytes(bytes(data))


@pytest.mark.parametrize("kind", ["text", "header", "page"])
def test_damaged_database(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "roost.db"
    broken(kind, path)
    before = digest(path)
    done = run_roost("server", "--port", "0", cwd=tmp_path)
    assert "roost.db" in assert_one_sentence(done)
    assert digest(path) == before


def test_somebody_elses_database(tmp_path: Path) -> None:
    """A SQLite file with tables that are not Roost's is left alone."""
    path = tmp_path / "roost.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.execute("INSERT INTO recipes VALUES ('soup')")
    connection.commit()
    connection.close()
    before = digest(path)
    assert_one_sentence(run_roost("server", "--port", "0", cwd=tmp_path))
    assert digest(path) == before


@pytest.fixture(scope="module")
def mlflow_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that mlflow's own store made, with an experiment and a run in it."""
    folder = tmp_path_factory.mktemp("mlflow")
    program = (
        "from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore\n"
        "store = SqlAlchemyStore('sqlite:///mlflow.db', 'artifacts')\n"
        "store.create_experiment('from mlflow')\n"
        "store.create_run('1', 'me', 0, [], 'run')\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, timeout=120,
                   capture_output=True)  # fmt: skip
    return folder / "mlflow.db"


def test_database_of_mlflow_is_refused_and_untouched(mlflow_database: Path) -> None:
    before = digest(mlflow_database)
    done = run_roost(
        "server", "--port", "0", "--backend-store-uri", f"sqlite:///{mlflow_database}",
        cwd=mlflow_database.parent,
    )  # fmt: skip
    line = assert_one_sentence(done)
    assert "MLflow" in line
    assert digest(mlflow_database) == before
    beside = {path.name for path in mlflow_database.parent.iterdir()}
    assert not beside & {"mlflow.db-wal", "mlflow.db-shm", "mlflow.db-journal"}


def test_second_start_says_who_holds_the_file(fresh_roost: RoostServer, tmp_path: Path) -> None:
    done = run_roost(
        "server", "--port", "0", "--backend-store-uri", f"sqlite:///{fresh_roost.database}",
        cwd=tmp_path,
    )  # fmt: skip
    assert str(fresh_roost.pid) in assert_one_sentence(done)


def test_a_killed_server_holds_nothing(fresh_roost: RoostServer) -> None:
    fresh_roost.kill()
    fresh_roost.start()


@pytest.mark.parametrize(
    "arguments",
    [
        ["server", "--no-such-flag"],
        ["server", "--port", "many"],
        ["server", "--port", "70000"],
        ["server", "--port"],
        ["server", "stray"],
        ["no-such-command"],
        ["server", "--durability", "maybe"],
        ["server", "--static-prefix", "lead-missing"],
        ["server", "--static-prefix", "/trailing/"],
        ["server", "--static-prefix", "/{braces}"],
        ["server", "--header-timeout", "0"],
        ["server", "--x-frame-options", "PERHAPS"],
        ["server", "--gunicorn-opts", "--a", "--uvicorn-opts", "--b"],
        ["server", "--backend-store-uri", "oracle://host/db"],
    ],
)
def test_usage_error(tmp_path: Path, arguments: list[str]) -> None:
    assert_fails(run_roost(*arguments, cwd=tmp_path), 2)
    assert list(tmp_path.iterdir()) == []


def test_usage_error_in_a_variable_names_it(tmp_path: Path) -> None:
    done = run_roost("server", cwd=tmp_path, env={"MLFLOW_PORT": "many"})
    assert "MLFLOW_PORT" in assert_fails(done, 2)


def test_authentication_never_starts_an_open_server(tmp_path: Path) -> None:
    """Without a password for the admin the start is refused, and nothing is left behind."""
    done = run_roost("server", "--port", "0", "--app-name", "basic-auth", cwd=tmp_path)
    assert "needs a password to create the admin user 'admin'" in assert_fails(done, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "none is configured"),
        ("short", "Password must be at least 12 characters."),
        ("password1234", "insecure default password"),
        ("x" * 257, "Password must be at most 256 characters."),
    ],
)
def test_a_bad_password_of_the_admin_is_refused(tmp_path: Path, password: str, reason: str) -> None:
    done = run_roost(
        "server", "--port", "0", "--app-name", "basic-auth", cwd=tmp_path,
        env={"MLFLOW_AUTH_ADMIN_PASSWORD": password},
    )  # fmt: skip
    assert reason in assert_fails(done, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "reason", "status"),
    [
        ("", "no section [mlflow]", 2),
        ("[mlflow]\ndefault_permission = SOME\n", "default_permission 'SOME'", 2),
        (
            "[mlflow]\nauthorization_function = mine:check\n",
            "authorization_function 'mine:check'",
            1,
        ),
        ("[mlflow]\ndatabase_uri = postgresql://u:secret@h/d\n", "SQLite", 1),
        ("[mlflow]\nadmin_password = 100%sure-of-it\n", "%%", 2),
    ],
)
def test_settings_of_the_file_that_cannot_be_followed(
    tmp_path: Path, text: str, reason: str, status: int
) -> None:
    config = tmp_path / "auth.ini"
    config.write_text(text)
    done = run_roost(
        "server", "--port", "0", "--app-name", "basic-auth", cwd=tmp_path,
        env={"MLFLOW_AUTH_CONFIG_PATH": str(config)},
    )  # fmt: skip
    message = assert_fails(done, status)
    assert reason in message
    assert "secret" not in message
    assert list(tmp_path.iterdir()) == [config]


def test_unknown_application_is_refused(tmp_path: Path) -> None:
    done = run_roost("server", "--port", "0", "--app-name", "something", cwd=tmp_path)
    assert done.returncode in (1, 2)


@pytest.mark.parametrize("uri", ["./mlruns", "file:///var/mlruns", "mlruns"])
def test_file_store_is_refused(tmp_path: Path, uri: str) -> None:
    done = run_roost("server", "--port", "0", "--backend-store-uri", uri, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert_fails(done, done.returncode)


@pytest.mark.parametrize("uri", ["postgresql://h/d", "postgresql+psycopg2://u:secret@h/d"])
def test_postgresql_is_refused_without_its_password(tmp_path: Path, uri: str) -> None:
    done = run_roost("server", "--port", "0", "--backend-store-uri", uri, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert "secret" not in assert_fails(done, done.returncode)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
