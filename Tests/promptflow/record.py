"""Writes `fixtures/batch-of-three.json` anew: what `pf run create` of three lines sends to Roost.

    ROOST_BINARY=... .venv-test/bin/python Tests/promptflow/record.py

Ids that the server gave are replaced by `<child N>`, N the line, so that they can be put in again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "promptflow")]

from gate import Exchange, Gate  # noqa: E402
from lines import ADOPTED, make_lines  # noqa: E402
from pf import PromptFlow  # noqa: E402
from standin import Standin  # noqa: E402
from support.servers import RoostServer  # noqa: E402

FIXTURE = Path(__file__).parent / "fixtures" / "batch-of-three.json"
CREATE = "/api/2.0/mlflow/runs/create"


def main() -> None:
    lines = make_lines(3, refused=(1,))
    with Standin() as standin, RoostServer("--adopt-runs", ADOPTED) as server:
        promptflow = PromptFlow(standin.url)
        try:
            with Gate(server.url) as gate:
                batch = promptflow.batch("child-runs", lines, tracking_uri=gate.url)
        finally:
            promptflow.close()
    recording = {"batch": batch.name, "lines": lines, "requests": requests(gate.exchanges)}
    text = json.dumps(recording, ensure_ascii=False, indent=1)
    FIXTURE.write_text(text + "\n", encoding="utf-8")
    print(f"{FIXTURE.name}: {len(gate.exchanges)} requests")


def requests(exchanges: list[Exchange]) -> list[dict]:
    """Method, path and body of each, with the ids of children replaced."""
    names = {}
    for exchange in exchanges:
        if exchange.path == CREATE:
            number = int(json.loads(exchange.body)["run_name"].removeprefix("Run "))
            names[json.loads(exchange.answer)["run"]["info"]["run_id"]] = f"<child {number}>"
    written = []
    for exchange in exchanges:
        path, body = exchange.path, exchange.body.decode()
        for run_id, name in names.items():
            path, body = path.replace(run_id, name), body.replace(run_id, name)
        written.append({"method": exchange.method, "path": path})
        if body:
            written[-1]["body"] = json.loads(body)
    return written


if __name__ == "__main__":
    main()
