"""A start that works: where the database goes, what is printed, and how the process ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from raw import API, Connection, get
from support.servers import RoostServer, roost_binary


@contextmanager
def started(cwd: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[str]:
    """`roost …` in a directory of the test, with only these flags; gives the address."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    with open(cwd / "out.txt", "wb") as out, open(cwd / "err.txt", "wb") as err:
        process = subprocess.Popen(
            [str(roost_binary()), *arguments],
            cwd=cwd,
            env={**clean, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    try:
        deadline = time.monotonic() + 15
        while not (found := re.findall(r"^Listening on (\S+)$", printed(cwd), re.MULTILINE)):
            assert process.poll() is None, printed(cwd)
            assert time.monotonic() < deadline, printed(cwd)
            time.sleep(0.005)
        yield found[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, printed(cwd)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def printed(cwd: Path) -> str:
    return (cwd / "out.txt").read_text() + (cwd / "err.txt").read_text()


def create(url: str, name: str) -> str:
    answer = requests.post(f"{url}{API}experiments/create", json={"name": name}, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()["experiment_id"]


def exists(url: str, name: str) -> bool:
    query = {"experiment_name": name}
    answer = requests.get(f"{url}{API}experiments/get-by-name", params=query, timeout=10)
    return answer.status_code == 200


def test_default_store_is_named_and_in_the_working_directory(tmp_path: Path) -> None:
    with started(tmp_path, "server", "--port", "0") as url:
        create(url, "here")
        assert "sqlite:///roost.db" in printed(tmp_path)
    assert (tmp_path / "roost.db").stat().st_size > 0
    assert not (tmp_path / "mlflow.db").exists()


def test_one_line_says_where_it_listens(tmp_path: Path) -> None:
    with started(tmp_path, "server", "--port", "0") as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*", url)
        assert requests.get(f"{url}/health", timeout=10).status_code == 200
    assert (tmp_path / "out.txt").read_text().count("Listening on") == 1


@pytest.mark.parametrize("flags", [["--port=0"], ["-p", "0"], ["--host=127.0.0.1", "-p", "0"]])
def test_spellings_of_a_flag(tmp_path: Path, flags: list[str]) -> None:
    with started(tmp_path, "server", *flags) as url:
        assert url.startswith("http://127.0.0.1:")


def test_relative_store_in_a_folder_that_it_makes(tmp_path: Path) -> None:
    arguments = ("server", "--port", "0", "--backend-store-uri", "sqlite:///data/own.db")
    with started(tmp_path, *arguments) as url:
        create(url, "kept")
    assert (tmp_path / "data" / "own.db").exists()
    with started(tmp_path, *arguments) as url:
        assert exists(url, "kept")


def test_absolute_store(tmp_path: Path) -> None:
    path = tmp_path / "a b" / "own.db"
    path.parent.mkdir()
    with started(tmp_path, "server", "-p", "0", "--backend-store-uri", f"sqlite:///{path}") as url:
        create(url, "x")
    assert path.exists()


def test_memory_store_leaves_no_file(tmp_path: Path) -> None:
    arguments = ("server", "--port", "0", "--backend-store-uri", "sqlite:///:memory:")
    with started(tmp_path, *arguments) as url:
        create(url, "gone soon")
        for _ in range(8):  # more readers than one
            assert exists(url, "gone soon")
    assert {path.name for path in tmp_path.iterdir()} == {"out.txt", "err.txt"}
    with started(tmp_path, *arguments) as url:
        assert not exists(url, "gone soon")


def test_two_memory_stores_are_apart(tmp_path: Path) -> None:
    uri = "--backend-store-uri=sqlite:///:memory:"
    with RoostServer(uri) as first, RoostServer(uri) as second:
        create(first.url, "mine")
        assert not exists(second.url, "mine")


def test_the_port_that_was_asked_for(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with started(tmp_path, "server", "--port", str(port)) as url:
        assert url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("level", ["full", "normal"])
def test_durability(tmp_path: Path, level: str) -> None:
    with started(tmp_path, "server", "--port", "0", "--durability", level) as url:
        create(url, "x")


def test_artifact_root_of_new_experiments(tmp_path: Path) -> None:
    def location(url: str) -> tuple[str, str]:
        experiment_id = create(url, "x")
        query = {"experiment_id": experiment_id}
        answer = requests.get(f"{url}{API}experiments/get", params=query, timeout=10).json()
        return answer["experiment"]["artifact_location"], experiment_id

    with started(tmp_path, "server", "--port", "0", "--backend-store-uri", "sqlite:///a.db") as url:
        where, experiment_id = location(url)
        assert where == f"mlflow-artifacts:/{experiment_id}"
    root = ("--default-artifact-root", "s3://bucket/root")
    with started(
        tmp_path, "server", "--port", "0", "--backend-store-uri", "sqlite:///b.db", *root
    ) as url:
        where, experiment_id = location(url)
        assert where == f"s3://bucket/root/{experiment_id}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_with_status_0(fresh_roost: RoostServer, number: signal.Signals) -> None:
    """Even while a client keeps its connection open."""
    with Connection(fresh_roost.url) as idle:
        idle.send(get("/health"))
        assert idle.receive().status == 200
        began = time.monotonic()
        fresh_roost.process.send_signal(number)
        assert fresh_roost.process.wait(15) == 0
        assert time.monotonic() - began < 10


def test_data_is_there_after_a_restart(fresh_roost: RoostServer) -> None:
    create(fresh_roost.url, "kept")
    assert fresh_roost.stop() == 0
    fresh_roost.start()
    assert exists(fresh_roost.url, "kept")


def test_help(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(roost_binary()), "server", "--help"],
        cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    for flag in ("--backend-store-uri", "--static-prefix", "--durability", "--header-timeout"):
        assert flag in done.stdout
