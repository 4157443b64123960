"""Starts the binary itself, for tests of starts that fail and of what is printed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support.servers import roost_binary

# What a crash of a Swift program, or an error that nobody phrased, looks like.
RAW_FAILURE = re.compile(
    r"Fatal error|Stack dump|Thread \d+ crashed|Error Domain=|Optional\(|\[\w+\("
)


def run_roost(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 20.0,
) -> subprocess.CompletedProcess[str]:
    """Runs `roost …` until it ends by itself; a server that starts after all is an error."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
    return subprocess.run(
        [str(roost_binary()), *arguments],
        cwd=cwd,
        env={**clean, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def assert_fails(done: subprocess.CompletedProcess[str], status: int) -> str:
    """It ended with this status and a message for people on standard error, which is returned."""
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert "Listening on" not in done.stdout
    assert done.stderr.strip(), "nothing on standard error"
    assert not RAW_FAILURE.search(done.stderr), done.stderr
    return done.stderr


def assert_one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """A failed start: status 1, and the reason in one line at the end of standard error."""
    line = assert_fails(done, 1).strip().splitlines()[-1]
    assert 10 < len(line) < 500, line
    return line
