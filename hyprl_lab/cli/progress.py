"""What long commands draw, imported when a command first draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyprl_lab.progress import ProgressBar, SearchBoard

__all__ = ["progress_bar", "search_board"]


def progress_bar(label: str, unit: str) -> ProgressBar:
    """Return `hyprl_lab.progress.progress_bar`: a `with` block that yields its callback.

    Parameters
    ----------
    label
        What is being done.
    unit
        What is counted: `"bars"`, `"windows"`.
    """
    from hyprl_lab import progress

    return progress.progress_bar(label, unit)


def search_board(label: str) -> SearchBoard:
    """Return `hyprl_lab.progress.search_board`: a `with` block that yields its callback.

    Parameters
    ----------
    label
        What is being done.
    """
    from hyprl_lab import progress

    return progress.search_board(label)
