"""Slow and silent clients: they meet a deadline, and others do not notice them.

BI-132.
"""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from raw import API, JSON_TYPE, Connection, assert_refused, exchange, get, post
from support.servers import RoostServer

LATEST = 6.0


@pytest.fixture(scope="module")
def hasty() -> Iterator[RoostServer]:
    """A server that waits one second for the rest of a request."""
    with RoostServer("--header-timeout", "1") as server:
        yield server


def test_half_a_head(hasty: RoostServer) -> None:
    with Connection(hasty.url, timeout=LATEST) as connection:
        connection.send("GET /version HTTP/1.1\r\nHost: loc")
        assert_refused(connection.receive(), 408, or_closed=True)


def test_a_head_byte_by_byte(hasty: RoostServer) -> None:
    """Each byte comes in time; the whole does not."""
    began = time.monotonic()
    with Connection(hasty.url, timeout=0.15) as connection:
        for byte in get("/version", "X-Slow: " + "x" * 200):
            connection.send(byte)
            try:
                answer = connection.receive()
                break
            except TimeoutError:
                assert time.monotonic() - began < LATEST, "the server waits for ever"
        assert_refused(answer, 408, or_closed=True)


def test_half_a_body(hasty: RoostServer) -> None:
    head = f"POST {API}experiments/search HTTP/1.1\r\nHost: localhost\r\n{JSON_TYPE}"
    with Connection(hasty.url, timeout=LATEST) as connection:
        connection.send(f'{head}Content-Length: 100\r\n\r\n{{"max_')
        assert_refused(connection.receive(), 400, 408, or_closed=True)


def test_half_a_chunk(hasty: RoostServer) -> None:
    head = f"POST {API}experiments/search HTTP/1.1\r\nHost: localhost\r\n{JSON_TYPE}"
    with Connection(hasty.url, timeout=LATEST) as connection:
        connection.send(f"{head}Transfer-Encoding: chunked\r\n\r\n40\r\nabc")
        assert_refused(connection.receive(), 400, 408, or_closed=True)


def test_a_connection_may_rest_between_requests(hasty: RoostServer) -> None:
    """The deadline is for a request that has begun; clients keep connections for the next one."""
    with Connection(hasty.url) as connection:
        for _ in range(2):
            connection.send(get("/version"))
            assert connection.receive().body == b"3.17.2"
            time.sleep(1.5)


def test_a_reader_that_does_not_read(hasty: RoostServer) -> None:
    """Answers pile up for one client only."""
    with Connection(hasty.url) as greedy:
        greedy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.socket.settimeout(0.5)
        request = get(f"{API}experiments/get?experiment_id=0").encode()
        try:
            for _ in range(2000):
                greedy.socket.sendall(request)
        except OSError:
            pass  # the server stopped reading, or hung up: both are right
        began = time.monotonic()
        assert exchange(hasty.url, get("/version")).body == b"3.17.2"
        assert time.monotonic() - began < 2


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for a thousand connections in this process and in a server that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if wanted < 2200:
        pytest.skip(f"the limit of open files is {hard} here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_idle_connections(many_files: None) -> None:
    with RoostServer() as server:
        parts = urlsplit(server.url)
        idle = []
        try:
            for index in range(1000):
                client = socket.create_connection((parts.hostname, parts.port), timeout=10)
                idle.append(client)
                if index % 2:  # half of them have begun a request
                    client.sendall(b"GET /version HTTP/1.1\r\nHost:")
            for _ in range(5):
                began = time.monotonic()
                answer = exchange(server.url, post(f"{API}experiments/search", {"max_results": 1}))
                assert answer.status == 200
                assert time.monotonic() - began < 1
        finally:
            for client in idle:
                client.close()
        assert exchange(server.url, get("/health")).status == 200
