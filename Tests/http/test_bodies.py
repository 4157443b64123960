"""Bodies in chunks, cut short, compressed, too large: whole or refused, never half applied.

BI-133 and BI-134.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib

import pytest
from raw import API, JSON_TYPE, Connection, assert_refused, exchange, get
from support.servers import RoostServer

HEAD = f"POST {API}experiments/create HTTP/1.1\r\nHost: localhost\r\n{JSON_TYPE}"
CHUNKED = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n"


def body_for(name: str) -> bytes:
    return json.dumps({"name": name}).encode()


def exists(url: str, name: str) -> bool:
    path = f"{API}experiments/get-by-name?experiment_name={name}"
    return exchange(url, get(path)).status == 200


def test_one_byte_chunks(roost: RoostServer) -> None:
    data = b"".join(b"1\r\n%c\r\n" % byte for byte in body_for("one-byte-chunks"))
    answer = exchange(roost.url, CHUNKED.encode() + data + b"0\r\n\r\n")
    assert answer.status == 200
    assert exists(roost.url, "one-byte-chunks")


def test_chunk_extensions_and_trailers(roost: RoostServer) -> None:
    body = body_for("chunk-extensions")
    data = b'%x;name="value";x\r\n%s\r\n0\r\nX-Trailer: y\r\n\r\n' % (len(body), body)
    answer = exchange(roost.url, CHUNKED.encode() + data)
    assert answer.status in (200, 400)
    assert exists(roost.url, "chunk-extensions") == (answer.status == 200)


SIZES = ["F" * 17, "8" + "0" * 15, "-5", "+5", "0x5", "5 5", "zz", "", "5;" * 9000]


@pytest.mark.parametrize("size", SIZES)
def test_chunk_sizes_that_are_none(roost: RoostServer, size: str) -> None:
    with Connection(roost.url, timeout=5) as connection:
        connection.send(f"{CHUNKED}{size}\r\nabcde\r\n0\r\n\r\n")
        connection.finish_sending()
        assert_refused(connection.receive(), 400, 413, 431)


def test_missing_last_chunk(roost: RoostServer) -> None:
    body = body_for("missing-last-chunk")
    with Connection(roost.url, timeout=5) as connection:
        connection.send(CHUNKED.encode() + b"%x\r\n%s\r\n" % (len(body), body))
        connection.finish_sending()
        assert_refused(connection.receive(), 400, or_closed=True)
    assert not exists(roost.url, "missing-last-chunk")


def test_body_cut_short(roost: RoostServer) -> None:
    body = body_for("cut-short")
    with Connection(roost.url, timeout=5) as connection:
        connection.send(f"{HEAD}Content-Length: {len(body) + 1}\r\n\r\n".encode() + body)
        connection.finish_sending()
        assert_refused(connection.receive(), 400, or_closed=True)
    assert not exists(roost.url, "cut-short")


def test_announced_size_beyond_any_limit(roost: RoostServer) -> None:
    """Refused before a byte of it was sent."""
    answer = exchange(roost.url, f"{HEAD}Content-Length: {1 << 40}\r\n\r\n")
    assert answer.status == 413
    assert answer.json()["error_code"]


def test_size_that_was_not_announced(roost: RoostServer) -> None:
    """Chunks without end meet the same limit, well below what would hurt."""
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with Connection(roost.url, timeout=20) as connection:
        connection.send(CHUNKED)
        connection.socket.setblocking(True)
        try:
            for _ in range(256):
                connection.socket.sendall(chunk)
            connection.socket.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        connection.socket.settimeout(20)
        assert_refused(connection.receive(), 413, or_closed=True)
    assert exchange(roost.url, get("/health")).status == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_compressed_body(roost: RoostServer, coding: str) -> None:
    """Understood or refused, but never read as if it were plain."""
    name = f"compressed-{coding}"
    pack = gzip.compress if coding == "gzip" else zlib.compress
    answer = send_coded(roost.url, coding, pack(body_for(name)))
    assert answer.status in (200, 400, 415)
    assert exists(roost.url, name) == (answer.status == 200)


@pytest.mark.parametrize("coding", ["br", "zstd", "rot13", "gzip, gzip"])
def test_unknown_coding(roost: RoostServer, coding: str) -> None:
    answer = send_coded(roost.url, coding, body_for("unknown-coding"))
    assert answer.status in (400, 415)
    assert not exists(roost.url, "unknown-coding")


def test_compressed_bomb(roost: RoostServer) -> None:
    """A megabyte that unpacks to a gigabyte."""
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * (1 << 20)
    bomb = b"".join(packer.compress(block) for _ in range(1024)) + packer.flush()
    assert len(bomb) < 2 << 20
    began = time.monotonic()
    answer = send_coded(roost.url, "gzip", bomb)
    assert_refused(answer, 400, 413, 415, or_closed=True)
    assert time.monotonic() - began < 10


def send_coded(url: str, coding: str, data: bytes):
    head = f"{HEAD}Content-Encoding: {coding}\r\nContent-Length: {len(data)}\r\n\r\n"
    return exchange(url, head.encode() + data, timeout=20)


def test_a_body_on_a_get_is_no_request(roost: RoostServer) -> None:
    """What looks like a second request is the body of the first."""
    hidden = get("/health")
    with Connection(roost.url) as connection:
        connection.send(get("/version", f"Content-Length: {len(hidden)}") + hidden)
        first = connection.receive()
        assert first.status in (200, 400)
        connection.send(get("/version"))
        second = connection.receive()
        assert second.status == 0 or second.body == b"3.17.2"


def test_expect_100_continue(roost: RoostServer) -> None:
    body = body_for("expect-continue")
    with Connection(roost.url) as connection:
        connection.send(f"{HEAD}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n")
        try:
            connection.socket.settimeout(2)
            first = connection.receive()
            assert first.status == 100
        except TimeoutError:
            pass  # a client then sends the body after a while, as this one does
        connection.socket.settimeout(10)
        connection.send(body)
        assert connection.receive().status == 200
    assert exists(roost.url, "expect-continue")


def test_unknown_expectation(roost: RoostServer) -> None:
    answer = exchange(roost.url, get("/version", "Expect: the-spanish-inquisition"))
    assert answer.status in (200, 417)
