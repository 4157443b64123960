"""Maps what may differ between two correct servers (ids, times, random names) to stable words."""

from __future__ import annotations

import re
from typing import Any

RUN_ID = re.compile(r"\b[0-9a-f]{32}\b")
EXPERIMENT_IN_TEXT = re.compile(
    r"(?P<before>(?i:mlflow-artifacts):(?:///?(?:h/)?|/)|artifact: '|a file: '"
    r"|Experiment with id=|experiment with id |The experiment )"
    r"(?P<id>\d+)\b"
)
# Cut at 20 characters, so a long pair of words may have lost its number.
RANDOM_NAME = re.compile(r"^[a-z]+-[a-z]+(-\d{0,4})?$")
# Python writes a set in an order that changes with every process.
SET_IN_TEXT = re.compile(r"\{('[^']*'(?:, '[^']*')*)\}")
MODEL_ID = re.compile(r"\bm-[0-9a-f]{32}\b")
TIMES = (
    ("creation_time", "last_update_time"),
    ("creation_timestamp_ms", "last_updated_timestamp_ms"),
    ("creation_timestamp", "last_updated_timestamp"),
)


class Normaliser:
    """Remembers, for one server and one stream, which name each id was given."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], str] = {}
        self.step = ""

    def name(self, kind: str, value: str) -> str:
        """A stable name; it tells the step that showed the id first, so that a step which only one
        server accepts does not shift the names of all later ones."""
        if (kind, value) not in self.names:
            start = f"<{kind} of {self.step!r} "
            count = sum(1 for name in self.names.values() if name.startswith(start))
            self.names[kind, value] = f"{start}{count + 1}>"
        return self.names[kind, value]

    def learn(self, key: str, value: str) -> None:
        """Gives a captured id the name of its placeholder, whatever is seen first."""
        kind = "run" if RUN_ID.fullmatch(value) else "experiment"
        if MODEL_ID.fullmatch(value):
            kind = "model"
        self.names.setdefault((kind, value), f"<{key}>")

    def text(self, value: str) -> str:
        if RANDOM_NAME.fullmatch(value):
            return self.name("random name", value)
        value = MODEL_ID.sub(lambda m: self.name("model", m.group()), value)
        value = RUN_ID.sub(lambda m: self.name("run", m.group()), value)
        value = SET_IN_TEXT.sub(_sorted_set, value)
        return EXPERIMENT_IN_TEXT.sub(self._experiment_in_text, value)

    def _experiment_in_text(self, match: re.Match[str]) -> str:
        known = self.names.get(("experiment", match["id"]), match["id"])
        return match["before"] + known

    def body(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.body(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, dict):
            return value
        result = {key: self._field(key, item) for key, item in value.items()}
        for created, updated in TIMES:
            if created in value:
                same = value[created] == value.get(updated)
                result[created] = _time(value[created], "<time>")
                result[updated] = _time(value.get(updated), "<time>" if same else "<later time>")
        _sort_unordered(result)
        return result

    def _field(self, key: str, value: Any) -> Any:
        if key == "experiment_id" and isinstance(value, str):
            return self.name("experiment", value)
        if key == "next_page_token":
            return "<token>"
        return self.body(value)


def _time(value: Any, name: str) -> Any:
    """The name, if this is a time in ms between 2020 and 2100; else the value, to be seen."""
    plausible = isinstance(value, int) and 1_577_836_800_000 < value < 4_102_444_800_000
    return name if plausible else value


def _sorted_set(match: re.Match[str]) -> str:
    return "{" + ", ".join(sorted(match.group(1).split(", "))) + "}"


def _sort_unordered(value: dict[str, Any]) -> None:
    """Sorts the lists whose order no server promises: they come from tables without one."""
    for key in ("metrics", "params", "tags"):
        items = value.get(key)
        promised = key == "metrics" and not {"params", "tags"} & value.keys()
        if isinstance(items, list) and not promised:
            items.sort(key=lambda item: str(item.get("key")) if isinstance(item, dict) else "")
    for key in ("dataset_inputs", "model_inputs", "model_outputs"):
        if isinstance(value.get(key), list):
            value[key].sort(key=repr)
