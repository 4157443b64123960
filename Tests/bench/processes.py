"""Process trees and machine facts from /proc: processor time, memory, pausing. Linux only."""

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Stat:
    """The fields of /proc/<pid>/stat that the bench needs."""

    pid: int
    parent: int
    state: str
    ticks: int
    started: int


def read_stat(pid: int) -> Stat | None:
    """The state of a process, or None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name may hold blanks and brackets, so count the fields from its closing one.
    fields = text[text.rindex(")") + 2 :].split()
    # utime, stime, and the same of children that ended and were waited for.
    ticks = sum(int(value) for value in fields[11:15])
    return Stat(pid, int(fields[1]), fields[0], ticks, int(fields[19]))


def tree(root: int) -> list[Stat]:
    """`root` and all its descendants, parents before their children."""
    stats = [read_stat(int(name)) for name in os.listdir("/proc") if name.isdigit()]
    living = [stat for stat in stats if stat is not None and stat.state != "Z"]
    found = [stat for stat in living if stat.pid == root]
    for stat in found:
        found.extend(child for child in living if child.parent == stat.pid)
    return found


def cpu_seconds(root: int) -> float:
    """Processor time that the tree has used so far, ended children included."""
    return sum(stat.ticks for stat in tree(root)) / TICKS_PER_SECOND


def machine_cpu_seconds() -> float:
    """Processor time of everything on the machine: user, nice, system and interrupts."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    busy = sum(int(fields[index]) for index in (0, 1, 2, 5, 6))
    return busy / TICKS_PER_SECOND


def memory_mb(root: int) -> float:
    """Proportional set size of the tree in MB: shared pages are counted once in all."""
    total = 0
    for stat in tree(root):
        try:
            lines = Path(f"/proc/{stat.pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def resident_mb(pids: list[int]) -> float:
    """Resident set size of some processes in MB, shared pages counted in each."""
    pages = 0
    for pid in pids:
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class MemoryPeak:
    """The greatest resident memory of a tree while the block ran, looked at 50 times a second."""

    def __init__(self, root: int):
        self.root = root
        self.mb = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "MemoryPeak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        looks = 0
        pids: list[int] = []
        while True:
            if looks % 25 == 0:
                pids = [stat.pid for stat in tree(self.root)]
            looks += 1
            self.mb = max(self.mb, resident_mb(pids))
            if self._done.wait(0.02):
                return


def pause(root: int) -> None:
    """Stops the tree, parents first, so that no parent sees its children silent."""
    for stat in tree(root):
        send(stat, signal.SIGSTOP)


def resume(root: int) -> None:
    """Continues the tree, children first, so that they can answer before their parent asks."""
    for stat in reversed(tree(root)):
        send(stat, signal.SIGCONT)
    time.sleep(0.2)


def end(root: int, wait, seconds: float = 15) -> None:
    """Ends the tree: a polite signal to its root, then whatever is left of it is killed.

    `wait(timeout)` reaps the root and raises when it has not ended in time.
    """
    members = tree(root)
    for stat in reversed(members):
        send(stat, signal.SIGCONT)
    for stat in members[:1]:
        send(stat, signal.SIGTERM)
    try:
        wait(seconds)
    except Exception:  # noqa: BLE001 - whatever the reason, nothing may be left running
        pass
    for stat in members:
        send(stat, signal.SIGKILL)


def send(stat: Stat, number: signal.Signals) -> None:
    """Signals exactly this process, never a later one that got the same id."""
    current = read_stat(stat.pid)
    if current is not None and current.started == stat.started:
        try:
            os.kill(stat.pid, number)
        except ProcessLookupError:
            pass


def machine() -> dict:
    """What a reader must know about the machine to judge the figures."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "kernel": os.uname().release,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
    }
