"""Fixtures of the promptflow tests: the stand-in for the model, promptflow's home, two batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lines import ADOPTED
from pf import PromptFlow
from standin import Standin
from support.servers import RoostServer


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    with Standin() as server:
        yield server


@pytest.fixture(scope="session")
def promptflow(standin: Standin) -> Iterator[PromptFlow]:
    flow = PromptFlow(standin.url)
    yield flow
    flow.close()


@pytest.fixture(scope="module")
def adopting() -> Iterator[RoostServer]:
    """A Roost that adopts the root runs of batches into the experiment `ADOPTED`."""
    with RoostServer("--adopt-runs", ADOPTED) as server:
        yield server
