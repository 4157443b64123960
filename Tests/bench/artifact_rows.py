"""Rows about artifacts. What was sent is fetched again and compared byte by byte."""

import filecmp
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import processes
import transfer
from api import API
from candidates import HERE, MLflow, clean_environment
from loadgen import faults
from rows import LATENCIES, Context, Figure, Sample, choose_count, loaded
from servers import Server

SMALL = 10 * 1024
FILES = 500


@dataclass
class Target:
    """A run in one server, and where its artifacts are."""

    run: str
    path: str


def new_target(context: Context, server: Server) -> Target:
    api = API(server.port)
    run = api.create_run(api.create_experiment(context.unique("artifacts")))
    uri = api.get("runs/get", run_id=run)["run"]["info"]["artifact_uri"]
    api.close()
    return Target(run, f"{transfer.ARTIFACTS}/{uri.removeprefix('mlflow-artifacts:').strip('/')}")


def random_file(directory: Path, size: int) -> Path:
    """A file of incompressible bytes, made once."""
    path = directory / f"random-{size}"
    if not path.exists():
        chance = Random(size)
        with path.open("wb") as file:
            for start in range(0, size, transfer.PIECE):
                file.write(chance.randbytes(min(transfer.PIECE, size - start)))
    return path


@contextmanager
def plain_copy(directory: Path) -> Iterator[int]:
    """The bench's own file server; gives its port."""
    directory.mkdir(exist_ok=True)
    command = [sys.executable, str(HERE / "plain_copy.py"), str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass
class BigFileRow:
    """One big file up and down over one plain connection, beside a plain copy of the same bytes."""

    size: int

    key = "artifact-big"
    needs = "artifacts"
    figures = [
        Figure("up_mbs", "up, MB/s", True, digits=0),
        Figure("up_share", "up, % of a plain copy over HTTP", True, digits=0),
        Figure("up_cpu", "up, server CPU, s"),
        Figure("down_mbs", "down, MB/s", True, digits=0),
        Figure("down_share", "down, % of a plain copy over HTTP", True, digits=0),
        Figure("down_cpu", "down, server CPU, s"),
        Figure("peak_mb", "peak memory (RSS of all processes), MB", digits=1),
    ]

    @property
    def title(self) -> str:
        return f"artifact of {self.size / 2**20:,.0f} MiB, 1 connection"

    def prepare(self, context: Context, server: Server) -> Target:
        return new_target(context, server)

    def measure(self, context: Context, server: Server, target: Target) -> Sample:
        source, path = random_file(context.scratch, self.size), f"{target.path}/big.bin"
        with plain_copy(context.scratch / "copy") as port:
            plain_up = transfer.put(port, "/copy", source)
            plain_down, _ = transfer.get(port, "/copy")
        with processes.MemoryPeak(server.pid) as peak:
            start = processes.cpu_seconds(server.pid)
            up = transfer.put(server.port, path, source)
            between = processes.cpu_seconds(server.pid)
            down, got = transfer.get(server.port, path)
            end = processes.cpu_seconds(server.pid)
        figures = {
            "up_mbs": self.size / 1e6 / up,
            "up_share": 100 * plain_up / up,
            "up_cpu": between - start,
            "down_mbs": self.size / 1e6 / down,
            "down_share": 100 * plain_down / down,
            "down_cpu": end - between,
            "peak_mb": peak.mb,
        }
        good = got == self.size and transfer.same(server.port, path, source)
        details = {"plain_up_seconds": plain_up, "plain_down_seconds": plain_down}
        return Sample(figures, None if good else "other bytes came back", details=details)


@dataclass
class HugeFileRow:
    """What memory a file costs that is larger than it; once, since it is not about speed."""

    size: int

    key = "artifact-huge"
    needs = "artifacts"
    rounds = 1
    figures = [
        Figure("up_mb", "up, peak memory (RSS) above idle, MB", digits=1),
        Figure("down_mb", "down, peak memory (RSS) above idle, MB", digits=1),
    ]

    @property
    def title(self) -> str:
        return f"artifact of {self.size / 2**30:,.2g} GiB, memory"

    def prepare(self, context: Context, server: Server) -> Target:
        return new_target(context, server)

    def measure(self, context: Context, server: Server, target: Target) -> Sample:
        source, path = random_file(context.scratch, self.size), f"{target.path}/huge.bin"
        with processes.MemoryPeak(server.pid) as up:
            transfer.put(server.port, path, source)
        with processes.MemoryPeak(server.pid) as down:
            good = transfer.same(server.port, path, source)
        source.unlink()
        figures = {
            "up_mb": max(0.0, up.mb - server.idle_mb),
            "down_mb": max(0.0, down.mb - server.idle_mb),
        }
        return Sample(figures, None if good else "other bytes came back")


@dataclass
class ClientFilesRow:
    """Many small files through `log_artifacts` and `download_artifacts` of MLflow's client."""

    key = "artifact-small-client"
    title = f"{FILES} artifacts of 10 KiB through MLflow's client"
    needs = "artifacts"
    figures = [
        Figure("up_rate", "up, files/s", True, digits=1),
        Figure("up_cpu", "up, server CPU per file, ms", digits=3),
        Figure("down_rate", "down, files/s", True, digits=1),
        Figure("down_cpu", "down, server CPU per file, ms", digits=3),
    ]

    def prepare(self, context: Context, server: Server) -> None:
        return None

    def measure(self, context: Context, server: Server, plan: None) -> Sample:
        run, source = new_target(context, server).run, small_files(context)
        back = server.directory / context.unique("fetched")
        back.mkdir()
        start = processes.cpu_seconds(server.pid)
        up = self._client("up", server, run, source)
        between = processes.cpu_seconds(server.pid)
        down = self._client("down", server, run, back)
        end = processes.cpu_seconds(server.pid)
        figures = {
            "up_rate": FILES / up,
            "up_cpu": (between - start) * 1000 / FILES,
            "down_rate": FILES / down,
            "down_cpu": (end - between) * 1000 / FILES,
        }
        names = os.listdir(source)
        good = filecmp.cmpfiles(source, back / "files", names, shallow=False)[0]
        wrong = FILES - len(good)
        return Sample(figures, f"{wrong} files came back wrong" if wrong else None)

    @staticmethod
    def _client(direction: str, server: Server, run: str, directory: Path) -> float:
        command = [str(MLflow().python), str(HERE / "artifact_client.py"), direction]
        command += [f"http://127.0.0.1:{server.port}", run, str(directory)]
        done = subprocess.run(
            command,
            env=clean_environment() | {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode != 0:
            raise RuntimeError(f"artifact_client.py: {done.stderr[-2000:]}")
        return float(done.stdout.split()[-1])


def small_files(context: Context) -> Path:
    """A directory of small files that all differ, made once."""
    directory = context.scratch / "small"
    if not directory.exists():
        directory.mkdir()
        chance = Random(1)
        for number in range(FILES):
            (directory / f"file-{number:04d}.bin").write_bytes(chance.randbytes(SMALL))
    return directory


@dataclass
class PlainFilesRow:
    """Small files over 16 plain connections, one direction."""

    up: bool

    needs = "artifacts"
    figures = [Figure("rate", "files/s", True, digits=1), *LATENCIES]

    @property
    def key(self) -> str:
        return f"artifact-small-{'put' if self.up else 'get'}"

    @property
    def title(self) -> str:
        return f"artifacts of 10 KiB over 16 plain connections, {'PUT' if self.up else 'GET'}"

    def prepare(self, context: Context, server: Server) -> tuple[Target, int]:
        target = new_target(context, server)

        def try_load(count: int) -> dict:
            return self._load(context, server, target, count)

        if self.up:
            return target, choose_count(context, try_load, FILES, 20_000, start=32)
        # What is fetched has to be there first.
        sent = PlainFilesRow(up=True)._load(context, server, target, FILES)
        if fault := faults(sent, FILES):
            raise RuntimeError(f"{server.label}: {fault}")
        return target, FILES

    def measure(self, context: Context, server: Server, plan: tuple[Target, int]) -> Sample:
        target, count = plan
        if self.up:
            target = new_target(context, server)
        result, figures = loaded(server, lambda: self._load(context, server, target, count))
        figures["rate"] = result["completed_per_second"]
        void = faults(result, count) or self._wrong_bytes(context, server, target, count)
        return Sample(figures, void, details={"load": result})

    def _load(self, context: Context, server: Server, target: Target, count: int) -> dict:
        return context.load.run(
            server.port,
            "put-each" if self.up else "get-each",
            count,
            timeout=120,
            connections=16,
            path=f"{target.path}/each/",
            body=random_file(context.scratch, SMALL) if self.up else None,
        )

    def _wrong_bytes(self, context: Context, server: Server, target: Target, count: int):
        """Compares at most 500 of the files, evenly spread."""
        content = random_file(context.scratch, SMALL).read_bytes()
        api = API(server.port)
        numbers = range(0, count, max(1, count // FILES))
        wrong = sum(
            api.raw("GET", f"{target.path}/each/{n}") != b"%08d" % n + content[8:] for n in numbers
        )
        api.close()
        return f"{wrong} files came back wrong" if wrong else None
