"""SIGTERM and SIGINT under load: what is in flight is finished, and the exit status is 0."""

from __future__ import annotations

import signal
import time

import pytest

from crash import verify
from crash.driver import Campaign, join


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_stop_loses_nothing(number: signal.Signals) -> None:
    campaign = Campaign(seed=int(number), clients=8)
    try:
        campaign.begin()
        for attempt in range(3):
            clients, stop = campaign.start_load(attempt)
            time.sleep(0.3)
            campaign.server.process.send_signal(number)
            status = campaign.server.process.wait(20)
            stop.set()
            refused = [line for line in join(clients) if " 503: " not in line]
            assert refused == []
            assert status == 0, campaign.server.output()
            assert verify.integrity(campaign.server.database) == "ok"
            campaign.server.start()
            assert campaign.check(everything=True) == []
        assert campaign.acknowledged > 100
    finally:
        campaign.server.close()


def test_after_a_stop_the_log_is_in_the_database() -> None:
    """The write-ahead log is folded in at the end, so that the one file can be copied."""
    campaign = Campaign(seed=1, clients=2)
    try:
        campaign.begin()
        clients, stop = campaign.start_load(0)
        time.sleep(0.2)
        stop.set()
        assert join(clients) == []
        assert campaign.server.stop() == 0
        log = campaign.server.database.with_name(campaign.server.database.name + "-wal")
        assert not log.exists() or log.stat().st_size == 0
    finally:
        campaign.server.close()
