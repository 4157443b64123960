"""The servers that are compared. A new one: a subclass of `Candidate`, a line in `CANDIDATES`."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import seed
import seed_registry

if TYPE_CHECKING:
    from servers import Server

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
# SQLite's names for `PRAGMA synchronous`.
LEVELS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}


class Candidate:
    """How to start one server on a directory of its own, and what to know about it."""

    name = ""
    database = ""
    # What its API can do and its figures are wanted for; a row names the one that it needs.
    abilities = {"start", "writes", "reads"}

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

    def seed_series(self, server: "Server", load, run: str, count: int) -> None:
        """Logs one series of `count` points."""
        seed.series_by_api(server.port, load, server.directory, run, count)

    def seed_registry(self, server: "Server", load, models: int) -> None:
        """Registers the models and versions that the registry rows look through."""
        seed_registry.seed_by_api(server.port, load, server.directory, models)

    def fingerprint(self) -> str | None:
        """What tells one build from another, where it is ours."""
        return None

    def program_mb(self, scratch: Path) -> float | None:
        """The size of the stripped program, None where it is no single file."""
        return None


class Roost(Candidate):
    name = "roost"
    database = "roost.db"
    abilities = {"start", "writes", "reads", "sampling", "artifacts", "registry", "opening"}
    level = "full"

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
            self.level,
        ]

    def durability(self, directory: Path) -> str:
        note = " (its default)" if self.level == "full" else ""
        return f"{super().durability(directory)}, started with --durability {self.level}{note}"

    def fingerprint(self) -> str:
        return hashlib.sha256(self.binary.read_bytes()).hexdigest()[:16]

    def program_mb(self, scratch: Path) -> float | None:
        return stripped_mb(self.binary, scratch)


class RoostNormal(Roost):
    """Roost as durable as the peers that leave `synchronous` at NORMAL. Only writing differs."""

    name = "roost-normal"
    abilities = {"writes"}
    level = "normal"


class FastTrackML(Candidate):
    """FastTrackML's server: one program in its Python package, no artifacts and no registry."""

    name = "fasttrackml"
    database = "fasttrackml.db"

    def __init__(self) -> None:
        default = ROOT / ".venv-fasttrackml" / "bin" / "fml"
        self.binary = Path(os.environ.get("ROOST_BENCH_FASTTRACKML", default)).absolute()

    def missing(self) -> str | None:
        if os.access(self.binary, os.X_OK):
            return None
        return f"no fml at {self.binary}: set ROOST_BENCH_FASTTRACKML or run scripts/setup bench"

    def command(self, directory: Path, port: int) -> list[str]:
        uri = f"sqlite://{directory / self.database}"
        return [str(self.binary), "server", "--listen-address", f"127.0.0.1:{port}"] + [
            "--database-uri",
            uri,
        ]

    def durability(self, directory: Path) -> str:
        # It sets no `synchronous`, so what SQLite was compiled with holds; the program carries it.
        options = b"".join(re.findall(rb"DEFAULT_WAL_SYNCHRONOUS=\d", self.binary.read_bytes())[:1])
        level = LEVELS.get(int(options[-1:] or b"2"), "unknown")
        return (
            super().durability(directory)
            + f", synchronous={level} as its SQLite was compiled ({options.decode() or 'default'})"
        )

    def program_mb(self, scratch: Path) -> float | None:
        return stripped_mb(self.binary, scratch)


class MLflow(Candidate):
    """The reference as a user starts it: default workers, default job runners, own SQLite file."""

    name = "mlflow"
    database = "mlflow.db"
    abilities = {"start", "writes", "reads", "sampling", "artifacts", "registry"}

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
        return (
            f"journal mode {facts['journal_mode']}, synchronous={LEVELS[facts['synchronous']]}"
            f" as its own connections report (SQLite {facts['sqlite']})"
        )

    def seed(self, server: "Server", load, experiment: str, count: int) -> None:
        self._script("seed_mlflow.py", self.uri(server.directory), "runs", experiment, str(count))

    def seed_series(self, server: "Server", load, run: str, count: int) -> None:
        self._script("seed_mlflow.py", self.uri(server.directory), "series", run, str(count))

    def seed_registry(self, server: "Server", load, models: int) -> None:
        self._script("seed_mlflow.py", self.uri(server.directory), "registry", str(models))

    def _script(self, name: str, *arguments: str) -> str:
        command = [str(self.python), str(HERE / name), *arguments]
        done = subprocess.run(
            command, env=clean_environment(), capture_output=True, text=True, timeout=600
        )
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
        return done.stdout


CANDIDATES: dict[str, type[Candidate]] = {
    kind.name: kind for kind in (Roost, RoostNormal, FastTrackML, MLflow)
}


def stripped_mb(program: Path, scratch: Path) -> float:
    """The size of a program without its symbols."""
    copy = scratch / f"{program.name}.stripped"
    shutil.copyfile(program, copy)
    subprocess.run(["strip", str(copy)], check=True)
    size = copy.stat().st_size
    copy.unlink()
    return size / 1e6


def clean_environment() -> dict[str, str]:
    """The environment without settings that would change a server's defaults; no telemetry."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "ROOST_", "FML_"))}
    return kept | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def journal_mode(database: Path) -> str:
    """What the header of a SQLite file says; a rollback journal's kind is not in the file."""
    with database.open("rb") as file:
        header = file.read(20)
    return "wal" if header[18:20] == b"\x02\x02" else "rollback"
