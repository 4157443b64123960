"""How long log-metric takes while other clients search and upload, beside what it takes alone."""

import json
import threading
import time
from dataclasses import dataclass

import transfer
from api import API, PREFIX
from rows import Context, Figure, Sample
from search_rows import SHAPES, Seeded
from servers import Server
from write_rows import log_metric

CONNECTIONS = 16
SEARCHES_PER_SECOND = 20
UPLOAD_MB_PER_SECOND = 50
UPLOAD_PIECES = 16


class Background:
    """Searches and uploads at a fixed pace, the same for every server, while the block runs."""

    def __init__(self, server: Server, search: dict):
        self.server = server
        self.search = json.dumps(search)
        self.searches = self.uploads = 0
        self.error: str | None = None
        self._done = threading.Event()
        work = [self._search]
        if "artifacts" in server.candidate.abilities:
            work.append(self._upload)
        self._threads = [threading.Thread(target=self._guarded, args=(one,)) for one in work]

    def __enter__(self) -> "Background":
        for thread in self._threads:
            thread.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, work) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - it makes the sample void, whatever it is
            self.error = f"background: {error}"

    def _search(self) -> None:
        api = API(self.server.port)
        due = time.monotonic()
        while not self._done.wait(max(0.0, due - time.monotonic())):
            api.raw("POST", f"{PREFIX}/runs/search", self.search)
            self.searches += 1
            # A server that is slower than the pace is asked again at once, not twice at a time.
            due = max(due + 1 / SEARCHES_PER_SECOND, time.monotonic())
        api.close()

    def _upload(self) -> None:
        piece = bytes(transfer.PIECE)

        def pieces():
            for _ in range(UPLOAD_PIECES):
                yield piece
                time.sleep(1 / UPLOAD_MB_PER_SECOND)

        path = f"{transfer.ARTIFACTS}/background/upload.bin"
        while not self._done.is_set():
            size = UPLOAD_PIECES * len(piece)
            transfer.put_pieces(self.server.port, path, pieces(), size)
            self.uploads += 1


@dataclass
class MixedRow:
    """The log-metric load alone, then with the background beside it."""

    count: int

    key = "mixed"
    needs = "reads"
    figures = [
        Figure("alone_p99_ms", "p99 alone, ms"),
        Figure("p99_ms", "p99 beside them, ms"),
        Figure("times", "p99 beside them to p99 alone"),
        Figure("alone_rate", "requests/s alone", True, digits=0),
        Figure("rate", "requests/s beside them", True, digits=0),
        Figure("searches", "searches/s that were answered", True, digits=1),
    ]

    @property
    def title(self) -> str:
        return (
            f"log-metric, {CONNECTIONS} connections, beside {SEARCHES_PER_SECOND} searches/s over"
            f" {self.count:,} runs and an upload of {UPLOAD_MB_PER_SECOND} MB/s"
            " (no upload for fasttrackml)"
        )

    def prepare(
        self, context: Context, seeds: dict[str, Seeded], server: Server
    ) -> tuple[dict, int]:
        seeded = seeds[server.label]
        shape = next(shape for shape in SHAPES if shape.key == "filter")
        search = {"experiment_ids": [seeded.experiment], "max_results": 100}
        count = log_metric(CONNECTIONS).prepare(context, server)
        return search | shape.request(seeded), count

    def measure(self, context: Context, server: Server, plan: tuple[dict, int]) -> Sample:
        search, count = plan
        row = log_metric(CONNECTIONS)
        alone = row.measure(context, server, count)
        with Background(server, search) as background:
            began, before = time.monotonic(), background.searches
            beside = row.measure(context, server, count)
            seconds, searches = time.monotonic() - began, background.searches - before
        figures = {
            "alone_p99_ms": alone.figures["p99_ms"],
            "p99_ms": beside.figures["p99_ms"],
            "times": beside.figures["p99_ms"] / max(0.001, alone.figures["p99_ms"]),
            "alone_rate": alone.figures["rate"],
            "rate": beside.figures["rate"],
            "searches": searches / seconds,
        }
        void = alone.void or beside.void or background.error
        return Sample(figures, void, details={"uploads": background.uploads})
