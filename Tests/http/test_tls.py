"""HTTPS: real clients, clients that are none, and certificates that are none."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from launching import assert_fails, assert_one_sentence, run_roost
from mlflow import MlflowClient
from mlflow.entities import Metric
from support.certificates import Authority
from support.servers import RoostServer


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def files(authority: Authority) -> list[str]:
    certificate, key = authority.issue("server")
    return ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]


@pytest.fixture(scope="module")
def secure(files: list[str]) -> Iterator[RoostServer]:
    with RoostServer(*files, "--header-timeout", "2") as server:
        yield server


def place(server: RoostServer) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return str(parts.hostname), int(parts.port or 0)


def shaken(server: RoostServer, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection on which both have agreed on keys."""
    return context.wrap_socket(
        socket.create_connection(place(server), timeout=10), server_hostname="127.0.0.1"
    )


def name_of(server: RoostServer, authority: Authority) -> str:
    """Whose certificate the server shows."""
    with shaken(server, ssl.create_default_context(cafile=str(authority.path))) as connection:
        found = connection.getpeercert()
    assert found
    return dict(pair[0] for pair in found["subject"])["commonName"]  # type: ignore[misc]


def test_the_real_client_works_over_https(
    secure: RoostServer, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert secure.url.startswith("https://127.0.0.1:")
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(authority.path))
    client = MlflowClient(secure.url)
    run = client.create_run(client.create_experiment("over https")).info.run_id
    client.log_batch(run, [Metric("m", s / 3, s, s) for s in range(1000)])
    content = os.urandom(3_000_000)
    (tmp_path / "large.bin").write_bytes(content)
    client.log_artifact(run, str(tmp_path / "large.bin"))
    assert len(client.get_metric_history(run, "m")) == 1000
    got = client.download_artifacts(run, "large.bin", str(tmp_path))
    assert Path(got).read_bytes() == content


def test_a_client_that_trusts_somebody_else_refuses(
    secure: RoostServer, authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{secure.url}/health", verify=str(other.path), timeout=10)
    answer = requests.get(f"{secure.url}/health", verify=str(authority.path), timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\xff\xff" + b"x" * 70_000,
        b"\x80\x2e\x01\x03\x01" + bytes(60),
        os.urandom(4000),
    ],
    ids=["http", "no hello", "too long", "ssl 2", "noise"],
)
def test_what_is_no_handshake_is_closed_without_an_answer(
    secure: RoostServer, authority: Authority, sent: bytes
) -> None:
    with socket.create_connection(place(secure), timeout=10) as connection:
        try:
            connection.sendall(sent)
            got = connection.recv(65536)
            while more := connection.recv(65536):
                got += more
        except ConnectionError:
            got = b""
    # At most an alert of TLS, never HTTP.
    assert b"HTTP" not in got and len(got) < 100
    assert name_of(secure, authority) == "server"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_are_refused(secure: RoostServer, version: ssl.TLSVersion) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken(secure, context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_today_are_spoken(
    secure: RoostServer, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = ssl.create_default_context(cafile=str(authority.path))
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with shaken(secure, context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


def test_a_handshake_has_the_time_of_a_head(secure: RoostServer, authority: Authority) -> None:
    waiting = [socket.create_connection(place(secure), timeout=10) for _ in range(40)]
    for number, connection in enumerate(waiting):
        # Nothing, or the beginning of a hello.
        connection.sendall(b"" if number % 2 else b"\x16\x03\x01\x02\x00\x01\x00")
    begun = time.monotonic()
    assert name_of(secure, authority) == "server", "others are served meanwhile"
    for connection in waiting:
        try:
            assert connection.recv(100) in (b"",) or time.monotonic() - begun < 8
        except ConnectionError:
            pass
        connection.close()
    assert 1 < time.monotonic() - begun < 8
    # With keys, the time that is left is for the head, and the answer says so.
    context = ssl.create_default_context(cafile=str(authority.path))
    with shaken(secure, context) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_a_server_with_open_connections_stops_soon(files: list[str], authority: Authority) -> None:
    context = ssl.create_default_context(cafile=str(authority.path))
    with RoostServer(*files) as server:
        open_ones = [shaken(server, context) for _ in range(3)]
        unfinished = socket.create_connection(place(server), timeout=10)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 10
        for connection in [*open_ones, unfinished]:
            connection.close()


def test_a_renewed_certificate_is_read_on_sighup(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("first")
    args = ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    with RoostServer(*args) as server:
        context = ssl.create_default_context(cafile=str(authority.path))
        with shaken(server, context) as before:
            assert name_of(server, authority) == "first"
            for path, new in zip((certificate, key), authority.issue("second"), strict=True):
                path.write_bytes(new.read_bytes())
            os.kill(server.pid, signal.SIGHUP)
            until(lambda: name_of(server, authority) == "second")
            before.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert before.recv(4096).startswith(b"HTTP/1.1 200 ")
        key.write_text("no key")
        os.kill(server.pid, signal.SIGHUP)
        until(lambda: "The certificate stays as it was" in server.output())
        assert name_of(server, authority) == "second"


def until(condition: object) -> None:
    deadline = time.monotonic() + 10
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_expired_certificate_is_a_warning(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).issue("old", days=-1)
    with RoostServer("--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)) as server:
        assert "has expired: clients will refuse it" in server.output()
        assert requests.get(f"{server.url}/health", verify=False, timeout=10).status_code == 200


@pytest.mark.parametrize(
    "way", ["variables", "one file", "uvicorn", "gunicorn", "uvicorn variable"]
)
def test_every_way_to_name_a_certificate(authority: Authority, tmp_path: Path, way: str) -> None:
    certificate, key = authority.issue(f"way-{way.replace(' ', '-')}")
    both = tmp_path / "both in one.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    pair = f"--ssl-certfile {certificate} --ssl-keyfile={key} --timeout-keep-alive 60"
    args, env = {
        "variables": (
            [], {"ROOST_SSL_CERTFILE": str(certificate), "ROOST_SSL_KEYFILE": str(key)}
        ),
        "one file": (["--ssl-certfile", str(both)], {}),
        "uvicorn": (["--uvicorn-opts", f"--ssl-certfile '{both}'"], {}),
        "gunicorn": (["--gunicorn-opts", f"--certfile={certificate} --keyfile={key} -t 60"], {}),
        "uvicorn variable": ([], {"MLFLOW_UVICORN_OPTS": pair}),
    }[way]  # fmt: skip
    with RoostServer(*args, env=env) as server:
        assert server.url.startswith("https://")
        assert name_of(server, authority) == f"way-{way.replace(' ', '-')}"


def test_roost_health_asks_over_https(
    secure: RoostServer, files: list[str], tmp_path: Path
) -> None:
    done = run_roost("health", secure.url, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    env = {"MLFLOW_PORT": str(secure.port), "ROOST_SSL_CERTFILE": files[1]}
    assert run_roost("health", cwd=tmp_path, env=env).returncode == 0
    plain = run_roost("health", secure.url.replace("https", "http"), cwd=tmp_path)
    assert plain.returncode == 1
    assert run_roost("health", f"{secure.url}/nothing/health", cwd=tmp_path).returncode == 1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        assert_fails(
            run_roost("health", f"https://127.0.0.1:{silent.getsockname()[1]}", cwd=tmp_path), 1
        )
        assert time.monotonic() - begun < 8


def test_a_server_without_its_certificate_does_not_start(
    authority: Authority, tmp_path: Path
) -> None:
    certificate, key = authority.issue("good")
    other = authority.issue("another")[1]
    secret = authority.issue("secret", password=b"word")[1]
    text = tmp_path / "text.pem"
    text.write_text("hello")
    cut = tmp_path / "cut.pem"
    cut.write_bytes(certificate.read_bytes()[:300])
    base = ["server", "--port", "0", "--backend-store-uri", "sqlite://"]
    for files, words in [
        ((tmp_path / "none.pem", key), "none.pem cannot be read: No such file"),
        ((certificate, tmp_path / "none.key"), "none.key cannot be read: No such file"),
        ((tmp_path, key), "cannot be read: Is a directory"),
        ((text, key), "text.pem holds no certificate in PEM form"),
        ((cut, key), "cut.pem holds no certificate in PEM form"),
        ((certificate, text), "text.pem holds no private key in PEM form"),
        ((certificate, certificate), "good.pem holds no private key in PEM form"),
        ((certificate, other), "another.key does not belong to the certificate"),
        ((certificate, secret), "is encrypted with a passphrase"),
    ]:
        args = ["--ssl-certfile", str(files[0]), "--ssl-keyfile", str(files[1])]
        assert words in assert_one_sentence(run_roost(*base, *args, cwd=tmp_path))
    said = assert_fails(run_roost(*base, "--ssl-keyfile", str(key), cwd=tmp_path), 2)
    assert "--ssl-keyfile needs --ssl-certfile" in said
    opts = f"--ssl-certfile {certificate} --ssl-keyfile {key} --ssl-cert-reqs 2"
    said = assert_one_sentence(run_roost(*base, "--uvicorn-opts", opts, cwd=tmp_path))
    assert "--ssl-cert-reqs is not supported" in said
    said = assert_fails(run_roost(*base, "--uvicorn-opts", f"--ssl-keyfile {key}", cwd=tmp_path), 2)
    assert "a key and no certificate" in said
