"""The small functions of the pages on their own: numbers, spans, CSV, columns, Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from browser.conftest import Site, Watched

CASES = [
    # Numbers and spans for people
    ("lib/format.js", "num", "undefined", "–"),
    ("lib/format.js", "num", "NaN", "NaN"),
    ("lib/format.js", "num", "-Infinity", "−∞"),
    ("lib/format.js", "num", "0", "0"),
    ("lib/format.js", "num", "1234567", "1,234,567"),
    ("lib/format.js", "num", "0.123456", "0.1235"),
    ("lib/format.js", "num", "12345.678", "12,346"),
    ("lib/format.js", "num", "0.0000123", "1.23e-5"),
    ("lib/format.js", "num", "2.5e12", "2.5e+12"),
    ("lib/format.js", "span", "265", "265 ms"),
    ("lib/format.js", "span", "4120", "4.1 s"),
    ("lib/format.js", "span", "200000", "3 min 20 s"),
    ("lib/format.js", "span", "7500000", "2 h 5 min"),
    ("lib/format.js", "span", "270000000", "3 d 3 h"),
    ("lib/format.js", "span", "-1", "–"),
    ("lib/format.js", "bytes", "1500", "1.5 kB"),
    ("lib/format.js", "lineNumber", "{ name: 'Run 000000012' }", 12),
    ("lib/format.js", "lineNumber", "{ name: 'Run 12' }", None),
    # CSV both ways
    ("lib/export.js", "cell", "'=1+1'", "'=1+1"),
    ("lib/export.js", "cell", "'@x'", "'@x"),
    ("lib/export.js", "cell", "'-5.5'", "-5.5"),
    ("lib/export.js", "cell", "'-x'", "'-x"),
    ("lib/export.js", "cell", "'a,\"b\"'", '"a,""b"""'),
    ("lib/export.js", "cell", "'a\\r\\nb'", '"a\r\nb"'),
    ("lib/export.js", "cell", "null", ""),
    ("lib/export.js", "csv", "[['猫', 1]]", "\ufeff猫,1\r\n"),
    (
        "lib/export.js",
        "parseCSV",
        '\'a,b\\r\\n"x,\\n""y""",2\'',
        [["a", "b"], ['x,\n"y"', "2"]],
    ),
    # Columns in addresses, orders and filters for the server
    ("lib/place.js", "writeIDs", "['m.a,b', 'p.50%']", "m.a%2Cb,p.50%25"),
    ("lib/place.js", "readIDs", "'m.a%2Cb,p.50%25,%'", ["m.a,b", "p.50%", "%"]),
    ("runs/columns.js", "orderOf", "'-m.val/loss'", "metrics.`val/loss` DESC"),
    ("runs/columns.js", "orderOf", "'p.lr'", "params.lr ASC"),
    ("runs/columns.js", "orderOf", "'-wall'", "attributes.wall_time DESC"),
    ("runs/columns.js", "orderOf", "'nothing'", None),
    ("runs/columns.js", "orderOf", "'toString'", None),
    ("lib/api.js", "quote", '"it\'s"', '"it\'s"'),
]

MARKDOWN = [
    ("# a\n\ntext *b* **c** `d*e*`", "H3 P EM STRONG CODE"),
    ("- a\n  - b\n- [x] c\n\n1. d", "UL LI UL LI LI SPAN OL LI"),
    ("> q\n\n---\n```\n<b>\n```", "BLOCKQUOTE P HR PRE CODE"),
    ("|a|b|\n|---|---|\n|1|2|", "DIV TABLE THEAD TR TH TH TBODY TR TD TD"),
    ("<b onclick=x>no</b> <script>alert(1)</script>", "P"),
    ("[a](javascript:alert(1)) [b](data:text/html,x) ![c](http://x.example/y.png)", "P A"),
    ("snake_case_name and http://x.example/a_b_c.", "P A"),
]


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page with every script, for each kind of page has its own."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.path("training run"))
    page.wait_for_selector("main h1")
    page.evaluate("Promise.all(['tables', 'compare', 'registry'].map(n => import(`/ui/${n}.js`)))")
    yield page
    context.close()


@pytest.mark.parametrize(("module", "function", "argument", "expected"), CASES)
def test_a_function(
    page: Page, module: str, function: str, argument: str, expected: object
) -> None:
    assert page.evaluate(f"roostModules['{module}'].{function}({argument})") == expected


@pytest.mark.parametrize(("text", "elements"), MARKDOWN)
def test_markdown_becomes_elements_of_a_few_kinds(page: Page, text: str, elements: str) -> None:
    script = """text => {
      const root = roostModules['lib/markdown.js'].markdown(text);
      return [...root.querySelectorAll('*')].map(e => e.tagName).join(' ');
    }"""
    assert page.evaluate(script, text) == elements


def test_markdown_of_any_text_ends_soon_and_loses_nothing(
    watch: Callable[..., Watched], site: Site
) -> None:
    page = watch().open(site.path("training run"))
    script = """() => {
      const { markdown } = roostModules['lib/markdown.js'];
      let seed = 1;
      const next = n => (seed = seed * 48271 % 2147483647) % n;
      const parts = [...'*_`[)#- \\n|>a猫', '](', '~~', '\\\\', 'http://'];
      const begun = performance.now();
      for (let i = 0; i < 400; i++) {
        const text = Array.from({ length: next(60) }, () => parts[next(parts.length)]).join('');
        const cats = s => [...s].filter(c => c === '猫').length;
        if (cats(markdown(text).textContent) > cats(text)) return text;
      }
      for (const c of ['*', '_', '[', '`', '> ', '- ', '(']) markdown(c.repeat(5000));
      return performance.now() - begun;
    }"""
    taken = page.evaluate(script)
    assert isinstance(taken, (int, float)) and taken < 20_000, taken
