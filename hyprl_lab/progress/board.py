"""The board of a search: a bar, its numbers and the best trials so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from hyprl_lab.progress.board_notebook import NotebookPane
from hyprl_lab.progress.board_terminal import TerminalPane
from hyprl_lab.progress.place import in_notebook, on_terminal
from hyprl_lab.progress.reporter import Reporter

if TYPE_CHECKING:
    from hyprl_lab.types import Progress

__all__ = ["SearchBoard", "search_board"]

_SECONDS_BETWEEN: Final = 0.1


class SearchBoard(Reporter):
    """Draws a search: trials, rate, time left, best, memory, and a leaderboard that moves.

    In a notebook it is an output that updates, which stays in the saved notebook as it ended. In a
    terminal it is drawn on standard error. Where that is a file or a pipe nothing is written.
    It is drawn at most ten times a second, and once more at the end.

    Parameters
    ----------
    title
        What the work is, two or three words.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._pane: NotebookPane | TerminalPane | None = None
        self._drawn: Progress | None = None
        self._last: Progress | None = None
        self._moment = 0.0

    def __call__(self, step: Progress) -> None:
        """Draw a step; one that follows another too soon is kept for the next."""
        if self._last is None:
            self._pane = _pane(self._title)
        self._last = step
        now = time.monotonic()
        due = self._drawn is None or now - self._moment >= _SECONDS_BETWEEN
        if self._pane is not None and (due or step.done >= step.total):
            self._draw(self._pane, step, now)

    def close(self) -> None:
        """Draw the last step and end; again is no harm."""
        if self._pane is not None and self._last is not None:
            if self._drawn is not self._last:
                self._draw(self._pane, self._last, time.monotonic())
            self._pane.close()
            self._pane = None

    def _draw(self, pane: NotebookPane | TerminalPane, step: Progress, now: float) -> None:
        pane.draw(step)
        self._drawn, self._moment = step, now


def search_board(title: str) -> SearchBoard:
    """Return a board that is drawn while a `with` block runs.

    Parameters
    ----------
    title
        What the work is, two or three words.

    Examples
    --------
    >>> from hyprl_lab.types import Leader, Progress
    >>> with search_board("search") as advance:
    ...     advance(Progress(50, 100, 0.1, best=1.2, leaders=(Leader(1.2, {"fast": 5.0}),)))
    """
    return SearchBoard(title)


def _pane(title: str) -> NotebookPane | TerminalPane | None:
    if in_notebook():
        return NotebookPane(title)
    return TerminalPane(title) if on_terminal() else None
