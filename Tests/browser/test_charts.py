"""The chart modules in headless chromium: their arithmetic, and what a reader can do with them.

The modules come from a tiny server of their own, under the policy that the real one sends.
"""

from __future__ import annotations

import base64
import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MODULES = Path(__file__).resolve().parents[2] / "ui" / "charts"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>charts</title>
<link rel="icon" href="page.css"><link rel="stylesheet" href="page.css"><div id="box"></div>
<script type="module" src="page.js"></script>"""
STYLE = b""":root{--surface:#fff;--ink:#111;--ink2:#333;--ink3:#555}
:root{--line:#ddd;--line2:#888;--bad:#b00}
:root{--c0:#0b6b5d;--c1:#b4501a;--c2:#3157c8;--c3:#8a3fa8;--c4:#a8324f;--c5:#557318}
#box{width:640px}#box.narrow{width:320px}"""
SCRIPT = b"""import * as charts from './charts.js'; import * as scale from './scale.js';
Object.assign(window, { charts, scale, heard: [] });
window.make = (kind, options) => { window.heard.length = 0; window.chart?.destroy();
  window.chart = charts[kind](document.getElementById('box'), { ...options,
    onHover: r => heard.push(r && r.id), onSelect: r => heard.push('select ' + r.id) }); };
window.ready = true;"""


class Handler(http.server.SimpleHTTPRequestHandler):
    made = {"/": ("text/html", PAGE), "/page.css": ("text/css", STYLE)}
    made |= {"/page.js": ("text/javascript", SCRIPT)}

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        file = MODULES / path.lstrip("/")
        kind, body = self.made.get(path, ("text/javascript", b""))
        if path not in self.made:
            if not file.is_file():
                return self.send_error(404)
            body = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = browser.new_context(timezone_id="Asia/Tokyo", viewport={"width": 800, "height": 700})
    opened = context.new_page()
    opened.troubles = []
    opened.on("console", lambda m: opened.troubles.append(m.text))
    opened.on("pageerror", lambda e: opened.troubles.append(str(e)))
    opened.goto(f"http://127.0.0.1:{server.server_port}/")
    opened.wait_for_function("window.ready")
    yield opened
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def no_trouble(page: Any) -> Iterator[None]:
    """Nothing on the console: no error, and no style or script that the policy refused."""
    yield
    assert page.troubles == []


def value(page: Any, expression: str) -> Any:
    """What an expression over the module `scale` gives, as JSON writes it."""
    return json.loads(page.evaluate(f"JSON.stringify((({expression})))"))


CASES = [
    ("[0.1, '1e3', 'NaN', 'Infinity', '', 'adam', null].map(s.toNumber).map(String)",
     ["0.1", "1000", "NaN", "Infinity", "undefined", "undefined", "undefined"]),
    ("[0, 2.8412345, 1234567, 1e12, 1.5e-7, 0.1 + 0.2, -40, 123456.7].map(s.formatNumber)",
     ["0", "2.8412", "1,234,567", "1e12", "1.5e-7", "0.3", "-40", "123,457"]),
    ("[null, 'NaN', 'Infinity', -Infinity, 100, 0.0001].map(s.formatNumber)",
     ["–", "NaN", "∞", "−∞", "100", "0.0001"]),
    ("[950, 2800, 60000, 185000, 7800000, 273600000, -1500].map(s.formatDuration)",
     ["950 ms", "2.8 s", "1 min", "3 min 5 s", "2 h 10 min", "3 d 4 h", "−1.5 s"]),
    ("[s.formatTime(1763978400000), s.formatTime(9e15)]", ["2025-11-24 19:00:00", "–"]),
    ("[s.formatCount(640, 1e6), s.formatCount(3, 3), s.formatCount(1, 1)]",
     ["640 of 1,000,000 points", "3 points", "1 point"]),
    ("s.formatNumber(-1.7976931348623157e308)", "−∞"),
    ("s.linearTicks(0, 1, 4)", [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ("s.linearTicks(-3, 17, 4)", [0, 5, 10, 15]),
    ("s.linearTicks(0, 3, 10, true)", [0, 1, 2, 3]),
    ("s.linearTicks(5, 5)", [5]),
    ("s.linearTicks(-1.7e308, 1.7e308)", [-1.7e308, 0, 1.7e308]),
    ("s.logTicks(1e-4, 0.1)", [0.0001, 0.001, 0.01, 0.1]),
    ("s.logTicks(0.5, 30)", [0.5, 1, 2, 5, 10, 20]),
    ("s.logTicks(1e-300, 1e300, 4).length <= 5", True),
    ("s.timeTicks(1763978400000, 1763978400000 + 6e5, 3).map(t => t.text)",
     ["19:00", "19:05", "19:10"]),
    ("s.timeTicks(1763978400000, 1763978400000 + 3 * 864e5, 3).map(t => t.text)",
     ["11-25", "11-26", "11-27"]),
    ("s.timeTicks(1763978400000, 1763978400000 + 4e3, 4).map(t => t.text).slice(0, 2)",
     ["19:00:00", "19:00:01"]),
    ("s.durationTicks(0, 36e5, 3).map(t => t.text)", ["0 min", "20 min", "40 min", "60 min"]),
    ("s.smooth([1, 1, 1], 0.9).map(v => +v.toFixed(9))", [1, 1, 1]),
    ("s.smooth([0, 10], 0.5).map(v => +v.toFixed(4))", [0, 6.6667]),
    ("s.smooth([4, NaN, 4], 0.5)", [4, None, 4]),
    ("s.smooth([3, 1], 0)", [3, 1]),
    ("s.envelope([[0, 5], [1, -2], [9, 7], [9.5, NaN]], 2, 0, 10)",
     [{"x": 2.5, "lo": -2, "hi": 5}, {"x": 7.5, "lo": 7, "hi": 7}]),
    ("s.nearest([[0, 0], [10, 10]], 8, 8)", 1),
    ("s.nearest([[0, 0]], 50, 0, 10)", -1),
    ("s.distanceToLine([[0, 0], [10, 0], null, [20, 0]], 15, 3).toFixed(2)", "5.83"),
    ("s.pathOf([[0, 1], [2, 3], null, [4, 5]])", "M0.0 1.0L2.0 3.0M4.0 5.0"),
    ("[s.fitText('猫猫猫猫', 5), s.fitText('short', 5), s.fitText('abcdefgh', 5)]",
     ["猫猫…", "short", "abcd…"]),
    ("new Set([...Array(36).keys()].map(n => JSON.stringify(s.lookOf(n)))).size", 36),
    ("s.makeAxis(['adam', 'sgd', 3]).kind", "category"),
    ("s.makeAxis(['1', '2', null]).ticks(2).map(t => t.text)", ["1", "1.5", "2"]),
    ("(a => [a.at(1), a.at(0), a.at(-1), a.at('NaN')])(s.makeAxis([1, 100, 0], { kind: 'log' }))",
     [0, None, None, None]),
    ("s.makeAxis([-1, 0], { kind: 'log' }).kind", "linear"),
    ("(a => [a.at(7), a.lo < 7 && a.hi > 7])(s.makeAxis([7, 7]))", [0.5, True]),
    ("s.makeAxis([-1.7e308, 1.7e308]).at(0)", 0.5),
    ("s.makeAxis([9e15, 1e12], { kind: 'time' }).at(9e15)", None),
    ("s.makeAxis([3, 9], { kind: 'linear', zero: true }).lo", 0),
    ("s.makeAxis([]).ticks().length > 0", True),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[c[0][:60] for c in CASES])
def test_arithmetic(page: Any, expression: str, expected: Any) -> None:
    assert value(page, expression.replace("s.", "scale.")) == expected


def bars(count: int) -> list[dict[str, Any]]:
    return [{"id": f"r{i}", "name": f"line {i}", "value": (i * 7) % count} for i in range(count)]


def make(page: Any, kind: str, **options: Any) -> None:
    page.evaluate("([kind, options]) => make(kind, options)", [kind, options])


def heard(page: Any) -> list[Any]:
    return page.evaluate("heard")


def curve(name: str, values: list[Any], **more: Any) -> dict[str, Any]:
    points = [{"step": i, "timestamp": 1_000_000 * i, "value": v} for i, v in enumerate(values)]
    return {"id": name, "name": name, "points": points, **more}


def test_bars_name_the_largest_and_say_that_a_line_failed(page: Any) -> None:
    rows = [
        {"id": "a", "name": "0 · atom", "value": 0.92, "href": "/runs/a"},
        {"id": "b", "name": "1 · 猫", "value": 2.84},
        {"id": "c", "name": "2 · coffee", "note": "failed"},
    ]
    make(page, "barChart", label="duration", rows=rows)
    picture = page.get_by_role("img")
    assert "the largest 1 · 猫 with 2.84, 1 without a value" in picture.get_attribute("aria-label")
    assert picture.locator("text", has_text="failed").count() == 1
    page.locator("summary").click()
    page.locator("td").first.wait_for()
    assert page.locator("td").all_inner_texts() == [
        *("0 · atom", "0.92", "1 · 猫", "2.84", "2 · coffee", "failed")
    ]
    assert page.locator("td a").get_attribute("href") == "/runs/a"


def test_a_batch_of_fifty_fits_one_card(page: Any) -> None:
    make(page, "barChart", label="tokens", rows=bars(50))
    assert page.locator(".rc-bar").count() == 50
    assert page.locator("#box svg").bounding_box()["height"] <= 220
    make(page, "barChart", label="tokens", rows=bars(5000))
    note = page.locator(".rc-note").inner_text()
    drawn = page.locator(".rc-bar").count()
    assert note == f"{drawn} of 5,000 rows" and drawn < 640


def test_hover_reports_the_row_and_highlight_dims_the_others(page: Any) -> None:
    make(page, "barChart", label="tokens", rows=bars(4), layout="rows")
    page.locator(".rc-plot").hover(position={"x": 200, "y": 40})
    assert heard(page) == ["r1"]
    assert page.locator(".rc-tip").inner_text().split("\n")[0] == "line 1"
    page.mouse.move(790, 690)
    assert heard(page) == ["r1", None]
    page.evaluate("chart.highlight('r2')")
    assert page.locator(".rc-dim .rc-hot").get_attribute("data-id") == "r2"
    assert heard(page) == ["r1", None], "a highlight from outside is not a hover"
    page.evaluate("chart.update({ label: 'again' })")
    assert page.locator(".rc-hot").count() == 1, "a refresh keeps it"
    page.evaluate("chart.highlight(null)")
    assert page.locator(".rc-dim").count() == 0


def test_points_are_reached_and_opened_with_the_keyboard(page: Any) -> None:
    rows = [{"id": f"p{i}", "name": f"run {i}", "x": 10**-i, "y": i} for i in range(4)]
    make(page, "scatterChart", label="loss", rows=rows, xLog=True, xName="lr", yName="loss")
    page.locator(".rc-plot").focus()
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowLeft", "Enter", "Escape"):
        page.keyboard.press(key)
    assert heard(page) == ["p3", "p2", "p0", "p1", "select p1", None]
    page.keyboard.press("Home")
    assert page.locator(".rc-say").inner_text() == "run 3, lr 0.001, loss 3"


def test_up_and_down_change_the_line_at_the_same_step(page: Any) -> None:
    make(page, "lineChart", label="loss", series=[curve("a", [1, 2, 3]), curve("b", [3, 2, 1])])
    page.locator(".rc-plot").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert heard(page) == ["a", "a", "b"]
    assert page.locator(".rc-tip").inner_text().startswith("b\n2 at step 1")


def test_a_scatter_of_words_has_an_axis_of_categories(page: Any) -> None:
    rows = [{"id": str(i), "name": f"r{i}", "x": x, "y": i} for i, x in enumerate("ab")]
    make(page, "scatterChart", rows=[*rows, {"id": "z", "name": "z", "x": "a", "y": None}])
    assert page.locator("#box svg .rc-fill").count() == 2
    assert page.locator(".rc-note").inner_text() == "2 of 3 runs have both values"


def test_parallel_lines_keep_a_failed_run_in_sight(page: Any) -> None:
    rows = [
        {"id": f"r{i}", "name": f"r{i}", "values": {"lr": 10**-i, "opt": "ab"[i % 2], "loss": i}}
        for i in range(1, 5)
    ]
    rows[0]["values"]["loss"] = None
    axes = [{"key": "lr", "log": True}, {"key": "opt"}, {"key": "loss"}]
    make(page, "parallelChart", label="all", rows=rows, axes=axes)
    assert page.locator(".rc-line").count() == 4
    assert page.locator("#box text", has_text="none").count() == 3
    box = page.locator(".rc-plot").bounding_box()
    page.mouse.move(box["x"] + 17, box["y"] + 35)  # where the largest lr begins
    assert heard(page) == ["r1"]


def test_a_sampled_curve_says_so_and_keeps_the_spike(page: Any) -> None:
    values: list[Any] = [0.5] * 640
    values[320] = 99.0
    make(page, "lineChart", label="loss", series=[curve("a", values, total=1_000_000)])
    assert page.locator(".rc-note").inner_text().startswith("640 of 1,000,000 points")
    assert page.locator(".rc-band").count() == 1
    top = page.locator(".rc-line").first.get_attribute("d")
    heights = [float(p.split(" ")[1]) for p in top[1:].split("L")]
    assert min(heights) < 20 and sorted(heights)[1] > 170


def test_what_is_no_number_breaks_the_line_and_is_counted(page: Any) -> None:
    series = [curve("a", [1, "NaN", 2, "Infinity", 3, 4])]
    make(page, "lineChart", label="loss", series=series)
    assert page.locator(".rc-line").first.get_attribute("d").count("M") == 3
    assert page.locator(".rc-note").inner_text() == "6 points; 2 without a place on this scale"
    make(page, "lineChart", label="loss", series=[curve("a", [0, -1, 10])], yLog=True)
    assert page.locator(".rc-note").inner_text() == "3 points; 2 without a place on this scale"


def test_overlaid_runs_differ_by_more_than_colour(page: Any) -> None:
    many = [curve(f"run {i}", [i, i + 1]) for i in range(12)]
    make(page, "lineChart", label="loss", series=many, x="relative")
    looks = page.evaluate(
        "[...document.querySelectorAll('.rc-key')].map(k =>"
        " k.getAttribute('class') + k.querySelector('path').getAttribute('d'))"
    )
    assert len(set(looks)) == 12
    shapes = [look.split("M", 1)[1] for look in looks]
    assert len(set(shapes)) == 6 and shapes[0] != shapes[6]


def test_smoothing_keeps_the_raw_line_behind(page: Any) -> None:
    noisy = [i % 2 for i in range(50)]
    make(page, "lineChart", label="loss", series=[curve("a", noisy)], smoothing=0.9)
    assert page.locator(".rc-raw").count() == 1
    page.locator(".rc-plot").focus()
    page.keyboard.press("End")
    assert "smoothed 0.5" in page.locator(".rc-say").inner_text()


def test_names_are_text(page: Any) -> None:
    evil = "<img src=x onerror=heard.push('ran')><svg onload=heard.push('ran')>"
    rows = [{"id": evil, "name": evil, "x": evil, "y": 1, "value": 1, "values": {evil: evil}}]
    make(page, "barChart", label=evil, rows=rows)
    make(page, "scatterChart", label=evil, rows=rows, xName=evil, yName=evil)
    make(page, "parallelChart", label=evil, rows=rows, axes=[{"key": evil}])
    make(page, "lineChart", label=evil, series=[curve(evil, [1, 2]), curve("b", [1])])
    page.locator("summary").click()
    page.locator(".rc-plot").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("chart.toPNG().then(b => b.size)") > 500
    assert page.locator("#box img").count() == 0 and "ran" not in heard(page)
    assert evil in page.locator("td").first.inner_text()


@pytest.mark.parametrize("kind", ["barChart", "scatterChart", "parallelChart", "lineChart"])
def test_nothing_to_draw_is_said(page: Any, kind: str) -> None:
    make(page, kind, label="x")
    assert page.get_by_role("img").get_attribute("aria-label") in (
        *("No values to draw.", "No points yet."),
    )
    page.locator(".rc-plot").focus()
    page.keyboard.press("ArrowRight")
    assert heard(page) == []


def test_a_png_has_the_title_the_colours_and_twice_the_size(page: Any) -> None:
    make(page, "barChart", label="duration", rows=bars(3))
    data = page.evaluate(
        "chart.toPNG().then(b => b.arrayBuffer())"
        ".then(a => btoa(String.fromCharCode(...new Uint8Array(a))))"
    )
    png = base64.b64decode(data)
    assert png.startswith(b"\x89PNG")
    wide, high = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert (wide, high) == (2 * (640 + 24), 2 * (3 * 28 + 4 + 52))
    teal = page.evaluate(
        "chart.toPNG().then(createImageBitmap).then(i => { const c = new OffscreenCanvas(i.width,"
        " i.height).getContext('2d'); c.drawImage(i, 0, 0); const d = c.getImageData(0, 0, i.width,"
        " i.height).data; let n = 0; for (let k = 0; k < d.length; k += 4)"
        " if (d[k] === 11 && d[k + 1] === 107 && d[k + 2] === 93) n++; return n; })"
    )
    assert teal > 1000


def test_a_chart_follows_the_width_of_its_box(page: Any) -> None:
    make(page, "lineChart", label="loss", series=[curve("a", [1, 2, 3])])
    box = functools.partial(page.locator("#box svg").get_attribute, "viewBox")
    assert box().startswith("0 0 640 ")
    page.evaluate("document.getElementById('box').className = 'narrow'")
    page.locator("#box svg[viewBox^='0 0 320 ']").wait_for(timeout=5000)
    page.evaluate("document.getElementById('box').className = ''")
    page.evaluate("chart.destroy()")
    assert page.locator("#box *").count() == 0
