"""Who is writing, and whether they still live."""

from __future__ import annotations

import hashlib
import os
import socket
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["Writer", "now_us", "this_writer"]

FOREIGN_LEASE_US: Final = 3_600_000_000
"""How long a writer on another machine is believed to live after its last heartbeat."""

_DEAD_STATES: Final = ("Z", "X")

_FIRST_NAMESPACE: Final = "pid:[4026531836]"
"""The one that Linux starts with, whose number is the same everywhere."""

_MACHINE_IDS: Final = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))

_MADE_UP: Final = 1 << 40
"""Set in a network address that `uuid.getnode` drew by lot."""


@dataclass(frozen=True, slots=True)
class Writer:
    """One process, told apart from a later one that got its number.

    Parameters
    ----------
    machine
        Host name, process-id namespace, and what tells machines of one name apart: where `pid`
        means something.
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

    def is_dead(self, *, heartbeat_at: int, now: int | None = None) -> bool:
        """Whether this process is surely gone.

        On its own machine the kernel is asked; a process of another machine is given up when
        its last heartbeat is older than an hour.

        Parameters
        ----------
        heartbeat_at
            Microseconds since the epoch, UTC.
        now
            The time by the clock that wrote it (`Transaction.now_us`), by default this machine's.
        """
        here = this_writer()
        if self.machine != here.machine:
            return (now_us() if now is None else now) - heartbeat_at > FOREIGN_LEASE_US
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
    machine = f"{socket.gethostname()}/{namespace}/{_identity(namespace, boot)}"
    return Writer(machine, boot, pid, seen[1] if seen else 0)


def _identity(namespace: str, boot: str) -> str:
    """Return what no other machine has, hashed; a container has none that outlasts a boot.

    Where the system keeps no id it is that of the boot, so that another boot is another machine
    and its processes are judged by their heartbeats.
    """
    if namespace in (_FIRST_NAMESPACE, ""):
        for file in _MACHINE_IDS:
            try:
                found = file.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError):
                continue
            if found not in ("", "uninitialized"):
                return _hashed(found)
        if not boot and not (address := uuid.getnode()) & _MADE_UP:
            return _hashed(str(address))
    return _hashed(boot)


def _hashed(text: str) -> str:
    return hashlib.sha256(f"hyprl-lab/{text}".encode()).hexdigest()[:12]


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
