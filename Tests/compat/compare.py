"""Compares what two servers answered to one stream, and says readably where they differ."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from differences import listed
from exchange import Answer
from expectations import Difference, Expected
from steps import Step, Stream

# mlflow adds these two to an error; its client derives them from error_code when they are absent.
EXTRA_ERROR_FIELDS = {"sqlstate", "error_class"}
ALREADY_EXISTS = re.compile(
    r"^((?:Experiment|Registered Model) ?\(name=.*?\) already exists\.)"
    r" Error: \((?:sqlite3\.|raised)",
    re.S,
)
SQL = re.compile(r"(\(raised as a result of Query-invoked autoflush.*?\n)?\(sqlite3\..*", re.S)
REPORT_LINES = 30


def failures(
    stream: Stream, reference: dict[str, Any], subject: dict[str, Any], same_kind: bool
) -> list[str]:
    """One text for each step that is not as it must be.

    With `same_kind` both are mlflow: then nothing may differ, and of the listed differences only
    mlflow's half is checked.
    """
    found = []
    for step in stream.steps:
        left, right = reference[step.name], subject[step.name]
        difference = listed(stream.name, step.name)
        problem = _problem(left, right, difference, same_kind)
        if problem:
            found.append(_report(stream, step, left, right, problem))
    return found


def _problem(
    left: Answer | str, right: Answer | str, difference: Difference | None, same_kind: bool
) -> str:
    if isinstance(left, str) or isinstance(right, str):
        return f"mlflow: {_words(left)}; Roost: {_words(right)}"
    if difference:
        if problem := difference.mlflow.problem(left):
            return f"the list of differences is wrong about mlflow: {problem}"
        if same_kind:
            return ""
        if not unequal(left, right):
            return "listed as a difference, but the answers are equal: take it off the list"
        if problem := difference.roost.problem(right):
            return f"not the listed difference ({difference.reason}): {problem}"
        return _shape(right)
    if left.status >= 500:
        return "mlflow fails here: add to the list of differences what Roost answers"
    if same_kind:
        return unequal(left, right)
    if left.is_html() and left.status in (404, 405):
        return _not_a_page(left, right)
    return unequal(left, right) or _shape(right)


def unequal(left: Answer, right: Answer) -> str:
    """What differs between two answers, in a few words; empty when nothing does."""
    parts = []
    if left.status != right.status:
        parts.append(f"status {left.status} / {right.status}")
    if left.content_type != right.content_type:
        parts.append(f"content type {left.content_type!r} / {right.content_type!r}")
    if left.nosniff != right.nosniff:
        parts.append(f"nosniff {left.nosniff} / {right.nosniff}")
    if comparable(left.body) != comparable(right.body):
        parts.append("body")
    return ", ".join(parts)


def comparable(body: Any) -> Any:
    """The body without what the general rules leave out."""
    if not isinstance(body, dict) or "error_code" not in body:
        return body
    kept = {key: value for key, value in body.items() if key not in EXTRA_ERROR_FIELDS}
    message = str(kept.get("message", ""))
    # mlflow shows its SQL here; the sentence before it is what Roost says as well.
    if match := ALREADY_EXISTS.match(message):
        message = match.group(1)
    kept["message"] = SQL.sub("<SQL>", message)
    return kept


def _not_a_page(left: Answer, right: Answer) -> str:
    """mlflow's web framework answers an HTML page; Roost answers its error shape, same status."""
    code = "ENDPOINT_NOT_FOUND" if left.status == 404 else None
    return Expected(left.status, code).problem(right) or _shape(right)


def _shape(answer: Answer) -> str:
    """Whatever Roost refuses, it refuses in the error shape, and without its internals."""
    if not answer.nosniff:
        return "no X-Content-Type-Options: nosniff"
    if answer.status < 400:
        return ""
    if not isinstance(answer.document, dict) or set(answer.document) != {"error_code", "message"}:
        return "not the error shape {error_code, message}"
    if answer.content_type != "application/json":
        return f"content type {answer.content_type!r}"
    if re.search(r"sqlite|SELECT |INSERT |UPDATE .* SET|Swift", str(answer.document["message"])):
        return "the message shows internals"
    return ""


def _words(answer: Answer | str) -> str:
    return answer if isinstance(answer, str) else f"status {answer.status}"


def _report(
    stream: Stream, step: Step, left: Answer | str, right: Answer | str, problem: str
) -> str:
    lines = [f"{stream.name} / {step.name}: {problem}", f"  {step.method} {step.url()}"]
    for title, value in (("query", step.query), ("body", step.body), ("raw", step.raw)):
        if value is not None:
            lines.append(f"  {title}: {_short(value)}")
    if isinstance(left, Answer) and isinstance(right, Answer):
        lines.append(f"  mlflow {left.status} | Roost {right.status}")
        old, new = _pretty(comparable(left.body)), _pretty(comparable(right.body))
        diff = list(difflib.unified_diff(old, new, "mlflow", "Roost", lineterm="", n=2))
        lines += [f"  {_short(line, 300)}" for line in diff[:REPORT_LINES]]
    return "\n".join(lines)


def _pretty(body: Any) -> list[str]:
    return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def _short(value: Any, limit: int = 240) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
