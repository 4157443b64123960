"""From samples to text: the Markdown tables, the progress line, the marked part of the docs."""

from math import log
from pathlib import Path
from statistics import median

from rows import Figure, Sample

BASE = "mlflow"
ROOST = "roost"
# Roost at the durability of this peer, where a row has it.
NORMAL = "roost-normal"
PEER = "fasttrackml"
BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"


def brief(figures: list[Figure], sample: Sample) -> str:
    """One sample in one line."""
    parts = []
    for figure in figures:
        if figure.key in sample.figures:
            over = "> " if figure.key in sample.bounds else ""
            value = number(sample.figures[figure.key], figure.digits)
            parts.append(f"{over}{value} {figure.title}")
    text = "; ".join(parts)
    return f"VOID ({sample.void}) {text}" if sample.void else text


def number(value: float, digits: int) -> str:
    """A readable number: three figures or more, thousands apart."""
    return f"{value:,.{0 if abs(value) >= 1000 else digits}f}"


def spread(values: list[float], digits: int) -> str:
    """Median, then minimum and maximum in brackets where they differ."""
    middle, low, high = (number(f(values), digits) for f in (median, min, max))
    return f"**{middle}**" if low == high else f"**{middle}** ({low} – {high})"


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


class Cell:
    """One figure of one candidate in one row: its values, or why there are none."""

    def __init__(self, row: dict, figure: Figure, label: str):
        samples = row["samples"].get(label, [])
        self.digits = figure.digits
        self.void = any(sample.void for sample in samples)
        self.bound = any(figure.key in sample.bounds for sample in samples)
        self.values = [s.figures[figure.key] for s in samples if figure.key in s.figures]

    @property
    def middle(self) -> float | None:
        return median(self.values) if self.values and not self.void else None

    @property
    def text(self) -> str:
        if self.void:
            return "VOID"
        if not self.values:
            return "–"
        if self.bound:
            return f"> {number(min(self.values), self.digits)}"
        return spread(self.values, self.digits)

    def ratio(self, base: "Cell") -> str:
        """How many times the base's median: `12x` above it, `1/12` below it."""
        if not self.middle or not base.middle or self.bound:
            return "–"
        factor = self.middle / base.middle
        text = f"{short(factor)}x" if factor >= 1 else f"1/{short(1 / factor)}"
        return f"< {text}" if base.bound else text


def pairs(labels: list[str]) -> list[tuple[str, str]]:
    """Which candidates are compared in a column of their own."""
    found = []
    if BASE in labels:
        found += [(label, BASE) for label in labels if label not in (BASE, NORMAL, PEER)]
    if ROOST in labels and PEER in labels:
        found.append((ROOST, PEER))
    return found


def markdown(outcome: dict) -> str:
    """The whole report."""
    labels = outcome["candidates"]
    head = ["", *labels, *(f"{left} to {right}" for left, right in pairs(labels))]
    lines = [*conditions(outcome), "", cells(head), cells(["---"] * len(head))]
    for row in outcome["rows"]:
        lines.append(cells([f"**{row['title']}**", *[""] * (len(head) - 1)]))
        lines += [figure_line(row, figure, labels) for figure in row["figures"]]
    lines += ["", *growth(outcome), "", *surroundings(outcome)]
    if bad := voids(outcome):
        lines += ["", "Void, to be ignored:", "", *(f"- {text}" for text in bad)]
    return "\n".join(lines)


def figure_line(row: dict, figure: Figure, labels: list[str]) -> str:
    found = {label: Cell(row, figure, label) for label in labels}
    line = [figure.title, *(found[label].text for label in labels)]
    for left, right in pairs(labels):
        equal = right == PEER and row["samples"].get(NORMAL)
        line.append(found[NORMAL if equal else left].ratio(found[right]))
    return cells(line)


def growth(outcome: dict) -> list[str]:
    """The first figure of rows that differ in size only, and how steeply it grows."""
    series: dict[str, dict[int, dict]] = {}
    for row in outcome["rows"]:
        if row["growth"]:
            name, size = row["growth"]
            series.setdefault(name, {})[size] = row
    series = {name: rows for name, rows in series.items() if len(rows) > 1}
    if not series:
        return []
    lines = [cells(["growth, ms", "candidate", "at sizes", "grows with size to the power"])]
    lines.append(cells(["---"] * 4))
    for name, rows in series.items():
        for label in outcome["candidates"]:
            found = {size: Cell(row, row["figures"][0], label) for size, row in rows.items()}
            known = {size: cell for size, cell in sorted(found.items()) if cell.middle}
            if len(known) < 2:
                continue
            texts = [
                f"{'> ' if cell.bound else ''}{number(cell.middle, 2)} at {size:,}"
                for size, cell in known.items()
            ]
            (low, first), *_, (high, last) = known.items()
            power = log(last.middle / first.middle) / log(high / low)
            text = f"{'> ' if last.bound else ''}{power:.2f}"
            lines.append(cells([name, label, ", ".join(texts), text]))
    return lines


def conditions(outcome: dict) -> list[str]:
    """Machine, disk and durability."""
    groups = outcome["groups"]
    machine = groups[0]["machine"]
    dates = sorted({group["date"] for group in groups})
    rounds = sorted({group["rounds"] for group in groups})
    syncs = [rate for row in outcome["rows"] for rate in row["syncs"]]
    builds = {group["program"].get(ROOST) for group in groups} - {None}
    lines = [
        f"Measured on {' and '.join(dates)}: {machine['cores']} cores"
        f" ({machine['processor']}), {machine['memory_gb']} GB, Linux {machine['kernel']}."
        f" Median of {' or '.join(map(str, rounds))} rounds (minimum – maximum); a figure without"
        " brackets did not vary or was measured once.",
        "",
        f"- disk ({groups[0]['filesystem']}): {spread(syncs, 0)} times a second 4 KiB write"
        " and fdatasync",
        *(f"- {label}: {text}" for label, text in outcome["durability"].items()),
    ]
    if NORMAL in outcome["candidates"] and PEER in outcome["candidates"]:
        lines.append(f"- {ROOST} to {PEER}: at equal durability, so {NORMAL} where it was measured")
    if len(builds) > 1:
        lines.append(f"- {len(builds)} different builds of {ROOST} were measured in these groups")
    return lines


def surroundings(outcome: dict) -> list[str]:
    """What the disk did and what else ran, row by row; how long each group took."""
    lines = [cells(["row", "disk syncs/s", "other work, % of machine"]), cells(["---"] * 3)]
    for row in outcome["rows"]:
        shares = [100 * share for share in row["other_work"]]
        # Here the servers start and end within the sample, so their time cannot be told apart.
        own_servers = row["key"].startswith(("start", "storage", "opening"))
        lines.append(
            cells([row["key"], spread(row["syncs"], 0), "–" if own_servers else spread(shares, 0)])
        )
    lines += ["", cells(["group", "seconds", "load average before, after"]), cells(["---"] * 3)]
    for group in outcome["groups"]:
        loads = (
            " ".join(f"{load:.2f}" for load in group.get(key, []))
            for key in ("load_before", "load_after")
        )
        seconds = f"{group['seconds']:,.0f}" if "seconds" in group else "ended early"
        lines.append(cells([group["group"], seconds, ", ".join(loads)]))
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
