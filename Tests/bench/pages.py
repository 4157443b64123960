"""The table of runs in a browser, Roost's pages beside MLflow's, on the same runs.

`python3 Tests/bench/pages.py [--runs 10000] [--rounds 5]` prints a Markdown table: requests and
bytes of a first visit, and the time until the first run is readable, from an empty cache, in turns.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
import seed
from candidates import CANDIDATES, Server
from playwright.sync_api import Browser, sync_playwright

PAGES = {"roost": "/e/{id}/runs?tree=0", "mlflow": "/#/experiments/{id}/runs"}
# Both show the names of runs.
NAME = re.compile(r"run 0\d{5}")
PATIENCE = 60_000


def fill(candidate_name: str, server: Server, count: int) -> str:
    """An experiment with so many runs; its id."""
    url = f"http://127.0.0.1:{server.port}/api/2.0/mlflow/"
    session = requests.Session()
    made = session.post(url + "experiments/create", json={"name": "pages"}, timeout=60)
    experiment = made.json()["experiment_id"]
    if candidate_name == "mlflow":
        server.candidate.seed(server, None, experiment, count)
        return experiment

    def one(index: int) -> None:
        fields = seed.run_fields(index)
        tags = [{"key": k, "value": v} for k, v in fields["tags"].items()]
        begin = {"experiment_id": experiment, "start_time": fields["start"], "tags": tags}
        run = session.post(url + "runs/create", json=begin | {"run_name": fields["name"]}).json()
        points = [
            {"key": key, "value": value, "timestamp": stamp, "step": step}
            for key, value, stamp, step in fields["points"]
        ]
        params = [{"key": k, "value": v} for k, v in fields["params"].items()]
        identity = {"run_id": run["run"]["info"]["run_id"]}
        session.post(url + "runs/log-batch", json=identity | {"metrics": points, "params": params})
        end = {"status": "FINISHED", "end_time": fields["end"]}
        session.post(url + "runs/update", json=identity | end)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))
    return experiment


def visit(browser: Browser, address: str) -> tuple[float, int, int]:
    """Seconds until a run can be read, requests, and bytes of their answers."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_text(NAME).first.wait_for(state="visible", timeout=PATIENCE)
    seconds = time.perf_counter() - began
    page.wait_for_timeout(1500)
    size = 0
    for answer in answers:
        try:
            size += len(answer.body())
        except Exception:  # a redirect, or a body the browser has dropped
            continue
    context.close()
    return seconds, len(answers), size


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the pages beside MLflow's.")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    executable = shutil.which("chromium")
    if not executable:
        print("bench: chromium is missing", file=sys.stderr)
        return 2
    samples: dict[str, list[tuple[float, int, int]]] = {name: [] for name in PAGES}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        servers = {}
        try:
            addresses = {}
            for name in PAGES:
                servers[name] = Server(CANDIDATES[name](), name, Path(folder) / name)
                experiment = fill(name, servers[name], options.runs)
                page = PAGES[name].format(id=experiment)
                addresses[name] = f"http://127.0.0.1:{servers[name].port}{page}"
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            for _ in range(options.rounds):
                for name, address in addresses.items():
                    samples[name].append(visit(browser, address))
            browser.close()
        finally:
            for server in servers.values():
                server.stop()
    print(f"{options.runs:,} runs, {options.rounds} visits each, load {os.getloadavg()[0]:.1f}\n")
    print("| pages of | first run readable, s: median (min to max) | requests | kB |")
    print("|---|---|---|---|")
    for name, found in samples.items():
        seconds = [one[0] for one in found]
        spread = f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        print(f"| {name} | {spread} | {found[-1][1]} | {found[-1][2] / 1000:,.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
