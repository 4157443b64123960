"""Runs promptflow's own command, `pf`, in a home of its own, on copies of the example flows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from support.servers import REPOSITORY

VENV = REPOSITORY / ".venv-promptflow"
EXAMPLES = REPOSITORY / "examples" / "promptflow"
PATIENCE = 150.0  # seconds for one command; twenty are usual
# Promptflow reports to its makers and looks for newer versions of itself unless told otherwise.
SILENT = {
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


@dataclass
class Batch:
    """A batch run that has ended: its name, which is the root run id, and what it left."""

    name: str
    folder: Path
    output: str

    def records(self) -> dict[int, dict]:
        """What promptflow itself noted of each line, by line number."""
        found = {}
        for path in (self.folder / "flow_artifacts").glob("*.jsonl"):
            record = json.loads(path.read_text(encoding="utf-8"))
            found[record["line_number"]] = record["run_info"]
        return found

    def node(self, line: int, name: str) -> dict:
        path = self.folder / "node_artifacts" / name / f"{line:09d}.jsonl"
        return json.loads(path.read_text(encoding="utf-8"))["run_info"]


class PromptFlow:
    """A home directory for promptflow, with the connection that the example flows name."""

    def __init__(self, openai: str) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="roost-promptflow-"))
        self.home = self.directory / "pf"
        self.runs = self.home / ".runs"
        self.home.mkdir()
        shutil.copytree(EXAMPLES, self.directory / "examples")
        (self.home / "pf.yaml").write_text("telemetry:\n  enabled: false\n")
        checked = datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")
        (self.home / "pf_version_check.json").write_text(json.dumps({"last_check_time": checked}))
        connection = ["connection", "create", "--file", "connection.yaml"]
        self.run(*connection, "--set", "api_key=none", f"base_url={openai}")

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Runs `pf …` to its end; its whole process group ends with it."""
        process = subprocess.Popen(
            [str(VENV / "bin" / "pf"), *arguments],
            cwd=self.directory / "examples",
            env=self.environment() | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output = process.communicate(timeout=PATIENCE)[0].decode(errors="replace")
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # as it should be: nobody is left
            process.wait()
        if process.returncode != 0:
            raise RuntimeError(f"pf ended with {process.returncode}\n{output}")
        return output

    def environment(self) -> dict[str, str]:
        steering = ("MLFLOW_", "PF_", "OTEL_", "PYTHON", "AZURE_", "OPENAI_")
        kept = {name: v for name, v in os.environ.items() if not name.startswith(steering)}
        return kept | {
            **SILENT,
            "HOME": str(self.directory),
            "PF_HOME_DIRECTORY": str(self.home),
            "PF_DISABLE_TRACING": "false",
            "PF_TRACING_SKIP_LOCAL_SETUP": "true",
            "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self.directory),
        }

    def batch(
        self,
        flow: str,
        lines: Sequence[Mapping[str, str]],
        *,
        tracking_uri: str,
        workers: int = 4,
        name: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> Batch:
        """`pf run create --flow FLOW --data …`, with the lines as its data; `variables` go in by
        `--environment-variables`, which wins over those in the flow's own file."""
        data = self.directory / "data.jsonl"
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        data.write_text(text, encoding="utf-8")
        before = set(self.runs.iterdir()) if self.runs.exists() else set()
        words = ["run", "create", "--flow", flow, "--data", str(data)]
        words += ["--column-mapping", "question=${data.question}", "topic=${data.topic}"]
        words += ["--name", name] if name else []
        if variables:
            words += ["--environment-variables", *(f"{k}={v}" for k, v in variables.items())]
        more = {"MLFLOW_TRACKING_URI": tracking_uri, "PF_WORKER_COUNT": str(workers)}
        more["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] = "1"
        output = self.run(*words, env=more)
        (folder,) = set(self.runs.iterdir()) - before
        return Batch(folder.name, folder, output)

    def copy_flow(self, flow: str, folder: str) -> str:
        """The same flow in a folder of another name; promptflow names runs after it."""
        examples = self.directory / "examples"
        shutil.copytree(examples / flow, examples / folder)
        return folder

    def close(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
