"""Sends the steps of a stream to one server, and keeps the answers."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any

from normalise import Normaliser
from steps import Step, Stream, body_text, dig, fill, fill_raw

TIMEOUT = 60.0


@dataclass
class Answer:
    """One answer: as it came, and as it is compared."""

    status: int
    content_type: str
    nosniff: bool
    raw: bytes
    document: Any  # parsed JSON, or None
    body: Any  # normalised

    @property
    def error_code(self) -> str:
        return str(self.document.get("error_code", "")) if isinstance(self.document, dict) else ""

    @property
    def message(self) -> str:
        return str(self.body.get("message", "")) if isinstance(self.body, dict) else ""

    def is_html(self) -> bool:
        return self.content_type.startswith("text/html")


class Client:
    """A keep-alive connection that sends nothing by itself: each header is the step's own."""

    def __init__(self, url: str) -> None:
        self.address = urllib.parse.urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT)

    def close(self) -> None:
        self.connection.close()

    def send(self, step: Step, known: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        url = fill(step.url(), known)
        if step.query:
            fields = step.query.items() if isinstance(step.query, dict) else step.query
            pairs = [tuple(fill(pair, known)) for pair in fields]
            url += "?" + urllib.parse.urlencode(pairs, doseq=True)
        data, headers = None, dict(step.headers or {})
        if step.raw is not None:
            data = fill_raw(step.raw, known)
        elif step.body is not None:
            data = body_text(fill(step.body, known))
            if step.headers is None:
                headers["Content-Type"] = "application/json"
        if step.pause:
            time.sleep(step.pause)
        try:
            self.connection.request(step.method, url, data, headers)
            response = self.connection.getresponse()
            return (
                response.status,
                {k.lower(): v for k, v in response.getheaders()},
                response.read(),
            )
        except (http.client.HTTPException, OSError):
            self.connection.close()
            raise


def play(stream: Stream, url: str) -> dict[str, Answer | str]:
    """The answer to each step, or a sentence that says why there is none."""
    client, normaliser, known = Client(url), Normaliser(), {}
    answers: dict[str, Answer | str] = {}
    try:
        for step in stream.steps:
            answers[step.name] = _one(client, normaliser, known, step)
    finally:
        client.close()
    return answers


def _one(client: Client, normaliser: Normaliser, known: dict[str, str], step: Step) -> Answer | str:
    try:
        status, headers, data = client.send(step, known)
    except (http.client.HTTPException, OSError) as error:
        return f"no answer: {type(error).__name__}: {error}"
    try:
        document = json.loads(data) if data else None
    except ValueError:
        document = None
    normaliser.step = step.name
    for key, path in step.capture.items():
        value = dig(document, path)
        known.pop(key, None)
        if not isinstance(value, str) and not path.endswith("token"):
            # Later steps would compare two refusals of a placeholder: equal, and worth nothing.
            return f"no {path} in the answer, status {status}: {data[:200]!r}"
        if isinstance(value, str):
            known[key] = value
            if not path.endswith("token"):
                normaliser.learn(key, value)
    viewed = step.view(document) if step.view and status == 200 else document
    return Answer(
        status=status,
        content_type=headers.get("content-type", ""),
        nosniff=headers.get("x-content-type-options") == "nosniff",
        raw=data,
        document=document,
        body=normaliser.body(viewed) if document is not None else data.decode("utf-8", "replace"),
    )
