"""Commands that ask a server with users: credentials as MLflow's client takes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import requests
from support.servers import RoostServer

from operations.commands import roost

PASSWORD = "a long enough password"


@pytest.fixture
def users(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "auth.ini"
    config.write_text(
        f"[mlflow]\ndatabase_uri = sqlite:///{tmp_path / 'users.db'}\n"
        f"admin_username = admin\nadmin_password = {PASSWORD}\n"
    )
    return {"MLFLOW_AUTH_CONFIG_PATH": str(config)}


def test_a_command_says_who_asks(users: dict[str, str], tmp_path: Path) -> None:
    with RoostServer("--app-name", "basic-auth", env=users) as server:

        def gc(env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
            return roost("gc", "--tracking-uri", server.url, at=tmp_path, env=env)

        nobody = gc()
        assert nobody.returncode == 1
        assert "MLFLOW_TRACKING_USERNAME" in nobody.stderr
        login = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
        assert gc(login).returncode == 0
        wrong = login | {"MLFLOW_TRACKING_PASSWORD": "another long password"}
        assert gc(wrong).returncode == 1
        answer = requests.post(
            f"{server.url}/api/roost/1.0/tokens/create",
            json={"name": "night"},
            auth=("admin", PASSWORD),
            timeout=10,
        )
        token = answer.json()["token"]
        assert gc({"MLFLOW_TRACKING_TOKEN": token}).returncode == 0
        # Name and password go before a token.
        assert gc(wrong | {"MLFLOW_TRACKING_TOKEN": token}).returncode == 1
        folded = gc({"MLFLOW_TRACKING_TOKEN": "x\r\nX-Evil: 1"})
        assert folded.returncode == 2
        assert "MLFLOW_TRACKING_TOKEN" in folded.stderr
