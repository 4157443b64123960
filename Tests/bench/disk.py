"""The disk under the databases: refuses one that is only memory, measures how often it can sync."""

import os
import time
from pathlib import Path

MEMORY_FILESYSTEMS = {"tmpfs", "ramfs"}
BLOCK = 4096
BLOCKS = 1024


def filesystem(path: Path) -> str:
    """The type of the filesystem that holds `path`."""
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, kind = line.split()[:3]
        inside = path.resolve().is_relative_to(mount)
        if inside and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]


def is_memory(path: Path) -> bool:
    """Whether a sync on `path` would reach no disk."""
    return filesystem(path) in MEMORY_FILESYSTEMS


def sync_rate(directory: Path, seconds: float = 1.0) -> float:
    """Durable 4 KiB writes a second, one after the other, into a file of full size."""
    path = directory / "sync-rate.tmp"
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        block = os.urandom(BLOCK)
        for index in range(BLOCKS):
            os.pwrite(file, block, index * BLOCK)
        os.fsync(file)
        done = 0
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            os.pwrite(file, block, done % BLOCKS * BLOCK)
            os.fdatasync(file)
            done += 1
        return done / (time.monotonic() - start)
    finally:
        os.close(file)
        path.unlink()
