"""Uploads over raw sockets: whole, cut anywhere, two at once; never a mix (BI-133, BI-136)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from artifacts import get, on_disk, put, upload_head
from raw import Connection
from support.servers import RoostServer

BODY = bytes(range(256)) * 40
# More than is held back in memory before a file is begun.
LARGE = BODY * 300


@pytest.fixture(scope="module")
def server() -> Iterator[RoostServer]:
    with RoostServer() as one:
        yield one


def chunked(data: bytes, size: int) -> bytes:
    parts = [data[i : i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def wait_until_tidy(server: RoostServer, path: str) -> list[str]:
    """What is on disk once the server has noticed that its client is gone."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = [p for p in on_disk(server) if p.startswith((".roost-tmp/", path))]
        if not any(p.startswith(".roost-tmp/") for p in found):
            return found
        time.sleep(0.02)
    return found


def test_length_and_chunks_store_the_same(server: RoostServer) -> None:
    with Connection(server.url) as connection:
        connection.send(upload_head("whole/length", f"Content-Length: {len(BODY)}").encode() + BODY)
        assert connection.receive().status == 200
        for size in (1, 7, 4096, len(BODY)):
            head = upload_head(f"whole/chunks-{size}", "Transfer-Encoding: chunked").encode()
            connection.send(head + chunked(BODY, size) + b"0\r\n\r\n")
            assert connection.receive().status == 200
            assert get(server, f"whole/chunks-{size}").content == BODY
    assert get(server, "whole/length").content == BODY


@pytest.mark.parametrize("sent", [0, 1, 100, 5000, len(BODY) - 1, len(LARGE) // 2])
@pytest.mark.parametrize("half_close", [True, False])
def test_cut_by_length(server: RoostServer, sent: int, half_close: bool) -> None:
    path = f"cut-{sent}-{half_close}"
    body = BODY if sent < len(BODY) else LARGE
    put(server, f"{path}/old", b"old")
    for name in ("old", "new/deep"):
        with Connection(server.url) as connection:
            head = upload_head(f"{path}/{name}", f"Content-Length: {len(body)}").encode()
            connection.send(head + body[:sent])
            if half_close:
                connection.finish_sending()
                assert connection.receive().status in (0, 400)
    assert wait_until_tidy(server, path) == [path, f"{path}/old"]
    assert get(server, f"{path}/old").content == b"old"


@pytest.mark.parametrize(
    "tail", [b"", b"5\r\nab", b"5\r\nabcde", b"5\r\nabcde\r\n", b"zz\r\n", b"-1\r\n", b"0\r\n"]
)
def test_cut_in_chunks(server: RoostServer, tail: bytes) -> None:
    path = f"chunk-{tail.hex()}"
    put(server, f"{path}/old", b"old")
    with Connection(server.url) as connection:
        head = upload_head(f"{path}/old", "Transfer-Encoding: chunked").encode()
        connection.send(head + chunked(BODY, 1000) + tail)
        connection.finish_sending()
        assert connection.receive().status in (0, 400)
    assert wait_until_tidy(server, path) == [path, f"{path}/old"]
    assert get(server, f"{path}/old").content == b"old"


def test_a_stalled_upload_is_ended_and_leaves_nothing() -> None:
    with RoostServer("--header-timeout", "1") as server:
        with Connection(server.url) as connection:
            connection.send(upload_head("a", "Content-Length: 1000").encode() + b"x" * 10)
            assert connection.receive().status == 408
            assert connection.is_closed_by_server()
        assert wait_until_tidy(server, "a") == []


def test_a_refused_upload_does_not_end_the_connection(server: RoostServer) -> None:
    """The body of a refused request is read and thrown away; the next request is answered."""
    with Connection(server.url) as connection:
        head = upload_head("../x", f"Content-Length: {len(BODY)}").encode()
        connection.send(head + BODY)
        assert connection.receive().status == 400
        connection.send(upload_head("after", "Content-Length: 1").encode() + b"x")
        assert connection.receive().status == 200


def test_two_uploads_of_one_path_end_with_one_of_them(server: RoostServer) -> None:
    bodies = [bytes([65 + i]) * 300_000 for i in range(4)]
    wrong: list[str] = []

    def upload(body: bytes) -> None:
        for _ in range(10):
            if put(server, "both/file", body).status_code != 200:
                wrong.append("refused")

    threads = [threading.Thread(target=upload, args=(body,)) for body in bodies]
    put(server, "both/file", bodies[0])
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if get(server, "both/file").content not in bodies:
            wrong.append("a mix was read")
    for thread in threads:
        thread.join()
    assert wrong == []
    assert get(server, "both/file").content in bodies
    assert wait_until_tidy(server, "both") == ["both", "both/file"]


def test_interleaved_by_hand(server: RoostServer) -> None:
    """Both are open at once; the one that ends last wins, whole."""
    with Connection(server.url) as first, Connection(server.url) as second:
        first.send(upload_head("by-hand", "Content-Length: 6").encode() + b"fir")
        second.send(upload_head("by-hand", "Content-Length: 6").encode() + b"sec")
        time.sleep(0.1)
        assert get(server, "by-hand").status_code == 404
        second.send(b"ond")
        assert second.receive().status == 200
        assert get(server, "by-hand").content == b"second"
        first.send(b"st!")
        assert first.receive().status == 200
    assert get(server, "by-hand").content == b"first!"


def test_killed_in_the_middle_and_started_again(fresh_roost: RoostServer) -> None:
    put(fresh_roost, "a", b"old")
    connection = Connection(fresh_roost.url)
    head = upload_head("a", f"Content-Length: {len(LARGE)}").encode()
    connection.send(head + LARGE[: len(LARGE) // 2])
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and len(on_disk(fresh_roost)) < 3:
        time.sleep(0.01)
    left = [path for path in on_disk(fresh_roost) if path.startswith(".roost-tmp/")]
    assert len(left) == 1, "the upload had begun"
    fresh_roost.kill()
    connection.socket.close()
    assert left[0] in on_disk(fresh_roost)
    fresh_roost.start()
    assert on_disk(fresh_roost) == [".roost-tmp", "a"]
    assert get(fresh_roost, "a").content == b"old"


def test_paths_sent_raw(server: RoostServer) -> None:
    """What no client would send: the path reaches the server as it is written here."""
    for path in ("../../../etc/passwd", "..%2f..%2fetc/passwd", "/etc/passwd", "a/%2e%2e/%2e%2e/x"):
        for method in ("GET", "PUT", "DELETE", "HEAD"):
            line = f"{method} /api/2.0/mlflow-artifacts/artifacts/{path} HTTP/1.1\r\n"
            with Connection(server.url) as connection:
                connection.send(line + "Host: localhost\r\nContent-Length: 0\r\n\r\n")
                answer = connection.receive(head_only=method == "HEAD")
            assert answer.status == 400, (method, path)
