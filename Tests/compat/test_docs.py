"""What the documents show works as it stands: the fixture for integration tests, run by pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from support.servers import REPOSITORY, roost_binary


def test_the_fixture_of_the_documents(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "testing-with-roost.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "test_shown.py").write_text(block)
    binary = roost_binary()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "roost").symlink_to(binary)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shown.py"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
