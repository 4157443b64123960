"""Flags and variables of `mlflow server`: precedence, booleans, the ones that are only accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from test_start import create, exists, printed, started

MEMORY = ("--backend-store-uri", "sqlite:///:memory:")


def evil_host_is_served(url: str) -> bool:
    answer = requests.get(
        f"{url}/api/2.0/mlflow/experiments/get",
        params={"experiment_id": "0"},
        headers={"Host": "evil.example"},
        timeout=10,
    )
    return answer.status_code == 200


def test_store_port_and_host_by_variable(tmp_path: Path) -> None:
    variables = {
        "MLFLOW_BACKEND_STORE_URI": "sqlite:///by-variable.db",
        "MLFLOW_PORT": "0",
        "MLFLOW_HOST": "127.0.0.1",
    }
    with started(tmp_path, "server", env=variables) as url:
        create(url, "x")
    assert (tmp_path / "by-variable.db").exists()


def test_flag_beats_variable(tmp_path: Path) -> None:
    variables = {"MLFLOW_BACKEND_STORE_URI": "sqlite:///no.db", "MLFLOW_PORT": "1"}
    flags = ("--port", "0", "--backend-store-uri", "sqlite:///yes.db")
    with started(tmp_path, "server", *flags, env=variables):
        pass
    assert (tmp_path / "yes.db").exists()
    assert not (tmp_path / "no.db").exists()


def test_static_prefix_by_variable(tmp_path: Path) -> None:
    variables = {"MLFLOW_STATIC_PREFIX": "/nest"}
    with started(tmp_path, "server", "--port", "0", *MEMORY, env=variables) as url:
        assert requests.get(f"{url}/nest/version", timeout=10).text == "3.17.2"


@pytest.mark.parametrize("value", ["false", "0", "False"])
def test_a_false_variable_is_false(tmp_path: Path, value: str) -> None:
    variables = {"MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": value}
    with started(tmp_path, "server", "--port", "0", *MEMORY, env=variables) as url:
        assert not evil_host_is_served(url)


@pytest.mark.parametrize("value", ["true", "1"])
def test_a_true_variable_is_true(tmp_path: Path, value: str) -> None:
    variables = {"MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": value}
    with started(tmp_path, "server", "--port", "0", *MEMORY, env=variables) as url:
        assert evil_host_is_served(url)


@pytest.mark.parametrize("variable", ["MLFLOW_SERVE_ARTIFACTS", "MLFLOW_ENABLE_WORKSPACES"])
@pytest.mark.parametrize("value", ["false", "0"])
def test_switched_off_features_do_not_hinder(tmp_path: Path, variable: str, value: str) -> None:
    with started(tmp_path, "server", "--port", "0", *MEMORY, env={variable: value}) as url:
        answer = requests.get(f"{url}/api/3.0/mlflow/server-info", timeout=10).json()
        assert answer["workspaces_enabled"] is False


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--workers", "4"),
        ("--gunicorn-opts", "--timeout 60"),
        ("--uvicorn-opts", "--timeout-keep-alive 60"),
        ("--waitress-opts", "--threads=8"),
        ("--secrets-cache-ttl", "60"),
        ("--secrets-cache-max-size", "1000"),
    ],
)
def test_accepted_flag_is_mentioned_in_one_line(tmp_path: Path, flag: str, value: str) -> None:
    with started(tmp_path, "server", "--port", "0", *MEMORY, flag, value):
        lines = [line for line in printed(tmp_path).splitlines() if flag in line]
        assert len(lines) == 1, printed(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("MLFLOW_WORKERS", "4"), ("MLFLOW_GUNICORN_OPTS", "-t 60"), ("MLFLOW_UVICORN_OPTS", "-t 6")],
)
def test_accepted_variable_is_mentioned_in_one_line(
    tmp_path: Path, variable: str, value: str
) -> None:
    with started(tmp_path, "server", "--port", "0", *MEMORY, env={variable: value}):
        lines = [line for line in printed(tmp_path).splitlines() if variable in line]
        assert len(lines) == 1, printed(tmp_path)


def test_registry_store_equal_to_the_backend_is_fine(tmp_path: Path) -> None:
    both = ("--backend-store-uri", "sqlite:///x.db", "--registry-store-uri", "sqlite:///x.db")
    with started(tmp_path, "server", "--port", "0", *both) as url:
        create(url, "x")


def test_security_is_mentioned(tmp_path: Path) -> None:
    with started(tmp_path, "server", "--port", "0", *MEMORY):
        assert "security" in printed(tmp_path).lower()


def test_switching_security_off_is_loud(tmp_path: Path) -> None:
    flags = ("--port", "0", *MEMORY, "--disable-security-middleware")
    with started(tmp_path, "server", *flags) as url:
        assert evil_host_is_served(url)
        warning = [line for line in printed(tmp_path).splitlines() if "WARN" in line.upper()]
        assert any("security" in line.lower() for line in warning), printed(tmp_path)


def test_environment_file(tmp_path: Path) -> None:
    """Read before the flags; a variable that is set already wins over the file."""
    (tmp_path / "settings.env").write_text(
        "# where the data goes\n"
        "MLFLOW_BACKEND_STORE_URI=sqlite:///by-file.db\n"
        "\n"
        "MLFLOW_PORT=1\n"
        "MLFLOW_STATIC_PREFIX='/nest'\n"
    )
    arguments = ("--env-file", "settings.env", "server")
    with started(tmp_path, *arguments, env={"MLFLOW_PORT": "0"}) as url:
        create(url, "x")
        assert exists(f"{url}/nest", "x")
    assert (tmp_path / "by-file.db").exists()
