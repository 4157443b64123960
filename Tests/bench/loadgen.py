"""Builds and runs the load generator."""

import json
import os
import subprocess
from pathlib import Path

PACKAGE = Path(__file__).parent / "load"


class LoadGenerator:
    """The compiled program in `load/`, built into `scratch` unless ROOST_BENCH_LOAD names one."""

    def __init__(self, scratch: Path):
        ready = os.environ.get("ROOST_BENCH_LOAD")
        self.binary = Path(ready) if ready else scratch / "release" / "load"
        if not ready:
            self._build(scratch)

    @staticmethod
    def _build(scratch: Path) -> None:
        command = ["swift", "build", "-c", "release", "--package-path", str(PACKAGE)]
        command += ["--scratch-path", str(scratch)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")

    def run(self, port: int, workload: str, count: int, timeout: int = 60, **options) -> dict:
        """Runs one load to its end; options are those of the program, with underscores."""
        command = [self.binary, "--port", port, "--workload", workload]
        command += ["--count", count, "--timeout", timeout]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                command.append(flag)
            elif value is not None and value is not False:
                command += [flag, value]
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=timeout + 30
        )
        if done.returncode != 0:
            raise RuntimeError(f"{workload} on port {port}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def faults(result: dict, expected: int) -> str | None:
    """What was wrong with a load, or None."""
    if result["timed_out"]:
        return f"timed out after {result['completed']} of {expected}"
    if result["errors"]:
        return "answers other than 200: " + json.dumps(result["errors"])
    if result["completed"] != expected:
        return f"{result['completed']} of {expected} completed"
    return None
