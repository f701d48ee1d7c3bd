"""A queue that a background thread empties: recording costs the caller microseconds.

Rows leave the queue when they are committed, never before; until then a journal has them too, so
that a killed process hides nothing. A failed write is logged, tried again, and raised by `flush`.
What is left at exit is flushed; a forked child starts with an empty queue and a journal of its own,
for its parent's rows are its parent's to write.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from weakref import WeakSet

from hyprl_lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hyprl_lab.store.trials.journal import Journal

__all__ = ["Recorder"]

Row = TypeVar("Row")

_log = logging.getLogger(__name__)

GATHER_SECONDS: Final = 0.2
"""How long the thread lets a batch gather; rows are committed well within a second."""

IDLE_SECONDS: Final = 5.0
BATCH_ROWS: Final = 5_000
LIMIT_ROWS: Final = 50_000
"""With so many rows waiting, whoever records one more waits for the disk as well."""


class Recorder(Generic[Row]):
    """Rows on their way to `write`, in order, each delivered at least once.

    A batch whose commit came through without an answer (a server's connection broke, say) is
    written again, so `write` must know its rows: by their numbers, from 1 in the order of
    recording.

    Parameters
    ----------
    write
        Commits a batch, given the number of its first row; it may be handed a row again after a
        failure.
    journal
        Has each row before `record` returns, until it is committed; none where `None`.
    """

    def __init__(
        self, write: Callable[[Sequence[Row], int], None], journal: Journal[Row] | None = None
    ) -> None:
        self._write = write
        self._journal = journal
        self._reset()
        _recorders.add(self)

    def _reset(self) -> None:
        self._queue: list[Row] = []
        self._recorded = self._committed = 0
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    @property
    def waiting(self) -> int:
        """Rows that are not committed yet."""
        return len(self._queue)

    @property
    def kept(self) -> str:
        """What becomes of the rows that wait if this process ends; empty where they are lost."""
        if self._journal is None or not self._journal.holds_lines:
            return ""
        return "; the next process that opens the warehouse records those that its journal has"

    def record(self, row: Row) -> None:
        """Queue a row, and write it to the journal; without that it is committed at once.

        Raises
        ------
        LabError
            Neither can be done, or the queue is full and can't be written; the row stays queued.
        """
        _at_exit(os.getpid())
        with self._changed:
            kept = self._journalled(row, self._recorded + 1)
            self._queue.append(row)
            self._recorded += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._serve, name="hyprl-recorder", daemon=True
                )
                self._thread.start()
            self._changed.notify()
        if not kept or len(self._queue) > LIMIT_ROWS:
            self.flush()

    def _journalled(self, row: Row, number: int) -> bool:
        """Write a row to the journal; return whether it is safe from a kill there."""
        if self._journal is None:
            return True
        try:
            self._journal.append(number, row)
        except (LabError, OSError):
            return False
        return True

    def flush(self) -> None:
        """Commit every row that was recorded before this call.

        Raises
        ------
        LabError
            Rows can't be written; they stay queued.
        """
        with self._changed:
            wanted = self._recorded  # and no more: others may go on recording
        while self._committed < wanted:
            self._drain()

    def end(self) -> None:
        """End the thread; what is still queued stays so. Recording again starts another one."""
        thread = self._thread
        if thread is not None:
            self._ending.set()
            with self._changed:
                self._changed.notify_all()
            thread.join()
            self._ending.clear()
        self.close_journal()

    def close_journal(self) -> None:
        """Close the journal's files; those with rows that are not committed stay."""
        if self._journal is not None:
            with self._changed:
                self._journal.close()

    def _drain(self) -> None:
        with self._writing:
            batch = self._queue[:BATCH_ROWS]
            if batch:
                self._write(batch, self._committed + 1)
                with self._changed:
                    del self._queue[: len(batch)]
                    self._committed += len(batch)
                    if self._journal is not None:
                        self._journal.cut(self._committed)

    def _serve(self) -> None:
        while True:
            with self._changed:
                woken = self._changed.wait_for(
                    lambda: self._queue or self._ending.is_set(), timeout=IDLE_SECONDS
                )
                if not woken or self._ending.is_set():
                    self._thread = None
                    return
            self._ending.wait(GATHER_SECONDS)
            try:
                self._drain()
            except (LabError, OSError) as error:
                _log.warning("%d trials are not recorded yet: %s", self.waiting, error)
                self._ending.wait(1.0)


_recorders: WeakSet[Recorder[Any]] = WeakSet()


def _flush_all() -> None:
    for recorder in list(_recorders):
        try:
            recorder.flush()
        except (LabError, OSError) as error:
            _log.error("%d trials were NOT recorded: %s%s", recorder.waiting, error, recorder.kept)
        recorder.end()  # a thread that lives on holds what the interpreter wants to clear away


@cache
def _at_exit(_pid: int) -> None:
    """Flush when this process ends, once for each process."""
    atexit.register(_flush_all)
    util = sys.modules.get("multiprocessing.util")
    if util is not None:  # its forked children end without atexit
        util.Finalize(None, _flush_all, exitpriority=0)


def _after_fork() -> None:
    for recorder in list(_recorders):
        if recorder._journal is not None:  # noqa: SLF001
            recorder._journal.leave()  # noqa: SLF001
        recorder._reset()  # noqa: SLF001 - locks may have been held, and the thread is gone


os.register_at_fork(after_in_child=_after_fork)
