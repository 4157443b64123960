"""SQLite is refused memory, once and from there on, at each of its requests for some: 503, or the
whole answer; nothing half there; and the next request works.

Swift itself ends the process without memory; what is written in it cannot be tried so.
ROOST_FAULTS=all tries every request for memory of a server that is warm, and a wide spread of the
thousands of one that has just started; else a few of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
import requests
from crash import verify
from crash.steps import POINTS, STEPS, Place, Step, begin, make_template, prepare
from support.servers import RoostServer
from support.shim import Action, Kind, Shim

EVERY = os.environ.get("ROOST_FAULTS") == "all"
# Of a kind of request so many are tried by default, and with ROOST_FAULTS=all at most.
MOMENTS, MOST = 6, 200
NAMES = ("create a run", "log a batch", "end a run", "create a model version",
         "remove a run for good")  # fmt: skip
WRITES = [step for step in STEPS if step.name in NAMES]
READS: dict[str, Callable[[Place], requests.Response]] = {
    "a run": lambda place: place.get("runs/get", run_id=place.run),
    "runs": lambda place: place.post(
        "runs/search", experiment_ids=["0"], filter="tags.t1 LIKE 'x%' AND metrics.m1 > 0",
        order_by=["params.p1 DESC"],
    ),
    "a history": lambda place: place.get(
        "metrics/get-history", run_id=place.run, metric_key="long"
    ),
    "an experiment": lambda place: place.get("experiments/get", experiment_id="0"),
    "a registered model": lambda place: place.get("registered-models/get", name="model"),
    "versions": lambda place: place.get("model-versions/search", filter="name = 'model'"),
}  # fmt: skip


@pytest.fixture(scope="module")
def shim() -> Iterator[Shim]:
    with Shim() as one:
        yield one


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_template(tmp_path_factory.mktemp("template"))


def moments(count: int) -> list[int]:
    """Which requests for memory are refused: all, or the first, the last and some between."""
    most = MOST if EVERY else MOMENTS
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(i * (count - 1) / (most - 1)) for i in range(most)})


@pytest.mark.parametrize("stays", [False, True], ids=["once", "on"])
@pytest.mark.parametrize("step", WRITES, ids=str)
def test_writes(template: Place, shim: Shim, step: Step, stays: bool) -> None:
    place = begin(template, shim)
    shim.arm(Kind.ALLOCATE, Action.FAIL, 1 << 40)
    assert step.act(place)
    wanted = shim.counted
    shim.disarm()
    place.server.close()
    assert wanted > 20
    refused = 0
    for at in moments(wanted):
        place = begin(template, shim)
        try:
            shim.arm(Kind.ALLOCATE, Action.FAIL, at, stays=stays)
            acknowledged = step.act(place)
            shim.disarm()
            what = f"{step.name}, {at} of {wanted}: {place.statuses}, {place.server.output()}"
            assert set(place.statuses) <= {200, 503}, what
            state = step.state(place)
            assert state == "after" or state == "before" and not acknowledged, f"{state}: {what}"
            refused += not acknowledged
            if state == "before":
                assert step.act(place) and step.state(place) == "after", what
            place.server.becomes_ready()
            assert place.server.stop() == 0, what
            assert verify.integrity(place.server.database) == "ok", what
        finally:
            place.server.close()
    print(f"{step}, {'on' if stays else 'once'}: {len(moments(wanted))} of {wanted} refused memory,"
          f" {refused} answered 503")  # fmt: skip
    assert refused >= 2


@pytest.mark.parametrize("is_warm", [False, True], ids=["cold", "warm"])
def test_reads(shim: Shim, is_warm: bool) -> None:
    """The whole answer or 503, from a server that was just started and from one that was not."""
    with RoostServer(env=shim.env) as server:
        place = Place(server)
        prepare(place)
        for step in STEPS:
            if step.name in ("log a batch", "create a model version", "points into chunks"):
                assert step.act(place)
        whole = {name: read(place).json() for name, read in READS.items()}
        assert len(whole["a history"]["metrics"]) == POINTS
        for name, read in READS.items():
            for stays in (False, True):
                refused = of = 0
                at = 1
                while at:
                    if not is_warm:
                        server.stop()
                        server.start()
                    shim.arm(Kind.ALLOCATE, Action.FAIL, at, stays=stays)
                    answer = read(place)
                    met = shim.disarm()
                    what = f"{name}, {at}, {answer.status_code}: {answer.text[:300]}"
                    assert answer.status_code in (200, 503), what
                    if answer.status_code == 200:
                        assert answer.json() == whole[name], what
                    refused += answer.status_code == 503
                    again = read(place)
                    assert again.status_code == 200 and again.json() == whole[name], what
                    place.server.becomes_ready()
                    of += met
                    at = next_of(at, is_warm) if met and at < 4000 else 0
                print(f"{name}, {'on' if stays else 'once'}: {of} tried, {refused} answered 503")
                # What is warm may need none.
                assert is_warm or refused >= 1


def next_of(at: int, is_warm: bool) -> int:
    if at < 3 or EVERY and is_warm:
        return at + 1
    # Of the thousands that opening the database takes not even all tries each.
    return at + 13 if EVERY else int(at * (1.4 if is_warm else 4)) + 1


def test_a_failure_that_cannot_be_undone_is_not_kept(template: Place, shim: Shim) -> None:
    """Undoing takes memory, too: one after the other is refused, then the commit would go well."""
    place = begin(template, shim)
    step = next(each for each in STEPS if each.name == "log a batch")
    refused = at = 0
    try:
        for more in (1, 2, 4, 8):
            for at in range(1, 3000, 1 if EVERY else 29):
                made = place.post("runs/create", experiment_id="0").json()
                place.run = made["run"]["info"]["run_id"]
                shim.arm(Kind.ALLOCATE, Action.FAIL, at, more=more)
                acknowledged = step.act(place)
                met = shim.disarm()
                state = step.state(place)
                what = f"{more} after {at}: {state}"
                assert state == "after" or state == "before" and not acknowledged, what
                refused += not acknowledged
                if not met:
                    break
        print(f"log a batch, several: {at} tried, {refused} answered 503")
        assert refused >= 10
        place.server.becomes_ready()
    finally:
        place.server.close()


def test_starts(template: Place, shim: Shim) -> None:
    """A start serves, or says why not; the next one serves."""
    for is_new in (True, False):
        at, failed, of = 1, 0, 0
        while at:
            server = RoostServer(env=shim.env)
            try:
                if not is_new:
                    kept = template.server.directory
                    shutil.copytree(kept, server.directory, dirs_exist_ok=True)
                shim.arm(Kind.ALLOCATE, Action.FAIL, at, stays=of % 2 == 1)
                try:
                    server.start()
                except RuntimeError:
                    assert server.process.returncode == 1, server.output()
                    said = server.stderr.read_text()
                    assert "too little memory" in said.splitlines()[-1], said
                    failed += 1
                met = shim.disarm()
                if server.process.poll() is None:
                    server.stop()
                server.start()
                server.becomes_ready()
                assert verify.integrity(server.database) == "ok"
            finally:
                server.close()
            of += met
            at += 11 if EVERY else at + 1
            if not met:
                at = 0
        print(f"start, {'new' if is_new else 'old'}: {of} tried, {failed} failed")
        assert failed >= 2


def test_users(shim: Shim) -> None:
    """The file of users, too."""
    env = shim.env | {"MLFLOW_AUTH_ADMIN_PASSWORD": "a long admin password"}
    with RoostServer("--app-name", "basic-auth", env=env) as server, requests.Session() as session:
        session.auth = ("admin", "a long admin password")
        url = f"{server.url}/api/2.0/mlflow/users/"
        assert session.get(f"{url}get", params={"username": "admin"}).status_code == 200
        for stays in (False, True):
            refused, at = 0, 1
            for at in range(1, 400, 1 if EVERY else 7):
                name = {"username": f"user{at}{stays}"}
                shim.arm(Kind.ALLOCATE, Action.FAIL, at, stays=stays)
                body = name | {"password": "a long password"}
                status = session.post(f"{url}create", json=body, timeout=20).status_code
                met = shim.disarm()
                found = session.get(f"{url}get", params=name, timeout=20).status_code
                assert (status, found) in ((200, 200), (503, 404)), (at, status, found)
                refused += status == 503
                if not met:
                    break
            print(f"a user, {'on' if stays else 'once'}: {at} tried, {refused} answered 503")
            assert refused >= 1 and at > 1
