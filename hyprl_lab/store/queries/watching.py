"""Stopping a query from outside: by the caller's token, after a time, or by Ctrl-C."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from hyprl_lab.errors import CancelledError, InputError, LabError, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hyprl_lab.types import CancelToken

__all__ = ["Limit", "Watch", "plain_interrupts"]

_LOOK_SECONDS: Final = 0.02

_INTERRUPTED: Final = "Query interrupted"
"""What DuckDB's `RuntimeError` says where it meets Ctrl-C, in place of `KeyboardInterrupt`."""

Answer = TypeVar("Answer")


class Limit:
    """How long a query may go on: until a token is set, or a time is over.

    Parameters
    ----------
    cancel
        Stop when it is set.
    timeout
        Stop so many seconds from now.

    Raises
    ------
    InputError
        The time is no number above 0, or the token has no `is_set`.

    Examples
    --------
    >>> Limit(cancel=threading.Event(), timeout=60.0).reached is None
    True
    """

    def __init__(self, *, cancel: CancelToken | None = None, timeout: float | None = None) -> None:
        if cancel is not None and not callable(getattr(cancel, "is_set", None)):
            raise InputError(
                f"cancel is {type(cancel).__name__}; expected a token with is_set(), such as "
                "threading.Event()"
            )
        if timeout is not None and (
            isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0
        ):
            raise InputError(
                f"timeout is {timeout!r}; expected seconds above 0, or None for no end"
            )
        self._cancel = cancel
        self._timeout = timeout
        self._end = None if timeout is None else time.monotonic() + timeout

    @property
    def reached(self) -> LabError | None:
        """The error to stop the query with, `None` as long as it may go on."""
        if self._cancel is not None and self._cancel.is_set():
            return CancelledError("the query was cancelled")
        if self._end is not None and time.monotonic() >= self._end:
            return WarehouseError(
                f"the query was stopped after {self._timeout:g} s: ask for less, or give it a "
                "longer timeout"
            )
        return None

    def check(self) -> None:
        """Raise where the query is to stop before it has begun.

        Raises
        ------
        CancelledError
            The token is set.
        WarehouseError
            The time is over.
        """
        reached = self.reached
        if reached is not None:
            raise type(reached)(f"{reached} (before it began to read)")


class Watch:
    """Runs work in a thread of its own, and interrupts it where it should stop.

    The caller's thread waits in short waits, so a Ctrl-C arrives there at once, and not within
    the database.

    Parameters
    ----------
    interrupt
        Makes the work raise; called again and again, for a call before its start has no effect.
    limit
        When it should stop.

    Examples
    --------
    >>> Watch(lambda: None, Limit(timeout=60.0)).run(lambda: 6 * 7)
    42
    """

    def __init__(self, interrupt: Callable[[], None], limit: Limit) -> None:
        self._interrupt = interrupt
        self._limit = limit
        self.stopped: LabError | None = None

    def run(self, work: Callable[[], Answer]) -> Answer:
        """Return what the work returns, or raise what it raises; it has ended in any case.

        Raises
        ------
        CancelledError
            The token was set, in place of what the interrupted work raises.
        WarehouseError
            The time was over, likewise.
        KeyboardInterrupt
            Ctrl-C came, likewise.
        """
        self._limit.check()
        job = _Job(work)
        try:
            job.thread.start()
            while not job.ended_within(_LOOK_SECONDS):
                self.stopped = self.stopped or self._limit.reached
                if self.stopped is not None:
                    self._interrupt()
            job.thread.join()
        except BaseException:  # Ctrl-C anywhere above
            self._stop(job)
            raise
        if self.stopped is not None and isinstance(job.error, Exception):
            raise self.stopped from job.error
        return job.result()

    def _stop(self, job: _Job[Answer]) -> None:
        """Interrupt work until it has ended; another Ctrl-C changes nothing."""
        if job.called_off():
            return
        while True:
            try:
                while not job.ended_within(_LOOK_SECONDS):
                    self._interrupt()
            except KeyboardInterrupt:
                continue
            return


class _Job(Generic[Answer]):
    """Work for one thread, that can be called off as long as it has not begun."""

    def __init__(self, work: Callable[[], Answer]) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.error: BaseException | None = None
        self._work = work
        self._turn = [self]
        self._answer: list[Answer] = []
        self._ended = False
        self._bell = threading.Lock()
        self._bell.acquire()

    def called_off(self) -> bool:
        """Take the work back; whether it had not begun."""
        return self._take()

    def ended_within(self, seconds: float) -> bool:
        """Wait for the end, so long at most; whether it has come."""
        if not self._ended:
            self._bell.acquire(timeout=seconds)
        return self._ended

    def result(self) -> Answer:
        """Return what the work returned, or raise what it raised."""
        if self.error is None:
            return self._answer.pop()
        error, self.error = self.error, None
        try:
            raise error
        finally:
            del error  # its traceback names this frame

    def _take(self) -> bool:
        """Whether nobody took it before; one thread alone is told so."""
        try:
            self._turn.pop()
        except IndexError:
            return False
        return True

    def _run(self) -> None:
        if not self._take():
            return
        try:
            self._answer.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised by `result`, for the caller
            self.error = error
        finally:
            self._ended = True
            self._bell.release()


@contextmanager
def plain_interrupts() -> Iterator[None]:
    """Let Ctrl-C be `KeyboardInterrupt` in short work of DuckDB in the caller's own thread.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C came while DuckDB was at work.
    """
    try:
        yield
    except RuntimeError as error:
        if _INTERRUPTED in str(error):
            raise KeyboardInterrupt from error
        raise
