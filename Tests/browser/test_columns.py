"""Columns of the runs table: chosen, pinned, ordered, resized, hidden; by mouse and by keyboard
alone, kept in the address and in links."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from browser.conftest import Site, Watched
from browser.data import Seed

Watch = Callable[..., Watched]


def heads(page: Page) -> list[str]:
    """The heads of the columns, from left to right."""
    return [text.strip(" ↑↓") for text in page.locator(".th .lab").all_inner_texts()]


def query(page: Page, name: str) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0].split(",")


def left(page: Page, name: str) -> float:
    box = page.get_by_role("columnheader", name=name).bounding_box()
    assert box is not None
    return box["x"]


def choose(page: Page, name: str, item: str) -> None:
    """By mouse: the menu of a column, and one of its items."""
    head = page.get_by_role("columnheader", name=name)
    head.hover()
    head.get_by_role("button", name=f"Column {name}").click()
    page.get_by_role("menu").get_by_role("menuitem", name=item, exact=True).or_(
        page.get_by_role("menuitemcheckbox", name=item, exact=True)
    ).click()


def test_a_column_is_pinned_and_stays_while_the_others_scroll(watch: Watch, site: Site) -> None:
    page = watch(width=1200).open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    choose(page, "total_tokens", "Pin to the left")
    expect(page.locator(".th").nth(1)).to_contain_text("total_tokens")
    assert heads(page)[:2] == ["Run", "total_tokens"]
    assert query(page, "pin") == ["m.total_tokens"]
    at = left(page, "total_tokens")
    page.locator(".grid").evaluate("g => { g.scrollLeft = g.scrollWidth; }")
    expect(page.get_by_role("columnheader", name="output")).to_be_in_viewport()
    assert abs(left(page, "total_tokens") - at) < 1
    cell = page.locator('.tr [aria-colindex="2"]').nth(3).bounding_box()
    assert cell is not None and abs(cell["x"] - at) < 1, "cells stay below their head"
    assert left(page, "Started") < at, "the others have gone below it"
    # A second one stands beside the first; a link brings both back.
    choose(page, "duration", "Pin to the left")
    expect(page.locator(".th.pinned")).to_have_count(2)
    other = watch(width=1200).open(page.url)
    expect(other.locator(".th.pinned")).to_have_count(2)
    assert heads(other)[:3] == ["Run", "total_tokens", "duration"]
    choose(page, "total_tokens", "Pin to the left")
    expect(page.locator(".th.pinned")).to_have_count(1)
    assert heads(page)[:3] == ["Run", "duration", "total_tokens"]


def test_pins_leave_room_for_what_scrolls(watch: Watch, site: Site) -> None:
    page = watch(width=390).open(
        site.path("runs") + "?cols=start,m.duration,wall&pin=start,m.duration"
    )
    expect(page.locator(".tr").nth(2)).to_be_visible()
    assert heads(page) == ["Run", "Started", "duration", "Wall time"]
    expect(page.locator(".th.pinned")).to_have_count(0)
    page.set_viewport_size({"width": 1400, "height": 800})
    expect(page.locator(".th.pinned")).to_have_count(2)


def test_the_dialog_chooses_orders_and_pins(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove Started").click()
    dialog.get_by_role("button", name="Move duration left").click()
    dialog.get_by_role("button", name="Pin Wall time").click()
    expect(dialog.get_by_role("button", name="Pin Wall time")).to_have_attribute(
        "aria-pressed", "true"
    )
    dialog.get_by_role("searchbox").fill("run id")
    dialog.locator(".offered").get_by_role("button", name="Run id").click()
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator(".th.pinned")).to_have_count(1)
    names = heads(page)
    assert names[:3] == ["Run", "Wall time", "duration"] and names[-1] == "Run id"
    assert "Started" not in names
    page.reload()
    expect(page.locator(".th.pinned")).to_have_count(1)
    assert heads(page) == names
    # Another visit without the address remembers them, and says so in its link.
    page.goto(site.path("runs"))
    expect(page.locator(".th.pinned")).to_have_count(1)
    assert heads(page) == names
    page.keyboard.press("l")
    expect(page.locator("#toasts")).to_contain_text("The link to this view is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    other = watch().open(link)
    expect(other.locator(".th.pinned")).to_have_count(1)
    assert heads(other) == names
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Standard columns").click()
    expect(page.locator(".th.pinned")).to_have_count(0)
    assert heads(page)[1:3] == ["Started", "Wall time"] and "pin=" not in page.url


def test_the_keyboard_alone_sorts_pins_moves_resizes_and_hides(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    press = page.keyboard.press
    focused = page.locator(":focus")
    press("h")
    expect(focused).to_have_attribute("aria-label", "Sort by Run")
    for _ in range(3):
        press("ArrowRight")
    expect(focused).to_have_attribute("aria-label", "Sort by duration")
    press("Enter")
    expect(page.get_by_role("columnheader", name="duration")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(focused).to_have_attribute("aria-label", "Sort by duration")
    press("ArrowDown")
    expect(page.get_by_role("menuitemcheckbox", name="Sort, largest first")).to_have_attribute(
        "aria-checked", "true"
    )
    press("ArrowDown")
    press("ArrowDown")
    expect(focused).to_have_text("Pin to the left")
    press("Enter")
    assert heads(page)[:2] == ["Run", "duration"]
    expect(focused).to_have_attribute("aria-label", "Sort by duration")
    width = page.get_by_role("columnheader", name="duration").bounding_box()
    press("ArrowDown")
    page.keyboard.press("End")
    expect(focused).to_have_text("Hide")
    for _ in range(3):
        press("ArrowUp")
    expect(focused).to_have_text("Wider")
    press("Enter")
    wider = page.get_by_role("columnheader", name="duration").bounding_box()
    assert width and wider and wider["width"] > width["width"] + 20
    press("End")
    last = heads(page)[-1]
    expect(focused).to_have_attribute("aria-label", f"Sort by {last}")
    expect(page.get_by_role("columnheader", name=last)).to_be_in_viewport(ratio=0.9)
    press("ArrowDown")
    press("End")
    for _ in range(4):
        press("ArrowUp")
    expect(focused).to_have_text("Move left")
    press("Enter")
    assert heads(page)[-2] == last
    press("ArrowDown")
    press("End")
    press("Enter")
    assert last not in heads(page)
    press("Escape")
    expect(page.get_by_role("treegrid")).to_be_focused()
    # Escape closes a menu and leaves everything as it is.
    press("h")
    press("ArrowDown")
    before = heads(page)
    press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    assert heads(page) == before


def test_a_column_is_dragged_among_the_pinned_ones(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs") + "?pin=wall")
    expect(page.locator(".th.pinned")).to_have_count(1)
    page.get_by_role("columnheader", name="duration").drag_to(
        page.get_by_role("columnheader", name="Wall time")
    )
    expect(page.locator(".th.pinned")).to_have_count(2)
    assert query(page, "pin") == ["m.duration", "wall"]
    page.get_by_role("columnheader", name="duration").drag_to(
        page.get_by_role("columnheader", name="total_tokens")
    )
    expect(page.locator(".th.pinned")).to_have_count(1)


def test_a_key_with_other_characters_is_a_column_like_any_other(watch: Watch, site: Site) -> None:
    seed = Seed(site.url)
    experiment = seed.experiment("odd keys")
    seed.run(experiment, "odd", params={"温度 C": "3"}, tags={"x: y/z": "ある"})
    seed.run(experiment, "odder", params={"温度 C": "2"})
    page = watch().open(f"/e/{experiment}/runs?cols=p.温度 C,t.x: y/z&pin=t.x: y/z")
    expect(page.locator(".th.pinned")).to_have_text("x: y/z")
    page.get_by_role("button", name="Sort by 温度 C").click()
    expect(page.get_by_role("columnheader", name="温度 C")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(page.locator(".tr").first).to_contain_text("odder")
    expect(page.locator(".tr").nth(1)).to_contain_text("ある3")


def test_the_wall_time_sorts_and_filters(watch: Watch, site: Site) -> None:
    page = watch().open(site.path("runs"))
    expect(page.locator(".tr").nth(2)).to_be_visible()
    page.get_by_role("button", name="Sort by Wall time").click()
    expect(page.locator(".tr").nth(1)).to_contain_text("Run 000000007")
    assert "sort=-wall" in page.url
    page.get_by_role("combobox", name="Filter runs").fill("attributes.wall_time > 5000")
    page.keyboard.press("Enter")
    expect(page.locator(".tr.ctx")).to_have_count(0)
    expect(page.locator('.tr[aria-level="2"]').first).to_contain_text("Run 000000007")
