"""The data of the batches, and what a tracking server must know of a line afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlflow.entities import Run
from pf import Batch
from standin import FAIL, REFUSAL, answer_to, usage_of

# The experiment that the tests adopt into.
ADOPTED = "プロンプトフロー"
TOKENS = ("prompt_tokens", "completion_tokens", "total_tokens")


def make_lines(count: int, refused: Sequence[int] = (), empty: Sequence[int] = ()) -> list[dict]:
    """Questions of different lengths, every third in Japanese, `refused` ones that the model's
    node fails on, and `empty` ones that the Python node before it fails on."""
    lines = []
    for n in range(count):
        text = (
            f"第{n}問：富士山は何合目まで車で行けますか？"
            if n % 3 == 1
            else f"What is {n} and {n * n}?"
        )
        if n in refused:
            text = f"{FAIL} 行{n}"
        if n in empty:
            text = " " * (n + 1)
        lines.append({"question": text, "topic": "日本" if n % 3 == 1 else f"topic {n}"})
    return lines


def fails(line: Mapping[str, str]) -> bool:
    return FAIL in line["question"] or not line["question"].strip()


def check_child(child: Run, number: int, line: Mapping[str, str], parent: str) -> None:
    """Everything but times: the values are those of the data and of the stand-in."""
    question = line["question"]
    params = {"line_number": str(number), **line}
    tags = {"framework": "Prompt Flow", "mlflow.parentRunId": parent}
    metrics: dict[str, float] = {}
    if not fails(line):
        params["answer"] = answer_to(question)
        metrics = {f"answer.{name}": float(usage_of(question)[name]) for name in TOKENS}
    elif FAIL in question:
        assert REFUSAL in child.data.tags["error"]
    else:
        assert child.data.tags["error"] == "the question is empty"
    assert child.info.run_name == f"Run {number:09d}"
    assert child.info.status == ("FAILED" if fails(line) else "FINISHED"), number
    assert child.data.params == params
    measured = dict(child.data.metrics)
    assert (measured.pop("answer.duration", None) is None) == fails(line)
    assert measured == metrics
    assert child.data.tags.items() >= tags.items()


def check_times(child: Run, number: int, batch: Batch, before: int, after: int) -> None:
    """The child lies within the batch, and its duration is the one that promptflow measured."""
    assert before <= child.info.start_time <= child.info.end_time <= after, number
    if "answer.duration" in child.data.metrics:
        measured = batch.node(number, "answer")["system_metrics"]["duration"]
        assert child.data.metrics["answer.duration"] == measured
        assert measured * 1000 <= child.info.end_time - child.info.start_time + 1
