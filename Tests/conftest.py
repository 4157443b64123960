"""Fixtures of all Python tests: the server under test, and mlflow as the reference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.servers import MlflowServer, RoostServer

LAUNCHED = pytest.StashKey[MlflowServer]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Launches the reference before the first test: it takes many seconds to answer."""
    if session.config.option.collectonly:
        return
    if any("reference" in getattr(item, "fixturenames", ()) for item in session.items):
        session.config.stash[LAUNCHED] = MlflowServer().launch()


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(LAUNCHED, None):
        server.close()


@pytest.fixture(scope="session")
def reference(request: pytest.FixtureRequest) -> MlflowServer:
    """mlflow 3.17.2 with an empty database, one for the whole session."""
    return request.config.stash[LAUNCHED].wait()


@pytest.fixture(scope="session")
def roost() -> Iterator[RoostServer]:
    """One Roost for the whole session; tests that share it use names of their own."""
    with RoostServer() as server:
        yield server


@pytest.fixture
def fresh_roost() -> Iterator[RoostServer]:
    """A Roost of one's own, with an empty database: it may be stopped, killed and started."""
    with RoostServer() as server:
        yield server


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Adds what Roost wrote to the report of a failed test."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, RoostServer):
                report.sections.append(("Roost's output", value.output()))
