"""Requests that two parsers could read in two ways: 400, and the connection is closed.

BI-130 and BI-131.
"""

from __future__ import annotations

import pytest
from raw import API, Connection, assert_refused, exchange, get, post
from support.servers import RoostServer

SEARCH = f"POST {API}experiments/search HTTP/1.1\r\nHost: localhost\r\n"
JSON = "Content-Type: application/json\r\n"
BODY = '{"max_results": 1}'
SIZE = len(BODY)
HIDDEN = get("/version")
VERSION = "GET /version HTTP/1.1\r\nHost: localhost\r\n"

AMBIGUOUS = {
    "two lengths": f"{SEARCH}{JSON}Content-Length: {SIZE}\r\nContent-Length: 5\r\n\r\n{BODY}",
    "two equal lengths": (
        f"{SEARCH}{JSON}Content-Length: {SIZE}\r\nContent-Length: {SIZE}\r\n\r\n{BODY}"
    ),
    "a list of lengths": f"{SEARCH}{JSON}Content-Length: {SIZE}, 5\r\n\r\n{BODY}",
    "length and chunks": (
        f"{SEARCH}{JSON}Content-Length: {SIZE}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "chunks and length": (
        f"{SEARCH}{JSON}Transfer-Encoding: chunked\r\nContent-Length: {SIZE}\r\n\r\n0\r\n\r\n"
    ),
    "signed length": f"{SEARCH}{JSON}Content-Length: +{SIZE}\r\n\r\n{BODY}",
    "negative length": f"{SEARCH}{JSON}Content-Length: -1\r\n\r\n{BODY}",
    "hexadecimal length": f"{SEARCH}{JSON}Content-Length: 0x12\r\n\r\n{BODY}",
    "length beyond 64 bits": f"{SEARCH}{JSON}Content-Length: 99999999999999999999\r\n\r\n{BODY}",
    "length with a space before the colon": (
        f"{SEARCH}{JSON}Content-Length : {SIZE}\r\n\r\n{BODY}"
    ),
    "folded header": f"{VERSION}X-A: 1\r\n  2\r\n\r\n{HIDDEN}",
    "NUL in a header": f"{VERSION}X-A: a\0b\r\n\r\n{HIDDEN}",
    "CR in a header": f"{VERSION}X-A: a\rb\r\n\r\n{HIDDEN}",
    "NUL in a header's name": f"{VERSION}X\0A: b\r\n\r\n{HIDDEN}",
    "header without a colon": f"{VERSION}nonsense\r\n\r\n{HIDDEN}",
    "header without a name": f"{VERSION}: x\r\n\r\n{HIDDEN}",
    "NUL in the target": f"GET /ver\0sion HTTP/1.1\r\nHost: localhost\r\n\r\n{HIDDEN}",
    "space in the target": f"GET /ver sion HTTP/1.1\r\nHost: localhost\r\n\r\n{HIDDEN}",
    "unknown version": f"GET /version HTTP/9.9\r\nHost: localhost\r\n\r\n{HIDDEN}",
    "no version": f"GET /version\r\nHost: localhost\r\n\r\n{HIDDEN}",
    "not HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "x" * 64 + "\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_refused_and_closed(roost: RoostServer, name: str) -> None:
    """Nothing of what follows may be read as a request of its own."""
    with Connection(roost.url, timeout=5) as connection:
        connection.send(AMBIGUOUS[name])
        answer = connection.receive()
        allowed = (400, 505) if name == "unknown version" else (400, 413) if (
            name == "length beyond 64 bits"
        ) else (400,)  # fmt: skip
        assert_refused(answer, *allowed)
        connection.finish_sending()
        assert connection.is_closed_by_server(), connection.buffer[:200]


@pytest.mark.parametrize(
    "coding", ["xchunked", "chunked, identity", "gzip, chunked", "chunked, chunked"]
)
def test_other_transfer_codings(roost: RoostServer, coding: str) -> None:
    head = f"{SEARCH}{JSON}Transfer-Encoding: {coding}\r\n\r\n"
    answer = exchange(roost.url, f"{head}{SIZE:x}\r\n{BODY}\r\n0\r\n\r\n", timeout=5)
    assert_refused(answer, 400, 411, 501)


def test_bare_line_feeds(roost: RoostServer) -> None:
    with Connection(roost.url, timeout=5) as connection:
        connection.send(get("/version").replace("\r\n", "\n"))
        connection.finish_sending()
        assert_refused(connection.receive(), 400)


def test_line_feed_inside_a_header(roost: RoostServer) -> None:
    """`X-A: b` LF `Host: evil.com`: one header or two, depending on who reads."""
    answer = exchange(
        roost.url, "GET /version HTTP/1.1\r\nHost: localhost\r\nX-A: b\nX-B: c\r\n\r\n", timeout=5
    )
    assert_refused(answer, 400)


def test_one_header_of_64_kilobytes(roost: RoostServer) -> None:
    answer = exchange(roost.url, get("/version", "X-Long: " + "a" * 65536))
    assert_refused(answer, 431)
    assert answer.status == 431


def test_a_thousand_headers(roost: RoostServer) -> None:
    lines = [f"X-Header-{index}: {'v' * 60}" for index in range(1000)]
    assert exchange(roost.url, get("/version", *lines)).status == 431


def test_target_of_64_kilobytes(roost: RoostServer) -> None:
    path = f"{API}experiments/get-by-name?experiment_name=" + "a" * 65536
    assert exchange(roost.url, get(path)).status == 414


def test_ordinary_long_requests_pass(roost: RoostServer) -> None:
    """A search by GET with a long filter, and the headers of a browser with its cookies."""
    path = f"{API}experiments/get-by-name?experiment_name=" + "a" * 400
    assert exchange(roost.url, get(path, "Cookie: " + "c" * 4000)).status == 404


def test_pipelined_requests_are_answered_in_order(roost: RoostServer) -> None:
    with Connection(roost.url) as connection:
        connection.send(get("/version") + get("/health") + get("/version"))
        bodies = [connection.receive().body for _ in range(3)]
    assert bodies == [b"3.17.2", b"OK", b"3.17.2"]


def test_one_connection_for_many_requests(roost: RoostServer) -> None:
    with Connection(roost.url) as connection:
        for _ in range(50):
            connection.send(post(f"{API}experiments/search", {"max_results": 1}))
            assert connection.receive().status == 200
        connection.send(get("/health", "Connection: close"))
        assert connection.receive().status == 200
        assert connection.is_closed_by_server()


def test_http_1_0(roost: RoostServer) -> None:
    with Connection(roost.url) as connection:
        connection.send("GET /version HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert connection.receive().body == b"3.17.2"
        assert connection.is_closed_by_server()
