"""Sends the same requests to mlflow 3.17.2 and to Roost, and compares what they answer.

With ROOST_COMPAT_SUBJECT=mlflow a second mlflow takes Roost's place: then nothing at all may
differ, which shows that the comparison leaves out what is accidental.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from compare import failures
from differences import BY_STEP, DIFFERENCES
from exchange import play
from steps import Stream
from streams import STREAMS
from support.servers import MlflowServer, RoostServer

AGAINST_ITSELF = os.environ.get("ROOST_COMPAT_SUBJECT") == "mlflow"


@pytest.fixture(scope="module")
def subject() -> Iterator[str]:
    """The base URL of the server under test, with an empty database."""
    if AGAINST_ITSELF:
        server = MlflowServer().launch()
        try:
            yield server.wait().url
        finally:
            server.close()
    else:
        with RoostServer() as roost:
            yield roost.url


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_same_answers(stream: Stream, subject: str, reference: MlflowServer) -> None:
    expected, actual = play(stream, reference.url), play(stream, subject)
    found = failures(stream, expected, actual, same_kind=AGAINST_ITSELF)
    if found:
        pytest.fail(
            f"{len(found)} of {len(stream.steps)} steps differ\n\n" + "\n\n".join(found),
            pytrace=False,
        )


def test_differences_name_existing_steps() -> None:
    existing = {f"{stream.name}/{step.name}" for stream in STREAMS for step in stream.steps}
    assert sorted(set(BY_STEP) - existing) == []
    assert len(BY_STEP) == len(DIFFERENCES), "a step is listed twice"
