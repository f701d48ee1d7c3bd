"""What callers hand a search to run with: threads, and a token that stops it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.types import CancelToken

__all__ = ["checked_cancel", "threads_of"]

_MOST_THREADS: Final = 1024
"""What the kernel takes."""


def threads_of(threads: int | None) -> int:
    """Return how many threads the kernel takes: as asked, or one for each core.

    Raises
    ------
    ConfigError
        It is no whole number from 1 to 1024.

    Examples
    --------
    >>> threads_of(3)
    3
    """
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    wanted = isinstance(threads, int) and not isinstance(threads, bool)
    if not wanted or not 1 <= threads <= _MOST_THREADS:
        raise ConfigError(
            f"threads is {shown(threads)}; expected a whole number from 1 to {_MOST_THREADS}, or "
            "None for one a core"
        )
    return threads


def checked_cancel(cancel: CancelToken | None) -> CancelToken | None:
    """Return a token, or `None` where none is given.

    Raises
    ------
    ConfigError
        It can't be asked whether it is set.

    Examples
    --------
    >>> checked_cancel(True)
    Traceback (most recent call last):
    hyprl_lab.errors.ConfigError: cancel is True; expected a threading.Event(), or anything with \
is_set(), or None
    """
    if cancel is not None and not callable(getattr(cancel, "is_set", None)):
        raise ConfigError(
            f"cancel is {shown(cancel)}; expected a threading.Event(), or anything with is_set(), "
            "or None"
        )
    return cancel
