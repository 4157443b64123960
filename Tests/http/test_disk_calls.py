"""Each call to the disk fails, once and for good: a clear refusal, old or new content, never a mix.

The fault layer of the store's tests covers the database; here the calls of the whole server fail
beneath it, those for artifacts too. ROOST_FAULTS=all tries every call.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator

import pytest
import requests
from crash.steps import NEW, OLD, STEPS, Place, Step, left_over, prepare
from support.servers import RoostServer
from support.shim import Action, Kind, Shim

EVERY = os.environ.get("ROOST_FAULTS") == "all"
FAULTS = [
    (Kind.WRITE, errno.EIO), (Kind.WRITE, errno.ENOSPC), (Kind.SYNC, errno.EIO),
    (Kind.RENAME, errno.EIO), (Kind.OPEN, errno.EMFILE), (Kind.MAKE, errno.ENOSPC),
    (Kind.REMOVE, errno.EIO), (Kind.OPEN, errno.EIO), (Kind.LOCK, errno.ENOLCK),
]  # fmt: skip
ON_FILES = [step for step in STEPS if "upload" in step.name or "directory" in step.name]
ON_DATA = [step for step in STEPS if step.name in ("create a run", "log a batch", "end a run")]


@pytest.fixture(scope="module")
def shim() -> Iterator[Shim]:
    with Shim() as one:
        yield one


def name_of(fault: tuple[Kind, int]) -> str:
    return f"{fault[0].name} {errno.errorcode[fault[1]]}"


def reset(place: Place) -> None:
    for name in ("d/file", "tree/a", "tree/b/c"):
        assert place.put(name, OLD).status_code == 200
    for name in ("new",):
        requests.delete(f"{place.server.url}/api/2.0/mlflow-artifacts/artifacts/{name}", timeout=9)


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
@pytest.mark.parametrize("step", ON_FILES, ids=str)
def test_files(shim: Shim, step: Step, fault: tuple[Kind, int]) -> None:
    kind, number = fault
    with RoostServer(env=shim.env) as server:
        place = Place(server)
        prepare(place)
        met = 0
        for stays in (False, True):
            at = 1
            while at < 400:
                reset(place)
                shim.arm(kind, Action.FAIL, at, number, stays)
                acknowledged = step.act(place)
                fired = shim.disarm()
                state = step.state(place)
                what = f"{step.name}, {name_of(fault)} at call {at}: {state}, {acknowledged}"
                assert state == "after" or state == "before" and not acknowledged, what
                server.becomes_ready()
                if not fired:
                    break
                met += 1
                # The fault is gone: the same request works.
                if not acknowledged:
                    reset(place)
                    assert step.act(place) and step.state(place) == "after", what
                at += 1 if EVERY or at < 3 else 3
            assert at < 400, "the fault never ran out of calls"
        server.stop()
        server.start()
        assert left_over(server.directory) == []
        if kind in (Kind.WRITE, Kind.OPEN) and "directory" not in step.name:
            assert met > 0, "no such call was met"


@pytest.mark.parametrize("fault", [*FAULTS[:3], FAULTS[-1]], ids=name_of)
@pytest.mark.parametrize("step", ON_DATA, ids=str)
def test_database(shim: Shim, step: Step, fault: tuple[Kind, int]) -> None:
    """The system's own calls below SQLite: what fails is answered 503 or 507, and passes."""
    kind, number = fault
    with RoostServer() as base:
        template = Place(base)
        prepare(template)
        base.stop()
        at = 1
        while at < 200:
            server = RoostServer(env=shim.env)
            shutil.copytree(base.directory, server.directory, dirs_exist_ok=True)
            place = Place(server, template.run)
            try:
                server.start()
                shim.arm(kind, Action.FAIL, at, number)
                acknowledged = step.act(place)
                fired = shim.disarm()
                state = step.state(place)
                what = f"{step.name}, {name_of(fault)} at call {at}: {state}, {acknowledged}"
                assert state == "after" or state == "before" and not acknowledged, what
                if not acknowledged:
                    assert step.act(place) and step.state(place) == "after", what
                server.becomes_ready()
            finally:
                server.close()
            if not fired:
                break
            at += 1 if EVERY or at < 3 else 5
        assert 1 < at < 200


@pytest.mark.parametrize("step", [*ON_FILES, *ON_DATA], ids=str)
def test_short_and_interrupted_calls_are_no_failure(shim: Shim, step: Step) -> None:
    with RoostServer(env=shim.env) as server:
        place = Place(server)
        prepare(place)
        for action, number in ((Action.SHORT, 0), (Action.FAIL, errno.EINTR)):
            for at in (1, 2, 3, 5, 8):
                if step in ON_FILES:
                    reset(place)
                shim.arm(Kind.WRITE, action, at, number)
                assert step.act(place), f"{action.name} at call {at}"
                shim.disarm()
                if step.name != "create a run":
                    assert step.state(place) == "after"
    assert len(NEW) > 1 << 20
