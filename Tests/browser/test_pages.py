"""What holds for every page: no errors, nothing from elsewhere, names that are text, both themes,
a narrow screen, accessibility, the budget, caching and the prefix."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest
import requests
from playwright.sync_api import Page, Route, expect
from support.servers import RoostServer

from browser.conftest import SCREENS, Site, Watched
from browser.data import HOSTILE, Seed

Watch = Callable[..., Watched]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# 2.2 adds the least size of what is touched.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}},
}


def violations(page: Page, rules: dict[str, object] = RULES) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", rules)["violations"]
    return [
        f"{v['id']}: {n['html'][:160]} {n.get('failureSummary', '')[:300]}"
        for v in found
        for n in v["nodes"][:3]
    ]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_has_content_is_accessible_and_quiet(
    watch: Watch, site: Site, screen: str, dark: bool, width: int
) -> None:
    page = watch(dark=dark, width=width).open(site.path(screen), idle=True)
    expect(page.locator("h1")).not_to_be_empty()
    assert page.title() not in ("Error · Roost", "pwned")
    expect(page.locator(".err:visible")).to_have_count(0)
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("h1").bounding_box()
    assert box is not None and box["x"] + box["width"] <= width


def test_what_opens_above_a_page_is_accessible_too(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    page.locator(".tr").nth(2).get_by_role("checkbox").check()
    for name in ("Columns", "Export", "Delete", "Note"):
        page.get_by_role("button", name=name, exact=True).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == [], name
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("met")
    expect(page.get_by_role("option").first).to_be_visible()
    page.locator(".gridhost").evaluate("g => g.remove()")  # it was looked at before
    assert violations(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_menus_filtered_rows_and_messages_are_accessible(
    watch: Watch, site: Site, dark: bool
) -> None:
    page = watch(dark=dark, allowed=("400",)).open(
        site.path("runs") + "?q=params.input_topic = '猫'&pin=m.duration"
    )
    expect(page.locator(".tr.ctx")).to_have_count(2)
    page.keyboard.press("j")
    assert violations(page) == [], "parents that are there for their children alone"
    page.keyboard.press("h")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menu")).to_be_visible()
    assert violations(page) == [], "the menu of a column"
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Filter runs").fill("nonsense >")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    assert violations(page) == [], "a refusal"


def test_a_hostile_name_is_text_in_every_place(watch: Watch, site: Site) -> None:
    ids = site.ids
    watched = watch()
    for address in (
        "/",
        f"/e/{ids['hostile']}/runs",
        f"/e/{ids['hostile']}/dashboard",
        f"/runs/{ids['bad']}",
        f"/compare?runs={ids['bad']},{ids['newer']}&diff=0",
    ):
        page = watched.open(address, idle=True)
        expect(page.get_by_text(HOSTILE).first).to_be_visible()
        assert page.locator("img[src=x]").count() == 0
        assert page.title() != "pwned"
        assert page.locator("main script, main [onerror]").count() == 0
    page = watched.open(f"/runs/{ids['bad']}")
    note = page.get_by_role("region", name="Note")
    expect(note.locator("strong")).to_have_text("bold")
    expect(note.get_by_role("link")).to_have_count(0)  # javascript: is no address


def test_an_html_artifact_reaches_neither_the_page_nor_the_network(
    watch: Watch, site: Site
) -> None:
    # Its script may not touch the page around it; the browser says so in the console.
    watched = watch(allowed=("Blocked a frame", "Failed to read a named property", "SecurityError"))
    page = watched.open(f"/runs/{site.ids['bad']}?art=report.html")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#shown")).to_have_text("hello")
    assert page.title() != "pwned"
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    headers = requests.get(
        f"{site.url}/ajax-api/roost/1.0/artifacts/preview",
        params={"run_id": site.ids["bad"], "path": "report.html"},
        timeout=10,
    ).headers
    assert headers["Content-Security-Policy"].startswith(
        "sandbox allow-scripts; default-src 'none'"
    )


def test_artifacts_are_shown_by_what_they_are(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("training run"))
    shown = page.locator(".preview")
    for name, content in [
        ("README.md", "Report"),
        ("predictions.csv", "a,b"),
        ("train.log", "epoch 59"),
    ]:
        page.get_by_role("treeitem", name=name).click()
        expect(shown).to_contain_text(content)
    page.get_by_role("treeitem", name="confusion.png").click()
    expect(shown.locator("img")).to_be_visible()
    assert page.evaluate("document.querySelector('.preview img').naturalWidth") == 48
    page.get_by_role("treeitem", name="config", exact=True).click()
    page.get_by_role("treeitem", name="config.json").click()
    expect(shown.locator("pre")).to_contain_text('"memo": "学習率の探索"')
    assert "art=config%2Fconfig.json" in page.url
    page.reload()
    expect(shown.locator("pre")).to_contain_text("resnet18")
    page.get_by_role("treeitem", name="eval", exact=True).click()
    page.get_by_role("treeitem", name="results.json").click()
    expect(shown.get_by_role("cell", name="2+2")).to_be_visible()


# Uncompressed, everything that a first visit asks for.
MOST_BYTES = 200_000
MOST_REQUESTS = 8
MAX_POINTS = re.compile(r"/metrics/series\?.*max_points=(\d+)")


@pytest.mark.parametrize("screen", SCREENS)
def test_a_first_visit_stays_within_its_budget(watch: Watch, site: Site, screen: str) -> None:
    watched = watch()
    watched.open(site.path(screen), idle=True)
    # A card of many long curves asks once more, for the points between those that it shows.
    points = {r.url: int(n[1]) for r in watched.requests if (n := MAX_POINTS.search(r.url))}
    more = {url for url, count in points.items() if count > min(points.values())}
    first = [r for r in watched.responses if r.url not in more]
    assert len(first) <= MOST_REQUESTS, [r.url for r in first]
    sizes = {r.url: len(r.body()) for r in first}
    static = {url: size for url, size in sizes.items() if "ajax-api" not in url}
    assert len(static) == 3 and sum(static.values()) <= 150_000, static
    assert sum(len(r.body()) for r in first) <= MOST_BYTES, sizes


@pytest.fixture(scope="module")
def large() -> Iterator[Site]:
    """An experiment in which all runs of anything are too many: a parent of 1,100 lines, a newer
    one of 100, and 200 other runs, each with as much logged as in the benchmarks."""
    with RoostServer() as server:
        seed = Seed(server.url)
        experiment = seed.experiment("large")
        start = 1_760_000_000_000

        def make(name: str, number: int, parent: str = "") -> str:
            return seed.run(
                experiment,
                name,
                parent=parent,
                start=start + 1000 * number,
                metrics={"duration": float(number), "total_tokens": 2.5}
                | {f"metric_{key}": number / 7 for key in range(8)},
                params={f"param_{key}": f"value {number % 5}" for key in range(10)},
                tags={f"tag_{key}": "a short text" for key in range(5)},
            )

        parent = make("old batch", 0)
        newer = make("new batch", 5000)
        with ThreadPoolExecutor(8) as pool:
            lines = list(pool.map(lambda n: make(f"Run {n:09d}", n, parent), range(1100)))
            few = list(pool.map(lambda n: make(f"Run {n:09d}", 2000 + n, newer), range(100)))
            tops = list(pool.map(lambda n: make(f"trial-{n}", 3000 + n), range(200)))
        trained = [seed.run(experiment, f"trained-{n}", start=start - 1000 * n) for n in range(10)]
        for run in trained:
            for metric in range(4):
                values = [(1 + metric) / (2 + step) + 0.123456789 for step in range(1000)]
                seed.curve(run, f"curve_{metric}", values)
        ids = {"experiment": experiment, "parent": parent, "newer": newer, "line": lines[550]}
        ids |= {
            "few": few[3],
            "top": tops[100],
            "some": ",".join(tops[:20]),
            "many": ",".join(tops),
            "curves": ",".join(trained),
            "curve": trained[0],
        }
        yield Site(server.url, ids)


# By name the address, and what can be read when the page is there.
LARGE = {
    "experiments": ("/", "main h1"),
    "runs as a tree": ("/e/{experiment}/runs", ".tr[aria-level='2']"),
    "runs": ("/e/{experiment}/runs?tree=0", ".tr"),
    "run": ("/runs/{top}", "[aria-label=Metrics] dd"),
    "line": ("/runs/{line}", "svg .rc-bar"),
    "line of a few": ("/runs/{few}", "svg .rc-bar"),
    "parent": ("/runs/{parent}", "svg .rc-bar"),
    "parent of a few": ("/runs/{newer}", "svg .rc-bar"),
    "compare": ("/compare?runs={some}", "svg .rc-bar"),
    "dashboard": ("/e/{experiment}/dashboard", "svg .rc-bar"),
    "dashboard of children": ("/e/{experiment}/dashboard?parent={parent}", "svg .rc-bar"),
    "dashboard of a selection": ("/e/{experiment}/dashboard?runs={some}", "svg .rc-bar"),
    "dashboard of a large selection": ("/e/{experiment}/dashboard?runs={many}", "svg .rc-bar"),
    "run with curves": ("/runs/{curve}", "svg .rc-line"),
    "curves": ("/e/{experiment}/dashboard?runs={curves}", "svg .rc-line"),
    "dashboard of the newest": ("/e/{experiment}/dashboard?parent=none", "svg .rc-bar"),
}
# Those that load more once they can be read: further runs, or points between those of a curve.
GOING_ON = ("parent", "dashboard", "curves")
# Notes when the sign is there for the first time.
READABLE = """sign => new MutationObserver((_, watch) => {
  if (!document.querySelector(sign)) return;
  watch.disconnect();
  globalThis.readable = performance.now();
}).observe(document, { childList: true, subtree: true })"""
ASKED = """() => [...performance.getEntriesByType('navigation'),
  ...performance.getEntriesByType('resource')].map(e => [e.name, e.decodedBodySize, e.startTime])"""


@pytest.mark.parametrize("screen", LARGE)
def test_a_first_visit_stays_small_however_many_runs_there_are(
    watch: Watch, large: Site, screen: str
) -> None:
    watched = watch(at=large)
    address, sign = LARGE[screen]
    watched.page.add_init_script(f"({READABLE})({sign!r})")
    page = watched.open(address.format(**large.ids), idle=True)
    expect(page.locator(sign).first).to_be_visible()
    readable = page.evaluate("globalThis.readable")
    asked = page.evaluate(ASKED)
    later = [one for one in asked if one[2] > readable] if screen.startswith(GOING_ON) else []
    first = [one for one in asked if one not in later]
    assert len(first) <= MOST_REQUESTS, first
    assert sum(size for _, size, _ in first) <= MOST_BYTES, first
    assert all(size > 0 for _, size, _ in asked)
    # That is page by page, and neither all at once nor without an end.
    more = re.compile(r"/runs/tree$|/metrics/series\?")
    assert all(more.search(name) and size <= 300_000 for name, size, _ in later)
    assert len(later) <= 8


def test_a_board_of_many_gains_its_runs_and_says_how_far_it_is(watch: Watch, large: Site) -> None:
    watched = watch(at=large)
    page = watched.page
    gate = threading.Event()
    held: list[Route] = []
    page.route(
        "**/runs/tree",
        lambda route: (
            held.append(route)
            if "page_token" in (route.request.post_data or "") and not gate.is_set()
            else route.continue_()
        ),
    )
    watched.open("/e/{experiment}/dashboard?parent={parent}".format(**large.ids))
    extent = page.get_by_role("main").get_by_role("status")
    expect(extent).to_have_text("30 of 1,100 lines so far …")
    # The figures are of all from the beginning; which line is the slowest is not known yet.
    strip = page.locator(".strip")
    expect(strip).to_contain_text("1,100")
    expect(strip).to_contain_text("1,099 duration")
    expect(strip.get_by_role("link", name="1099")).to_have_count(0)
    gate.set()
    held.pop().continue_()
    expect(extent).to_have_text(
        "Charts and table show 1,000 of 1,100 lines; the figures above are of all."
    )
    expect(strip.get_by_role("link").first).to_have_text("1099")
    expect(page.get_by_role("region", name="duration")).to_contain_text("of 1,000 rows")


def test_a_line_among_many_is_shown_with_those_around_it(watch: Watch, large: Site) -> None:
    page = watch(at=large).open("/runs/{line}".format(**large.ids))
    expect(page.locator("header .crumb", has_text="of 1,100")).to_have_text("551 of 1,100")
    expect(page.get_by_role("region", name="duration")).to_contain_text("against the 100 around it")
    for key, name in [("]", "Run 000000551"), ("]", "Run 000000552"), ("[", "Run 000000551")]:
        page.keyboard.press(key)
        expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("header .crumb", has_text="of 1,100")).to_have_text("552 of 1,100")


def test_other_pages_load_only_what_is_missing(watch: Watch, site: Site) -> None:
    watched = watch()
    page = watched.open(site.path("runs"), idle=True)
    expect(page.locator(".tr").nth(1)).to_be_visible()
    page.get_by_role("link", name="Dashboard").click()
    expect(page.locator("svg .rc-bar").first).to_be_visible()
    page.get_by_role("link", name="Models").click()
    expect(page.locator("h1")).to_have_text("Models")
    page.go_back()
    expect(page.locator("svg .rc-bar").first).to_be_visible()
    names = [r.url.split("/ui/")[1].split("?")[0] for r in watched.requests if "/ui/" in r.url]
    assert sorted(names) == ["boards.js", "registry.js", "style.css", "tables.js"], (
        "each script once, although they have modules in common"
    )


def test_files_are_cached_by_what_is_in_them_and_the_page_forbids_what_it_does_not_need(
    site: Site,
) -> None:
    page = requests.get(f"{site.url}/e/1/runs", timeout=10)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy and page.headers["X-Content-Type-Options"] == "nosniff"
    again = requests.get(
        f"{site.url}/e/1/runs", headers={"If-None-Match": page.headers["ETag"]}, timeout=10
    )
    assert again.status_code == 304 and not again.content
    script = re.search(r'src="(ui/tables\.js\?v=\w+)"', page.text)
    assert script
    answer = requests.get(f"{site.url}/{script[1]}", timeout=10)
    assert "immutable" in answer.headers["Cache-Control"] and answer.headers[
        "Content-Type"
    ].startswith("text/javascript")
    assert (
        requests.get(f"{site.url}/ui/boards.js", timeout=10).headers["Cache-Control"] == "no-cache"
    )
    assert requests.get(f"{site.url}/ui/nothing.js", timeout=10).status_code == 404
    assert (
        requests.get(f"{site.url}/ui/../schema/sqlite/0001_tracking.sql", timeout=10).status_code
        == 404
    )


def test_all_of_it_works_below_a_prefix(watch: Watch) -> None:
    with RoostServer("--static-prefix", "/tracking") as server:
        ids = {"jokes": Seed(server.url).experiment("below")}
        Seed(server.url).batch(ids["jokes"], "batch", 9, 1_760_000_000_000)
        here = Site(server.url, ids)
        watched = watch(at=here)
        page = watched.open("/tracking")
        page.get_by_role("region", name="Experiments").get_by_role("link", name="below").click()
        expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
        page.locator(".tr").nth(1).get_by_role("link").click()
        expect(page.locator("h1")).to_have_text("Run 000000000")
        page.reload()
        expect(page.locator("h1")).to_have_text("Run 000000000")
        page.get_by_role("link", name="Roost, all experiments").click()
        expect(page.locator("h1")).to_have_text("Experiments")
        outside = [
            r.url for r in watched.requests if not r.url.startswith(f"{server.url}/tracking")
        ]
        assert not outside


def test_an_empty_server_shows_the_lines_to_copy(watch: Watch) -> None:
    with RoostServer() as server:
        page = watch(at=Site(server.url, {})).open("/")
        expect(page.locator("pre")).to_contain_text(f"export MLFLOW_TRACKING_URI={server.url}")
        page.get_by_role("button", name="Copy", exact=True).click()
        assert "pip install mlflow" in page.evaluate("navigator.clipboard.readText()")
        Seed(server.url).run("0", "first one")
        # The first run appears by itself.
        expect(page.get_by_role("link", name="first one")).to_be_visible(timeout=8000)


def test_the_theme_can_be_switched_and_is_remembered(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("experiments"))
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_what_is_not_there_says_so_and_what_to_do(watch: Watch, site: Site) -> None:
    page = watch(allowed=("404",)).open("/runs/0123456789abcdef0123456789abcdef")
    expect(page.locator(".empty")).to_contain_text("Not found")
    page = watch(allowed=("404",)).open("/e/999999/runs")
    expect(page.locator(".empty")).to_contain_text("No Experiment with id=999999 exists")
    expect(page.get_by_role("link", name="All experiments", exact=True)).to_be_visible()


def test_a_server_that_goes_away_and_comes_back(watch: Watch, fresh_roost: RoostServer) -> None:
    seed = Seed(fresh_roost.url)
    experiment = seed.experiment("flaky")
    seed.run(experiment, "going", took=None, metrics={"loss": 1.0})
    watched = watch(
        at=Site(fresh_roost.url, {}), allowed=("ERR_CONNECTION_REFUSED", "Failed to load")
    )
    page = watched.open(f"/e/{experiment}/runs")
    expect(page.locator(".tr").first).to_contain_text("going")
    fresh_roost.stop()
    expect(page.locator("#sign")).to_have_text("No connection", timeout=8000)
    expect(page.locator(".tr").first).to_contain_text("going")
    # A page that cannot be loaded says what to do, and does it.
    page.locator(".tr").first.get_by_role("link").click()
    expect(page.locator(".empty")).to_contain_text("No connection")
    expect(page.locator(".empty")).to_contain_text("does not answer")
    fresh_roost.start()
    # It tries again by itself, too.
    expect(page.locator("h1")).to_have_text("going", timeout=15_000)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_server_is_told_in_words(watch: Watch, site: Site, status: int) -> None:
    watched = watch(allowed=("Failed to load resource",))
    page = watched.page
    body = '{"error_code":"TEMPORARILY_UNAVAILABLE","message":"Too many requests wait."}'
    page.route(
        "**/runs/tree",
        lambda route: route.fulfill(
            status=status, body="<html>Bad Gateway</html>" if status == 502 else body
        ),
    )
    watched.open(site.path("runs"))
    words = f"The server answered {status}." if status == 502 else "Too many requests wait."
    expect(page.locator(".empty")).to_contain_text(words)
    page.unroute("**/runs/tree")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tr").nth(1)).to_be_visible()
