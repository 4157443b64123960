"""Starts and stops the servers that the tests talk to: Roost, and mlflow as the reference."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LISTENING = re.compile(r"^Listening on (https?://\S+)$", re.MULTILINE)


def roost_binary() -> Path:
    """The binary under test: $ROOST_BINARY, or the debug build."""
    path = Path(os.environ.get("ROOST_BINARY", REPOSITORY / ".build" / "debug" / "roost"))
    if not path.is_file():
        raise FileNotFoundError(f"No Roost binary at {path}: build it first, or set ROOST_BINARY.")
    return path.resolve()


class RoostServer:
    """One Roost process on a free port of 127.0.0.1, with its database in a directory of its own.

    Use it as a context manager, or call `start` and `stop`. After `stop` or `kill`, `start` opens
    the same database again; the port is kept unless another process took it.
    """

    def __init__(
        self,
        *args: str,
        database: Path | str | None = None,
        env: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="roost-test-"))
        self.database = Path(database) if database else self.directory / "roost.db"
        self.args = list(args)
        self.env = dict(env or {})
        self.port = port
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.stdout = self.directory / "stdout.txt"
        self.stderr = self.directory / "stderr.txt"

    @property
    def pid(self) -> int:
        assert self.process is not None, "the server was not started"
        return self.process.pid

    def command(self) -> list[str]:
        """The command line; arguments given to the initialiser replace the defaults."""
        defaults = {
            "--host": "127.0.0.1",
            "--port": str(self.port),
            "--backend-store-uri": f"sqlite:///{self.database}",
        }
        given = {arg.split("=")[0] for arg in self.args}
        if "--artifacts-only" in given:
            del defaults["--backend-store-uri"]  # it has none
        words = [w for flag, value in defaults.items() if flag not in given for w in (flag, value)]
        return [str(roost_binary()), "server", *words, *self.args]

    def start(self, timeout: float = 20.0) -> RoostServer:
        with open(self.stdout, "wb") as out, open(self.stderr, "ab") as err:
            self.process = subprocess.Popen(
                self.command(),
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                cwd=self.directory,
                env={**os.environ, **self.env},
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if line := LISTENING.search(self.stdout.read_text()):
                self.url = line.group(1).rstrip("/")
                self.port = int(self.url.rsplit(":", 1)[1])
                return self
            if self.process.poll() is not None:
                raise RuntimeError(f"Roost ended with {self.process.returncode}\n{self.output()}")
            time.sleep(0.003)
        self.kill()
        raise TimeoutError(f"Roost did not say that it listens within {timeout} s\n{self.output()}")

    def becomes_ready(self, timeout: float = 10.0) -> None:
        """Waits until it is ready, which it is by itself soon after a commit has failed: one of a
        request, or one of the work that it does when it rests."""
        deadline = time.monotonic() + timeout
        while True:
            assert self.process is not None and self.process.poll() is None, self.output()
            try:
                with urllib.request.urlopen(f"{self.url}/ready", timeout=9):
                    return
            except urllib.error.HTTPError as error:
                assert error.code == 503 and time.monotonic() < deadline, self.output()
            time.sleep(0.05)

    def stop(self, timeout: float = 15.0) -> int:
        """Ends the process as an operator does (SIGTERM) and gives its exit status."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self) -> int:
        """Ends the process as a power cut does to a process (SIGKILL)."""
        return self._end(signal.SIGKILL, 15.0)

    def _end(self, number: int, timeout: float) -> int:
        assert self.process is not None, "the server was not started"
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise TimeoutError(f"Roost did not end within {timeout} s\n{self.output()}") from None

    def output(self, lines: int = 60) -> str:
        """The end of what the process wrote, to be shown when a test fails."""
        parts = []
        for path in (self.stdout, self.stderr):
            text = path.read_text(errors="replace") if path.exists() else ""
            parts.append(f"--- {path.name}\n" + "\n".join(text.splitlines()[-lines:]))
        return "\n".join(parts)

    def close(self) -> None:
        """Ends the process if it still runs, and removes the directory."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> RoostServer:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()


class MlflowServer:
    """mlflow's own server, the reference: `launch` returns at once, `wait` when it answers."""

    def __init__(self, args: Sequence[str] = (), env: Mapping[str, str] | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="mlflow-reference-"))
        self.env = dict(env or {})
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.directory / "log.txt"
        self.args = list(args)
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> MlflowServer:
        command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", f"sqlite:///{self.directory / 'mlflow.db'}"]
        quiet = {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "DO_NOT_TRACK": "true",
        }
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command + self.args,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.directory,
                env={**clean, **quiet, **self.env},
                start_new_session=True,
            )
        return self

    def wait(self, timeout: float = 120.0) -> MlflowServer:
        assert self.process is not None, "launch it first"
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        text = self.log.read_text(errors="replace")
        raise RuntimeError("mlflow did not start\n" + "\n".join(text.splitlines()[-60:]))

    def close(self) -> None:
        """Ends the whole process group that `launch` made, and removes the directory."""
        if self.process is not None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self.process.pid, number)
                except ProcessLookupError:
                    break
                try:
                    self.process.wait(8)
                except subprocess.TimeoutExpired:
                    continue
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def free_port() -> int:
    """A port that was free a moment ago; only for servers that cannot take port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
