"""A bounded round of made-up requests of each kind, and all that were ever found, again."""

from __future__ import annotations

import os

import pytest
from support.servers import RoostServer

from fuzz.fuzz import Fuzzer, replay, report
from fuzz.makers import MAKERS

SECONDS = float(os.environ.get("ROOST_FUZZ_SECONDS", "6"))
SEED = int(os.environ.get("ROOST_FUZZ_SEED", int.from_bytes(os.urandom(4), "big")))


@pytest.mark.parametrize("kind", MAKERS)
def test_made_up_requests(kind: str) -> None:
    with RoostServer("--durability", "normal") as server:
        fuzzer = Fuzzer(server, SEED)
        fuzzer.prepare()
        fuzzer.run([kind], SECONDS)
        assert fuzzer.findings == [], f"seed {SEED}\n{report(fuzzer)}"
        assert fuzzer.sent[kind] > 100
        # Some of them get beyond the first check, unless hardly anything is HTTP.
        assert kind == "http" or fuzzer.statuses[f"{kind} 200"] > 0
        assert fuzzer.is_alive()


def test_what_was_found_before() -> None:
    with RoostServer("--durability", "normal") as server:
        fuzzer = Fuzzer(server, SEED)
        fuzzer.prepare()
        assert replay(fuzzer) > 0
        assert fuzzer.findings == [], report(fuzzer)
        assert fuzzer.is_alive()
