"""A screen of 390 pixels that is touched: everything can be reached there, too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import SCREENS, Site, Watched
from browser.data import Seed

Watch = Callable[..., Watched]

# What can be touched and is smaller than 24 pixels; links within a line of text may be.
SMALL = """() => [...document.querySelectorAll(
    'button, select, input:not([type=checkbox]), summary, [role=treeitem], .btn, nav a')]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length)
  .map((e) => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
  .filter(([, { width, height }]) => height < 24 || width < 24)
  .map(([e, { width, height }]) => `${e} ${Math.round(width)}x${Math.round(height)}`)"""


def more(page: Page, item: str) -> None:
    page.get_by_role("button", name="More", exact=True).tap()
    page.get_by_role("menuitem", name=item, exact=True).or_(
        page.get_by_role("menuitemcheckbox", name=item, exact=True)
    ).tap()


@pytest.mark.parametrize("screen", SCREENS)
def test_what_is_touched_is_large_enough(watch: Watch, site: Site, screen: str) -> None:
    page = watch(width=390).open(site.path(screen), idle=True)
    assert page.evaluate(SMALL) == []
    heights = page.locator(".tr").evaluate_all("rows => rows.map(r => r.offsetHeight)")
    assert all(height == 44 for height in heights)


def test_a_run_is_renamed_noted_deleted_and_restored(watch: Watch, site: Site) -> None:
    seed = Seed(site.url)
    run = seed.run(seed.experiment("phone"), "before")
    page = watch(width=390).open(f"/runs/{run}")
    more(page, "Rename")
    page.get_by_role("textbox", name="Name").fill("とても長い名前の実行" * 6)
    page.get_by_role("button", name="Save").tap()
    expect(page.locator("h1")).to_contain_text("とても長い名前の実行")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    more(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    expect(page.locator("header")).to_contain_text("deleted")
    more(page, "Restore")
    expect(page.locator("header")).not_to_contain_text("deleted")
    more(page, "Copy link")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{site.url}/runs/{run}")


def test_the_notes_the_trash_and_exports_of_an_experiment(watch: Watch, site: Site) -> None:
    seed = Seed(site.url)
    experiment = seed.experiment("phone notes")
    seed.run(experiment, "one")
    page = watch(width=390).open(f"/e/{experiment}/runs")
    more(page, "Note")
    page.get_by_label("Markdown").fill("見出し")
    page.get_by_role("button", name="Save").tap()
    page.locator(".tr").first.get_by_role("checkbox").tap()
    page.locator(".foot").get_by_role("button", name="Delete").tap()
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    expect(page.locator(".empty")).to_contain_text("No runs yet")
    more(page, "Trash")
    expect(page.locator(".tr")).to_have_count(1)
    more(page, "Export")
    with page.expect_download():
        page.get_by_role("button", name="CSV, these columns").tap()
    more(page, "Back to the runs")
    expect(page.locator(".empty")).to_contain_text("No runs yet")


def test_columns_are_sorted_and_pinned_by_touch(watch: Watch, site: Site) -> None:
    page = watch(width=390).open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    page.get_by_role("button", name="Sort by duration").tap()
    page.get_by_role("menuitemcheckbox", name="Sort, largest first").tap()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000007")
    # The names of lines can be read in full.
    assert page.locator(".tr .pin a").nth(1).evaluate("a => a.scrollWidth <= a.clientWidth")
    expect(page.locator("#sign")).to_be_visible()
