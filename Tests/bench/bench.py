"""`make bench`: Roost and its peers under the same load, side by side, in turns.

Candidates run at the same time with a database each on the same disk; all but the measured one are
stopped. Each group of rows leaves a JSON file; the Markdown tables are made from all of them. Exit
code 1 when a row is void, 2 when something is missing.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

import disk
import report
import results
from candidates import CANDIDATES, ROOT, Candidate
from groups import CORE, CORE_GROUPS, Group, groups
from loadgen import LoadGenerator
from rows import Context
from runner import Runner, say


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures Roost beside its peers.")
    parser.add_argument("--groups", default="*", help="groups or patterns, with commas between")
    parser.add_argument("--rows", default="*", help="row keys or patterns, with commas between")
    parser.add_argument("--core", action="store_true", help="the rows that tell most")
    parser.add_argument("--resume", action="store_true", help="skip groups that have a result")
    parser.add_argument("--report", action="store_true", help="measure nothing, print the results")
    parser.add_argument("--rounds", type=int, help="rounds a row (default 3, with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="one short round, little data")
    parser.add_argument("--seconds", type=float, help="length of a round (default 2, quick 0.5)")
    parser.add_argument(
        "--limit", type=float, help="longest wait for an answer (default 20, quick 5)"
    )
    parser.add_argument(
        "--candidates",
        default=",".join(CANDIDATES),
        help="names with commas between; a name given twice measures the noise",
    )
    parser.add_argument("--results", type=Path, metavar="DIR", help="where the JSON files are kept")
    parser.add_argument("--update-docs", action="store_true", help="put the tables into the docs")
    parser.add_argument("--list", action="store_true", help="print groups and row keys")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (0.5 if options.quick else 2.0)
    options.limit = options.limit or (5 if options.quick else 20)
    name = "bench-results-quick" if options.quick else "bench-results"
    options.results = (options.results or ROOT / ".build" / name).absolute()
    if options.quick and options.update_docs:
        parser.error("figures of --quick do not belong into the docs")
    return options


def chosen(names: str) -> dict[str, Candidate]:
    """The candidates by label; ends the program when one cannot run."""
    found: dict[str, Candidate] = {}
    for name in names.split(","):
        if name not in CANDIDATES:
            sys.exit(f"bench: no candidate {name}; there are {', '.join(CANDIDATES)}")
        label = name if name not in found else f"{name}-again"
        found[label] = CANDIDATES[name]()
    for candidate in found.values():
        if reason := candidate.missing():
            print(f"bench: {candidate.name}: {reason}", file=sys.stderr)
            sys.exit(2)
    return found


def scratch_directory() -> Path:
    """A new directory on a real disk: below TMPDIR if set, else below the build directory."""
    parent = Path(os.environ.get("TMPDIR", ROOT / ".build")).absolute()
    parent.mkdir(parents=True, exist_ok=True)
    if disk.is_memory(parent):
        print(f"bench: {parent} is in memory; set TMPDIR to a directory on disk", file=sys.stderr)
        sys.exit(2)
    return Path(tempfile.mkdtemp(prefix="roost-bench-", dir=parent))


def matches(key: str, patterns: str) -> bool:
    return any(fnmatch(key, pattern) for pattern in patterns.split(","))


def selected(options: argparse.Namespace, every: list[Group]) -> list[tuple[Group, list[str]]]:
    """The groups to measure, each with the keys of its rows that are wanted."""
    found = []
    for group in every:
        keys = [row.key for stage in group.stages for row in stage.rows]
        keys = [key for key in keys if matches(key, options.rows)]
        if options.core:
            core = group.key in CORE_GROUPS
            keys = [key for key in keys if core and matches(key, ",".join(CORE))]
        if keys and matches(group.key, options.groups):
            found.append((group, keys))
    return found


def measure(options: argparse.Namespace) -> None:
    """Measures group after group and keeps each result as soon as it is there."""
    candidates = chosen(options.candidates)
    # As an exception, so that no stopped server stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = scratch_directory()
    try:
        load = LoadGenerator(ROOT / ".build" / "bench-load")
        context = Context(load, scratch, options.seconds, options.limit, options.quick)
        for group, keys in selected(options, groups(context)):
            if options.resume and results.exists(options.results, group.key):
                say(f"{group.key}: kept from before")
                continue
            runner = Runner(context, candidates, options.rounds)
            try:
                runner.run(group, keys.__contains__)
            finally:
                results.save(options.results, runner.outcome)
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def show_list(options: argparse.Namespace) -> None:
    context = Context(None, Path(), options.seconds, options.limit, options.quick)
    for group, keys in selected(options, groups(context)):
        print(group.key)
        for row in (row for stage in group.stages for row in stage.rows if row.key in keys):
            print(f"  {row.key:28} {row.title}")


def main() -> int:
    options = parse()
    if options.list:
        show_list(options)
        return 0
    try:
        if not options.report:
            measure(options)
    finally:
        # After an error too: the groups that were finished.
        outcome = results.merged(options.results)
        if outcome["rows"]:
            text = report.markdown(outcome)
            print(text, flush=True)
            if options.update_docs:
                report.update_docs(ROOT / "docs" / "performance.md", text)
    return 1 if report.voids(outcome) else 0


if __name__ == "__main__":
    sys.exit(main())
