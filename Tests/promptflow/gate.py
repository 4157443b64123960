"""A door on 127.0.0.1 before Roost: it notes every request, and can hold some until all are there.

With `hold`, the first N requests that match are kept waiting until the N-th has come, and are let
go together: so N workers really ask at the same moment. With `disturb`, a function is called
before the K-th request passes; the tests restart the server there.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; status 0 if Roost did not answer."""

    method: str
    path: str
    body: bytes
    status: int
    answer: bytes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        gate: Gate = self.server.gate
        gate.before(self.command, self.path)
        try:
            status, headers, answer = gate.ask(self.command, self.path, body, self.headers)
        except (OSError, http.client.HTTPException):
            gate.note(Exchange(self.command, self.path, body, 0, b""))
            self.close_connection = True  # what the client would see without the door
            return
        gate.note(Exchange(self.command, self.path, body, status, answer))
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()

    do_GET = do_POST = do_PATCH = do_HEAD = do_DELETE = pass_on

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """A client that went away is no news."""


class Gate:
    """Use it as a context manager; `url` is the door, `exchanges` what went through."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.gate = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.changed = threading.Condition()
        self.exchanges: list[Exchange] = []
        self.held = 0
        self._hold: tuple[Callable[[str, str], bool], int] | None = None
        self._disturb: tuple[int, Callable[[], object]] | None = None
        self._passed = 0

    def hold(self, count: int, matching: Callable[[str, str], bool]) -> None:
        self.held = 0
        self._hold = (matching, count)

    def disturb(self, before: int, action: Callable[[], object]) -> None:
        self._passed = 0
        self._disturb = (before, action)

    def before(self, method: str, path: str) -> None:
        with self.changed:
            if self._hold and self.held < self._hold[1] and self._hold[0](method, path):
                self.held += 1
                self.changed.notify_all()
                count = self._hold[1]
                self.changed.wait_for(lambda: self.held >= count, PATIENCE)
            self._passed += 1
            action = None
            if self._disturb and self._passed >= self._disturb[0]:
                action, self._disturb = self._disturb[1], None
        if action:
            action()

    def ask(
        self, method: str, path: str, body: bytes, headers: http.client.HTTPMessage
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        kept = {name: value for name, value in headers.items() if name.lower() != "host"}
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        try:
            connection.request(method, path, body or None, kept)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def note(self, exchange: Exchange) -> None:
        with self.changed:
            self.exchanges.append(exchange)

    def __enter__(self) -> Gate:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
