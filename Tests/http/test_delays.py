"""A call to the disk, or for memory, that takes long: others are answered meanwhile, and it is done
as if nothing had been."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from crash.steps import STEPS, Place, Step, prepare
from support.servers import RoostServer
from support.shim import Action, Kind, Shim

KINDS = [kind for kind in Kind if kind != Kind.CHANGE]
NAMES = ("create a run", "log a batch", "end a run", "upload a file anew", "upload in parts",
         "delete a directory", "fill the log")  # fmt: skip


@pytest.fixture(scope="module")
def shim() -> Iterator[Shim]:
    with Shim() as one:
        yield one


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_call_that_takes_long(shim: Shim, kind: Kind) -> None:
    with RoostServer(env=shim.env) as server:
        place = Place(server)
        prepare(place)
        server.stop()
        server.start()  # nothing is in memory
        steps = [step for step in STEPS if step.name in NAMES]
        waited = [step.name for step in steps if delayed(shim, kind, step, place)]
    assert waited, "no such call was met"
    print(f"{kind.name}: {', '.join(waited)}")


def delayed(shim: Shim, kind: Kind, step: Step, place: Place) -> bool:
    done: list[bool] = []
    shim.arm(kind, Action.WAIT)
    thread = threading.Thread(target=lambda: done.append(step.act(place)))
    thread.start()
    deadline = time.monotonic() + 20
    while not shim.waiting and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.002)
    waits = shim.waiting > 0
    if waits:
        answer = requests.get(f"{place.server.url}/health", timeout=10)
        assert answer.status_code == 200
        thread.join(0.05)
        # A call of the server's own may be the one; then the request is done meanwhile.
        waits = thread.is_alive()
    shim.disarm()
    thread.join(20)
    assert done == [True], f"{step}: not done after the delay"
    assert step.state(place) == "after", str(step)
    return waits
