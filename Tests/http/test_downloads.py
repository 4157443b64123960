"""Downloads: byte for byte, in ranges, cut by the client, read slowly; and the memory they take."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from artifacts import get, put, resident, url
from raw import Connection
from raw import get as get_head
from support.servers import RoostServer

MIB = 1 << 20
LARGE = 300 * MIB


@pytest.fixture(scope="module")
def server() -> Iterator[RoostServer]:
    with RoostServer() as one:
        yield one


@pytest.mark.parametrize("size", [0, 1, 4095, 65_536, 262_143, 262_144, 262_145, 3 * MIB + 7])
def test_byte_for_byte(server: RoostServer, size: int) -> None:
    data = os.urandom(size)
    assert put(server, f"sizes/{size}", data).status_code == 200
    answer = get(server, f"sizes/{size}")
    assert answer.content == data
    assert answer.headers["Content-Length"] == str(size)
    assert "Transfer-Encoding" not in answer.headers


@pytest.mark.parametrize("start", [0, 1, 262_143, 262_144, 500_000])
@pytest.mark.parametrize("length", [1, 262_144, 600_000])
def test_ranges(server: RoostServer, start: int, length: int) -> None:
    data = bytes(i % 251 for i in range(1_100_000))
    put(server, "ranged", data)
    end = min(start + length, len(data))
    answer = get(server, "ranged", Range=f"bytes={start}-{start + length - 1}")
    assert answer.status_code == 206
    assert answer.content == data[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(data)}"


def test_head_and_range_share_the_headers(server: RoostServer) -> None:
    put(server, "shared.txt", b"hello")
    whole = get(server, "shared.txt")
    head = requests.head(url(server, "shared.txt"), timeout=10)
    assert head.content == b"" and head.headers["Content-Length"] == "5"
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Disposition", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]
    assert get(server, "shared.txt", **{"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_not_modified_keeps_the_connection(server: RoostServer) -> None:
    put(server, "kept", b"hello")
    tag = get(server, "kept").headers["ETag"]
    path = "/api/2.0/mlflow-artifacts/artifacts/kept"
    with Connection(server.url) as connection:
        for _ in range(3):
            connection.send(get_head(path, f"If-None-Match: {tag}"))
            answer = connection.receive()
            assert answer.status == 304 and "content-length" not in answer.headers
        connection.send(get_head(path))
        assert connection.receive().body == b"hello"


def test_a_client_that_leaves_or_does_not_read(server: RoostServer) -> None:
    """A download that nobody reads ends after the time for heads; others go on meanwhile."""
    with RoostServer("--header-timeout", "1") as impatient:
        put(impatient, "big", bytes(40 * MIB))
        path = get_head("/api/2.0/mlflow-artifacts/artifacts/big")
        with Connection(impatient.url, timeout=15) as idle, Connection(impatient.url) as gone:
            idle.send(path)
            gone.send(path)
            gone.socket.close()
            assert len(get(impatient, "big").content) == 40 * MIB
            assert open_files(impatient, "big") >= 1
            wait_for(lambda: open_files(impatient, "big") == 0)
        assert get(impatient, "big", Range="bytes=0-0").content == b"\0"


def open_files(server: RoostServer, name: str) -> int:
    links = Path(f"/proc/{server.pid}/fd").iterdir()
    found = 0
    for link in links:
        try:
            found += os.readlink(link).endswith("/" + name)
        except OSError:
            continue  # closed meanwhile
    return found


def wait_for(condition, seconds: float = 12.0) -> None:
    import time

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Pattern:
    """A file of any size that takes no space: read by `requests`, piece by piece."""

    def __init__(self, size: int) -> None:
        self.size = self.left = size
        self.block = os.urandom(MIB)
        self.hash = hashlib.sha256()

    def __len__(self) -> int:
        return self.size

    def read(self, count: int = -1) -> bytes:
        piece = self.block[: min(self.left, len(self.block) if count < 0 else count)]
        self.left -= len(piece)
        self.hash.update(piece)
        return piece


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    with RoostServer("--durability", "normal") as server:
        put(server, "warm", b"x" * MIB)
        get(server, "warm")
        idle = resident(server.pid)
        source = Pattern(LARGE)
        assert requests.put(url(server, "large"), data=source, timeout=300).status_code == 200
        received, size = hashlib.sha256(), 0
        with requests.get(url(server, "large"), stream=True, timeout=300) as answer:
            for piece in answer.iter_content(MIB):
                received.update(piece)
                size += len(piece)
        assert (size, received.hexdigest()) == (LARGE, source.hash.hexdigest())
        grown = resident(server.pid, "VmHWM") - idle
        assert grown < 64 * MIB, f"{grown / MIB:.0f} MiB above idle"
