"""What people keep in a server, for the tests of the pages: batches of Prompt Flow, a sweep with
curves, three levels of a tree, names that would hurt if they were markup, files of each kind."""

from __future__ import annotations

import json
import math
import random
import struct
import time
import zlib
from typing import Any

import requests

HOSTILE = "<img src=x onerror=\"document.title='pwned'\">"
NOTE = f"{HOSTILE}\n\n**bold** [go](javascript:alert(1)) <script>alert(1)</script>"
SCRIPT = b"document.title='inside';parent.document.title='pwned'"
REPORT = b"<script>" + SCRIPT + b"</script><p id=shown>hello</p>"
TOPICS = ["atom", "猫", "coffee", "rain", "京都", "compiler", "moon", "tea", "bicycle", "雪"]


class Seed:
    """Writes through MLflow's endpoints, many values in one request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.random = random.Random(7)
        self.now = int(time.time() * 1000)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.session.post(f"{self.url}/api/2.0/mlflow/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def experiment(self, name: str, note: str = "") -> str:
        tags = [{"key": "mlflow.note.content", "value": note}] if note else []
        return self.post("experiments/create", name=name, tags=tags)["experiment_id"]

    def run(
        self,
        experiment: str,
        name: str,
        *,
        parent: str = "",
        start: int = 0,
        took: int | None = 1000,
        status: str = "FINISHED",
        metrics: dict[str, float] | None = None,
        params: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> str:
        """A run; `took` None leaves it running."""
        given = {"mlflow.user": "aya", **(tags or {})}
        if parent:
            given["mlflow.parentRunId"] = parent
        begin = start or self.now
        made = self.post(
            "runs/create",
            experiment_id=experiment,
            run_name=name,
            start_time=begin,
            tags=[{"key": k, "value": v} for k, v in given.items()],
        )
        run = made["run"]["info"]["run_id"]
        if metrics or params:
            self.post(
                "runs/log-batch",
                run_id=run,
                metrics=[
                    {"key": k, "value": v, "timestamp": begin, "step": 0}
                    for k, v in (metrics or {}).items()
                ],
                params=[{"key": k, "value": v} for k, v in (params or {}).items()],
            )
        if took is not None:
            self.post("runs/update", run_id=run, status=status, end_time=begin + took)
        return run

    def curve(self, run: str, key: str, values: list[float], first: int = 0) -> None:
        points = [
            {"key": key, "value": v, "timestamp": self.now - 600_000 + i * 1000, "step": first + i}
            for i, v in enumerate(values)
        ]
        for at in range(0, len(points), 1000):
            self.post("runs/log-batch", run_id=run, metrics=points[at : at + 1000])

    def artifact(self, run: str, path: str, content: bytes) -> None:
        answer = self.session.post(
            f"{self.url}/ajax-api/2.0/mlflow/upload-artifact",
            params={"run_uuid": run, "path": path},
            data=content,
            timeout=30,
        )
        assert answer.ok, answer.text

    # What the tests use

    def batch(self, experiment: str, name: str, lines: int, start: int, slow: float = 1.0) -> str:
        """A batch of Prompt Flow: line 7 is the slowest and the dearest, line 3 failed."""
        parent = self.run(
            experiment, name, start=start, took=lines * 300, tags={"framework": "Prompt Flow"}
        )
        for line in range(lines):
            topic = TOPICS[line % len(TOPICS)]
            begin = start + line * 250
            values = {
                "duration": round(slow * (0.6 + self.random.random()), 3),
                "prompt_tokens": 20 + line % 9,
                "completion_tokens": 15 + self.random.randrange(40),
            }
            if line == 7:
                values |= {"duration": round(4.2 * slow, 3), "completion_tokens": 410}
            values["total_tokens"] = values["prompt_tokens"] + values["completion_tokens"]
            params = {
                "input_topic": topic,
                "line_number": str(line),
                "output": f"Why did the {topic} cross the road? To see what line {line} was about.",
            }
            if topic == "猫":
                params["output"] = "なぜ猫はパソコンが好きなの？ マウスがいるからです！"
            failed = line == 3
            if failed:
                del params["output"]
                values = {}
            self.run(
                experiment,
                f"Run {line:09d}",
                parent=parent,
                start=begin,
                took=int(values.get("duration", 0.4) * 1000),
                status="FAILED" if failed else "FINISHED",
                metrics=values,
                params=params,
                tags={"error": "RateLimitError: 429, retry after 20 s"} if failed else {},
            )
        return parent

    def sweep(self, experiment: str, runs: int, steps: int) -> list[str]:
        """A sweep: the loss depends on the learning rate, best near 0.01; the last run goes on."""
        made = []
        for number in range(runs):
            rate = round(10 ** self.random.uniform(-4, -0.7), 6)
            optimizer = ("adamw", "sgd", "lion")[number % 3]
            size = 32 * 2 ** (number % 3)
            going = number == runs - 1
            run = self.run(
                experiment,
                f"trial-{number:03d}",
                start=self.now - (runs - number) * 60_000,
                took=None if going else 55_000,
                params={"lr": str(rate), "optimizer": optimizer, "batch_size": str(size)},
                tags={"stage": "sweep"},
            )
            floor = 0.2 + 0.35 * abs(math.log10(rate) + 2) + 0.05 * (number % 3)
            loss = [
                floor + 2.2 * math.exp(-i / (steps / 5)) + self.random.gauss(0, 0.03)
                for i in range(steps)
            ]
            self.curve(run, "val/loss", loss)
            self.curve(run, "val/acc", [max(0.05, 1 - x / 3) for x in loss])
            made.append(run)
        return made

    def fill(self, pretty: bool = False) -> dict[str, str]:
        """All of it, ids by name; `pretty` leaves out what is not for pictures."""
        ids: dict[str, str] = {}
        ids["jokes"] = self.experiment("promptflow-jokes", "Batches of the *joke* flow.")
        hour = 3_600_000
        ids["older"] = self.batch(
            ids["jokes"], "joke_variant_0_20261123_093012_104417", 50, self.now - 3 * hour
        )
        ids["newer"] = self.batch(
            ids["jokes"], "joke_variant_1_20261123_101544_770921", 50, self.now - 2 * hour, 1.4
        )
        ids["training"] = self.experiment("resnet-cifar10 学習")
        sweep = self.sweep(ids["training"], 24, 60)
        ids["running"] = sweep[-1]
        ids["trained"] = sweep[-2]
        self.files(ids["trained"])
        if pretty:
            return ids
        ids["tree"] = self.experiment("three-levels")
        top = self.run(ids["tree"], "study")
        for number in range(2):
            fold = self.run(
                ids["tree"], f"fold-{number}", parent=top, metrics={"acc": 0.9 + number / 100}
            )
            for epoch in range(2):
                params = {"epoch": str(epoch), "fold": str(number)}
                accuracy = {"acc": 0.8 + epoch / 10}
                name = f"epoch-{epoch}"
                self.run(ids["tree"], name, parent=fold, metrics=accuracy, params=params)
        ids["study"] = top
        ids["hostile"] = self.experiment(
            f"hostile {HOSTILE}", f"# {HOSTILE}\n[x](javascript:alert(1))"
        )
        ids["bad"] = self.run(
            ids["hostile"], HOSTILE,
            metrics={"__proto__": 1.5}, params={"constructor": HOSTILE, "f": "=1+1"},
            tags={"toString": HOSTILE, "mlflow.note.content": NOTE, "error": HOSTILE},
        )  # fmt: skip
        self.run(
            ids["hostile"],
            f"child {HOSTILE}",
            parent=ids["bad"],
            metrics={"__proto__": 2.5},
            params={"output": HOSTILE},
        )
        ids["empty"] = self.experiment("nothing-yet")
        self.models(ids["trained"], ids["training"])
        self.artifact(ids["bad"], "report.html", REPORT)
        return ids

    def models(self, run: str, experiment: str) -> None:
        """A registered model of two versions, one of them the champion."""
        self.post("registered-models/create", name="joke-writer", description="Writes **jokes**.")
        source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"
        for text in ("the first", "with 猫"):
            made = {"name": "joke-writer", "source": source, "run_id": run, "description": text}
            self.post("model-versions/create", **made)
        self.post("registered-models/alias", name="joke-writer", alias="champion", version="2")
        self.post("registered-models/create", name="hostile", description=f"{HOSTILE} *x*")

    def files(self, run: str) -> None:
        self.post(
            "runs/set-tag",
            run_id=run,
            key="mlflow.note.content",
            value="## Findings\n\nBest with `lr` near **0.01**.\n\n- [x] 学習率\n- [ ] longer\n",
        )
        self.artifact(run, "confusion.png", png(48, 48))
        self.artifact(
            run,
            "config/config.json",
            json.dumps({"model": "resnet18", "memo": "学習率の探索"}, ensure_ascii=False).encode(),
        )
        self.artifact(
            run,
            "train.log",
            "".join(f"epoch {i}  loss {2 / (i + 1):.4f}\n" for i in range(60)).encode(),
        )
        self.artifact(run, "predictions.csv", 'label,score\n猫,0.91\n"a,b",0.4\n'.encode())
        self.artifact(run, "README.md", b"# Report\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
        self.artifact(
            run,
            "eval/results.json",
            json.dumps({"columns": ["q", "a"], "data": [["1+1", "2"], ["2+2", "4"]]}).encode(),
        )


def png(width: int, height: int) -> bytes:
    """A picture of some colours."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in (5 * x % 256, 5 * y % 256, 120))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
