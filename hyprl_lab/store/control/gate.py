"""SQLite and forks: no connection is open in a process while it forks.

SQLite keeps its locks on a file for the whole process, in memory that a forked child inherits; the
kernel's locks are not inherited. A child of a process with an open connection would take locks for
held that are not: its commits could go into a log that the parent has unlinked, and a lock that
its parent had for a moment would shut it out for good. So a fork waits for open transactions,
while new ones wait for it, and the idle connections are closed in the parent before it.

Where a transaction does not end in time, or the forking thread itself is inside one, the child is
refused its database: it says so instead of losing what it acknowledged.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import Counter
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

__all__ = ["transaction", "watch"]

_WAIT_SECONDS: Final = 30


class _Gate:
    """What is open in this process, by thread and file."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.open: Counter[tuple[int, str]] = Counter()
        self.forking = False

    def others(self, thread: int) -> bool:
        return any(count for (owner, _), count in self.open.items() if owner != thread)

    def mine(self, thread: int) -> bool:
        return any(count for (owner, _), count in self.open.items() if owner == thread)

    def files(self) -> set[str]:
        return {file for (_, file), count in self.open.items() if count}


_gate = _Gate()
_engines: Final[weakref.WeakKeyDictionary[Engine, str]] = weakref.WeakKeyDictionary()
_unsafe: Final[set[str]] = set()
"""Files that were in use while this process was forked."""
_inherited: Final[list[object]] = []
"""Their connections, kept: to close one here would change the file beneath the parent."""


def watch(engine: Engine, file: str) -> None:
    """Close an engine's idle connections whenever this process is about to fork.

    Parameters
    ----------
    engine
        Of an SQLite file, whose connections are used inside `transaction` alone.
    file
        Its path, resolved.
    """
    _register()
    _engines[engine] = file


@contextmanager
def transaction(file: str) -> Iterator[None]:
    """Let no fork happen while the block runs, other than in its own thread.

    Parameters
    ----------
    file
        The path of the SQLite file that the block uses, resolved.

    Raises
    ------
    WarehouseError
        This process was forked while its parent was using the file.
    """
    if file in _unsafe:
        raise WarehouseError(
            f"this process was forked while its parent was in a transaction on {file}, so it can't "
            "tell who holds SQLite's locks; nothing was recorded: fork when nothing is under way, "
            "or start processes anew (multiprocessing's spawn or forkserver)"
        )
    gate, thread = _gate, threading.get_ident()
    with gate.changed:
        gate.changed.wait_for(lambda: not gate.forking or gate.mine(thread))
        gate.open[thread, file] += 1
    try:
        yield
    finally:
        with gate.changed:
            gate.open[thread, file] -= 1
            if not gate.open[thread, file]:
                del gate.open[thread, file]
            gate.changed.notify_all()


@lru_cache(maxsize=1)
def _register() -> None:
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )


def _before() -> None:
    thread = threading.get_ident()
    changed = _gate.changed
    changed.acquire()  # held until after the fork
    changed.wait_for(lambda: not _gate.forking)
    _gate.forking = True
    changed.wait_for(lambda: not _gate.others(thread), timeout=_WAIT_SECONDS)
    used = _gate.files()
    for engine, file in list(_engines.items()):
        if file not in used:
            engine.dispose()


def _after_in_parent() -> None:
    _gate.forking = False
    _gate.changed.notify_all()
    _gate.changed.release()


def _after_in_child() -> None:
    global _gate  # noqa: PLW0603 - the threads that were waiting at the parent's did not come along
    used = _gate.files()
    _unsafe.update(used)
    _inherited.extend(engine.pool for engine, file in _engines.items() if file in used)
    _gate.changed.release()
    _gate = _Gate()
