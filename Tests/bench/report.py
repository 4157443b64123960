"""From samples to text: the Markdown table, the progress line, the marked part of the docs."""

import dataclasses
import time
from pathlib import Path
from statistics import median

from rows import Figure, Sample

BASE = "mlflow"
BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"


def brief(figures: list[Figure], sample: Sample) -> str:
    """One sample in one line."""
    text = "; ".join(f"{number(sample.figures[f.key], f.digits)} {f.title}" for f in figures)
    return f"VOID ({sample.void}) {text}" if sample.void else text


def number(value: float, digits: int) -> str:
    """A readable number: three figures or more, thousands apart."""
    return f"{value:,.{0 if abs(value) >= 1000 else digits}f}"


def spread(values: list[float], digits: int) -> str:
    """Median, then minimum and maximum in brackets."""
    low, high = number(min(values), digits), number(max(values), digits)
    return f"**{number(median(values), digits)}** ({low} – {high})"


def ratio(values: list[float], base: list[float]) -> str:
    """How many times the base's median: `12x` above it, `1/12` below it."""
    if median(values) == 0 or median(base) == 0:
        return "–"
    factor = median(values) / median(base)
    return f"{short(factor)}x" if factor >= 1 else f"1/{short(1 / factor)}"


def short(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 20 else f"{factor:.1f}"


def voids(outcome: dict) -> list[str]:
    """Every void sample in words."""
    return [
        f"{row['key']}, {label}, round {index + 1}: {sample.void}"
        for row in outcome["rows"]
        for label, samples in row["samples"].items()
        for index, sample in enumerate(samples)
        if sample.void
    ]


def markdown(outcome: dict) -> str:
    """The whole report."""
    labels = outcome["candidates"]
    others = [label for label in labels if label != BASE] if BASE in labels else []
    head = ["", *labels, *(f"{label} to {BASE}" for label in others)]
    lines = [*conditions(outcome), "", cells(head), cells(["---"] * len(head))]
    for row in outcome["rows"]:
        lines.append(cells([f"**{row['title']}**", *[""] * (len(head) - 1)]))
        lines += [figure_line(row, figure, labels, others) for figure in row["figures"]]
    lines += ["", *surroundings(outcome)]
    if bad := voids(outcome):
        lines += ["", "Void, to be ignored:", "", *(f"- {text}" for text in bad)]
    return "\n".join(lines)


def figure_line(row: dict, figure: Figure, labels: list[str], others: list[str]) -> str:
    values = {
        label: [sample.figures[figure.key] for sample in row["samples"][label]] for label in labels
    }
    void = {label: any(sample.void for sample in row["samples"][label]) for label in labels}
    line = [figure.title]
    line += ["VOID" if void[label] else spread(values[label], figure.digits) for label in labels]
    for label in others:
        usable = not void[label] and not void[BASE]
        line.append(ratio(values[label], values[BASE]) if usable else "VOID")
    return cells(line)


def conditions(outcome: dict) -> list[str]:
    """Machine, disk and durability."""
    machine = outcome["machine"]
    before, after = (
        " ".join(f"{v:.2f}" for v in outcome[k]) for k in ("load_before", "load_after")
    )
    syncs = [rate for row in outcome["rows"] for rate in row["syncs"]]
    return [
        f"Measured on {time.strftime('%Y-%m-%d')}: {machine['cores']} cores"
        f" ({machine['processor']}), {machine['memory_gb']} GB, Linux {machine['kernel']};"
        f" load average {before} before, {after} after."
        f" Median of {outcome['rounds']} rounds (minimum – maximum).",
        "",
        f"- disk ({outcome['filesystem']}): {spread(syncs, 0)} times a second 4 KiB write"
        " and fdatasync",
        *(f"- {label}: {text}" for label, text in outcome["durability"].items()),
    ]


def surroundings(outcome: dict) -> list[str]:
    """What the disk did and what else ran, row by row."""
    lines = [cells(["row", "disk syncs/s", "other work, % of machine"]), cells(["---"] * 3)]
    for row in outcome["rows"]:
        shares = [100 * share for share in row["other_work"]]
        # Here the servers start and end within the sample, so their time cannot be told apart.
        other = "–" if row["key"] == "start" else spread(shares, 0)
        lines.append(cells([row["key"], spread(row["syncs"], 0), other]))
    return lines


def cells(values: list[str]) -> str:
    return "| " + " | ".join(values) + " |"


def update_docs(path: Path, text: str) -> None:
    """Replaces what stands between the two markers."""
    content = path.read_text()
    before, _, rest = content.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise RuntimeError(f"{path} lacks the markers {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def plain(value: object) -> object:
    """Data classes as JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value).__name__)
