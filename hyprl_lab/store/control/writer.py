"""Who is writing, and whether they still live."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["Writer", "now_us", "this_writer"]

FOREIGN_LEASE_US: Final = 3_600_000_000
"""How long a writer on another machine is believed to live after its last heartbeat."""

_DEAD_STATES: Final = ("Z", "X")


@dataclass(frozen=True, slots=True)
class Writer:
    """One process, told apart from a later one that got its number.

    Parameters
    ----------
    machine
        Host name and process-id namespace: where `pid` means something.
    boot
        The kernel's boot id, empty where the system has none.
    pid
        The process id.
    process_start
        When the process started, in clock ticks since boot; 0 where the system does not say.

    Examples
    --------
    >>> this_writer().is_dead(heartbeat_at=0)
    False
    """

    machine: str
    boot: str
    pid: int
    process_start: int

    def is_dead(self, *, heartbeat_at: int) -> bool:
        """Whether this process is surely gone.

        On its own machine the kernel is asked; a process of another machine is given up when
        its last heartbeat (microseconds, UTC) is older than an hour.
        """
        here = this_writer()
        if self.machine != here.machine:
            return now_us() - heartbeat_at > FOREIGN_LEASE_US
        if self.boot != here.boot:
            return True
        return not _runs(self.pid, self.process_start)


def this_writer() -> Writer:
    """Return the calling process."""
    return _writer(os.getpid())


def now_us() -> int:
    """Return the time in microseconds since the epoch, UTC."""
    return time.time_ns() // 1000


@lru_cache(maxsize=2)
def _writer(pid: int) -> Writer:
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        namespace = boot = ""
    seen = _state_and_start(pid)
    return Writer(f"{socket.gethostname()}/{namespace}", boot, pid, seen[1] if seen else 0)


def _runs(pid: int, process_start: int) -> bool:
    seen = _state_and_start(pid)
    if seen is not None:
        return seen[0] not in _DEAD_STATES and process_start in (0, seen[1])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _state_and_start(pid: int) -> tuple[str, int] | None:
    """Fields 3 and 22 of proc(5)'s stat; None where the process or the file system is missing."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[19])
