"""Kinds of request, and how to see afterwards whether all of it or nothing of it is there.

Each kind begins from the same files; `act` sends the request and says whether it was acknowledged,
`state` reads through the API and gives "before", "after", or what is half there.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests
from support.servers import RoostServer
from support.shim import Shim

API = "/api/2.0/mlflow/"
FILES = "/api/2.0/mlflow-artifacts/"
OLD = b"old" * 5000
NEW = bytes(range(256)) * 5000  # more than one piece of an upload
POINTS = 1500


@dataclass
class Place:
    """A server, and what was made before the request."""

    server: RoostServer
    run: str = ""
    # Of a request that is many: how many of them were acknowledged.
    acknowledged: int = 0
    # What the requests by `post` were answered with.
    statuses: list[int] = field(default_factory=list)

    def post(self, path: str, **fields: object) -> requests.Response:
        answer = requests.post(self.server.url + API + path, json=fields, timeout=20)
        self.statuses.append(answer.status_code)
        return answer

    def get(self, path: str, **query: object) -> requests.Response:
        return requests.get(self.server.url + API + path, params=query, timeout=20)

    def data(self) -> tuple[dict, dict[str, str], dict[str, str], dict[str, float]]:
        run = self.get("runs/get", run_id=self.run).json()["run"]
        params, tags, metrics = (
            {each["key"]: each["value"] for each in run["data"].get(kind, [])}
            for kind in ("params", "tags", "metrics")
        )
        return run["info"], params, tags, metrics

    def file(self, name: str) -> bytes | None:
        answer = requests.get(f"{self.server.url}{FILES}artifacts/{name}", timeout=20)
        assert answer.status_code in (200, 404), answer.text
        return answer.content if answer.status_code == 200 else None

    def put(self, name: str, data: bytes) -> requests.Response:
        return requests.put(f"{self.server.url}{FILES}artifacts/{name}", data=data, timeout=20)


@dataclass
class Step:
    """One kind of request."""

    name: str
    act: Callable[[Place], bool]
    state: Callable[[Place], str]

    def __str__(self) -> str:
        return self.name


def prepare(place: Place) -> None:
    """What every kind of request finds."""
    place.run = place.post("runs/create", experiment_id="0").json()["run"]["info"]["run_id"]
    place.post("runs/log-metric", run_id=place.run, key="known", value=1, timestamp=1, step=1)
    place.post("experiments/set-experiment-tag", experiment_id="0", key="k", value="old")
    for name in ("d/file", "tree/a", "tree/b/c"):
        assert place.put(name, OLD).status_code == 200
    assert place.post("registered-models/create", name="model").status_code == 200


def ok(answer: requests.Response) -> bool:
    """Acknowledged; a refusal is what a failing disk is answered with."""
    assert answer.status_code in (200, 500, 503, 507), (answer.status_code, answer.text)
    return answer.status_code == 200


def either(*truths: bool) -> str:
    """All of it, nothing of it, or which parts."""
    return "after" if all(truths) else "half" if any(truths) else "before"


def create_run(place: Place) -> bool:
    tags = [{"key": f"t{i}", "value": "v"} for i in range(5)]
    return ok(place.post("runs/create", experiment_id="0", run_name="made", tags=tags))


def created(place: Place) -> str:
    found = place.post("runs/search", experiment_ids=["0"], filter="run_name = 'made'").json()
    runs = found.get("runs", [])
    whole = [len(run["data"].get("tags", [])) == 6 for run in runs]
    return either(*whole) if len(whole) == 1 else "before" if not whole else "several"


def log_batch(place: Place) -> bool:
    return ok(
        place.post(
            "runs/log-batch",
            run_id=place.run,
            metrics=[{"key": f"m{i}", "value": i, "timestamp": 1, "step": 0} for i in range(60)],
            params=[{"key": f"p{i}", "value": "x" * 300} for i in range(40)],
            tags=[{"key": f"t{i}", "value": "x" * 300} for i in range(40)],
        )
    )


def batched(place: Place) -> str:
    _, params, tags, metrics = place.data()
    truths = [metrics.get(f"m{i}") == i for i in range(60)]
    truths += [params.get(f"p{i}") == "x" * 300 for i in range(40)]
    return either(*truths, *(tags.get(f"t{i}") == "x" * 300 for i in range(40)))


def end_run(place: Place) -> bool:
    fields = {"run_id": place.run, "status": "FINISHED", "end_time": 5, "run_name": "done"}
    return ok(place.post("runs/update", **fields))


def ended(place: Place) -> str:
    info, _, tags, _ = place.data()
    name = info["run_name"] == "done" and tags["mlflow.runName"] == "done"
    return either(info["status"] == "FINISHED", info.get("end_time") == 5, name)


def create_version(place: Place) -> bool:
    tags = [{"key": f"t{i}", "value": "v"} for i in range(5)]
    fields = {"name": "model", "source": "s3://bucket/model", "tags": tags}
    return ok(place.post("model-versions/create", **fields))


def has_version(place: Place) -> str:
    answer = place.get("model-versions/get", name="model", version="1")
    if answer.status_code == 404:
        return "before"
    return either(True, len(answer.json()["model_version"]["tags"]) == 5)


def purge(place: Place) -> bool:
    """Removal for good, after the run was put in the trash."""
    if not ok(place.post("runs/delete", run_id=place.run)):
        return False
    url = f"{place.server.url}/api/roost/1.0/trash/purge"
    return ok(requests.post(url, json={"run_ids": [place.run]}, timeout=20))


def purged(place: Place) -> str:
    answer = place.get("runs/get", run_id=place.run)
    if answer.status_code == 404:
        return "after"
    _, _, _, metrics = place.data()
    return "before" if metrics == {"known": 1} else f"metrics are {metrics}"


def upload(name: str) -> Callable[[Place], bool]:
    return lambda place: ok(place.put(name, NEW))


def uploaded(name: str, before: bytes | None) -> Callable[[Place], str]:
    def state(place: Place) -> str:
        found = place.file(name)
        return {before: "before", NEW: "after"}.get(found, f"{len(found or b'')} bytes")

    return state


def upload_in_parts(place: Place) -> bool:
    def mpu(verb: str, **fields: object) -> requests.Response:
        url = f"{place.server.url}{FILES}mpu/{verb}/d"
        return requests.post(url, json={"path": "file", **fields}, timeout=20)

    made = mpu("create", num_parts=3)
    if not ok(made):
        return False
    parts = []
    for number, credential in enumerate(made.json()["credentials"]):
        third = -(-len(NEW) // 3)
        piece = NEW[number * third : (number + 1) * third]
        sent = requests.put(credential["url"], data=piece, timeout=20)
        if not ok(sent):
            return False
        parts.append({"part_number": number + 1, "etag": sent.headers["ETag"]})
    return ok(mpu("complete", upload_id=made.json()["upload_id"], parts=parts))


def delete_tree(place: Place) -> bool:
    return ok(requests.delete(f"{place.server.url}{FILES}artifacts/tree", timeout=20))


def deleted(place: Place) -> str:
    return either(place.file("tree/a") is None, place.file("tree/b/c") is None)


def settle(place: Place) -> bool:
    """A long series whose run has ended is moved into chunks; ends once it is done."""
    for start in range(0, POINTS, 750):
        points = [
            {"key": "long", "value": i / 7, "timestamp": i, "step": i}
            for i in range(start, start + 750)
        ]
        if not ok(place.post("runs/log-batch", run_id=place.run, metrics=points)):
            return False
    if not ok(place.post("runs/update", run_id=place.run, status="FINISHED", end_time=1)):
        return False
    deadline = time.monotonic() + 0.6
    while time.monotonic() < deadline and place.server.process.poll() is None:
        time.sleep(0.01)
    return True


def settled(place: Place) -> str:
    found = place.get("metrics/get-history", run_id=place.run, metric_key="long").json()
    steps = [point["step"] for point in found.get("metrics", [])]
    for count, name in ((0, "before"), (750, "before"), (POINTS, "after")):
        if steps == list(range(count)):
            return name
    return f"{len(steps)} points"


def stop(place: Place) -> bool:
    """An orderly stop, at which the log is folded into the database."""
    log_batch(place)
    place.server.process.send_signal(signal.SIGTERM)
    return place.server.process.wait(20) == 0


BATCHES = 12


def fill_the_log(place: Place) -> bool:
    """Batches of 120 pages: SQLite folds its log into the database every thousand."""
    place.acknowledged = 0
    for number in range(BATCHES):
        params = [{"key": f"{number}/{i}", "value": "x" * 6000} for i in range(80)]
        if not ok(place.post("runs/log-batch", run_id=place.run, params=params)):
            return False
        place.acknowledged += 1
    return True


def filled(place: Place) -> str:
    """Whole batches in their order, and no acknowledged one missing."""
    _, params, _, _ = place.data()
    counts = [sum(key.startswith(f"{number}/") for key in params) for number in range(BATCHES)]
    whole = counts.index(0) if 0 in counts else BATCHES
    if counts != [80] * whole + [0] * (BATCHES - whole) or whole < place.acknowledged:
        return f"{counts} of batches, {place.acknowledged} acknowledged"
    return "after" if whole == BATCHES else "before"


# Writes nothing, so nothing of it can be torn.
DELETING = Step("delete a directory", delete_tree, deleted)
STEPS = [
    Step("create a run", create_run, created),
    Step("log a batch", log_batch, batched),
    Step("end a run", end_run, ended),
    Step("create a model version", create_version, has_version),
    Step("remove a run for good", purge, purged),
    Step("upload a file anew", upload("new/deep/file"), uploaded("new/deep/file", None)),
    Step("upload over a file", upload("d/file"), uploaded("d/file", OLD)),
    Step("upload in parts", upload_in_parts, uploaded("d/file", OLD)),
    DELETING,
    Step("points into chunks", settle, settled),
    Step("fill the log", fill_the_log, filled),
    Step("stop", stop, batched),
]


def left_over(directory: Path) -> list[str]:
    """Unfinished files that nobody will ever finish."""
    return [str(path) for path in (directory / "mlartifacts" / ".roost-tmp").glob("*")]


def make_template(directory: Path) -> Place:
    """The files that each try begins from, below a directory."""
    with RoostServer() as server:
        place = Place(server)
        prepare(place)
        server.stop()
        shutil.copytree(server.directory, directory / "files")
    server.directory = directory / "files"
    return place


def begin(template: Place, shim: Shim) -> Place:
    """A server on a copy of those files, that has nothing in memory yet."""
    server = RoostServer(env=shim.env)
    shutil.copytree(template.server.directory, server.directory, dirs_exist_ok=True)
    try:
        return Place(server.start(), template.run)
    except BaseException:
        server.close()
        raise
