"""kill -9 before each single call to the disk, and in the middle of each write.

For n = 1, 2, 3, …: the server dies at its n-th call while it carries out one request, until the
request goes through. What was acknowledged is there, what was not is whole or absent, the database
is sound, nothing unfinished is left, and the next request works. ROOST_CRASH_STEPS=all tries every
n up to some hundred; by default each kind of request is tried at a few of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from operations.test_upgrade import FILES as MIGRATIONS
from operations.test_upgrade import database, is_whole
from support.servers import RoostServer
from support.shim import Action, Kind, Shim

from crash import verify
from crash.steps import DELETING, STEPS, Place, Step, begin, left_over, make_template

EVERY = os.environ.get("ROOST_CRASH_STEPS") == "all"
# By default each kind of request is killed at about so many moments.
MOMENTS = 4
# A request of thousands of calls is killed at so many of them at most.
MOST = 150


@pytest.fixture(scope="module")
def shim() -> Iterator[Shim]:
    with Shim() as one:
        yield one


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_template(tmp_path_factory.mktemp("template"))


# Which calls count: any that changes the disk, or those that can be torn.
CALLS = {Action.KILL: Kind.CHANGE, Action.TEAR: Kind.WRITE}


def count_calls(step: Step, template: Place, shim: Shim, kinds: Kind) -> int:
    """How many calls the request makes when nothing hinders it."""
    place = begin(template, shim)
    try:
        shim.arm(kinds, Action.FAIL, at=1 << 40)
        assert step.act(place)
        counted = shim.counted
        shim.disarm()
        return counted
    finally:
        place.server.close()


def killed(step: Step, template: Place, shim: Shim, at: int, action: Action) -> bool:
    """One try; whether the call was reached at all."""
    place = begin(template, shim)
    try:
        shim.arm(CALLS[action], action, at)
        try:
            acknowledged = step.act(place)
        except (requests.RequestException, KeyError, ValueError):
            acknowledged = False
        reached = shim.disarm()
        if place.server.process.poll() is None:
            place.server.kill()
        what = f"{step.name}, call {at}, {action.name}"
        assert verify.integrity(place.server.database) == "ok", what
        place.server.start()
        state = step.state(place)
        assert state == "after" or state == "before" and not acknowledged, f"{what}: {state}"
        assert left_over(place.server.directory) == [], what
        if state == "before":
            assert step.act(place), f"{what}: not even the second time"
            if place.server.process.poll() is not None:
                place.server.start()
            assert step.state(place) == "after", f"{what}: not whole the second time"
        return reached
    finally:
        place.server.close()


def moments(calls: int) -> list[int]:
    """Which calls are tried: all, or the first, the last and some between."""
    count = MOST if EVERY else MOMENTS
    if calls <= count:
        return list(range(1, calls + 2))
    spread = {1 + round(i * (calls - 1) / (count - 1)) for i in range(count)}
    return sorted(spread)


TRIES = [(step, action) for step in STEPS for action in CALLS]


@pytest.mark.parametrize(
    ("step", "action"), [t for t in TRIES if t != (DELETING, Action.TEAR)], ids=str
)
def test_killed_at_each_call(template: Place, shim: Shim, step: Step, action: Action) -> None:
    calls = count_calls(step, template, shim, CALLS[action])
    assert calls >= 2, "the request does not touch the disk"
    tried = [killed(step, template, shim, at, action) for at in moments(calls)]
    assert sum(tried) >= 2, "hardly a call was reached"
    print(f"{step}, {action.name}: {sum(tried)} kills at {calls} calls")


@pytest.mark.parametrize("schema", range(len(MIGRATIONS)))
def test_killed_at_each_call_of_a_migration(tmp_path: Path, shim: Shim, schema: int) -> None:
    """A start on a database of each earlier schema, or on none, dies and is made again."""
    calls, at, deaths = 0, 0, 0
    while at <= calls:
        path = tmp_path / f"{at}" / "roost.db"
        path.parent.mkdir()
        if schema:
            database(path, schema)
        server = RoostServer(database=path, env=shim.env)
        try:
            action = Action.KILL if at else Action.FAIL
            shim.arm(Kind.CHANGE, action, at or 1 << 40)
            try:
                server.start()
            except RuntimeError:
                assert at, "the start failed by itself"
                deaths += 1
            if not at:
                # A few may come after the start: what the server does once it is idle.
                calls = shim.counted
            shim.disarm()
            if at and schema:
                assert verify.integrity(path) == "ok"
            if not at:
                server.stop()
        finally:
            server.close()
        if schema == 1:
            is_whole(path)
        else:
            with RoostServer(database=path) as again:
                found = requests.get(f"{again.url}/ready", timeout=10)
                assert found.status_code == 200, found.text
        shutil.rmtree(path.parent)
        at += 1 if EVERY else max(1, calls // 4)
    assert deaths >= 2, "hardly a call was reached"
    print(f"a start on schema {schema}: {deaths} kills at {calls} calls")
