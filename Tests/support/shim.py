"""A server whose n-th call to the disk, or for memory, fails, waits, or kills it: `shim.c`.

The server under test is the ordinary binary; nothing in it knows of this.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
import tempfile
from enum import IntEnum, IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
FIELDS = ("kinds", "at", "more", "action", "error", "counted", "fired", "waiting")


class Kind(IntFlag):
    """Calls to the disk, and for memory."""

    WRITE = 1
    SYNC = 2
    RENAME = 4
    OPEN = 8
    TRUNCATE = 16
    REMOVE = 32
    MAKE = 64
    READ = 128
    # SQLite's alone: the program cannot be refused any.
    ALLOCATE = 256
    LOCK = 512
    # Everything that changes what is on the disk.
    CHANGE = WRITE | SYNC | RENAME | TRUNCATE | REMOVE | MAKE


class Action(IntEnum):
    """What the chosen call does: fail, kill the process before it, kill it half-way, wait until
    disarmed, or write only the first half."""

    FAIL = 1
    KILL = 2
    TEAR = 3
    WAIT = 4
    SHORT = 5


class Shim:
    """The library and the words that steer it. Use it as a context manager."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="roost-shim-"))
        library = self.directory / "shim.so"
        compiler = shutil.which("cc") or shutil.which("clang")
        assert compiler, "no C compiler, though SwiftPM needs one"
        flags = ["-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-o", str(library), str(SOURCE)]
        subprocess.run([compiler, *flags, "-ldl"], check=True)
        control = self.directory / "control"
        control.write_bytes(bytes(8 * len(FIELDS)))
        self.file = open(control, "r+b")  # noqa: SIM115 (closed with the shim)
        self.words = mmap.mmap(self.file.fileno(), 8 * len(FIELDS))
        self.env = {"LD_PRELOAD": str(library), "ROOST_SHIM_CONTROL": str(control)}

    def arm(
        self, kinds: Kind, action: Action, at: int = 1, error: int = 0, stays: bool = False,
        more: int = 0,
    ) -> None:  # fmt: skip
        """From now on the calls count: the one `at` meets the action, and `more` after it, or all
        if it `stays`. The kinds come last, as they are what arms it."""
        self.disarm()
        for name, value in {
            "at": at, "more": 1 << 62 if stays else more, "action": int(action), "error": error,
            "counted": 0, "fired": 0, "kinds": int(kinds),
        }.items():  # fmt: skip
            self._put(name, value)

    def disarm(self) -> bool:
        """Lets every call pass; whether anything was done to one."""
        self._put("kinds", 0)
        return self.fired > 0

    @property
    def fired(self) -> int:
        return self._get("fired")

    @property
    def waiting(self) -> int:
        return self._get("waiting")

    @property
    def counted(self) -> int:
        return self._get("counted")

    def _put(self, name: str, value: int) -> None:
        struct.pack_into("=Q", self.words, 8 * FIELDS.index(name), value)

    def _get(self, name: str) -> int:
        return struct.unpack_from("=Q", self.words, 8 * FIELDS.index(name))[0]

    def close(self) -> None:
        self.disarm()
        self.words.close()
        self.file.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Shim:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
