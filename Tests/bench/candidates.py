"""The servers that are compared. A new one: a subclass of `Candidate`, a line in `CANDIDATES`."""

import http.client
import json
import os
import socket
import subprocess
import time
from pathlib import Path

import processes
import seed

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
READY = "/api/2.0/mlflow/experiments/get?experiment_id=0"
START_TIMEOUT = 120


class Candidate:
    """How to start one server on a directory of its own, and what to know about it."""

    name = ""
    database = ""

    def command(self, directory: Path, port: int) -> list[str]:
        raise NotImplementedError

    def missing(self) -> str | None:
        """Why this candidate cannot run here, or None."""
        raise NotImplementedError

    def durability(self, directory: Path) -> str:
        """How the server commits, in words, after it has run on `directory`."""
        return f"journal mode {journal_mode(directory / self.database)}"

    def seed(self, server: "Server", load, experiment: str, count: int) -> None:
        """Fills an experiment with the runs that the search rows look through."""
        seed.seed_by_api(server.port, load, server.directory, experiment, count)


class Roost(Candidate):
    name = "roost"
    database = "roost.db"

    def __init__(self) -> None:
        default = ROOT / ".build" / "release" / "roost"
        self.binary = Path(os.environ.get("ROOST_BINARY", default)).absolute()

    def missing(self) -> str | None:
        if os.access(self.binary, os.X_OK):
            return None
        return f"no binary at {self.binary}: swift build -c release --product roost"

    def command(self, directory: Path, port: int) -> list[str]:
        uri = f"sqlite:///{directory / self.database}"
        return [str(self.binary), "server", "--host", "127.0.0.1", "--port", str(port)] + [
            "--backend-store-uri",
            uri,
            "--durability",
            "full",
        ]

    def durability(self, directory: Path) -> str:
        return super().durability(directory) + ", started with --durability full (its default)"


class MLflow(Candidate):
    """The reference as a user starts it: default workers, default job runners, own SQLite file."""

    name = "mlflow"
    database = "mlflow.db"

    def __init__(self) -> None:
        default = ROOT / ".venv-test" / "bin" / "python"
        # Not resolved: a link to the interpreter is what makes a virtual environment.
        self.python = Path(os.environ.get("ROOST_BENCH_MLFLOW", default)).absolute()

    def missing(self) -> str | None:
        if os.access(self.python, os.X_OK):
            return None
        return f"no Python with mlflow at {self.python}: set ROOST_BENCH_MLFLOW or run make test"

    def uri(self, directory: Path) -> str:
        return f"sqlite:///{directory / self.database}"

    def command(self, directory: Path, port: int) -> list[str]:
        return [str(self.python), "-m", "mlflow", "server", "--host", "127.0.0.1"] + [
            "--port",
            str(port),
            "--backend-store-uri",
            self.uri(directory),
        ]

    def durability(self, directory: Path) -> str:
        facts = json.loads(self._script("mlflow_durability.py", self.uri(directory)))
        levels = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
        return (
            f"journal mode {facts['journal_mode']}, synchronous={levels[facts['synchronous']]}"
            f" as its own connections report (SQLite {facts['sqlite']})"
        )

    def seed(self, server: "Server", load, experiment: str, count: int) -> None:
        self._script("seed_mlflow.py", self.uri(server.directory), experiment, str(count))

    def _script(self, name: str, *arguments: str) -> str:
        command = [str(self.python), str(HERE / name), *arguments]
        done = subprocess.run(
            command, env=clean_environment(), capture_output=True, text=True, timeout=600
        )
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
        return done.stdout


CANDIDATES: dict[str, type[Candidate]] = {kind.name: kind for kind in (Roost, MLflow)}


class Server:
    """One running candidate. Everything it writes goes below `directory`."""

    def __init__(self, candidate: Candidate, label: str, directory: Path):
        self.candidate = candidate
        self.label = label
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = open(directory / "server.log", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(
            candidate.command(directory, self.port),
            cwd=directory,
            env=clean_environment() | {"TMPDIR": str(directory)},
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


def clean_environment() -> dict[str, str]:
    """The environment without settings that would change a server's defaults; no telemetry."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "ROOST_"))}
    return kept | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def journal_mode(database: Path) -> str:
    """What the header of a SQLite file says; a rollback journal's kind is not in the file."""
    with database.open("rb") as file:
        header = file.read(20)
    return "wal" if header[18:20] == b"\x02\x02" else "rollback"
