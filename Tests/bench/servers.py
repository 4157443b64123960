"""One running candidate: starting it, waiting until it answers, ending all its processes."""

import http.client
import socket
import subprocess
import time
from pathlib import Path

import processes
from candidates import Candidate, clean_environment

READY = "/api/2.0/mlflow/experiments/get?experiment_id=0"
START_TIMEOUT = 120


class Server:
    """One running candidate. Everything it writes goes below `directory`."""

    def __init__(self, candidate: Candidate, label: str, directory: Path):
        self.candidate = candidate
        self.label = label
        self.directory = directory
        # Resident memory before the first load, once whoever measures has let it settle.
        self.idle_mb = 0.0
        directory.mkdir(parents=True, exist_ok=True)
        self.start()

    def restart(self) -> None:
        """Ends it and starts it anew on the same directory."""
        self.stop()
        self.start()

    def start(self) -> None:
        """Starts it and waits until it answers; it may get another port than before."""
        self.port = free_port()
        self.log = open(self.directory / "server.log", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.candidate.command(self.directory, self.port),
            cwd=self.directory,
            env=clean_environment() | {"TMPDIR": str(self.directory)},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        try:
            self._wait_until_ready(began)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - began

    def _wait_until_ready(self, began: float) -> None:
        while not answers(self.port):
            waited = time.monotonic() - began
            if self.process.poll() is not None or waited > START_TIMEOUT:
                tail = (self.directory / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.label} did not start in {waited:.0f} s:\n{tail}")
            # Often while a quick server may come up, seldom while a slow one needs the processor.
            time.sleep(0.001 if waited < 0.5 else 0.02)

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        processes.end(self.pid, self.process.wait)
        self.process.wait()
        self.log.close()


def answers(port: int) -> bool:
    """Whether the API answers 200 now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", READY)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
