"""What the documents promise has tests: each test that they name is there, and each row of bad
input is named by the tests that stand beside it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from support.servers import REPOSITORY

TESTS = REPOSITORY / "Tests"
sys.path.insert(0, str(TESTS / "http"))

import bad_rows  # noqa: E402
import bad_rows_data  # noqa: E402

DOCUMENTS = ["docs/bad-input.md", "docs/reliability.md", "docs/security.md"]
NAMED = re.compile(r"`((?:\w+/)?\w+\.py::\w+|\w+Tests/\w+\.\w+)`")
ROW = re.compile(r"^\| (BI-\d+) \|", re.MULTILINE)
# `BI-01`, `BI-11 to BI-13`, `BI-30..39`
MENTION = re.compile(r"BI-(\d+)(?:(?: to BI-|\.\.)(\d+))?")
# What is not served yet, and what its own document has.
ELSEWHERE = {*range(70, 75), 137, *range(150, 156)}


def read(document: str) -> str:
    return (REPOSITORY / document).read_text(encoding="utf-8")


def source_of(test: str) -> str:
    """The text of the file that has the test; fails where there is no such test."""
    if ".py::" in test:
        name, function = test.split("::")
        text = (TESTS / name).read_text(encoding="utf-8")
        assert re.search(rf"^def {function}\(", text, re.MULTILINE), f"{name} has no {function}"
        return text
    target, _, rest = test.partition("/")
    suite, _, function = rest.partition(".")
    for file in sorted((TESTS / target).glob("*.swift")):
        text = file.read_text(encoding="utf-8")
        is_suite = re.search(rf"\b(struct|class|extension) {suite}\b", text)
        if is_suite and re.search(rf"\bfunc {function}\(", text):
            return text
    raise AssertionError(f"{target} has no {suite}.{function}")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_named_test_is_there(document: str) -> None:
    names = NAMED.findall(read(document))
    assert len(names) >= 10
    for name in names:
        source_of(name)


def mentioned(text: str) -> set[int]:
    found: set[int] = set()
    for first, last in MENTION.findall(text):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_each_row_of_bad_input_has_its_tests() -> None:
    """A row's line names tests, and the files of these tests name the row."""
    sent = {int(bad.row[3:]) for module in (bad_rows, bad_rows_data) for bad in rows_of(module)}
    covered = set()
    for line in read("docs/bad-input.md").splitlines():
        if not (match := ROW.match(line)):
            continue
        row = int(match[1][3:])
        tests = NAMED.findall(line)
        assert tests, f"BI-{row} names no test"
        for test in tests:
            rows = mentioned(source_of(test))
            if test.startswith("http/test_bad_input.py"):
                rows |= sent
            assert row in rows, f"{test} does not name BI-{row:02}"
        covered.add(row)
    listed = {*range(1, 26), *range(30, 49), *range(50, 63), *range(80, 96), *range(100, 109)}
    listed |= {*range(110, 119), *range(120, 124), *range(130, 139)}
    assert covered == listed - ELSEWHERE
    print(f"{len(covered)} rows")


def rows_of(module: object) -> list[bad_rows.Bad]:
    lists = [value for value in vars(module).values() if isinstance(value, list)]
    return [bad for each in lists for bad in each if isinstance(bad, bad_rows.Bad)]


def test_every_case_belongs_to_a_row() -> None:
    known = set(ROW.findall(read("docs/bad-input.md")))
    for module in (bad_rows, bad_rows_data):
        for bad in rows_of(module):
            assert bad.row in known, f"{bad} is not in docs/bad-input.md"


def test_each_package_has_its_licence() -> None:
    """Every resolved package is in THIRD_PARTY_LICENSES.md."""
    resolved = REPOSITORY / "Package.resolved"
    if not resolved.exists():
        pytest.skip("nothing was resolved here")
    names = re.findall(r'"identity"\s*:\s*"([^"]+)"', resolved.read_text())
    text = Path(REPOSITORY / "THIRD_PARTY_LICENSES.md").read_text(encoding="utf-8")
    assert len(names) > 10
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)] == []
