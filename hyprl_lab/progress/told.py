"""From what a caller gives as `progress=` to what is called with each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import ConfigError
from hyprl_lab.progress.bar import ProgressBar
from hyprl_lab.progress.board import SearchBoard
from hyprl_lab.progress.reporter import Reporter

if TYPE_CHECKING:
    from hyprl_lab.types import ProgressCallback

__all__ = ["reporter"]


def reporter(progress: bool | ProgressCallback, title: str, *, leaders: bool = False) -> Reporter:
    """Return what to call with each `Progress`: nothing, the caller's own, or what draws it.

    Use it in a `with` statement, so that what is drawn ends with the work, whatever ended that.

    Parameters
    ----------
    progress
        `False` is silent, `True` draws, a callable is called.
    title
        What is drawn says this first.
    leaders
        Whether a leaderboard is drawn below the bar: for a search.

    Raises
    ------
    ConfigError
        It is none of these.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with reporter(False, "search") as report:
    ...     report(Progress(done=1, total=1, seconds=0.1))
    """
    if callable(progress):
        return Reporter(progress)
    if not isinstance(progress, bool):
        raise ConfigError(f"progress is {progress!r}; expected True, False or a function")
    if not progress:
        return Reporter()
    return SearchBoard(title) if leaders else ProgressBar(title)
