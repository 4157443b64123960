"""Bytes to a server and the answer back, with nothing in between that would tidy them up."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

API = "/api/2.0/mlflow/"
JSON_TYPE = "Content-Type: application/json\r\n"


@dataclass
class Answer:
    """The first answer on a connection; status 0 when it was closed without one."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    rest: bytes = b""
    closed: bool = False

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One TCP connection to a server."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        self.buffer = b""
        self.closed = False

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes | str) -> None:
        """Sends; a server that has hung up already is no error here, its answer is read later."""
        try:
            self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish_sending(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def more(self) -> bool:
        """Reads once; False at the end."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        self.closed = self.closed or not data
        return bool(data)

    def receive(self, head_only: bool = False) -> Answer:
        """The next answer. Raises TimeoutError when the server stays silent."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                return Answer(closed=True, rest=self.buffer)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        answer = Answer(int(lines[0].split(" ")[1]), headers)
        if not head_only and answer.status >= 200 and answer.status not in (204, 304):
            answer.body = self.body(headers)
        answer.closed = self.closed
        return answer

    def body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return self.take(int(headers["content-length"]))
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self.chunks()
        while self.more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def chunks(self) -> bytes:
        data = b""
        while True:
            while b"\r\n" not in self.buffer:
                if not self.more():
                    return data
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            size = int(line, 16)
            data += self.take(size)
            self.take(2)
            if size == 0:
                return data

    def take(self, size: int) -> bytes:
        while len(self.buffer) < size and self.more():
            pass
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def is_closed_by_server(self) -> bool:
        """Whether the server ends the connection, without saying more."""
        try:
            while self.more():
                pass
        except TimeoutError:
            return False
        return self.buffer == b""


def exchange(url: str, data: bytes | str, timeout: float = 10.0) -> Answer:
    """Sends bytes on a new connection and gives the first answer."""
    with Connection(url, timeout) as connection:
        connection.send(data)
        return connection.receive()


def get(path: str, *lines: str, host: str | None = "localhost") -> str:
    """A GET request with these header lines."""
    hosts = [] if host is None else [f"Host: {host}"]
    return "\r\n".join([f"GET {path} HTTP/1.1", *hosts, *lines, "", ""])


def post(path: str, body: Any, *lines: str, host: str = "localhost") -> bytes:
    """A POST request with a JSON body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
    head += [f"Content-Length: {len(data)}", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1") + data


def assert_error(answer: Any, status: int, code: str | None = None) -> dict[str, str]:
    """The status, and the error shape: two texts. Takes a raw answer or one of `requests`."""
    got = answer.status if isinstance(answer, Answer) else answer.status_code
    assert got == status, (got, getattr(answer, "body", None) or getattr(answer, "text", None))
    body = answer.json()
    assert isinstance(body["error_code"], str) and body["error_code"]
    assert isinstance(body["message"], str) and body["message"]
    if code is not None:
        assert body["error_code"] == code
    return body


def assert_refused(answer: Answer, *statuses: int, or_closed: bool = False) -> None:
    """Refused with one of these statuses; where the request itself broke off, closing will do."""
    assert answer.status in statuses or (or_closed and answer.status == 0), answer
