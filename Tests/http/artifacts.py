"""Artifacts over raw sockets: a run, uploads that break off, what lies on disk afterwards."""

from __future__ import annotations

from pathlib import Path

import requests
from support.servers import RoostServer

FILES = "/api/2.0/mlflow-artifacts/artifacts/"


def url(server: RoostServer, path: str) -> str:
    return f"{server.url}{FILES}{path}"


def put(server: RoostServer, path: str, data: bytes) -> requests.Response:
    return requests.put(url(server, path), data=data, timeout=60)


def get(server: RoostServer, path: str, **headers: str) -> requests.Response:
    return requests.get(url(server, path), headers=headers, timeout=60)


def on_disk(server: RoostServer, directory: str = "mlartifacts") -> list[str]:
    """Every file and directory below the artifact root, unfinished ones too."""
    root = server.directory / directory
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def upload_head(path: str, *lines: str) -> str:
    return "\r\n".join([f"PUT {FILES}{path} HTTP/1.1", "Host: localhost", *lines, "", ""])


def resident(pid: int, field: str = "VmRSS") -> int:
    """Bytes of memory that a process holds; `VmHWM` is the most it ever held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise ValueError(field)
