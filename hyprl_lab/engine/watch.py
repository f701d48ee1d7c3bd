"""How a running simulation tells its progress, and learns that it should stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from hyprl_lab.errors import CancelledError, ConfigError
from hyprl_lab.strategy.wording import shown
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from hyprl_lab.types import CancelToken, ProgressCallback

__all__ = ["Watch", "Watcher"]


class Watch(Protocol):
    """Who is told how far the work has come, and may stop it."""

    def check(self, done: int, total: int) -> None:
        """Take note of `done` bars of `total`; raises `CancelledError` to stop."""
        ...


class Watcher:
    """What an engine calls with the bars it has done and their number; true means stop.

    Parameters
    ----------
    tell
        Called with each `Progress`, bars done of all; `None` tells nobody.
    cancel
        Asked each time whether to stop; `None` never stops.

    Raises
    ------
    ConfigError
        `tell` can't be called, or `cancel` has no `is_set()`.

    Examples
    --------
    >>> import threading
    >>> stop = threading.Event()
    >>> watch = Watcher(lambda step: print(step.done, "of", step.total), stop)
    >>> watch(50, 100)
    50 of 100
    False
    >>> stop.set()
    >>> watch(60, 100)
    60 of 100
    True
    """

    def __init__(
        self, tell: ProgressCallback | None = None, cancel: CancelToken | None = None
    ) -> None:
        if tell is not None and not callable(tell):
            raise ConfigError(
                f"backtest progress={shown(tell)}; expected a function that takes a Progress"
            )
        if cancel is not None and not callable(getattr(cancel, "is_set", None)):
            raise ConfigError(
                f"backtest cancel={shown(cancel)}; expected something with is_set(), such as a "
                "threading.Event"
            )
        self._tell = tell
        self._cancel = cancel
        self._started = time.perf_counter()
        self._told = -1

    @property
    def needed(self) -> bool:
        """Whether anybody is told, or can stop the work."""
        return self._tell is not None or self._cancel is not None

    def __call__(self, done: int, total: int) -> bool:
        """Tell how far the work is, and return whether it should stop."""
        if self._tell is not None and done > self._told:
            self._told = done
            self._tell(Progress(done, total, time.perf_counter() - self._started))
        return self._cancel is not None and self._cancel.is_set()

    def finish(self, total: int) -> None:
        """Tell that all bars are done, unless the engine did."""
        if self._told < total:
            self(total, total)

    def check(self, done: int, total: int) -> None:
        """Tell how far the work is, and stop it if the token is set.

        Raises
        ------
        CancelledError
            It is.
        """
        if self(done, total):
            raise CancelledError(f"the backtest was cancelled after {done:,} of {total:,} bars")

    def check_token(self) -> None:
        """Stop the work if the token is set, before an engine has begun.

        Raises
        ------
        CancelledError
            It is.
        """
        if self._cancel is not None and self._cancel.is_set():
            raise CancelledError("the backtest was cancelled before its first bar")
