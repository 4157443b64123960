"""kill -9 under load, some tens of times.

ROOST_CRASH_CYCLES asks for more of them, ROOST_CRASH_SEED repeats a load.
"""

from __future__ import annotations

import os

from crash.driver import run_campaign


def test_nothing_acknowledged_is_lost() -> None:
    cycles = int(os.environ.get("ROOST_CRASH_CYCLES", "24"))
    seed = int(os.environ.get("ROOST_CRASH_SEED", int.from_bytes(os.urandom(4), "big")))
    acknowledged = run_campaign(seed, cycles)
    # A load that writes nothing would prove nothing.
    assert acknowledged > 10 * cycles, f"seed {seed}: only {acknowledged} writes"
