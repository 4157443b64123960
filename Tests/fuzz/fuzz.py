"""Sends made-up requests to a server for a while: never 5xx, never silence, never an end.

    scripts/fuzz --seconds 600 [--seed N] [--only search paths] [--binary .build/release/roost]

Whatever is found is written to Tests/fuzz/corpus as the bytes that were sent; they are sent again
by every `make test`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "http")]

import raw  # noqa: E402
from support.servers import RoostServer  # noqa: E402

from fuzz.makers import MAKERS, Known  # noqa: E402

CORPUS = Path(__file__).with_name("corpus")
# What a message must not name.
INSIDES = (
    "sqlite",
    "UNIQUE constraint",
    "FOREIGN KEY",
    "syntax error near",
    ".swift:",
    "Fatal error",
)
PATIENCE = 20.0


@dataclass
class Fuzzer:
    """One server and what was found on it."""

    server: RoostServer
    seed: int
    known: Known = field(default_factory=Known)
    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, str, bytes]] = field(default_factory=list)
    connection: raw.Connection | None = None

    def prepare(self) -> None:
        """Something of each kind, for requests to hit."""
        for number in range(3):
            made = self.post("runs/create", experiment_id="0", run_name=f"r{number}")
            run = made["run"]["info"]["run_id"]
            self.known.runs.append(run)
            self.post("runs/log-metric", run_id=run, key="loss", value=1, timestamp=1, step=1)
            self.post("runs/log-parameter", run_id=run, key="a", value="x")
            self.post("runs/set-tag", run_id=run, key="t", value="x")
        for name in self.known.models:
            self.post("registered-models/create", name=name)
            self.post("model-versions/create", name=name, source="s3://b/x")
        model = self.post("logged-models", experiment_id="0", name="lm")
        self.known.logged.append(model["model"]["info"]["model_id"])

    def post(self, path: str, **fields: object) -> dict:
        answer = raw.exchange(self.server.url, raw.post(raw.API + path, fields), 30)
        assert answer.status == 200, answer
        return answer.json()

    def try_one(self, kind: str, data: bytes) -> None:
        self.sent[kind] += 1
        try:
            answer = self.alone(data) if kind == "http" else self.in_a_row(data)
        except TimeoutError:
            return self.found(kind, "no answer", data)
        self.statuses[f"{kind} {answer.status}"] += 1
        if (complaint := complain(answer, kind)) is not None:
            self.found(kind, complaint, data)
        if answer.status == 0 and (kind != "http" or self.server.process.poll() is not None):
            self.found(kind, "the connection was closed without an answer", data)

    def alone(self, data: bytes) -> raw.Answer:
        """On a connection of its own, which is closed behind it: what follows may be anything."""
        with raw.Connection(self.server.url, PATIENCE) as connection:
            connection.send(data)
            connection.finish_sending()
            return connection.receive(head_only=data.startswith(b"HEAD"))

    def in_a_row(self, data: bytes) -> raw.Answer:
        """On a connection that is kept, as long as the server keeps it."""
        for fresh in (False, True):
            if self.connection is None or fresh:
                self.drop()
                self.connection = raw.Connection(self.server.url, PATIENCE)
            self.connection.send(data)
            answer = self.connection.receive(head_only=data.startswith(b"HEAD"))
            if answer.status != 0:
                break
        if (
            answer.closed
            or answer.headers.get("connection") == "close"
            or answer.status in (0, 413)
        ):
            self.drop()
        return answer

    def drop(self) -> None:
        if self.connection is not None:
            self.connection.socket.close()
        self.connection = None

    def found(self, kind: str, what: str, data: bytes) -> None:
        self.findings.append((kind, what, data))
        self.drop()

    def is_alive(self) -> bool:
        """Whether small requests are still answered."""
        if self.server.process.poll() is not None:
            return False
        try:
            asked = (raw.get("/health"), raw.get(f"{raw.API}experiments/get?experiment_id=0"))
            return all(
                raw.exchange(self.server.url, each, PATIENCE).status == 200 for each in asked
            )
        except (TimeoutError, OSError):
            return False

    def run(self, kinds: list[str], seconds: float, longest: int = 1 << 60) -> None:
        chance = random.Random(self.seed)
        deadline = time.monotonic() + seconds
        done = 0
        while time.monotonic() < deadline and done < longest and len(self.findings) < 50:
            kind = kinds[done % len(kinds)]
            data = MAKERS[kind](self.known, chance)
            try:
                self.try_one(kind, data)
            except OSError as error:
                self.found(kind, f"{type(error).__name__}: {error}", data)
            done += 1
            if done % 200 == 0 or self.findings and self.findings[-1][2] is data:
                if not self.is_alive():
                    self.found(kind, "the server does not answer any more", data)
                    return
        self.drop()


def complain(answer: raw.Answer, kind: str) -> str | None:
    """What is wrong with an answer."""
    text = answer.body.decode("utf-8", "replace")
    if answer.status >= 500:
        try:
            if json.loads(text)["error_code"] == "NOT_IMPLEMENTED":
                return None
        except (ValueError, KeyError):
            pass
        if not (kind == "http" and answer.status in (501, 505)):
            return f"status {answer.status}: {text[:300]}"
    if (
        answer.status >= 400
        and text
        and answer.headers.get("content-type", "").startswith("application/json")
    ):
        try:
            body = json.loads(text)
            if not (isinstance(body["error_code"], str) and isinstance(body["message"], str)):
                return f"an error of another shape: {text[:300]}"
        except (ValueError, KeyError):
            return f"an error that is no JSON: {text[:300]}"
        if word := next((word for word in INSIDES if word in body["message"]), None):
            return f"a message names {word!r}: {text[:300]}"
    return None


def keep(findings: list[tuple[str, str, bytes]], folder: Path = CORPUS) -> None:
    folder.mkdir(exist_ok=True)
    for kind, _, data in findings:
        name = f"{kind}-{hashlib.sha256(data).hexdigest()[:12]}.bin"
        (folder / name).write_bytes(data)


def replay(fuzzer: Fuzzer, folder: Path = CORPUS) -> int:
    """Sends everything that was ever found again."""
    files = sorted(folder.glob("*.bin"))
    for file in files:
        fuzzer.try_one(file.name.split("-")[0], file.read_bytes())
    return len(files)


def report(fuzzer: Fuzzer) -> str:
    lines = [f"{kind:<9}{count:>9} requests" for kind, count in sorted(fuzzer.sent.items())]
    statuses = " ".join(f"{name}: {count}" for name, count in sorted(fuzzer.statuses.items()))
    lines.append(statuses)
    lines += [f"FOUND {kind}: {what}\n  {data[:600]!r}" for kind, what, data in fuzzer.findings]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="send made-up requests for a while")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--only", nargs="+", choices=sorted(MAKERS), default=sorted(MAKERS))
    parser.add_argument("--binary", help="instead of the debug build")
    options = parser.parse_args()
    if options.binary:
        os.environ["ROOST_BINARY"] = str(Path(options.binary).resolve())
    print(f"seed {options.seed}", flush=True)
    findings, began, round_ = [], time.monotonic(), 0
    total: Counter[str] = Counter()
    # A new server now and then, as made-up requests fill the database.
    while (left := options.seconds - (time.monotonic() - began)) > 0:
        with RoostServer("--durability", "normal") as server:
            fuzzer = Fuzzer(server, options.seed + round_)
            fuzzer.prepare()
            if round_ == 0:
                print(f"{replay(fuzzer)} known requests again")
            fuzzer.run(options.only, min(left, 120))
            print(report(fuzzer), flush=True)
            if server.process.poll() is not None:
                print(server.output())
            findings += fuzzer.findings
            total += fuzzer.sent
        round_ += 1
    keep(findings)
    print(f"{sum(total.values())} requests, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
