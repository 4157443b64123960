"""Plain HTTP transfers of one big file, on a connection of its own each."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

PIECE = 1 << 20
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


def put(port: int, path: str, source: Path) -> float:
    """Sends a file; seconds until the server has answered that it has it."""
    began = time.monotonic()
    connection = connect(port)
    connection.putrequest("PUT", path)
    connection.putheader("Content-Length", str(source.stat().st_size))
    connection.putheader("Content-Type", "application/octet-stream")
    connection.endheaders()
    with source.open("rb") as file:
        # The kernel copies, so that the sender is never what is measured.
        connection.sock.sendfile(file)
    finish(connection.getresponse(), "PUT", path)
    connection.close()
    return time.monotonic() - began


def get(port: int, path: str) -> tuple[float, int]:
    """Fetches a file and forgets it; seconds and bytes."""
    began, total = time.monotonic(), 0
    connection = connect(port)
    buffer = bytearray(PIECE)
    answer = ask(connection, path)
    while count := answer.readinto(buffer):
        total += count
    connection.close()
    return time.monotonic() - began, total


def same(port: int, path: str, source: Path) -> bool:
    """Whether the server answers with exactly the bytes of a file."""
    connection = connect(port)
    answer = ask(connection, path)
    with source.open("rb") as file:
        while piece := file.read(PIECE):
            if answer.read(len(piece)) != piece:
                connection.close()
                return False
    rest = answer.read(1)
    connection.close()
    return rest == b""


def put_pieces(port: int, path: str, pieces: Iterator[bytes], size: int) -> None:
    """Sends a file piece by piece, as fast as the pieces come."""
    connection = connect(port)
    connection.request("PUT", path, pieces, {"Content-Length": str(size)})
    finish(connection.getresponse(), "PUT", path)
    connection.close()


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=120)


def ask(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"GET {path}: {answer.status} {answer.read(300)!r}")
    return answer


def finish(answer: http.client.HTTPResponse, method: str, path: str) -> None:
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
