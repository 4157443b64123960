"""The comparison itself: what it must see, and what it must leave out."""

from __future__ import annotations

import json
from typing import Any

import differences
import pytest
from compare import failures
from exchange import Answer
from expectations import INVALID, Difference, refused
from normalise import Normaliser
from steps import Stream, get

STREAM = Stream("s", [get("one", "runs/get")])
ID, OTHER = "0" * 31 + "1", "f" * 32


def answer(body: Any, status: int = 200, **more: Any) -> dict[str, Answer]:
    normaliser = Normaliser()
    normaliser.step = "one"
    fields = {"content_type": "application/json", "nosniff": True, **more}
    data = json.dumps(body).encode()
    return {"one": Answer(status, raw=data, document=body, body=normaliser.body(body), **fields)}


def differ(left: dict[str, Answer], right: dict[str, Answer]) -> bool:
    return bool(failures(STREAM, left, right, same_kind=False))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"run_id": ID, "run_uuid": ID}, {"run_id": OTHER, "run_uuid": OTHER}),
        ({"run_name": "able-cat-895"}, {"run_name": "calm-dog-1"}),
        (
            {"tags": [{"key": "a"}, {"key": "b"}], "params": []},
            {"tags": [{"key": "b"}, {"key": "a"}], "params": []},
        ),
        (
            {"message": f"one of '{{'!=', '='}}' {ID}"},
            {"message": f"one of '{{'=', '!='}}' {OTHER}"},
        ),
        ({"next_page_token": "x"}, {"next_page_token": "y"}),
    ],
)
def test_what_is_accidental_is_left_out(left: Any, right: Any) -> None:
    assert not differ(answer(left), answer(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"run_id": ID, "run_uuid": ID}, {"run_id": OTHER, "run_uuid": ID}),
        ({"run_name": "able-cat-895"}, {"run_name": "r"}),
        ({"metrics": [{"step": 1}, {"step": 2}]}, {"metrics": [{"step": 2}, {"step": 1}]}),
        ({"value": 1}, {"value": 2}),
        ({"a": 1}, {}),
        ({"creation_time": 1_700_000_000_000}, {"creation_time": 0}),
        ({"artifact_uri": f"a/{ID}"}, {"artifact_uri": f"b/{ID}"}),
    ],
)
def test_what_matters_is_seen(left: Any, right: Any) -> None:
    assert differ(answer(left), answer(right))


def test_status_and_headers_are_seen() -> None:
    good = answer({})
    assert differ(good, answer({}, status=404))
    assert differ(good, answer({}, content_type="text/plain"))
    assert differ(good, answer({}, nosniff=False))


def test_errors_have_two_fields() -> None:
    theirs = {"error_code": "X", "message": "m", "sqlstate": "KAM00", "error_class": "Y"}
    ours = {"error_code": "X", "message": "m"}
    assert not differ(answer(theirs, 400), answer(ours, 400))
    assert differ(answer(theirs, 400), answer(theirs, 400))
    assert differ(answer(theirs, 400), answer({**ours, "message": "n"}, 400))


def test_a_listed_difference_must_occur(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Difference("s/one", differences.OK, refused("bad"), "why")
    monkeypatch.setitem(differences.BY_STEP, "s/one", listed)
    refusal = answer({"error_code": INVALID, "message": "bad"}, 400)
    assert not differ(answer({}), refusal)
    assert differ(answer({}), answer({})), "no difference any more"
    assert differ(refusal, refusal), "mlflow no longer does what is listed"
    assert differ(answer({}), answer({"error_code": "OTHER", "message": "bad"}, 400))


def test_a_failure_of_mlflow_must_be_listed() -> None:
    assert differ(answer({}, 500), answer({}, 500))
