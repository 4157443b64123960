"""The table of runs with much in it: tree, filter, paging, live values, bulk actions, exports."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.servers import RoostServer

from browser.conftest import Site, Watched
from browser.data import HOSTILE, Seed

Watch = Callable[..., Watched]


@pytest.fixture
def seed(site: Site) -> Seed:
    return Seed(site.url)


def filter_by(page: Page, text: str) -> None:
    box = page.get_by_role("combobox", name="Filter runs")
    box.fill(text)
    box.press("Enter")


def test_a_filter_shows_a_matching_child_below_its_parent(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    filter_by(page, "params.input_topic = '猫' AND params.line_number = '11'")
    expect(page.locator(".tr")).to_have_count(4)
    assert [row.get_attribute("aria-level") for row in page.locator(".tr").all()] == [
        "1",
        "2",
        "1",
        "2",
    ]
    expect(page.locator(".tr:not(.ctx)").first).to_contain_text("Run 000000011")
    expect(page.locator(".tr.ctx").first).to_contain_text("joke_variant")


def test_a_deep_match_is_shown_below_both_of_its_ancestors(watch: Watch, site: Site) -> None:
    page = watch().open(f"/e/{site.ids['tree']}/runs")
    filter_by(page, "params.fold = '1' AND params.epoch = '0'")
    expect(page.locator(".tr").nth(2)).to_contain_text("epoch-0")
    assert page.locator(".tr .pin a").all_inner_texts() == ["study", "fold-1", "epoch-0"]


def test_three_levels_open_one_after_another(watch: Watch, site: Site) -> None:
    page = watch().open(f"/e/{site.ids['tree']}/runs")
    expect(page.locator(".tr")).to_have_count(3)
    page.get_by_role("button", name="Open children of fold-1").click()
    expect(page.locator('.tr[aria-level="3"]')).to_have_count(2)
    page.reload()
    expect(page.locator('.tr[aria-level="3"]')).to_have_count(2)


def test_children_whose_parent_is_not_here_stand_at_the_top(watch: Watch, seed: Seed) -> None:
    experiment = seed.experiment("orphans")
    elsewhere = seed.run(seed.experiment("another"), "far away")
    deleted = seed.run(experiment, "deleted parent", start=seed.now)
    seed.run(experiment, "of the deleted", parent=deleted, metrics={"loss": 1.0})
    far = seed.run(experiment, "of the far", parent=elsewhere, start=seed.now - 1)
    seed.run(experiment, "grandchild", parent=far, start=seed.now - 2)
    # Enough others for a second page.
    for number in range(205):
        seed.post(
            "runs/create", experiment_id=experiment, run_name=f"r{number}", start_time=9 + number
        )
    seed.post("runs/delete", run_id=deleted)
    page = watch().open(f"/e/{experiment}/runs")
    rows = page.locator(".tr")
    expect(rows.first).to_contain_text("of the deleted")
    expect(rows.first.locator(".orphan")).to_contain_text("parent deleted or elsewhere")
    expect(rows.nth(1)).to_contain_text("of the far")
    expect(rows.nth(2)).to_contain_text("grandchild")
    expect(rows.nth(2).locator(".orphan")).to_have_count(0)
    expect(page.locator(".foot")).to_contain_text("33 runs so far")
    page.locator(".grid").evaluate("g => { g.scrollTop = g.scrollHeight; }")
    expect(page.locator(".foot b").first).to_have_text("208")
    expect(page.locator(".foot")).not_to_contain_text("so far")
    # A filter hangs it below nothing, either.
    filter_by(page, "metrics.loss = 1")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("parent deleted or elsewhere")


def test_the_servers_words_and_a_caret_answer_a_wrong_filter(watch: Watch, site: Site) -> None:
    page = watch(allowed=("400",)).open(site.path("runs"))
    expect(page.locator(".tr").nth(1)).to_be_visible()
    filter_by(page, "metrics.duration > 1 AND attributes.nonsense = 'x'")
    expect(page.get_by_role("alert")).to_contain_text("nonsense")
    lines = page.locator(".err pre").inner_text().split("\n")
    assert lines[1].index("^") == lines[0].index("nonsense")
    # What was shown stays until there is something else to show.
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    other = watch(allowed=("400",)).open(page.url)
    expect(other.locator(".empty")).to_contain_text("The filter cannot be read")
    other.get_by_role("button", name="Clear the filter").last.click()
    expect(other.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    filter_by(page, "metrics.duration > 5")
    expect(page.locator(".err pre")).to_have_count(0)
    expect(page.locator(".tr:not(.ctx)")).to_have_count(1)


def test_the_filter_completes_keys_operators_and_states(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("metrics.dur")
    options = page.get_by_role("option")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_have_value("metrics.duration ")
    expect(options.first).to_have_text(">")
    page.keyboard.type("> 1 a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("status = ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_have_value(
        "metrics.duration > 1 AND status = 'FINISHED' "
    )


# By way of the API ten thousand runs would take a minute: copies of one child, put into the store.
COPIES = """
INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, end_time, lifecycle_stage,
    artifact_uri)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
SELECT printf('%032x', i + 1000000), experiment, printf('Run %09d', i), user_id, status,
    start_time + i, end_time + i + (i = 4711) * 3600000, lifecycle_stage, artifact_uri
FROM n, runs WHERE run_id = :child
"""
TAGS = """
INSERT INTO run_tags (run, key, value)
SELECT id, 1, :parent FROM runs WHERE name LIKE 'Run %' AND run_id != :child
"""


def test_ten_thousand_children_come_in_pages_and_few_rows_are_in_the_document(
    watch: Watch, fresh_roost: RoostServer
) -> None:
    seed = Seed(fresh_roost.url)
    experiment = seed.experiment("many")
    parent = seed.run(experiment, "big parent")
    child = seed.run(experiment, "Run 000000000", parent=parent, metrics={"m": 0.0})
    fresh_roost.stop()
    with contextlib.closing(sqlite3.connect(fresh_roost.database)) as db, db:
        for statement in (COPIES, TAGS):
            db.execute(statement, {"child": child, "parent": parent})
    fresh_roost.start()
    watched = watch(at=Site(fresh_roost.url, {}))
    page = watched.open(f"/e/{experiment}/runs")
    expect(page.locator(".tr").first).to_contain_text("10000")
    page.get_by_role("button", name="Open children of big parent").click()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    searches = [r for r in watched.requests if "runs/tree" in r.url]
    assert len(searches) <= 3, "children come in pages of 200"
    # Which line was the slowest: the order is the server's, over all of them.
    page.get_by_role("button", name="Sort by Wall time").click()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000004711")
    expect(page.locator(".tr").nth(1)).to_contain_text("1 h 0 min")
    page.get_by_role("button", name="Sort by Started").click()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    grid = page.locator(".grid")
    loaded = 0
    deadline = time.monotonic() + 20
    while loaded < 1001 and time.monotonic() < deadline:
        # As a hand on the wheel does: the grid grows a moment after a page has come.
        grid.evaluate("g => { g.scrollTop = g.scrollHeight; }")
        page.wait_for_timeout(20)
        loaded = int(page.locator(".foot b").first.inner_text().replace(",", ""))
    assert 1001 <= loaded <= 1401 and (loaded - 33) % 200 == 0, "whole pages, one after the other"
    assert page.locator(".tr").count() < 60
    # All children are selected, as many as can be worked with.
    page.keyboard.press("j")
    page.keyboard.press("Home")
    page.keyboard.press("X")
    expect(page.locator(".foot")).to_contain_text("1,000 selected")
    expect(page.locator("#toasts")).to_contain_text("The first 1,000 of 10,000 children")
    # The dashboard draws a thousand of them and says so.
    page = watched.open(f"/e/{experiment}/dashboard?parent={parent}", idle=True)
    expect(page.locator(".strip")).to_contain_text("10,000")
    expect(page.get_by_text("Charts and table show 1,000 of 10,000 lines")).to_be_visible()


def test_thousands_of_keys_make_twelve_columns(watch: Watch, seed: Seed) -> None:
    experiment = seed.experiment("many keys")
    for number in range(4):
        run = seed.run(experiment, f"wide-{number}")
        for part in range(3):
            keys = [f"m{number}-{part}-{i}" for i in range(1000)]
            metrics = [{"key": key, "value": 1.5, "timestamp": 1, "step": 0} for key in keys]
            seed.post("runs/log-batch", run_id=run, metrics=metrics)
    page = watch().open(f"/e/{experiment}/runs")
    expect(page.get_by_role("columnheader")).to_have_count(3 + 12)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("searchbox").fill("m3-2-999")
    page.locator(".offered").get_by_role("button", name="m3-2-999").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("columnheader", name="m3-2-999")).to_be_attached()


HIDE = """
Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
document.dispatchEvent(new Event('visibilitychange'));
"""


def test_a_running_run_is_followed_and_nothing_else_moves(watch: Watch, seed: Seed) -> None:
    experiment = seed.experiment("live")
    for number in range(60):
        seed.run(
            experiment,
            f"old-{number:02d}",
            start=seed.now - 100_000 + number,
            metrics={"loss": 1.0},
        )
    going = seed.run(experiment, "going", start=seed.now, took=None, metrics={"loss": 0.9})
    watched = watch()
    page = watched.open(f"/e/{experiment}/runs")
    expect(page.locator(".tr").first).to_contain_text("going")
    page.locator(".tr").nth(3).get_by_role("checkbox").check()
    page.keyboard.press("j")
    page.locator(".grid").evaluate("g => { g.scrollTop = 20; g.dataset.mark = 'same'; }")
    other = page.locator(".tr").nth(5).element_handle()
    asked: list[float] = []
    page.on("request", lambda r: asked.append(time.monotonic()) if "runs/tree" in r.url else None)
    seed.post("runs/log-metric", run_id=going, key="loss", value=0.123, timestamp=seed.now, step=1)
    # Three seconds are what is promised; what a busy machine adds is not the page's.
    expect(page.locator(".tr", has_text="going")).to_contain_text("0.123", timeout=6000)
    assert other is not None and other.evaluate("row => row.isConnected"), (
        "a row that did not change was drawn anew"
    )
    assert page.locator(".grid").evaluate(
        "g => [g.scrollTop, g.dataset.mark, document.activeElement === g]"
    ) == [20, "same", True]
    expect(page.locator(".foot")).to_contain_text("1 selected")
    expect(page.locator("#sign")).to_have_text("Live")
    page.wait_for_timeout(2500)
    pauses = [b - a for a, b in zip(asked, asked[1:], strict=False) if b - a > 1]
    assert pauses and min(pauses) < 2.6, pauses
    # A new run appears on top, and the end of a run is seen.
    seed.run(experiment, "newer", start=seed.now + 5000, took=None)
    expect(page.locator(".tr").first).to_contain_text("newer", timeout=6000)
    seed.post("runs/update", run_id=going, status="FINISHED", end_time=seed.now + 1000)
    expect(page.locator(".tr", has_text="going").get_by_role("img", name="Finished")).to_be_visible(
        timeout=6000
    )
    # A hidden tab asks for nothing.
    page.evaluate(HIDE)
    page.wait_for_timeout(300)
    before = len(watched.requests)
    page.wait_for_timeout(3200)
    assert len(watched.requests) == before


def test_a_curve_grows_while_the_run_goes_on(watch: Watch, seed: Seed) -> None:
    experiment = seed.experiment("curve")
    run = seed.run(experiment, "training", took=None)
    seed.curve(run, "loss", [3.0, 2.0, 1.5])
    page = watch().open(f"/runs/{run}")
    card = page.get_by_role("region", name="loss", exact=True)
    expect(card).to_contain_text("3 points")
    seed.curve(run, "loss", [1.25], first=3)
    expect(card).to_contain_text("4 points", timeout=5000)
    expect(page.get_by_role("region", name="Metrics")).to_contain_text("1.25")


def test_the_dashboard_of_a_batch_that_runs_gains_its_lines(watch: Watch, seed: Seed) -> None:
    experiment = seed.experiment("running batch")
    parent = seed.run(experiment, "batch", took=None)
    names = [f"Run {line:09d}" for line in range(3)]
    for name in names[:2]:
        seed.run(experiment, name, parent=parent, metrics={"duration": 0.5}, params={"output": "x"})
    page = watch().open(f"/e/{experiment}/dashboard")
    rows = page.locator("tr[data-id]")
    expect(rows).to_have_count(2)
    page.locator(".cards").evaluate("cards => { cards.dataset.mark = 'same'; }")
    seed.run(experiment, names[2], parent=parent, metrics={"duration": 9.5}, params={"output": "x"})
    expect(rows).to_have_count(3, timeout=8000)
    expect(page.locator(".strip")).to_contain_text("Slowest line2 9.5 duration")
    expect(page.get_by_role("img", name="3 bars")).to_have_count(1)
    assert page.locator(".cards").get_attribute("data-mark") == "same", "the charts were made anew"


def test_tags_notes_and_names_are_edited_in_place(watch: Watch, site: Site, seed: Seed) -> None:
    run = seed.run(seed.experiment("editing"), "before", tags={"colour": "red"})
    page = watch().open(f"/runs/{run}")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("textbox", name="Key").fill("model")
    page.get_by_label("Value").fill(HOSTILE)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Tags")).to_contain_text(f"model: {HOSTILE}")
    page.get_by_role("button", name="Remove tag colour").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("region", name="Tags")).not_to_contain_text("colour")
    page.get_by_role("button", name="Write one").click()
    page.get_by_label("Markdown").fill("# 結果\n\n- `a`\n- **b**")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Note").locator("li strong")).to_have_text("b")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("after")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("after")


def test_many_runs_are_tagged_deleted_and_restored_at_once(
    watch: Watch, site: Site, seed: Seed
) -> None:
    experiment = seed.experiment("bulk")
    for number in range(8):
        seed.run(experiment, f"run-{number}", start=seed.now + number)
    page = watch().open(f"/e/{experiment}/runs")
    expect(page.locator(".tr")).to_have_count(8)
    page.locator(".tr").nth(0).get_by_role("checkbox").click()
    page.locator(".tr").nth(6).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(page.locator(".foot")).to_contain_text("7 selected")
    page.locator(".foot").get_by_role("button", name="Tag").click()
    page.get_by_role("textbox", name="Key").fill("keep")
    page.get_by_label("Value").fill("no")
    page.get_by_role("button", name="Set tag").click()
    expect(page.locator("#toasts")).to_contain_text("Tagged 7 runs.")
    page.locator(".foot").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".tr")).to_have_count(1)
    page.get_by_role("button", name="Trash").click()
    expect(page.locator(".tr")).to_have_count(7)
    page.locator(".tr").nth(2).get_by_role("checkbox").click()
    page.locator(".foot").get_by_role("button", name="Restore").click()
    expect(page.locator(".tr")).to_have_count(6)
    found = seed.post("runs/search", experiment_ids=[experiment], filter="tags.keep = 'no'")
    assert len(found["runs"]) == 1


def test_exports_are_right_for_spreadsheets_and_programs(watch: Watch, site: Site) -> None:
    page = watch().open(f"/e/{site.ids['hostile']}/runs?cols=p.f,p.constructor,m.__proto__")
    expect(page.locator(".tr").first).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV, these columns").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    bad = next(row for row in rows if row["run_id"] == site.ids["bad"])
    assert (
        bad["params.f"] == "'=1+1"
        and bad["params.constructor"] == HOSTILE
        and bad["metrics.__proto__"] == "1.5"
    )
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON, everything").click()
    runs = json.loads(Path(download.value.path()).read_text())
    assert {run["run_id"] for run in runs} >= {site.ids["bad"]}
    assert next(run for run in runs if run["run_id"] == site.ids["bad"])["params"]["f"] == "=1+1"


def test_columns_are_moved_and_made_wider_and_stay_so(watch: Watch, site: Site) -> None:
    page = watch(width=1900).open(site.path("runs"))
    expect(page.get_by_role("columnheader", name="input_topic")).to_be_visible()
    head = page.get_by_role("columnheader", name="duration")
    before = head.bounding_box()
    grip = head.locator(".grip").bounding_box()
    assert before and grip
    page.mouse.move(grip["x"] + 3, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 83, grip["y"] + 10, steps=4)
    page.mouse.up()
    after = page.get_by_role("columnheader", name="duration").bounding_box()
    assert after and after["width"] >= before["width"] + 70
    page.get_by_role("columnheader", name="input_topic").drag_to(
        page.get_by_role("columnheader", name="Started")
    )
    expect(page.get_by_role("columnheader").nth(1)).to_contain_text("input_topic")
    page.reload()
    expect(page.get_by_role("columnheader").nth(1)).to_contain_text("input_topic")
    again = page.get_by_role("columnheader", name="duration").bounding_box()
    assert again and abs(again["width"] - after["width"]) < 2


def test_a_chart_is_saved_as_a_picture(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("dashboard of children"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save duration as PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
