"""Asks a search to stop: by the caller's token, or by Ctrl-C, which is heard between two steps."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType
    from typing import Self

    from hyprl_lab.types import CancelToken

__all__ = ["Stop"]


class Stop:
    """A token that the caller's token sets, and Ctrl-C while the block runs.

    A `KeyboardInterrupt` comes at any instruction: in the middle of a commit it leaves a driver
    without the answer to a question it has sent, which then raises errors of its own. So the first
    Ctrl-C only sets the token, which is looked at between two steps, several times a second. The
    second does what it did before. In threads other than the main one no signal arrives.

    Parameters
    ----------
    cancel
        The caller's token.

    Examples
    --------
    >>> with Stop() as stop:
    ...     signal.raise_signal(signal.SIGINT)
    ...     stop.is_set()
    True
    """

    def __init__(self, cancel: CancelToken | None = None) -> None:
        self._cancel = cancel
        self._asked = threading.Event()
        self._before: Any = None  # what `signal.getsignal` returns has no narrower type

    def is_set(self) -> bool:
        """Whether the search should stop."""
        return self._asked.is_set() or (self._cancel is not None and self._cancel.is_set())

    def ask(self) -> None:
        """Set the token."""
        self._asked.set()

    def __enter__(self) -> Self:
        """Listen to Ctrl-C, where it is Python code that hears it now."""
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):  # neither ignored, as by nohup, nor foreign
                self._before = before
                signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        """Give Ctrl-C back to who heard it before."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        first = not self._asked.is_set()
        try:
            self._before(number, frame)
        except KeyboardInterrupt:
            self.ask()
            if not first:
                raise
