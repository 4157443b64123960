"""Commands that ask a server over HTTPS believe whom MLflow's client would, and nobody else."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from support.certificates import Authority
from support.servers import RoostServer

from operations.commands import refused, roost, well

GC = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secure(authority: Authority) -> Iterator[RoostServer]:
    certificate, key = authority.issue("server")
    with RoostServer("--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)) as server:
        yield server


@pytest.fixture
def gc(secure: RoostServer, tmp_path: Path) -> GC:
    def run(url: str = secure.url, **env: str) -> subprocess.CompletedProcess[str]:
        return roost("gc", "--tracking-uri", url, at=tmp_path, env=env)

    return run


def in_trash(server: RoostServer, authority: Authority) -> str:
    url = f"{server.url}/api/2.0/mlflow/runs/"
    verify = str(authority.path)
    made = requests.post(f"{url}create", json={"experiment_id": "0"}, verify=verify, timeout=10)
    run = made.json()["run"]["info"]["run_id"]
    requests.post(f"{url}delete", json={"run_id": run}, verify=verify, timeout=10)
    return run


@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_SERVER_CERT_PATH", "SSL_CERT_FILE"])
def test_an_authority_that_was_named(
    gc: GC, secure: RoostServer, authority: Authority, variable: str
) -> None:
    run = in_trash(secure, authority)
    assert run in well(gc(**{variable: str(authority.path)}))
    named = secure.url.replace("127.0.0.1", "localhost")
    well(gc(named, **{variable: str(authority.path)}))


def test_nobody_else_is_believed(
    gc: GC, secure: RoostServer, authority: Authority, tmp_path: Path
) -> None:
    run = in_trash(secure, authority)
    other = Authority(tmp_path / "other").path
    assert "by nobody who is trusted" in refused(gc())
    assert "by nobody who is trusted" in refused(gc(SSL_CERT_FILE=str(other)))
    assert "by nobody who is trusted" in refused(gc(MLFLOW_TRACKING_SERVER_CERT_PATH=str(other)))
    none = str(tmp_path / "none.pem")
    assert "none.pem" in refused(gc(MLFLOW_TRACKING_SERVER_CERT_PATH=none))
    both = {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(authority.path)}
    assert "exclude" in refused(gc(**both, MLFLOW_TRACKING_INSECURE_TLS="true"), 2)
    # Whoever says so believes anybody.
    assert run in well(gc(MLFLOW_TRACKING_INSECURE_TLS="true"))


def test_a_certificate_for_another_name(authority: Authority, gc: GC, tmp_path: Path) -> None:
    certificate, key = authority.issue("elsewhere", host="tracker.example")
    with RoostServer("--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)) as server:
        known = str(authority.path)
        for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
            said = refused(gc(url, MLFLOW_TRACKING_SERVER_CERT_PATH=known))
            assert "another name" in said


def test_an_answer_that_is_cut_off_is_none(authority: Authority, gc: GC) -> None:
    """Somebody between who ends the connection must not make half an answer a whole one."""
    certificate, key = authority.issue("cutting")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            plain, _ = listening.accept()
            connection = context.wrap_socket(plain, server_side=True)
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}")
            socket.close(connection.detach())  # without saying good-bye

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        said = refused(gc(url, MLFLOW_TRACKING_SERVER_CERT_PATH=str(authority.path)))
        thread.join()
    assert "cut off" in said


def test_who_does_not_speak_tls(gc: GC) -> None:
    with RoostServer() as plain:
        said = refused(gc(plain.url.replace("http:", "https:")))
    assert "no encryption was agreed on" in said or "closed" in said
    assert plain.url.replace("http:", "https:") in said
    assert "refused" in refused(gc(plain.url.replace("http:", "https:"))).lower()
