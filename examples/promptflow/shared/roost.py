"""Roost's get-or-create: one request, one winner, and everybody gets the winner's row.

It may be repeated, so whatever goes wrong on the way (a restart of the server, a busy moment) is
simply tried again.
"""

from __future__ import annotations

import functools
import os

import requests
from requests.adapters import HTTPAdapter, Retry


@functools.cache
def session() -> requests.Session:
    retry = Retry(7, backoff_factor=0.25, status_forcelist=(429, 503), allowed_methods=None)
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, HTTPAdapter(max_retries=retry))
    return made


def call(method: str, path: str, **arguments: object) -> dict:
    url = f"{os.environ['MLFLOW_TRACKING_URI'].rstrip('/')}/api/roost/1.0/{path}"
    answer = session().request(method, url, timeout=30, **arguments)
    if not answer.ok:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
    return answer.json()


def experiment(name: str) -> str:
    """The id of the experiment of this name, made if need be."""
    answer = call("POST", "experiments/get-or-create", json={"name": name})
    return answer["experiment"]["experiment_id"]


def run(experiment_id: str, key: str, **fields: object) -> str:
    """The id of the run with this key in the experiment, made with the fields if need be."""
    body = {"experiment_id": experiment_id, "key": key, **fields}
    return call("POST", "runs/get-or-create", json=body)["run"]["info"]["run_id"]


def children_summary(run_id: str) -> dict:
    """Counts and roll-ups over the children of a run, in one request."""
    return call("GET", "runs/children-summary", params={"run_id": run_id})
