"""The pages in a browser, Roost's beside MLflow's own UI, on the same runs.

`python3 Tests/bench/pages.py [--runs 10000] [--rounds 5]` prints Markdown tables: for each page
requests and bytes of a first visit, first paint, and the time until its content can be read, from
an empty cache, in turns; then the frames of a scroll through the runs. `--quick` is for a look
whether it works: few runs, one visit.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import requests
import seed
from candidates import CANDIDATES
from playwright.sync_api import Browser, Page, sync_playwright
from servers import Server

# The pages by what they answer; `{a}` and `{b}` are the ids of two runs.
PAGES = {
    "roost": {
        "experiments": "/",
        "runs": "/e/{id}/runs?tree=0",
        "charts": "/e/{id}/dashboard?runs={a},{b}",
        "run": "/runs/{a}",
        "compare": "/compare?runs={a},{b}",
    },
    "mlflow": {
        "experiments": "/#/experiments",
        "runs": "/#/experiments/{id}/runs",
        "charts": "/#/experiments/{id}/runs?compareRunsMode=CHART",
        "run": "/#/experiments/{id}/runs/{a}",
        "compare": "/#/compare-runs?runs={both}&experiments={ids}",
    },
}
EXPERIMENT = "pages"
# What stands there once a page can be read: the experiment's name, or that of a run.
NAME = re.compile(r"run 0\d{5}")
SIGNS = {"experiments": re.compile(f"^{EXPERIMENT}$")}
PATIENCE = 60_000
PAINTS = """() => Object.fromEntries(
  performance.getEntriesByType('paint').map((entry) => [entry.name, entry.startTime]))"""
# Scrolls what scrolls furthest, a step each frame, until the end has stayed the end for a second.
SCROLL = """async ([step, most]) => {
  const room = (e) => e.scrollHeight - e.clientHeight;
  const roll = [...document.querySelectorAll('*')]
    .filter((e) => e.clientHeight > 200
      && ['auto', 'scroll'].includes(getComputedStyle(e).overflowY))
    .sort((a, b) => room(b) - room(a))[0] ?? document.scrollingElement;
  const frames = [];
  const begun = performance.now();
  let last = begun;
  let moved = begun;
  let top = -1;
  return await new Promise((done) => {
    const frame = (now) => {
      frames.push(now - last);
      last = now;
      if (roll.scrollTop !== top) moved = now;
      top = roll.scrollTop;
      roll.scrollTop = top + step;
      if (now - moved > 1000 || now - begun > most) {
        // The last second may have been a wait at the end.
        const nodes = document.getElementsByTagName('*').length;
        return done({ frames: frames.slice(1), pixels: top, nodes });
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}"""


class Visit(NamedTuple):
    """What one first visit of a page took; milliseconds, and bytes as they are without packing."""

    painted: float
    readable: float
    requests: int
    size: int


class Scroll(NamedTuple):
    """The frames of one scroll in milliseconds, how far it came, and the elements of the page."""

    frames: list[float]
    pixels: float
    nodes: int


def fill(candidate_name: str, server: Server, count: int) -> str:
    """An experiment with so many runs; its id."""
    url = f"http://127.0.0.1:{server.port}/api/2.0/mlflow/"
    session = requests.Session()
    made = session.post(url + "experiments/create", json={"name": EXPERIMENT}, timeout=60)
    experiment = made.json()["experiment_id"]
    if candidate_name == "mlflow":
        server.candidate.seed(server, None, experiment, count)
        with contextlib.closing(sqlite3.connect(server.directory / "mlflow.db")) as db, db:
            db.execute("UPDATE runs SET status = 'FINISHED', end_time = start_time + 500")
        return experiment

    made_runs: dict[int, str] = {}

    def one(index: int) -> None:
        fields = seed.run_fields(index)
        tags = dict(fields["tags"])
        parent = seed.parent_of(index, count)
        if parent is not None:
            tags["mlflow.parentRunId"] = made_runs[parent]
        begin = {
            "experiment_id": experiment,
            "start_time": fields["start"],
            "run_name": fields["name"],
            "tags": [{"key": k, "value": v} for k, v in tags.items()],
        }
        run = session.post(url + "runs/create", json=begin).json()["run"]["info"]["run_id"]
        made_runs[index] = run
        points = [
            {"key": key, "value": value, "timestamp": stamp, "step": step}
            for key, value, stamp, step in fields["points"]
        ]
        params = [{"key": k, "value": v} for k, v in fields["params"].items()]
        batch = {"run_id": run, "metrics": points, "params": params}
        session.post(url + "runs/log-batch", json=batch)
        end = {"run_id": run, "status": "FINISHED", "end_time": fields["start"] + 500}
        session.post(url + "runs/update", json=end).raise_for_status()

    first = seed.parents(count)
    for index in range(first):
        one(index)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(first, count)))
    return experiment


def addresses(name: str, server: Server, experiment: str) -> dict[str, str]:
    """The addresses of the pages of one server."""
    base = f"http://127.0.0.1:{server.port}"
    found = requests.post(
        f"{base}/api/2.0/mlflow/runs/search",
        json={"experiment_ids": [experiment], "max_results": 2},
        timeout=60,
    ).json()["runs"]
    a, b = (run["info"]["run_id"] for run in found)
    both, ids = quote(json.dumps([a, b])), quote(json.dumps([experiment]))
    return {
        page: base + path.format(id=experiment, a=a, b=b, both=both, ids=ids)
        for page, path in PAGES[name].items()
    }


def open_page(browser: Browser, address: str, sign: re.Pattern[str]) -> tuple[Page, list, float]:
    """A page in a browser that has seen nothing, its answers, and the milliseconds until it can be
    read."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    answers: list = []
    page.on("response", lambda answer: answers.append(answer))
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_text(sign).locator("visible=true").first.wait_for(state="visible", timeout=PATIENCE)
    return page, answers, (time.perf_counter() - began) * 1000


def visit(browser: Browser, address: str, sign: re.Pattern[str]) -> Visit:
    page, answers, readable = open_page(browser, address, sign)
    page.wait_for_timeout(1500)
    paints = page.evaluate(PAINTS)
    size = 0
    for answer in answers:
        try:
            size += len(answer.body())
        except Exception:  # a redirect, or a body the browser has dropped
            continue
    page.context.close()
    return Visit(paints.get("first-contentful-paint", 0), readable, len(answers), size)


def scroll(browser: Browser, address: str, seconds: float) -> Scroll:
    page, _, _ = open_page(browser, address, NAME)
    page.wait_for_timeout(500)
    found = page.evaluate(SCROLL, [110, seconds * 1000])
    page.context.close()
    return Scroll(found["frames"], found["pixels"], found["nodes"])


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def report(visits: dict[tuple[str, str], list[Visit]], scrolls: dict[str, list[Scroll]]) -> None:
    print(
        "| page | pages of | first paint, ms: median (min to max) | readable, ms | requests | kB |"
    )
    print("|---|---|---|---|---|---|")
    for (page, name), found in visits.items():
        last = found[-1]
        print(
            f"| {page} | {name} | {spread([v.painted for v in found])}"
            f" | {spread([v.readable for v in found])} | {last.requests}"
            f" | {last.size / 1000:,.0f} |"
        )
    print(
        "\n| scroll through the runs of | frames | p50, ms | p95, ms | worst, ms | pixels"
        " | elements |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, found in scrolls.items():
        frames = [frame for one in found for frame in one.frames]
        last = found[-1]
        print(
            f"| {name} | {len(frames)} | {percentile(frames, 0.5):.1f}"
            f" | {percentile(frames, 0.95):.1f} | {max(frames):.1f}"
            f" | {last.pixels:,.0f} | {last.nodes:,} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the pages beside MLflow's.")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5, help="visits of each page")
    parser.add_argument("--seconds", type=float, default=30, help="of a scroll at most")
    parser.add_argument("--only", choices=list(PAGES), help="one of the two alone")
    parser.add_argument("--quick", action="store_true", help="300 runs, one visit, 3 s of scroll")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.rounds, options.seconds = 300, 1, 3
    executable = shutil.which("chromium")
    if not executable:
        print("bench: chromium is missing", file=sys.stderr)
        return 2
    names = [options.only] if options.only else list(PAGES)
    for name in names:
        if why := CANDIDATES[name]().missing():
            print(f"bench: {why}", file=sys.stderr)
            return 2
    visits: dict[tuple[str, str], list[Visit]] = {
        (page, name): [] for page in PAGES["roost"] for name in names
    }
    scrolls: dict[str, list[Scroll]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        servers = {}
        try:
            where = {}
            for name in names:
                servers[name] = Server(CANDIDATES[name](), name, Path(folder) / name)
                experiment = fill(name, servers[name], options.runs)
                where[name] = addresses(name, servers[name], experiment)
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            for _ in range(options.rounds):
                for page, name in visits:
                    sign = SIGNS.get(page, NAME)
                    visits[page, name].append(visit(browser, where[name][page], sign))
            for _ in range(min(options.rounds, 3)):
                for name in names:
                    scrolls[name].append(scroll(browser, where[name]["runs"], options.seconds))
            browser.close()
        finally:
            for server in servers.values():
                server.stop()
    load = os.getloadavg()[0]
    print(f"{options.runs:,} runs, {options.rounds} visits each, empty cache, load {load:.1f}\n")
    report(visits, scrolls)
    return 0


if __name__ == "__main__":
    sys.exit(main())
