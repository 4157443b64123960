"""The questions that people bring, answered with the mouse and with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from browser.conftest import Site, Watched
from browser.data import Seed

Watch = Callable[..., Watched]


def test_the_newest_batch_is_open_and_its_slowest_line_is_marked(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    rows = page.locator(".tr")
    expect(rows.nth(1)).to_contain_text("Run 000000000")
    hot = page.locator('.td.hot:has-text("5.88")')
    expect(hot).to_have_count(1)
    expect(page.locator(".tr", has=hot)).to_contain_text("Run 000000007")
    failed = page.locator(".tr", has_text="Run 000000003")
    expect(failed.get_by_role("img", name="Failed")).to_be_visible()
    # A line that failed has no value; it is not 0.
    cells = failed.locator(".td.num").all_inner_texts()
    assert cells[1:5] == ["–"] * 4, cells
    expect(page.get_by_role("columnheader", name="Wall time")).to_be_visible()


def test_sorting_by_duration_brings_the_slowest_line_first(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    page.get_by_role("button", name="Sort by duration").click()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000007")
    assert "sort=-m.duration" in page.url
    expect(page.get_by_role("columnheader", name="duration")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.reload()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000007")


def test_the_dashboard_says_slowest_dearest_failed_and_every_output(
    watch: Watch, site: Site
) -> None:
    page = watch().open(site.path("runs"))
    page.get_by_role("link", name="Dashboard").click()
    strip = page.locator(".strip")
    expect(strip).to_contain_text("Slowest line7 · tea 5.88 duration")
    expect(strip).to_contain_text("Dearest line7 · tea 437 total_tokens")
    expect(strip).to_contain_text("50 1 failed")
    expect(page.get_by_role("main").get_by_role("status")).to_be_hidden()  # all lines are there
    table = page.get_by_role("region", name="Table of the lines")
    line = table.locator("tr", has=page.get_by_role("link", name="2", exact=True))
    expect(line).to_contain_text("Why did the coffee cross the road?")
    box = line.bounding_box()
    assert box is not None and box["y"] + box["height"] < 900, "line 2 is not on the first screen"
    expect(table.locator("tr", has=page.get_by_role("link", name="3", exact=True))).to_contain_text(
        "RateLimitError: 429"
    )
    table.get_by_role("link", name="7", exact=True).click()
    expect(page.locator("h1")).to_have_text("Run 000000007")
    expect(page.get_by_role("region", name="Output")).to_contain_text(
        "Why did the tea cross the road?"
    )


def test_the_number_of_failed_lines_leaves_only_those_with_their_reasons(
    watch: Watch, site: Site
) -> None:
    page = watch().open(site.path("dashboard of children"))
    rows = page.locator("tr[data-id]")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="1 failed").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("RateLimitError: 429")
    page.get_by_role("button", name="1 failed").press("Enter")
    expect(rows).to_have_count(50)


def test_pointing_at_a_line_marks_it_in_table_and_charts(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("dashboard of children"))
    row = page.locator("tr[data-id]").nth(7)
    row.hover()
    expect(row).to_have_class(re.compile("hot"))
    expect(page.locator("svg .rc-hot").first).to_be_attached()
    identity = row.get_attribute("data-id")
    assert page.locator("svg .rc-hot").first.get_attribute("data-id") == identity


def test_why_a_line_failed_stands_first_on_its_page(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    page.locator(".tr", has_text="Run 000000003").get_by_role("link").click()
    failed = page.get_by_role("region", name="Error")
    expect(failed).to_contain_text("This run failed")
    expect(failed).to_contain_text("RateLimitError: 429, retry after 20 s")
    expect(failed).to_contain_text("rain")


def test_two_batches_side_by_side(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    page.get_by_role("button", name=re.compile("Close children of joke_variant_1")).click()
    for name in ("joke_variant_0", "joke_variant_1"):
        page.locator(".tr", has=page.get_by_role("link", name=re.compile(name))).get_by_role(
            "checkbox"
        ).check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("h1")).to_have_text("Compare 2 runs")
    row = page.locator("tr", has_text="mean duration")
    older, newer = (float(text.split()[0]) for text in row.locator("td").all_inner_texts())
    assert newer > older
    percent = f"+{(newer / older - 1) * 100:.2g} %"
    expect(row.locator("td").nth(1)).to_contain_text(percent)
    expect(row.locator("b")).to_have_count(1)
    page.get_by_role("button", name="Only differences").click()
    assert "diff=0" in page.url


def test_the_learning_rate_matters_for_the_loss(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("dashboard of runs"))
    page.get_by_label("Vertical axis of the scatter chart").select_option(label="val/loss")
    page.get_by_label("Horizontal axis of the scatter chart").select_option(label="lr")
    chart = page.get_by_role("region", name="Scatter").get_by_role("img")
    expect(chart).to_have_attribute("aria-label", re.compile("24 points, lr against val/loss"))
    page.reload()  # the choice is remembered for the experiment
    expect(page.get_by_label("Vertical axis of the scatter chart")).to_have_value("m.val/loss")
    expect(page.locator(".strip")).to_contain_text("Lowest val/loss")


def test_the_run_that_trains_now_says_how_it_goes(watch: Watch, site: Site) -> None:
    page = watch().open(f"/runs/{site.ids['running']}")
    expect(page.locator("header")).to_contain_text("Running")
    loss = page.get_by_role("region", name="val/loss")
    expect(loss).to_contain_text(re.compile(r"last 0\.\d+ · lowest 0\.\d+ at step \d+"))
    said = re.search(r"lowest ([\d.]+)", loss.inner_text())
    history = Seed(site.url).session.get(
        f"{site.url}/api/2.0/mlflow/metrics/get-history",
        params={"run_id": site.ids["running"], "metric_key": "val/loss"},
        timeout=30,
    )
    values = [point["value"] for point in history.json()["metrics"]]
    assert said and abs(min(values) - float(said[1])) < 1e-3
    expect(page.get_by_role("region", name="Details")).to_contain_text("Last value")


def test_the_charts_that_were_chosen_are_in_the_link(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("dashboard of runs"))
    page.get_by_role("button", name="Choose charts").click()
    page.get_by_role("dialog").get_by_label("val/loss").check()
    page.get_by_role("button", name="Apply").click()
    page.get_by_label("Vertical axis of the scatter chart").select_option(label="val/loss")
    page.get_by_label("Horizontal axis").first.select_option("relative")
    page.get_by_label("Smoothing").fill("0.6")
    page.get_by_label("log scale").check()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#toasts")).to_contain_text("copied")
    other = watch().open(page.evaluate("navigator.clipboard.readText()"))
    expect(other.get_by_role("region", name="val/loss")).to_be_visible()
    expect(other.get_by_role("region", name="val/acc")).to_have_count(0)
    expect(other.get_by_label("Vertical axis of the scatter chart")).to_have_value("m.val/loss")
    expect(other.get_by_label("Horizontal axis").first).to_have_value("relative")
    expect(other.get_by_label("Smoothing")).to_have_value("0.6")
    expect(other.get_by_label("log scale")).to_be_checked()
    # On another day the newest batch is another one; the link is of this one.
    page = watch().open(site.path("dashboard of children"))
    expect(page.locator("tr[data-id]")).to_have_count(50)
    page.keyboard.press("l")
    expect(page.locator("#toasts")).to_contain_text("copied")
    assert f"parent={site.ids['newer']}" in page.evaluate("navigator.clipboard.readText()")


def test_a_link_brings_back_exactly_this_view(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    page.get_by_role("combobox", name="Filter runs").fill("metrics.total_tokens > 60")
    page.keyboard.press("Enter")
    expect(page.locator(".tr.ctx")).to_have_count(2)
    page.get_by_role("button", name="Sort by duration").click()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Remove prompt_tokens").click()
    page.get_by_role("button", name="Apply").click()
    page.locator(".tr", has_text="Run 000000007").first.get_by_role("checkbox").check()
    expect(page.locator(".foot")).to_contain_text("1 selected")
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000007")
    rows = page.locator(".tr .pin a").all_inner_texts()
    heads = page.get_by_role("columnheader").all_inner_texts()
    other = watch().open(page.url)
    expect(other.locator(".tr").nth(1)).to_contain_text("Run 000000007")
    expect(other.locator(".foot")).to_contain_text("1 selected")
    assert other.locator(".tr .pin a").all_inner_texts() == rows
    assert other.get_by_role("columnheader").all_inner_texts() == heads
    assert "prompt_tokens" not in " ".join(heads)


def test_back_and_forward_lead_through_the_views(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("experiments"))
    page.get_by_role("region", name="Experiments").get_by_role(
        "link", name="promptflow-jokes"
    ).click()
    expect(page.locator("h1")).to_have_text("promptflow-jokes")
    page.locator(".tr").nth(1).get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Run 000000000")
    page.get_by_role("link", name=re.compile("Next line")).click()
    expect(page.locator("h1")).to_have_text("Run 000000001")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Run 000000000")
    page.go_back()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Run 000000000")


def test_the_addresses_that_mlflows_client_prints_lead_here(watch: Watch, site: Site) -> None:
    page = watch().open(f"/#/experiments/{site.ids['jokes']}/runs/{site.ids['newer']}")
    expect(page.locator("h1")).to_contain_text("joke_variant_1")
    page = watch().open(f"/#/experiments/{site.ids['training']}")
    expect(page.locator("h1")).to_contain_text("resnet-cifar10 学習")


def test_the_keyboard_alone_answers_them_too(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    press = page.keyboard.press
    expect(page.locator(".tr").nth(2)).to_be_visible()
    press("j")  # into the table
    active = page.get_by_role("treegrid")
    expect(active).to_be_focused()
    press("ArrowLeft")  # the newest batch closes
    expect(page.locator(".tr")).to_have_count(2)
    press("x")
    press("j")
    press("x")
    expect(page.locator(".foot")).to_contain_text("2 selected")
    press("c")
    expect(page.locator("h1")).to_have_text("Compare 2 runs")
    page.go_back()
    expect(page.locator(".foot")).to_contain_text("2 selected")
    expect(
        page.get_by_role("button", name=re.compile("Open children of joke_variant_1"))
    ).to_be_visible()
    press("Escape")
    expect(page.locator(".foot")).not_to_contain_text("selected")
    press("j")
    press("ArrowRight")
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    press("ArrowRight")
    press("j")
    press("Enter")
    expect(page.locator("h1")).to_have_text("Run 000000001")
    press("]")
    expect(page.locator("h1")).to_have_text("Run 000000002")
    press("[")
    expect(page.locator("h1")).to_have_text("Run 000000001")
    for name in ("Run 000000002", "Run 000000001", "promptflow-jokes"):
        page.go_back()
        expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000000")
    press("/")
    page.keyboard.type("params.input_topic = '猫'")
    press("Enter")
    expect(page.locator(".tr:not(.ctx)")).to_have_count(10)
    page.keyboard.press("Tab")
    press("?")
    expect(page.get_by_role("dialog")).to_contain_text("to the filter")
    press("Escape")
    # The slowest line and its output.
    page.goto(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    press("h")
    press("ArrowRight")
    press("ArrowRight")
    press("Enter")
    expect(page.get_by_role("columnheader", name="Wall time")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000007")
    press("Escape")
    press("j")
    press("Enter")
    expect(page.locator("h1")).to_have_text("Run 000000007")
    expect(page.get_by_role("region", name="Output")).to_contain_text("the tea cross")
    page.go_back()
    # Which failed, and why.
    expect(page.locator(".tr").nth(2)).to_be_visible()
    press("/")
    page.keyboard.type("status = 'FAILED'")
    press("Enter")
    expect(page.locator(".tr:not(.ctx)")).to_have_count(2)
    press("Tab")
    for _ in range(6):
        if page.evaluate("document.activeElement.getAttribute('role')") == "treegrid":
            break
        press("Tab")
    press("j")
    press("Enter")
    expect(page.get_by_role("region", name="Error")).to_contain_text("RateLimitError: 429")
    # Which parameter matters: the axes of the scatter chart are lists as any.
    page.goto(site.path("dashboard of runs"))
    axis = page.get_by_label("Vertical axis of the scatter chart")
    axis.focus()
    page.keyboard.type("val/loss")
    expect(axis).to_have_value("m.val/loss")
    press("Tab")
    page.keyboard.type("lr")
    expect(page.get_by_role("region", name="Scatter").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("24 points, lr against val/loss")
    )
    press("Tab")
    press("l")
    expect(page.locator("#toasts")).to_contain_text("copied")


def test_the_champion_of_a_model_and_the_run_it_came_from(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("experiments"))
    page.get_by_role("link", name="Models").click()
    table = page.get_by_role("region", name="Registered models")
    expect(table.locator("tr", has_text="joke-writer")).to_contain_text("@champion: 2")
    page.get_by_role("searchbox", name="Search models").fill("JOKE")
    expect(table.locator("tbody tr")).to_have_count(1)
    table.get_by_role("link", name="joke-writer").click()
    expect(page.locator("h1")).to_have_text("joke-writer")
    rows = page.get_by_role("region", name="Versions").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("@champion")
    rows.first.get_by_role("link", name="2", exact=True).click()
    expect(page.locator("pre")).to_contain_text('load_model("models:/joke-writer/2")')
    page.get_by_role("region", name="Details").get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("trial-022")
